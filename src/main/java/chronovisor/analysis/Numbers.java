package chronovisor.analysis;

/** Numbers of x86-64 Linux that mean something here. */
final class Numbers {

    static final int WRITE = 1;
    static final int MMAP = 9;
    static final int MPROTECT = 10;
    static final int MUNMAP = 11;
    static final int SIGACTION = 13;
    static final int SIGPROCMASK = 14;
    static final int SIGRETURN = 15;
    static final int WRITEV = 20;
    static final int EXIT = 60;
    static final int KILL = 62;
    static final int TKILL = 200;
    static final int FUTEX = 202;
    static final int EXIT_GROUP = 231;
    static final int TGKILL = 234;

    // futex(2): operations without the flags for private memory and for the clock.
    static final int FUTEX_COMMAND = 127;
    static final int FUTEX_WAIT = 0;
    static final int FUTEX_WAKE = 1;
    static final int FUTEX_LOCK_PI = 6;
    static final int FUTEX_WAIT_BITSET = 9;
    static final int FUTEX_WAKE_BITSET = 10;

    // General registers as the processor numbers them.
    static final int RAX = 0;
    static final int RDX = 2;
    static final int RSP = 4;
    static final int RSI = 6;
    static final int RDI = 7;

    static final int PROT_WRITE = 2;
    static final int PAGE_FAULT = 14;

    private Numbers() {}
}
