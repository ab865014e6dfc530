package chronovisor.kitten.task;

import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * What the threads of a program share.
 *
 * @param id
 *            process id
 * @param files
 *            key of its descriptor table
 * @param root
 *            where its paths begin (inode)
 * @param directory
 *            working directory (inode)
 * @param actions
 *            signal actions other than the default
 * @param pending
 *            signals sent to the process as a whole
 * @param limits
 *            resource limits other than infinity
 * @param program
 *            path of the executable
 * @param programInode
 *            its inode
 * @param layout
 *            where arguments and environment lie on the stack
 * @param exit
 *            how it ended; {@link Exit#NONE} while it lives
 * @param alarm_ns
 *            virtual time of the next ITIMER_REAL signal, 0 when off
 * @param cpuTimers
 *            interval timers that count CPU time: 1 virtual, 2 profiling; they expire at a CPU time of the process
 * @param attributes
 *            what prctl(2) and personality(2) set
 * @param dead_ns
 *            virtual CPU time of threads that have ended
 */
public record UserProcess(int id, int parent, int group, int session, int addressSpace, int files, long root,
        long directory,
        int umask, Credentials credentials, TreePMap<Integer, SignalAction> actions, PVector<SignalInfo> pending,
        TreePMap<Integer, Limit> limits, String program, long programInode, Layout layout, Exit exit, long alarm_ns,
        long alarmInterval_ns, long dead_ns, long children_ns, int vforkParent, int exitSignal,
        TreePMap<Integer, Timer> cpuTimers, Attributes attributes) {

    /** An interval timer: when it expires, and how long after that it does again (0: never). */
    public record Timer(long at_ns, long interval_ns) {}

    /** User and group ids: real, effective, saved, for files; the supplementary groups; what they allow. */
    public record Credentials(int uid, int euid, int suid, int fsuid, int gid, int egid, int sgid, int fsgid,
            PVector<Integer> groups, Capabilities capabilities) {
        /** All of them root. */
        public static final Credentials ROOT = new Credentials(0, 0, 0, 0, 0, 0, 0, 0, TreePVector.singleton(0),
                Capabilities.ALL);

        /** Whether it may do what a capability allows. */
        public boolean can(int capability) {
            return capabilities.has(capability);
        }

        /**
         * Other user ids; files follow the effective one, and capabilities go with root.
         *
         * @param keeps
         *            PR_SET_KEEPCAPS
         */
        public Credentials withUsers(int real, int effective, int saved, boolean keeps) {
            boolean wasRoot = uid == 0 || euid == 0 || suid == 0;
            boolean isRoot = real == 0 || effective == 0 || saved == 0;
            return new Credentials(real, effective, saved, effective, gid, egid, sgid, fsgid, groups,
                    capabilities.afterUsers(wasRoot, isRoot, euid == 0, effective == 0, keeps)
                            .afterFileUser(fsuid == 0, effective == 0));
        }

        /** What a program is executed with, whose file may set the effective ids. */
        public Credentials executing(int effectiveUser, int effectiveGroup) {
            boolean otherIds = effectiveUser != euid || effectiveGroup != egid;
            return new Credentials(uid, effectiveUser, effectiveUser, effectiveUser, gid, effectiveGroup,
                    effectiveGroup, effectiveGroup, groups,
                    capabilities.afterExecution(uid == 0, effectiveUser == 0, otherIds));
        }

        public Credentials withCapabilities(Capabilities changed) {
            return new Credentials(uid, euid, suid, fsuid, gid, egid, sgid, fsgid, groups, changed);
        }

        /** Other group ids; files follow the effective one. */
        public Credentials withGroups(int real, int effective, int saved) {
            return new Credentials(uid, euid, suid, fsuid, real, effective, saved, effective, groups, capabilities);
        }

        public Credentials withFile(int user, int group) {
            return new Credentials(uid, euid, suid, user, gid, egid, sgid, group, groups,
                    capabilities.afterFileUser(fsuid == 0, user == 0));
        }

        public Credentials withSupplementary(PVector<Integer> changed) {
            return new Credentials(uid, euid, suid, fsuid, gid, egid, sgid, fsgid, changed, capabilities);
        }

        /** Whether files of a group are those of this process's groups. */
        public boolean member(int group) {
            return group == fsgid || groups.contains(group);
        }
    }

    /**
     * What prctl(2) and personality(2) set.
     *
     * @param dumpable
     *            PR_SET_DUMPABLE
     * @param deathSignal
     *            signal for this process when its parent ends, 0 for none
     * @param subreaper
     *            whether it takes the orphans among its descendants
     * @param noNewPrivileges
     *            whether set-user-id bits are ignored
     * @param keepCapabilities
     *            PR_SET_KEEPCAPS
     * @param timerSlack_ns
     *            PR_SET_TIMERSLACK; timers are exact whatever it is
     * @param personality
     *            personality(2)
     * @param barriers
     *            whether it has registered for private expedited membarrier(2)
     * @param executed
     *            whether it has executed a program since it was forked: setpgid(2) then leaves it alone
     * @param secureBits
     *            PR_SET_SECUREBITS
     * @param standardSlack_ns
     *            the slack that PR_SET_TIMERSLACK goes back to: its parent's when it was made
     * @param oomAdjustment
     *            /proc/PID/oom_score_adj; kept and inherited: nobody is killed for memory
     */
    public record Attributes(int dumpable, int deathSignal, boolean subreaper, boolean noNewPrivileges,
            boolean keepCapabilities, long timerSlack_ns, int personality, boolean barriers, boolean executed,
            int secureBits, long standardSlack_ns, int oomAdjustment) {
        /** What init_task starts with. */
        public static final Attributes STANDARD = new Attributes(1, 0, false, false, false, 50_000, 0,
                false, false, 0, 50_000, 0);

        public Attributes withDumpable(int changed) {
            return new Attributes(changed, deathSignal, subreaper, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    personality, barriers, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        public Attributes withDeathSignal(int changed) {
            return new Attributes(dumpable, changed, subreaper, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    personality, barriers, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        public Attributes withSubreaper(boolean changed) {
            return new Attributes(dumpable, deathSignal, changed, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    personality, barriers, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        public Attributes withNoNewPrivileges() {
            return new Attributes(dumpable, deathSignal, subreaper, true, keepCapabilities, timerSlack_ns, personality,
                    barriers, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        public Attributes withKeepCapabilities(boolean changed) {
            return new Attributes(dumpable, deathSignal, subreaper, noNewPrivileges, changed, timerSlack_ns,
                    personality, barriers, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        public Attributes withTimerSlack(long changed_ns) {
            return new Attributes(dumpable, deathSignal, subreaper, noNewPrivileges, keepCapabilities, changed_ns,
                    personality, barriers, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        public Attributes withPersonality(int changed) {
            return new Attributes(dumpable, deathSignal, subreaper, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    changed, barriers, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        public Attributes withBarriers() {
            return new Attributes(dumpable, deathSignal, subreaper, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    personality, true, executed, secureBits, standardSlack_ns, oomAdjustment);
        }

        /** What a child starts with. */
        public Attributes inherited() {
            return new Attributes(dumpable, 0, false, noNewPrivileges, keepCapabilities, timerSlack_ns, personality,
                    barriers, false, secureBits, timerSlack_ns, oomAdjustment);
        }

        public Attributes withExecuted() {
            return new Attributes(dumpable, deathSignal, subreaper, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    personality, barriers, true, secureBits, standardSlack_ns, oomAdjustment);
        }

        /** /proc/PID/oom_score_adj. */
        public Attributes withOomAdjustment(int changed) {
            return new Attributes(dumpable, deathSignal, subreaper, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    personality, barriers, executed, secureBits, standardSlack_ns, changed);
        }

        public Attributes withSecureBits(int changed) {
            return new Attributes(dumpable, deathSignal, subreaper, noNewPrivileges, keepCapabilities, timerSlack_ns,
                    personality, barriers, executed, changed, standardSlack_ns, oomAdjustment);
        }
    }

    /** Soft and hard limit; -1 is infinity. */
    public record Limit(long soft, long hard) {
        public static final Limit INFINITE = new Limit(-1, -1);
    }

    /** Addresses of the argument and environment strings and of the auxiliary vector on the stack. */
    public record Layout(long argumentStart, long argumentEnd, long environmentStart, long environmentEnd,
            long auxiliary, long auxiliaryEnd) {
        public static final Layout NONE = new Layout(0, 0, 0, 0, 0, 0);
    }

    /**
     * How a process ended; the wait status is {@code status << 8} or the signal.
     *
     * @param stopped
     *            the signal that stopped it, not yet reported to its parent; else 0
     * @param continued
     *            whether it went on after a stop, not yet reported
     * @param dumped
     *            whether it left a core file
     * @param tracer
     *            a process that is told of the end before the parent is; else 0
     */
    public record Exit(boolean ended, int status, int signal, int stopped, boolean continued, boolean dumped,
            int tracer) {
        public static final Exit NONE = new Exit(false, 0, 0, 0, false, false, 0);

        /** An end. */
        public static Exit of(int status, int signal, boolean dumped) {
            return new Exit(true, status, signal, 0, false, dumped, 0);
        }

        public Exit withTracer(int process) {
            return new Exit(ended, status, signal, stopped, continued, dumped, process);
        }

        /** As wait4 stores it. */
        public int waitStatus() {
            return signal != 0 ? signal | (dumped ? 0x80 : 0) : (status & 0xFF) << 8;
        }
    }

    public SignalAction action(int signal) {
        return actions.getOrDefault(signal, SignalAction.STANDARD);
    }

    public Limit limit(int resource) {
        return limits.getOrDefault(resource, Limit.INFINITE);
    }

    public UserProcess withActions(TreePMap<Integer, SignalAction> changed) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                changed,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withPending(PVector<SignalInfo> changed) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                changed, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withLimits(TreePMap<Integer, Limit> changed) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                pending, changed, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns,
                children_ns, vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withDirectory(long inode, int newUmask) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, inode, newUmask, credentials,
                actions,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withRoot(long inode) {
        return new UserProcess(id, parent, group, session, addressSpace, files, inode, directory, umask, credentials,
                actions, pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns,
                children_ns, vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withCredentials(Credentials changed) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, changed,
                actions,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withFamily(int newParent, int newGroup, int newSession) {
        return new UserProcess(id, newParent, newGroup, newSession, addressSpace, files, root, directory, umask,
                credentials,
                actions, pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns,
                children_ns, vforkParent, exitSignal, cpuTimers, attributes);
    }

    /** The same process running another program in another address space. */
    public UserProcess withProgram(int space, String path, long inode, Layout newLayout) {
        return new UserProcess(id, parent, group, session, space, files, root, directory, umask, credentials, actions,
                pending,
                limits, path, inode, newLayout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns, vforkParent,
                exitSignal, cpuTimers, attributes);
    }

    public UserProcess withFiles(int table) {
        return new UserProcess(id, parent, group, session, addressSpace, table, root, directory, umask, credentials,
                actions,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withExit(Exit how) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                pending, limits, program, programInode, layout, how, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withAlarm(long at_ns, long interval_ns) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                pending, limits, program, programInode, layout, exit, at_ns, interval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withTimes(long deadThreads_ns, long children) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, deadThreads_ns,
                children, vforkParent, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withCpuTimers(TreePMap<Integer, Timer> changed) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, changed, attributes);
    }

    public UserProcess withVforkParent(int task) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                task, exitSignal, cpuTimers, attributes);
    }

    public UserProcess withAttributes(Attributes changed) {
        return new UserProcess(id, parent, group, session, addressSpace, files, root, directory, umask, credentials,
                actions,
                pending, limits, program, programInode, layout, exit, alarm_ns, alarmInterval_ns, dead_ns, children_ns,
                vforkParent, exitSignal, cpuTimers, changed);
    }
}
