package chronovisor.kitten.kernel;

import org.jspecify.annotations.Nullable;

/** What there is in /proc (proc(5)), a row each: where it is, what it is called, what it is. */
enum ProcKind {
    // @formatter:off
    ROOT(null, "", Form.DIRECTORY, 0555),
    SELF(ROOT, "self", Form.LINK, 0777),
    THREAD_SELF(ROOT, "thread-self", Form.LINK, 0777),
    CMDLINE_OF_KERNEL(ROOT, "cmdline", Form.TEXT, 0444),
    CPUINFO(ROOT, "cpuinfo", Form.TEXT, 0444),
    FILESYSTEMS(ROOT, "filesystems", Form.TEXT, 0444),
    LOADAVG(ROOT, "loadavg", Form.TEXT, 0444),
    LOCKS(ROOT, "locks", Form.TEXT, 0444),
    MEMINFO(ROOT, "meminfo", Form.TEXT, 0444),
    MOUNTS_OF_SELF(ROOT, "mounts", Form.LINK, 0777),
    STAT_OF_SYSTEM(ROOT, "stat", Form.TEXT, 0444),
    SWAPS(ROOT, "swaps", Form.TEXT, 0444),
    UPTIME(ROOT, "uptime", Form.TEXT, 0444),
    VERSION(ROOT, "version", Form.TEXT, 0444),

    NET(ROOT, "net", Form.DIRECTORY, 0555),
    NET_IF_INET6(NET, "if_inet6", Form.TEXT, 0444),

    SYS(ROOT, "sys", Form.DIRECTORY, 0555),
    SYS_KERNEL(SYS, "kernel", Form.SETTINGS, 0555),
    SYS_RANDOM(SYS_KERNEL, "random", Form.SETTINGS, 0555),
    SYS_VM(SYS, "vm", Form.SETTINGS, 0555),
    SYS_FS(SYS, "fs", Form.SETTINGS, 0555),
    SYS_INOTIFY(SYS_FS, "inotify", Form.SETTINGS, 0555),
    SYSVIPC(ROOT, "sysvipc", Form.SETTINGS, 0555),
    /** A file of {@link ProcSettings}, by its index. */
    SETTING(null, "", Form.TEXT, 0444),

    /** A process or one of its threads, by its number. */
    PROCESS(ROOT, "", Form.DIRECTORY, 0555),
    AUXV(PROCESS, "auxv", Form.TEXT, 0400),
    CGROUP(PROCESS, "cgroup", Form.TEXT, 0444),
    CMDLINE(PROCESS, "cmdline", Form.TEXT, 0444),
    COMM(PROCESS, "comm", Form.TEXT, 0644),
    CWD(PROCESS, "cwd", Form.LINK, 0777),
    ENVIRON(PROCESS, "environ", Form.TEXT, 0400),
    EXE(PROCESS, "exe", Form.LINK, 0777),
    FDS(PROCESS, "fd", Form.DIRECTORY, 0500),
    /** A descriptor, by its number. */
    FD(FDS, "", Form.LINK, 0777),
    FD_NOTES(PROCESS, "fdinfo", Form.DIRECTORY, 0555),
    /** What is told of a descriptor, by its number. */
    FD_NOTE(FD_NOTES, "", Form.TEXT, 0444),
    GID_MAP(PROCESS, "gid_map", Form.TEXT, 0644),
    LIMITS(PROCESS, "limits", Form.TEXT, 0444),
    LOGIN_ID(PROCESS, "loginuid", Form.TEXT, 0644),
    MAPS(PROCESS, "maps", Form.TEXT, 0444),
    MEM(PROCESS, "mem", Form.TEXT, 0600),
    MOUNTINFO(PROCESS, "mountinfo", Form.TEXT, 0444),
    MOUNTS(PROCESS, "mounts", Form.TEXT, 0444),
    OOM_SCORE(PROCESS, "oom_score", Form.TEXT, 0444),
    OOM_SCORE_ADJ(PROCESS, "oom_score_adj", Form.TEXT, 0644),
    PERSONALITY(PROCESS, "personality", Form.TEXT, 0400),
    ROOT_OF_PROCESS(PROCESS, "root", Form.LINK, 0777),
    SESSION_ID(PROCESS, "sessionid", Form.TEXT, 0444),
    SET_GROUPS(PROCESS, "setgroups", Form.TEXT, 0644),
    SMAPS(PROCESS, "smaps", Form.TEXT, 0444),
    SMAPS_ROLLUP(PROCESS, "smaps_rollup", Form.TEXT, 0444),
    STAT(PROCESS, "stat", Form.TEXT, 0444),
    STATM(PROCESS, "statm", Form.TEXT, 0444),
    STATUS(PROCESS, "status", Form.TEXT, 0444),
    TASKS(PROCESS, "task", Form.DIRECTORY, 0555),
    TIMER_SLACK(PROCESS, "timerslack_ns", Form.TEXT, 0666),
    UID_MAP(PROCESS, "uid_map", Form.TEXT, 0644),
    WCHAN(PROCESS, "wchan", Form.TEXT, 0444),
    /** A thread, by its number: what its process has, but no threads. Last, as numbers of inodes follow from the order. */
    THREAD(TASKS, "", Form.DIRECTORY, 0555);
    // @formatter:on

    /** What an entry is. */
    enum Form {
        DIRECTORY,
        /** A directory whose files are those of {@link ProcSettings} besides its own. */
        SETTINGS, LINK, TEXT
    }

    final @Nullable ProcKind parent;
    /** Its name in its parent; empty when it goes by a number. */
    final String text;
    final Form form;
    final int mode;

    ProcKind(@Nullable ProcKind parent, String text, Form form, int mode) {
        this.parent = parent;
        this.text = text;
        this.form = form;
        this.mode = mode;
    }

    boolean directory() {
        return form == Form.DIRECTORY || form == Form.SETTINGS;
    }

    /** Its path below /proc, or below the directory of the process that it belongs to. */
    String path() {
        return parent == null || parent == ROOT || parent == PROCESS ? text : parent.path() + "/" + text;
    }
}
