package chronovisor.kitten.memory;

/** Access bits of a region, as mmap(2) numbers them. */
public final class Protection {

    public static final int NONE = 0;
    public static final int READ = 1;
    public static final int WRITE = 2;
    public static final int EXECUTE = 4;
    public static final int ALL = 7;

    private Protection() {}

    /** As /proc/self/maps shows it, without the last column. */
    public static String text(int protection) {
        return ((protection & READ) != 0 ? "r" : "-") + ((protection & WRITE) != 0 ? "w" : "-")
                + ((protection & EXECUTE) != 0 ? "x" : "-");
    }
}
