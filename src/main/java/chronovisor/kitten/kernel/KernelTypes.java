package chronovisor.kitten.kernel;

import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.Run;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table of what a part of the kernel's state can be where there is a choice, and the number that says which in saved
 * states. Numbers are part of the format of saved states: a row may be added, never renumbered.
 */
final class KernelTypes {

    /** A choice, a number, and what it stands for. */
    record Row(Class<?> choice, int number, Class<? extends Record> type) {}

    static final List<Row> ROWS = List.of(
            new Row(Run.class, 1, Run.Ready.class),
            new Row(Run.class, 2, Run.Resuming.class),
            new Row(Run.class, 3, Run.Running.class),
            new Row(Run.class, 4, Run.Blocked.class),
            new Row(Run.class, 5, Run.Stopped.class),
            new Row(Run.class, 6, Run.Held.class),

            new Row(Inode.Content.class, 1, Inode.Data.class),
            new Row(Inode.Content.class, 2, Inode.Directory.class),
            new Row(Inode.Content.class, 3, Inode.Link.class),
            new Row(Inode.Content.class, 4, Inode.Device.class),
            new Row(Inode.Content.class, 5, Inode.Fifo.class),
            new Row(Inode.Content.class, 6, Inode.SocketName.class),
            new Row(Inode.Content.class, 7, Inode.Generated.class),

            new Row(OpenFile.End.class, 1, OpenFile.OnInode.class),
            new Row(OpenFile.End.class, 2, OpenFile.OnListing.class),
            new Row(OpenFile.End.class, 3, OpenFile.OnPipe.class),
            new Row(OpenFile.End.class, 4, OpenFile.OnTerminal.class),
            new Row(OpenFile.End.class, 5, OpenFile.OnStream.class),
            new Row(OpenFile.End.class, 6, OpenFile.OnMemoryDevice.class),
            new Row(OpenFile.End.class, 7, OpenFile.OnText.class),
            new Row(OpenFile.End.class, 8, OpenFile.OnCounter.class),
            new Row(OpenFile.End.class, 9, OpenFile.OnTimer.class),
            new Row(OpenFile.End.class, 10, OpenFile.OnSignals.class),
            new Row(OpenFile.End.class, 11, OpenFile.OnSocket.class),
            new Row(OpenFile.End.class, 12, OpenFile.OnProcess.class),
            new Row(OpenFile.End.class, 13, OpenFile.OnQueue.class),
            new Row(OpenFile.End.class, 14, OpenFile.OnPoll.class),
            new Row(OpenFile.End.class, 15, OpenFile.OnWatcher.class),
            new Row(OpenFile.End.class, 16, OpenFile.OnLoop.class),
            new Row(OpenFile.End.class, 17, OpenFile.OnMaster.class),
            new Row(OpenFile.End.class, 18, OpenFile.OnHungUp.class),
            new Row(OpenFile.End.class, 19, OpenFile.OnMemory.class),

            new Row(IntervalTimer.Notice.class, 1, IntervalTimer.ToFile.class),
            new Row(IntervalTimer.Notice.class, 2, IntervalTimer.BySignal.class),
            new Row(IntervalTimer.Notice.class, 3, IntervalTimer.Silent.class));

    private KernelTypes() {}

    /** The rows of one choice, by number; none when the type is no choice. */
    static Map<Integer, Class<? extends Record>> of(Class<?> choice) {
        Map<Integer, Class<? extends Record>> rows = new LinkedHashMap<>();
        for (Row row : ROWS) {
            if (row.choice.equals(choice) && rows.put(row.number, row.type) != null) {
                throw new IllegalStateException("two rows for " + choice.getSimpleName() + " " + row.number);
            }
        }
        return Collections.unmodifiableMap(rows);
    }
}
