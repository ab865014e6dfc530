package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Watcher;
import chronovisor.kitten.task.IntervalTimer;
import java.util.Locale;

/** What /proc/PID/fdinfo tells of a descriptor (proc_pid_fdinfo(5)). */
final class ProcDescriptors {

    /** EPOLLERR and EPOLLHUP, which nobody has to ask for. */
    private static final int ALWAYS = 0x18;

    private ProcDescriptors() {}

    static String text(Trap t, DescriptorTable.Descriptor descriptor) {
        OpenFile file = t.file(descriptor.file());
        int flags = file.flags() | (descriptor.closeOnExec() ? OpenFlags.O_CLOEXEC : 0);
        String head = String.format(Locale.ROOT, "pos:\t%d\nflags:\t0%o\nmnt_id:\t%d\nino:\t%d\n", file.offset(),
                flags, Mount.systemOf(file.inode()) + 1, file.inode());
        return head + switch (file.end()) {
            case OpenFile.OnCounter counter -> String.format(Locale.ROOT, "eventfd-count: %16x\n", counter.value());
            case OpenFile.OnSignals signals -> String.format(Locale.ROOT, "sigmask:\t%016x\n", signals.set());
            case OpenFile.OnTimer timer -> timer(t, file);
            case OpenFile.OnWatcher watcher -> watches(t, file);
            case OpenFile.OnProcess process -> "Pid:\t" + process.process() + "\nNSpid:\t" + process.process() + "\n";
            case OpenFile.OnPoll poll -> interests(t, poll);
            case OpenFile.OnInode end -> "";
            case OpenFile.OnListing end -> "";
            case OpenFile.OnPipe end -> "";
            case OpenFile.OnTerminal end -> "";
            case OpenFile.OnMaster end ->
                "tty-index:\t" + PseudoTerminals.get(t, end.port()).number() + "\n";
            case OpenFile.OnHungUp end -> "";
            case OpenFile.OnStream end -> "";
            case OpenFile.OnMemoryDevice end -> "";
            case OpenFile.OnText end -> "";
            case OpenFile.OnMemory end -> "";
            case OpenFile.OnSocket end -> "";
            case OpenFile.OnQueue end -> "";
            case OpenFile.OnLoop end -> "";
        };
    }

    private static String timer(Trap t, OpenFile file) {
        IntervalTimer timer = t.timers().get(file.id());
        if (timer == null) {
            return "";
        }
        int clock = switch (timer.clock()) {
            case REALTIME, DATE -> 0;
            case MONOTONIC -> 1;
            case BOOTTIME -> 7;
            case PROCESS_CPU -> 2;
            case THREAD_CPU -> 3;
        };
        long left_ns = timer.at_ns() == 0 ? 0 : Math.max(0, timer.at_ns() - t.now_ns());
        return String.format(Locale.ROOT,
                "clockid: %d\nticks: %d\nsettime flags: 00\nit_value: (%d, %d)\nit_interval: (%d, %d)\n", clock,
                timer.expirations(t.now_ns()), left_ns / 1_000_000_000, left_ns % 1_000_000_000,
                timer.interval_ns() / 1_000_000_000, timer.interval_ns() % 1_000_000_000);
    }

    private static String watches(Trap t, OpenFile file) {
        StringBuilder text = new StringBuilder();
        Watcher watcher = t.attachments().watchers().get(file.id());
        if (watcher != null) {
            watcher.watches().forEach((number, watch) -> text.append(String.format(Locale.ROOT,
                    "inotify wd:%x ino:%x sdev:%x mask:%x ignored_mask:0 fhandle-bytes:8 fhandle-type:4b f_handle:%016x\n",
                    number, watch.inode(), 16 + (Mount.systemOf(watch.inode()) << 1), watch.mask(),
                    Long.reverseBytes(watch.inode()))));
        }
        return text.toString();
    }

    private static String interests(Trap t, OpenFile.OnPoll poll) {
        StringBuilder text = new StringBuilder();
        poll.interests().forEach((number, interest) -> {
            OpenFile file = t.file(interest.file());
            text.append(String.format(Locale.ROOT, "tfd: %8d events: %8x data: %16x  pos:%d ino:%x sdev:%x\n", number,
                    interest.events() | ALWAYS, interest.data(), file.offset(), file.inode(),
                    16 + (Mount.systemOf(file.inode()) << 1)));
        });
        return text.toString();
    }
}
