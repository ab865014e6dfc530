package chronovisor.kitten.kernel;

import chronovisor.kitten.console.PseudoTerminal;
import chronovisor.kitten.file.FileOwner;
import chronovisor.kitten.file.Lease;
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
 * @param pseudoTerminals
 *            masters of terminals, by the terminals' numbers
 * @param leases
 *            leases, by the numbers of the open files that hold them
 */
public record Attachments(TreePMap<Long, Watcher> watchers, TreePMap<Long, FileOwner> owners,
        TreePMap<Integer, LoopDevice> loops, TreePMap<Integer, PseudoTerminal> pseudoTerminals,
        TreePMap<Long, Lease> leases) {

    /** Nothing hangs on anything. */
    public static final Attachments NONE = new Attachments(TreePMap.empty(), TreePMap.empty(), TreePMap.empty(),
            TreePMap.empty(), TreePMap.empty());

    public Attachments with(Watcher watcher) {
        return new Attachments(watchers.plus(watcher.file(), watcher), owners, loops, pseudoTerminals, leases);
    }

    public Attachments with(FileOwner owner) {
        return new Attachments(watchers, owners.plus(owner.file(), owner), loops, pseudoTerminals, leases);
    }

    public Attachments with(LoopDevice loop) {
        return new Attachments(watchers, owners, loops.plus(loop.number(), loop), pseudoTerminals, leases);
    }

    public Attachments withoutLoop(int number) {
        return new Attachments(watchers, owners, loops.minus(number), pseudoTerminals, leases);
    }

    Attachments with(PseudoTerminal pseudo) {
        return new Attachments(watchers, owners, loops, pseudoTerminals.plus(pseudo.port(), pseudo), leases);
    }

    Attachments withoutPseudoTerminal(int port) {
        return new Attachments(watchers, owners, loops, pseudoTerminals.minus(port), leases);
    }

    Attachments with(Lease lease) {
        return new Attachments(watchers, owners, loops, pseudoTerminals, leases.plus(lease.file(), lease));
    }

    Attachments withoutLease(long file) {
        return new Attachments(watchers, owners, loops, pseudoTerminals, leases.minus(file));
    }

    /** After an open file was closed. */
    Attachments withoutFile(long file) {
        return watchers.containsKey(file) || owners.containsKey(file)
                ? new Attachments(watchers.minus(file), owners.minus(file), loops, pseudoTerminals, leases)
                : this;
    }
}
