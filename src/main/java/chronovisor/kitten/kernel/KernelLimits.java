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

    private KernelLimits() {}

    /**
     * A limit.
     *
     * @param directory
     *            below /proc/sys
     * @param standard
     *            what it is until it is changed
     */
    public record Limit(String directory, String name, long standard) {}

    /** What it is now. */
    public static long of(Trap t, Limit limit) {
        return t.settings().limits().getOrDefault("sys/" + limit.directory() + "/" + limit.name(), limit.standard());
    }
}
