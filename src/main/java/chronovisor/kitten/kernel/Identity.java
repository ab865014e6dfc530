package chronovisor.kitten.kernel;

/** What uname(2) says: a Linux-compatible system. */
public final class Identity {

    public static final String SYSTEM = "Linux";
    public static final String RELEASE = "6.1.0-kitten";
    public static final String VERSION = "#1 SMP Kitten lightweight kernel";
    public static final String MACHINE = "x86_64";

    /** What of Linux's configuration there is, as /boot/config tells it. */
    static final String CONFIGURATION = """
            CONFIG_64BIT=y
            CONFIG_X86_64=y
            CONFIG_SMP=y
            CONFIG_MMU=y
            CONFIG_EPOLL=y
            CONFIG_EVENTFD=y
            CONFIG_FUTEX=y
            CONFIG_INET=y
            CONFIG_MEMFD_CREATE=y
            CONFIG_POSIX_MQUEUE=y
            CONFIG_POSIX_TIMERS=y
            CONFIG_PROC_FS=y
            CONFIG_SHMEM=y
            CONFIG_SIGNALFD=y
            CONFIG_SYSVIPC=y
            CONFIG_TIMERFD=y
            CONFIG_TMPFS=y
            CONFIG_UNIX=y
            # CONFIG_AIO is not set
            # CONFIG_NUMA is not set
            # CONFIG_PREEMPT_RT is not set
            # CONFIG_SWAP is not set
            """;

    private Identity() {}
}
