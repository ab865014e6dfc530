package chronovisor.kitten.task;

/**
 * The capability sets of a process, capabilities(7), one bit a capability.
 *
 * @param effective
 *            what it may do now
 * @param permitted
 *            what it may make effective
 * @param inheritable
 *            what it keeps over execve of a file that takes it
 * @param bounding
 *            what it can ever get
 * @param ambient
 *            what it keeps over execve as another user than root
 */
public record Capabilities(long effective, long permitted, long inheritable, long bounding, long ambient) {

    public static final int CHOWN = 0;
    public static final int DAC_OVERRIDE = 1;
    public static final int DAC_READ_SEARCH = 2;
    public static final int FOWNER = 3;
    public static final int FSETID = 4;
    public static final int KILL = 5;
    public static final int SETGID = 6;
    public static final int SETUID = 7;
    public static final int SETPCAP = 8;
    public static final int NET_BIND_SERVICE = 10;
    public static final int NET_ADMIN = 12;
    public static final int IPC_LOCK = 14;
    public static final int IPC_OWNER = 15;
    public static final int SYS_CHROOT = 18;
    public static final int SYS_PTRACE = 19;
    public static final int SYS_ADMIN = 21;
    public static final int SYS_BOOT = 22;
    public static final int SYS_NICE = 23;
    public static final int SYS_RESOURCE = 24;
    public static final int SYS_TIME = 25;
    public static final int SYS_TTY_CONFIG = 26;
    public static final int MKNOD = 27;
    public static final int LEASE = 28;
    public static final int WAKE_ALARM = 35;

    /** The highest number there is. */
    public static final int LAST = 40;

    private static final long EVERY = (1L << LAST + 1) - 1;
    /** What follows the user id for files: CHOWN to FSETID, LINUX_IMMUTABLE, MKNOD, MAC_OVERRIDE. */
    private static final long FOR_FILES = 0x1F | 1L << 9 | 1L << MKNOD | 1L << 32;

    /** All but inheritable and ambient ones: root's. */
    public static final Capabilities ALL = new Capabilities(EVERY, EVERY, 0, EVERY, 0);

    /** Whether it may do now what a capability allows. */
    public boolean has(int capability) {
        return (effective >>> capability & 1) != 0;
    }

    public Capabilities withSets(long newEffective, long newPermitted, long newInheritable) {
        return new Capabilities(newEffective, newPermitted, newInheritable, bounding,
                ambient & newPermitted & newInheritable);
    }

    /** Never to be had again by a program that is executed. */
    public Capabilities withoutBounding(int capability) {
        return new Capabilities(effective, permitted, inheritable, bounding & ~(1L << capability), ambient);
    }

    public Capabilities withAmbient(long changed) {
        return new Capabilities(effective, permitted, inheritable, bounding, changed);
    }

    /**
     * After a change of user ids (real, effective, saved): who was root and is not any more loses them.
     *
     * @param keeps
     *            PR_SET_KEEPCAPS: the permitted ones stay
     */
    Capabilities afterUsers(boolean wasRoot, boolean isRoot, boolean wasEffective, boolean isEffective,
            boolean keeps) {
        Capabilities now = this;
        if (wasRoot && !isRoot) {
            long kept = keeps ? permitted : 0;
            now = new Capabilities(keeps ? effective : 0, kept, inheritable, bounding, 0);
        }
        if (wasEffective && !isEffective) {
            now = new Capabilities(0, now.permitted, inheritable, bounding, now.ambient);
        } else if (!wasEffective && isEffective) {
            now = new Capabilities(now.permitted, now.permitted, inheritable, bounding, now.ambient);
        }
        return now;
    }

    /** After a change of the user id for files. */
    Capabilities afterFileUser(boolean wasRoot, boolean isRoot) {
        long effectiveNow = wasRoot && !isRoot
                ? effective & ~FOR_FILES
                : !wasRoot && isRoot ? effective | permitted & FOR_FILES : effective;
        return new Capabilities(effectiveNow, permitted, inheritable, bounding, ambient);
    }

    /** After execve of a file that names no capabilities of its own: root gets all, others keep the ambient ones. */
    Capabilities afterExecution(boolean realRoot, boolean effectiveRoot, boolean otherIds) {
        long kept = otherIds ? 0 : ambient;
        long permittedNow = realRoot || effectiveRoot ? inheritable | bounding : kept;
        return new Capabilities(effectiveRoot ? permittedNow : kept, permittedNow, inheritable, bounding, kept);
    }
}
