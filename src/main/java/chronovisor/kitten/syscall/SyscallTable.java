package chronovisor.kitten.syscall;

import static chronovisor.kitten.syscall.Syscall.Support.ABSENT;
import static chronovisor.kitten.syscall.Syscall.Support.FULL;
import static chronovisor.kitten.syscall.Syscall.Support.PARTIAL;
import static chronovisor.kitten.syscall.Syscall.Support.STUB;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The system call table: number, name, arguments, support, what is missing, the patch that brings it, handler. */
public final class SyscallTable {

    private static final int NUMBERS = 512;

    // @formatter:off
    private static final List<Syscall> ROWS = List.of(
            row(0, "read", "fd, buffer, count", FULL, "", "", ReadWrite::read),
            row(1, "write", "fd, buffer, count", FULL, "", "", ReadWrite::write),
            row(2, "open", "path, flags, mode", FULL, "", "", FileCalls::open),
            row(3, "close", "fd", FULL, "", "", FileCalls::close),
            row(4, "stat", "path, stat*", FULL, "", "", StatCalls::stat),
            row(5, "fstat", "fd, stat*", FULL, "", "", StatCalls::fstat),
            row(6, "lstat", "path, stat*", FULL, "", "", StatCalls::lstat),
            row(7, "poll", "pollfd*, count, timeout_ms", FULL, "", "poll", PollCalls::poll),
            row(8, "lseek", "fd, offset, whence", FULL, "", "", ReadWrite::lseek),
            row(9, "mmap", "address, length, protection, flags, fd, offset", PARTIAL, "huge pages are ordinary pages", "", MemoryCalls::mmap),
            row(10, "mprotect", "address, length, protection", FULL, "", "", MemoryCalls::mprotect),
            row(11, "munmap", "address, length", FULL, "", "", MemoryCalls::munmap),
            row(12, "brk", "address", FULL, "", "", MemoryCalls::brk),
            row(13, "rt_sigaction", "signal, action*, old*, set_bytes", FULL, "", "", SignalCalls::action),
            row(14, "rt_sigprocmask", "how, set*, old*, set_bytes", FULL, "", "", SignalCalls::mask),
            row(15, "rt_sigreturn", "", FULL, "", "", SignalCalls::sigreturn),
            row(16, "ioctl", "fd, request, argument", PARTIAL, "terminals, FIONREAD, FIONBIO", "", TerminalCalls::ioctl),
            row(17, "pread64", "fd, buffer, count, offset", FULL, "", "vfs", ReadWrite::pread),
            row(18, "pwrite64", "fd, buffer, count, offset", FULL, "", "vfs", ReadWrite::pwrite),
            row(19, "readv", "fd, iovec*, count", FULL, "", "", ReadWrite::readv),
            row(20, "writev", "fd, iovec*, count", FULL, "", "", ReadWrite::writev),
            row(21, "access", "path, mode", FULL, "", "vfs", StatCalls::access),
            row(22, "pipe", "fds*", FULL, "", "pipes", FileCalls::pipe),
            row(23, "select", "count, read*, write*, except*, timeval*", PARTIAL, "the time left is not stored", "poll", PollCalls::select),
            row(24, "sched_yield", "", FULL, "", "", SchedulerCalls::giveWay),
            row(25, "mremap", "address, old_length, length, flags, new_address", FULL, "", "vfs", MemoryCalls::mremap),
            row(26, "msync", "address, length, flags", FULL, "", "vfs", MemoryCalls::msync),
            row(27, "mincore", "address, length, vector*", FULL, "", "vfs", MemoryCalls::mincore),
            row(28, "madvise", "address, length, advice", PARTIAL, "DONTNEED acts, the rest is advice", "", MemoryCalls::madvise),
            absent(29, "shmget"),
            absent(30, "shmat"),
            absent(31, "shmctl"),
            row(32, "dup", "fd", FULL, "", "vfs", FileCalls::dup),
            row(33, "dup2", "fd, new_fd", FULL, "", "", FileCalls::dup2),
            row(34, "pause", "", FULL, "", "signals", SignalCalls::pause),
            row(35, "nanosleep", "timespec*, remaining*", FULL, "", "", TimeCalls::nanosleep),
            row(36, "getitimer", "which, itimerval*", FULL, "", "time", TimeCalls::getitimer),
            row(37, "alarm", "seconds", FULL, "", "time", TimeCalls::alarm),
            row(38, "setitimer", "which, itimerval*, old*", PARTIAL, "all CPU time is user time", "time", TimeCalls::setitimer),
            row(39, "getpid", "", FULL, "", "", ProcessCalls::getpid),
            row(40, "sendfile", "out, in, offset*, count", FULL, "", "vfs", ReadWrite::sendfile),
            absent(41, "socket"),
            absent(42, "connect"),
            absent(53, "socketpair"),
            row(56, "clone", "flags, stack, parent_tid*, child_tid*, tls", PARTIAL, "no namespaces, no pidfd", "", ProcessCalls::clone),
            row(57, "fork", "", FULL, "", "process", ProcessCalls::fork),
            row(58, "vfork", "", FULL, "", "process", ProcessCalls::vfork),
            row(59, "execve", "path, argv*, envp*", FULL, "", "process", ExecCalls::execve),
            row(60, "exit", "status", FULL, "", "", ProcessCalls::exit),
            row(61, "wait4", "pid, status*, options, rusage*", FULL, "", "", ProcessCalls::wait4),
            row(62, "kill", "pid, signal", FULL, "", "", SignalCalls::kill),
            row(63, "uname", "utsname*", FULL, "", "", SystemCalls::uname),
            row(72, "fcntl", "fd, command, argument", PARTIAL, "no leases, no owner signals", "", FileCalls::fcntl),
            row(73, "flock", "fd, operation", FULL, "", "vfs", LockCalls::flock),
            row(74, "fsync", "fd", FULL, "", "vfs", FileCalls::fsync),
            row(75, "fdatasync", "fd", FULL, "", "vfs", FileCalls::fsync),
            row(76, "truncate", "path, length", FULL, "", "vfs", FileCalls::truncate),
            row(77, "ftruncate", "fd, length", FULL, "", "vfs", FileCalls::ftruncate),
            row(78, "getdents", "fd, dirent*, count", FULL, "", "", StatCalls::getdents),
            row(79, "getcwd", "buffer, size", FULL, "", "vfs", TreeCalls::getcwd),
            row(80, "chdir", "path", FULL, "", "vfs", TreeCalls::chdir),
            row(81, "fchdir", "fd", FULL, "", "vfs", TreeCalls::fchdir),
            row(82, "rename", "old, new", FULL, "", "vfs", TreeCalls::rename),
            row(83, "mkdir", "path, mode", FULL, "", "", TreeCalls::mkdir),
            row(84, "rmdir", "path", FULL, "", "", TreeCalls::rmdir),
            row(85, "creat", "path, mode", FULL, "", "vfs", FileCalls::creat),
            row(86, "link", "old, new", FULL, "", "vfs", TreeCalls::link),
            row(87, "unlink", "path", FULL, "", "", TreeCalls::unlink),
            row(88, "symlink", "target, path", FULL, "", "vfs", TreeCalls::symlink),
            row(89, "readlink", "path, buffer, size", FULL, "", "", StatCalls::readlink),
            row(90, "chmod", "path, mode", FULL, "", "vfs", TreeCalls::chmod),
            row(91, "fchmod", "fd, mode", FULL, "", "vfs", TreeCalls::fchmod),
            row(92, "chown", "path, uid, gid", FULL, "", "vfs", TreeCalls::chown),
            row(93, "fchown", "fd, uid, gid", FULL, "", "vfs", TreeCalls::fchown),
            row(94, "lchown", "path, uid, gid", FULL, "", "vfs", TreeCalls::lchown),
            row(95, "umask", "mask", FULL, "", "vfs", TreeCalls::umask),
            row(96, "gettimeofday", "timeval*, timezone*", FULL, "", "", TimeCalls::gettimeofday),
            row(97, "getrlimit", "resource, rlimit*", FULL, "", "", SystemCalls::getrlimit),
            row(98, "getrusage", "who, rusage*", PARTIAL, "user time and resident size only", "time", TimeCalls::getrusage),
            row(99, "sysinfo", "sysinfo*", FULL, "", "vfs", SystemCalls::sysinfo),
            row(100, "times", "tms*", PARTIAL, "all time is user time", "time", TimeCalls::times),
            absent(101, "ptrace"),
            row(102, "getuid", "", FULL, "", "", SystemCalls::getuid),
            row(104, "getgid", "", FULL, "", "", SystemCalls::getgid),
            row(105, "setuid", "uid", FULL, "", "vfs", SystemCalls::setuid),
            row(106, "setgid", "gid", FULL, "", "vfs", SystemCalls::setgid),
            row(107, "geteuid", "", FULL, "", "", SystemCalls::geteuid),
            row(108, "getegid", "", FULL, "", "", SystemCalls::getegid),
            row(109, "setpgid", "pid, group", FULL, "", "process", ProcessCalls::setpgid),
            row(110, "getppid", "", FULL, "", "process", ProcessCalls::getppid),
            row(111, "getpgrp", "", FULL, "", "process", ProcessCalls::getpgrp),
            row(112, "setsid", "", FULL, "", "process", ProcessCalls::setsid),
            row(113, "setreuid", "real, effective", FULL, "", "vfs", SystemCalls::setreuid),
            row(114, "setregid", "real, effective", FULL, "", "vfs", SystemCalls::setregid),
            row(115, "getgroups", "count, list*", FULL, "", "", SystemCalls::getgroups),
            row(116, "setgroups", "count, list*", FULL, "", "vfs", SystemCalls::setgroups),
            row(117, "setresuid", "real, effective, saved", FULL, "", "vfs", SystemCalls::setresuid),
            row(118, "getresuid", "real*, effective*, saved*", FULL, "", "vfs", SystemCalls::getresuid),
            row(119, "setresgid", "real, effective, saved", FULL, "", "vfs", SystemCalls::setresgid),
            row(120, "getresgid", "real*, effective*, saved*", FULL, "", "vfs", SystemCalls::getresgid),
            row(121, "getpgid", "pid", FULL, "", "process", ProcessCalls::getpgid),
            row(122, "setfsuid", "uid", FULL, "", "vfs", SystemCalls::setfsuid),
            row(123, "setfsgid", "gid", FULL, "", "vfs", SystemCalls::setfsgid),
            row(124, "getsid", "pid", FULL, "", "process", ProcessCalls::getsid),
            row(127, "rt_sigpending", "set*, set_bytes", FULL, "", "", SignalCalls::pending),
            row(128, "rt_sigtimedwait", "set*, info*, timeout*, set_bytes", FULL, "", "signals", SignalCalls::timedWait),
            row(129, "rt_sigqueueinfo", "pid, signal, info*", FULL, "", "signals", SignalCalls::queue),
            row(130, "rt_sigsuspend", "set*, set_bytes", FULL, "", "signals", SignalCalls::suspend),
            row(131, "sigaltstack", "stack*, old*", FULL, "", "signals", SignalCalls::alternateStack),
            row(132, "utime", "path, utimbuf*", FULL, "", "vfs", TreeCalls::utime),
            row(133, "mknod", "path, mode, device", FULL, "", "", TreeCalls::mknod),
            row(137, "statfs", "path, statfs*", FULL, "", "vfs", StatCalls::statfs),
            row(138, "fstatfs", "fd, statfs*", FULL, "", "vfs", StatCalls::fstatfs),
            row(140, "getpriority", "which, who", FULL, "", "process", SchedulerCalls::getPriority),
            row(141, "setpriority", "which, who, priority", PARTIAL, "kept and inherited; tasks run in turn whatever it is", "process", SchedulerCalls::setPriority),
            row(142, "sched_setparam", "pid, param*", PARTIAL, "kept and inherited; tasks run in turn whatever it is", "process", SchedulerCalls::setParameter),
            row(143, "sched_getparam", "pid, param*", FULL, "", "process", SchedulerCalls::getParameter),
            row(144, "sched_setscheduler", "pid, policy, param*", PARTIAL, "kept and inherited; tasks run in turn whatever it is", "process", SchedulerCalls::setScheduler),
            row(145, "sched_getscheduler", "pid", FULL, "", "process", SchedulerCalls::getScheduler),
            row(146, "sched_get_priority_max", "policy", FULL, "", "process", SchedulerCalls::priorityMax),
            row(147, "sched_get_priority_min", "policy", FULL, "", "process", SchedulerCalls::priorityMin),
            row(148, "sched_rr_get_interval", "pid, timespec*", FULL, "", "process", SchedulerCalls::interval),
            row(149, "mlock", "address, length", STUB, "memory is never swapped", "vfs", MemoryCalls::mlock),
            row(150, "munlock", "address, length", STUB, "memory is never swapped", "vfs", MemoryCalls::mlock),
            row(151, "mlockall", "flags", STUB, "memory is never swapped", "vfs", MemoryCalls::nothing),
            row(152, "munlockall", "", STUB, "memory is never swapped", "vfs", MemoryCalls::nothing),
            row(157, "prctl", "option, argument", PARTIAL, "names and a few harmless options", "signals", ProcessCalls::prctl),
            row(158, "arch_prctl", "code, address", FULL, "", "", ProcessCalls::archPrctl),
            row(160, "setrlimit", "resource, rlimit*", PARTIAL, "NOFILE, STACK, FSIZE, AS, DATA act", "vfs", SystemCalls::setrlimit),
            row(162, "sync", "", STUB, "nothing to do", "vfs", MemoryCalls::nothing),
            row(170, "sethostname", "name, length", FULL, "", "", SystemCalls::sethostname),
            row(186, "gettid", "", FULL, "", "", ProcessCalls::gettid),
            row(200, "tkill", "tid, signal", FULL, "", "signals", SignalCalls::tkill),
            row(201, "time", "time*", FULL, "", "", TimeCalls::time),
            row(202, "futex", "address, operation, value, timeout*, address2, value3", PARTIAL, "priority inheritance without priorities, no REQUEUE_PI", "", FutexCalls::futex),
            row(203, "sched_setaffinity", "pid, bytes, mask*", PARTIAL, "takes effect for new threads", "process", SchedulerCalls::setAffinity),
            row(204, "sched_getaffinity", "pid, bytes, mask*", FULL, "", "", SchedulerCalls::getAffinity),
            row(213, "epoll_create", "size", FULL, "", "poll", PollCalls::epollCreate),
            row(217, "getdents64", "fd, dirent*, count", FULL, "", "", StatCalls::getdents64),
            row(218, "set_tid_address", "address*", FULL, "", "", ProcessCalls::setTidAddress),
            row(221, "fadvise64", "fd, offset, length, advice", STUB, "advice", "vfs", FileCalls::fadvise),
            row(222, "timer_create", "clock, sigevent*, timer*", PARTIAL, "no timers on the CPU clocks of others", "time", TimerCalls::create),
            row(223, "timer_settime", "timer, flags, itimerspec*, old*", FULL, "", "time", TimerCalls::setTime),
            row(224, "timer_gettime", "timer, itimerspec*", FULL, "", "time", TimerCalls::getTime),
            row(225, "timer_getoverrun", "timer", FULL, "", "time", TimerCalls::getOverrun),
            row(226, "timer_delete", "timer", FULL, "", "time", TimerCalls::delete),
            row(227, "clock_settime", "clock, timespec*", STUB, "EPERM", "time", TimeCalls::clockSettime),
            row(228, "clock_gettime", "clock, timespec*", FULL, "", "", TimeCalls::clockGettime),
            row(229, "clock_getres", "clock, timespec*", FULL, "", "time", TimeCalls::clockGetres),
            row(230, "clock_nanosleep", "clock, flags, timespec*, remaining*", FULL, "", "time", TimeCalls::clockNanosleep),
            row(231, "exit_group", "status", FULL, "", "", ProcessCalls::exitGroup),
            row(232, "epoll_wait", "fd, events*, count, timeout_ms", FULL, "", "poll", PollCalls::epollWait),
            row(233, "epoll_ctl", "fd, operation, target, event*", FULL, "", "poll", PollCalls::epollControl),
            row(234, "tgkill", "pid, tid, signal", FULL, "", "", SignalCalls::tgkill),
            row(235, "utimes", "path, timeval*", FULL, "", "vfs", TreeCalls::utimes),
            row(247, "waitid", "type, id, info*, options, rusage*", PARTIAL, "no pidfd", "process", ProcessCalls::waitid),
            row(257, "openat", "directory, path, flags, mode", FULL, "", "vfs", FileCalls::openat),
            row(258, "mkdirat", "directory, path, mode", FULL, "", "vfs", TreeCalls::mkdirat),
            row(259, "mknodat", "directory, path, mode, device", FULL, "", "vfs", TreeCalls::mknodat),
            row(260, "fchownat", "directory, path, uid, gid, flags", FULL, "", "vfs", TreeCalls::fchownat),
            row(261, "futimesat", "directory, path, timeval*", FULL, "", "vfs", TreeCalls::futimesat),
            row(262, "newfstatat", "directory, path, stat*, flags", FULL, "", "vfs", StatCalls::newfstatat),
            row(263, "unlinkat", "directory, path, flags", FULL, "", "vfs", TreeCalls::unlinkat),
            row(264, "renameat", "directory, old, directory, new", FULL, "", "vfs", TreeCalls::renameat),
            row(265, "linkat", "directory, old, directory, new, flags", FULL, "", "vfs", TreeCalls::linkat),
            row(266, "symlinkat", "target, directory, path", FULL, "", "vfs", TreeCalls::symlinkat),
            row(267, "readlinkat", "directory, path, buffer, size", FULL, "", "vfs", StatCalls::readlinkat),
            row(268, "fchmodat", "directory, path, mode", FULL, "", "vfs", TreeCalls::fchmodat),
            row(269, "faccessat", "directory, path, mode", FULL, "", "vfs", StatCalls::faccessat),
            row(270, "pselect6", "count, read*, write*, except*, timespec*, mask*", PARTIAL, "the time left is not stored", "poll", PollCalls::pselect6),
            row(271, "ppoll", "pollfd*, count, timespec*, mask*, set_bytes", PARTIAL, "the time left is not stored", "poll", PollCalls::ppoll),
            row(273, "set_robust_list", "head*, bytes", FULL, "", "futex", ProcessCalls::setRobustList),
            row(274, "get_robust_list", "pid, head**, bytes*", FULL, "", "futex", ProcessCalls::getRobustList),
            row(280, "utimensat", "directory, path, timespec*, flags", FULL, "", "vfs", TreeCalls::utimensat),
            row(281, "epoll_pwait", "fd, events*, count, timeout_ms, mask*", FULL, "", "poll", PollCalls::epollPwait),
            row(282, "signalfd", "fd, set*, set_bytes", FULL, "", "poll", EventCalls::signalfd),
            row(283, "timerfd_create", "clock, flags", FULL, "", "poll", EventCalls::timerfdCreate),
            row(284, "eventfd", "value", FULL, "", "poll", EventCalls::eventfd),
            row(285, "fallocate", "fd, mode, offset, length", PARTIAL, "no hole punching", "vfs", FileCalls::fallocate),
            row(286, "timerfd_settime", "fd, flags, itimerspec*, old*", FULL, "", "poll", EventCalls::timerfdSettime),
            row(287, "timerfd_gettime", "fd, itimerspec*", FULL, "", "poll", EventCalls::timerfdGettime),
            row(289, "signalfd4", "fd, set*, set_bytes, flags", FULL, "", "poll", EventCalls::signalfd4),
            row(290, "eventfd2", "value, flags", FULL, "", "poll", EventCalls::eventfd2),
            row(291, "epoll_create1", "flags", FULL, "", "poll", PollCalls::epollCreate1),
            row(292, "dup3", "fd, new_fd, flags", FULL, "", "vfs", FileCalls::dup3),
            row(293, "pipe2", "fds*, flags", PARTIAL, "O_DIRECT is a stream", "vfs", FileCalls::pipe2),
            row(295, "preadv", "fd, iovec*, count, offset", FULL, "", "vfs", ReadWrite::preadv),
            row(296, "pwritev", "fd, iovec*, count, offset", FULL, "", "vfs", ReadWrite::pwritev),
            row(297, "rt_tgsigqueueinfo", "pid, tid, signal, info*", FULL, "", "signals", SignalCalls::tgQueue),
            row(302, "prlimit64", "pid, resource, new*, old*", PARTIAL, "NOFILE, STACK, FSIZE, AS, DATA act", "vfs", SystemCalls::prlimit),
            row(306, "syncfs", "fd", STUB, "nothing to do", "vfs", FileCalls::syncfs),
            row(309, "getcpu", "cpu*, node*", FULL, "", "process", SchedulerCalls::getcpu),
            row(314, "sched_setattr", "pid, attr*, flags", PARTIAL, "no deadline policy, no utilization; otherwise as sched_setscheduler", "process", SchedulerCalls::setAttributes),
            row(315, "sched_getattr", "pid, attr*, bytes, flags", FULL, "", "process", SchedulerCalls::getAttributes),
            row(316, "renameat2", "directory, old, directory, new, flags", FULL, "", "vfs", TreeCalls::renameat2),
            row(318, "getrandom", "buffer, length, flags", FULL, "", "vfs", SystemCalls::getrandom),
            absent(319, "memfd_create"),
            row(322, "execveat", "directory, path, argv*, envp*, flags", FULL, "", "process", ExecCalls::execveat),
            row(326, "copy_file_range", "in, offset*, out, offset*, length, flags", FULL, "", "vfs", ReadWrite::copyFileRange),
            row(327, "preadv2", "fd, iovec*, count, offset, high, flags", PARTIAL, "no flags", "vfs", ReadWrite::preadv2),
            row(328, "pwritev2", "fd, iovec*, count, offset, high, flags", PARTIAL, "no flags", "vfs", ReadWrite::pwritev2),
            row(332, "statx", "directory, path, flags, mask, statx*", FULL, "", "vfs", StatCalls::statx),
            absent(334, "rseq"),
            absent(434, "pidfd_open"),
            row(435, "clone3", "arguments*, bytes", PARTIAL, "no namespaces, no pidfd", "process", ProcessCalls::clone3),
            row(436, "close_range", "first, last, flags", PARTIAL, "tables are not unshared", "vfs", FileCalls::closeRange),
            row(439, "faccessat2", "directory, path, mode, flags", FULL, "", "vfs", StatCalls::faccessat2)
    );
    // @formatter:on

    private static final @Nullable Syscall[] BY_NUMBER = new @Nullable Syscall[NUMBERS];

    static {
        for (Syscall row : ROWS) {
            BY_NUMBER[row.number()] = row;
        }
    }

    private SyscallTable() {}

    private static Syscall row(int number, String name, String arguments, Syscall.Support support, String note,
            String patch, Handler handler) {
        return new Syscall(number, name, arguments, support, note, patch, handler);
    }

    private static Syscall absent(int number, String name) {
        return new Syscall(number, name, "", ABSENT, "", "", null);
    }

    /** All rows, by number. */
    public static List<Syscall> rows() {
        return ROWS;
    }

    /** The row of a number, or null. */
    public static @Nullable Syscall row(int number) {
        return number >= 0 && number < NUMBERS ? BY_NUMBER[number] : null;
    }

    /** The name of a number: Linux's, or {@code syscall_N}. */
    public static String name(int number) {
        Syscall row = row(number);
        return row == null ? "syscall_" + number : row.name();
    }
}
