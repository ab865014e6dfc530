package chronovisor.kitten.kernel;

/** What uname(2) says: a Linux-compatible system. */
public final class Identity {

    public static final String SYSTEM = "Linux";
    public static final String RELEASE = "6.1.0-kitten";
    public static final String VERSION = "#1 SMP Kitten lightweight kernel";
    public static final String MACHINE = "x86_64";

    private Identity() {}
}
