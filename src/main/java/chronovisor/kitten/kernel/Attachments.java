package chronovisor.kitten.kernel;

import chronovisor.kitten.file.FileOwner;
import chronovisor.kitten.file.LoopDevice;
import chronovisor.kitten.file.Watcher;
import org.pcollections.TreePMap;

/**
 * What hangs on open files and needs them to stay: tables that are empty in most kernels.
 *
 * @param watchers
 *            inotify instances, by the numbers of their open files
 * @param owners
 *            who is told by signals about open files, by their numbers
 * @param loops
 *            loop devices that have a file, by their numbers
 */
public record Attachments(TreePMap<Long, Watcher> watchers, TreePMap<Long, FileOwner> owners,
        TreePMap<Integer, LoopDevice> loops) {

    /** Nothing hangs on anything. */
    public static final Attachments NONE = new Attachments(TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

    public Attachments with(Watcher watcher) {
        return new Attachments(watchers.plus(watcher.file(), watcher), owners, loops);
    }

    public Attachments with(FileOwner owner) {
        return new Attachments(watchers, owners.plus(owner.file(), owner), loops);
    }

    public Attachments with(LoopDevice loop) {
        return new Attachments(watchers, owners, loops.plus(loop.number(), loop));
    }

    public Attachments withoutLoop(int number) {
        return new Attachments(watchers, owners, loops.minus(number));
    }

    /** After an open file was closed. */
    Attachments withoutFile(long file) {
        return watchers.containsKey(file) || owners.containsKey(file)
                ? new Attachments(watchers.minus(file), owners.minus(file), loops)
                : this;
    }
}
