package chronovisor.kitten.kernel;

/** Limits of the whole kernel that root may change while it runs, by writing to /proc/sys. */
public final class KernelLimits {

    public static final Limit MESSAGE_BYTES = new Limit("kernel", "msgmax", 8192);
    public static final Limit QUEUE_BYTES = new Limit("kernel", "msgmnb", 16_384);
    public static final Limit QUEUES = new Limit("kernel", "msgmni", 32_000);
    /** All but the last 16 MB of the address space, unsigned. */
    public static final Limit SEGMENT_BYTES = new Limit("kernel", "shmmax", -1 - (1L << 24));
    public static final Limit SEGMENT_PAGES = new Limit("kernel", "shmall", -1 - (1L << 24));
    public static final Limit SEGMENTS = new Limit("kernel", "shmmni", 4096);
    public static final Limit DESCRIPTORS = new Limit("fs", "nr_open", 1 << 20);
    /** How large who has no privilege may make a pipe. */
    public static final Limit PIPE_BYTES = new Limit("fs", "pipe-max-size", 1 << 20);
    /** Regions of an address space. */
    public static final Limit MAPPINGS = new Limit("vm", "max_map_count", 65_530);

    /** How long the holder of a lease has to give it up. */
    public static final Limit LEASE_BREAK_S = new Limit("fs", "lease-break-time", 45);

    /** inotify(7): what an instance may have that was not read, how many instances there may be, how many watches of all of them. */
    public static final Limit NOTICES = new Limit("fs/inotify", "max_queued_events", 16_384);
    public static final Limit WATCHERS = new Limit("fs/inotify", "max_user_instances", 128);
    public static final Limit WATCHES = new Limit("fs/inotify", "max_user_watches", 65_536);

    private KernelLimits() {}

    /**
     * A limit.
     *
     * @param directory
     *            below /proc/sys
     * @param standard
     *            what it is until it is changed
     */
    public record Limit(String directory, String name, long standard) {
        /** Below /proc. */
        String path() {
            return "sys/" + directory + "/" + name;
        }
    }

    /** What it is now. */
    public static long of(Trap t, Limit limit) {
        return t.settings().limits().getOrDefault(limit.path(), limit.standard());
    }
}
