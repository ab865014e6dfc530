/* The rows of processes and threads: starting, ending, identity, scheduling, limits. */
#include "rows.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>

enum { WAIT = 0, WAKE = 1, CMP_REQUEUE = 4, LOCK_PI = 6, UNLOCK_PI = 7, WAIT_BITSET = 9 };

static char stack[16384];
static int shared, word;

static void program(char **arguments)
{
    printf("program with %d arguments, \"%s\"\n", arguments[1] != NULL ? 2 : 1, arguments[1]);
    if (strcmp(arguments[1], "by script") == 0) {
        char name[16] = "";
        prctl(PR_GET_NAME, name);
        printf("of %s for %s with %s, started as %s\n", arguments[2], arguments[3], name,
               (const char *)getauxval(AT_EXECFN));
        unlink("called");
    }
    exit(7);
}

static void executes(void)
{
    char *arguments[] = {"rows-process", "again", NULL};
    ROW(execve, "none", arguments, NULL);
    ROW(execve, "/", arguments, NULL);
    ROW(execve, NOWHERE, arguments, NULL);
    ROW(execveat, AT_FDCWD, "none", arguments, NULL, 0);
    ROW(execveat, AT_FDCWD, "/proc/self/exe", arguments, NULL, 1);
    fflush(stdout);
    ROW(execve, "/proc/self/exe", arguments, NULL);
}

static void executes_descriptor(void)
{
    char *arguments[] = {"rows-process", "by descriptor", NULL};
    int fd = open("/proc/self/exe", O_RDONLY);
    fflush(stdout);
    ROW(execveat, fd, "", arguments, NULL, AT_EMPTY_PATH);
}

/* A script is run by what its first line names, and the task is called as the script. */
static void executes_script(void)
{
    char *arguments[] = {"unused", "one", NULL};
    static const char line[] = "#! /proc/self/exe  by script \n";
    int fd = open("called", O_WRONLY | O_CREAT | O_TRUNC, 0700);
    write(fd, line, sizeof line - 1);
    close(fd);
    fflush(stdout);
    ROW(execve, "./called", arguments, NULL);
}

static int thread(void *argument)
{
    shared = *(int *)argument;
    syscall(SYS_exit, 0);
    return 0;
}

static void starts(void)
{
    int status, argument = 9;
    struct timespec second = {10, 0};
    fflush(stdout);
    pid_t child = syscall(SYS_fork);
    if (child == 0)
        syscall(SYS_exit_group, 3);
    waitpid(child, &status, 0);
    VALUE(status);
    child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        syscall(SYS_exit, 4);
    waitpid(child, &status, 0);
    VALUE(status);
    ROW(clone, CLONE_SIGHAND, NULL, NULL, NULL, NULL);
    ROW(clone, CLONE_THREAD, NULL, NULL, NULL, NULL);
    word = 1;
    VALUE(clone(thread, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
                | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID, &argument, NULL, NULL, &word) > 0);
    while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) != 0)
        syscall(SYS_futex, &word, WAIT, 1, &second, NULL, 0);
    VALUE(shared);
    uint64_t arguments[8] = {0};
    arguments[4] = SIGCHLD;
    child = syscall(SYS_clone3, arguments, sizeof arguments);
    if (child == 0)
        syscall(SYS_exit_group, 5);
    waitpid(child, &status, 0);
    VALUE(status);
    ROW(clone3, arguments, 8L);
    show("a call without a number", syscall(-1));
    ROW(clone3, NOWHERE, sizeof arguments);
    arguments[4] = 99;
    ROW(clone3, arguments, sizeof arguments);
    child = vfork();
    if (child == 0)
        _exit(6);
    waitpid(child, &status, 0);
    VALUE(status);
    IN_CHILD(executes);
    IN_CHILD(executes_descriptor);
    IN_CHILD(executes_script);
}

/* As somebody who is not root, whoever that was before. */
static void loses_rights(void)
{
    uid_t nobody = getuid() == 0 ? 65534 : getuid();
    uint32_t list[4] = {8, 1};
    if (syscall(SYS_setresgid, nobody, nobody, nobody) != 0 && getuid() == 0)
        printf("root cannot change its groups\n");
    syscall(SYS_setresuid, nobody, nobody, nobody);
    ROW(setreuid, -1, 12345);
    ROW(setregid, -1, 12345);
    ROW(setresuid, 12345, -1, -1);
    ROW(setresgid, -1, 12345, -1);
    ROW(setuid, 12345);
    ROW(setgid, 12345);
    ROW(setgroups, 1, list);
    ROW(sethostname, "other", 5L);
    ROW(setdomainname, "other", 5L);
    ROW(vhangup);
    ROW(reboot, 0xfee1deadU, 672274793, 0, NULL);
    ROW(open_by_handle_at, AT_FDCWD, list, O_RDONLY);
    ROW(settimeofday, NULL, NULL);
    ROW(mount, "none", "/", "tmpfs", 0L, NULL);
    ROW(umount2, "/", 0);
    ROW(chroot, "/");
    ROW(mknod, "device", 0020600, 0x103);
    ROW(setpriority, 0, 0, -20);
    ROW(clock_settime, CLOCK_REALTIME, &(struct timespec){1, 0});
}

static void identity(void)
{
    uid_t user = getuid(), other;
    gid_t group = getgid();
    struct utsname name;
    DONE(getpid);
    DONE(gettid);
    DONE(getppid);
    DONE(getuid);
    DONE(geteuid);
    DONE(getgid);
    DONE(getegid);
    VALUE(getpid() == syscall(SYS_gettid));
    ROW(setuid, user);
    ROW(setuid, -1);
    ROW(setgid, group);
    ROW(setgid, -1);
    ROW(setreuid, -1, user);
    IN_CHILD(loses_rights);
    ROW(setregid, group, -1);
    ROW(setresuid, user, user, user);
    ROW(setresgid, -1, -1, -1);
    ROW(getresuid, &other, &other, &other);
    ROW(getresuid, NOWHERE, &other, &other);
    ROW(getresgid, &other, &other, &other);
    ROW(getresgid, NOWHERE, &other, &other);
    VALUE(syscall(SYS_setfsuid, -1) == user);
    VALUE(syscall(SYS_setfsgid, -1) == group);
    VALUE(syscall(SYS_getgroups, 0, NULL) >= 0);
    ROW(getgroups, -1, &other);
    ROW(uname, &name);
    printf("%s %s\n", name.sysname, name.machine);
    ROW(uname, NOWHERE);
}

static void leads(void)
{
    VALUE(syscall(SYS_setsid) == getpid());
    ROW(setsid);
    VALUE(syscall(SYS_getsid, 0) == getpid());
    VALUE(getpgrp() == getpid());
}

static void leads_group(void)
{
    ROW(setpgid, 0, 0);
    VALUE(getpgrp() == getpid());
}

static void groups(void)
{
    IN_CHILD(leads);
    VALUE(syscall(SYS_getpgrp) == syscall(SYS_getpgid, 0));
    ROW(getpgid, 1 << 30);
    ROW(getsid, 1 << 30);
    IN_CHILD(leads_group);
    ROW(setpgid, 0, -1);
    ROW(setpgid, 1 << 30, 0);
}

static void scheduling(void)
{
    struct sched_param param = {.sched_priority = 0}, some = {.sched_priority = 10};
    struct timespec interval;
    uint32_t attributes[14] = {56}, odd[14] = {56, 77};
    unsigned long mask[128] = {0};
    unsigned cpu, node;
    ROW(sched_yield);
    ROW(sched_getscheduler, 0);
    ROW(sched_getscheduler, -1);
    ROW(sched_getscheduler, 1 << 30);
    ROW(sched_setscheduler, 0, SCHED_BATCH, &param);
    ROW(sched_getscheduler, 0);
    ROW(sched_setscheduler, 0, SCHED_OTHER, &some);
    ROW(sched_setscheduler, 0, 77, &param);
    ROW(sched_setscheduler, 0, SCHED_OTHER, &param);
    ROW(sched_setscheduler, 0, SCHED_OTHER, NULL);
    ROW(sched_setparam, 0, &param);
    ROW(sched_setparam, 0, &some);
    ROW(sched_getparam, 0, &param);
    ROW(sched_getparam, 0, NULL);
    ROW(sched_getparam, 1 << 30, &param);
    ROW(sched_get_priority_max, SCHED_FIFO);
    ROW(sched_get_priority_min, SCHED_FIFO);
    ROW(sched_get_priority_max, 77);
    ROW(sched_get_priority_min, 77);
    ROW(sched_rr_get_interval, 0, &interval);
    ROW(sched_rr_get_interval, 1 << 30, &interval);
    ROW(sched_rr_get_interval, 0, NOWHERE);
    ROW(sched_getattr, 0, attributes, 56, 0);
    ROW(sched_getattr, 0, attributes, 8, 0);
    ROW(sched_setattr, 0, attributes, 0);
    ROW(sched_setattr, 0, odd, 0);
    ROW(sched_setattr, 0, NULL, 0);
    VALUE(syscall(SYS_sched_getaffinity, 0, sizeof mask, mask) > 0);
    ROW(sched_setaffinity, 0, sizeof mask, mask);
    ROW(sched_getaffinity, 0, 1L, mask);
    ROW(sched_getaffinity, 1 << 30, sizeof mask, mask);
    memset(mask, 0, sizeof mask);
    ROW(sched_setaffinity, 0, sizeof mask, mask);
    ROW(getcpu, &cpu, &node, NULL);
    ROW(getcpu, NOWHERE, NULL, NULL);
    ROW(getpriority, PRIO_PROCESS, 0);
    ROW(getpriority, 77, 0);
    ROW(getpriority, PRIO_PROCESS, 1 << 30);
    ROW(setpriority, PRIO_PROCESS, 0, 5);
    ROW(setpriority, 77, 0, 5);
    ROW(getpriority, PRIO_PROCESS, 0);
    ROW(ioprio_get, 1, 0);
    ROW(ioprio_get, 77, 0);
    ROW(ioprio_set, 1, 0, 2 << 13 | 4);
    ROW(ioprio_get, 1, 0);
    ROW(ioprio_set, 1, 0, 7 << 13);
}

/* The signal of a process that leaves a core file says so. */
static void dumps(void)
{
    struct rlimit limit = {0, 0};
    setrlimit(RLIMIT_CORE, &limit);
    raise(SIGQUIT);
}

static void limits(void)
{
    struct rlimit limit, wrong = {2, 1};
    struct sysinfo info;
    ROW(getrlimit, RLIMIT_NOFILE, &limit);
    ROW(getrlimit, 77, &limit);
    ROW(getrlimit, RLIMIT_NOFILE, NOWHERE);
    ROW(setrlimit, RLIMIT_NOFILE, &limit);
    ROW(setrlimit, RLIMIT_NOFILE, &wrong);
    ROW(setrlimit, 77, &limit);
    ROW(prlimit64, 0, RLIMIT_CORE, NULL, &limit);
    ROW(prlimit64, 1 << 30, RLIMIT_CORE, NULL, &limit);
    ROW(prlimit64, 0, 77, NULL, &limit);
    limit.rlim_cur = 0;
    ROW(setrlimit, RLIMIT_CORE, &limit);
    IN_CHILD(dumps);
    ROW(sysinfo, &info);
    VALUE(info.mem_unit > 0);
    ROW(sysinfo, NOWHERE);
}

static void manners(void)
{
    char name[16];
    unsigned long base, head;
    size_t bytes;
    ROW(prctl, PR_SET_NAME, "mine");
    ROW(prctl, PR_GET_NAME, name);
    printf("%s\n", name);
    ROW(prctl, PR_GET_DUMPABLE);
    ROW(prctl, PR_SET_DUMPABLE, 7L);
    ROW(prctl, PR_SET_PDEATHSIG, 99L);
    ROW(prctl, 9999);
    ROW(arch_prctl, 0x1003, &base);
    ROW(arch_prctl, 0x1003, NOWHERE);
    ROW(arch_prctl, 77, &base);
    ROW(arch_prctl, 0x1002, -1L);
    VALUE(syscall(SYS_personality, 0xFFFFFFFFUL));
    ROW(personality, 0x0040000UL);
    ROW(personality, 0UL);
    VALUE(syscall(SYS_set_tid_address, &word) == getpid());
    ROW(get_robust_list, 0, &head, &bytes);
    ROW(get_robust_list, 1 << 30, &head, &bytes);
    ROW(get_robust_list, 0, NOWHERE, &bytes);
    ROW(set_robust_list, &head, 23L);
    ROW(set_robust_list, NULL, 24L);
    VALUE(syscall(SYS_membarrier, 0, 0, 0) > 0);
    ROW(membarrier, 1 << 20, 0, 0);
    VALUE(syscall(SYS_getrandom, name, 16L, 0));
    ROW(getrandom, NOWHERE, 16L, 0);
    ROW(getrandom, name, 16L, 77);
    int self = syscall(SYS_pidfd_open, getpid(), 0);
    DONE(pidfd_getfd, self, 0, 0);
    ROW(pidfd_getfd, self, 99, 0);
    ROW(pidfd_getfd, self, 0, 1);
    ROW(pidfd_getfd, 0, 0, 0);
    uint32_t header[2] = {0x20080522, 0}, sets[6];
    ROW(capget, header, sets);
    ROW(capset, header, sets);
    header[0] = 1;
    ROW(capget, header, sets);
    ROW(capset, header, sets);
    ROW(unshare, 0);
    ROW(unshare, CLONE_FILES);
    ROW(unshare, 1);
    ROW(kcmp, getpid(), getpid(), 1, 0L, 0L);
    int ends[2];
    pipe(ends);
    VALUE(syscall(SYS_kcmp, getpid(), getpid(), 0, (long)ends[0], (long)ends[1]) > 0);
    ROW(kcmp, getpid(), getpid(), 77, 0L, 0L);
    ROW(kcmp, getpid(), getpid(), 0, 99L, 0L);
}

/* A row that musl's header does not name yet. */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct waiter {
    uint64_t value, address;
    uint32_t flags, reserved;
};

/* Shared, so that a child can wake its parent. */
static void several_futexes(void)
{
    enum { U32 = 2 };
    uint32_t *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct waiter waiters[3] = {{1, (uintptr_t)&words[0], U32, 0}, {1, (uintptr_t)&words[1], U32, 0}, {1, (uintptr_t)&words[2], U32, 0}};
    struct timespec soon;
    words[0] = words[1] = words[2] = 1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        while (syscall(SYS_futex, &words[2], WAKE, 1, NULL, NULL, 0) == 0)
            usleep(1000);
        _exit(0);
    }
    ROW(futex_waitv, waiters, 3, 0, NULL, 0);
    waitpid(child, NULL, 0);
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_nsec += 2000000;
    soon.tv_sec += soon.tv_nsec / 1000000000;
    soon.tv_nsec %= 1000000000;
    ROW(futex_waitv, waiters, 3, 0, &soon, CLOCK_MONOTONIC);
    ROW(futex_waitv, waiters, 3, 0, &soon, 7);
    ROW(futex_waitv, waiters, 3, 1, NULL, 0);
    ROW(futex_waitv, waiters, 0, 0, NULL, 0);
    ROW(futex_waitv, waiters, 129, 0, NULL, 0);
    ROW(futex_waitv, NULL, 1, 0, NULL, 0);
    ROW(futex_waitv, NOWHERE, 1, 0, NULL, 0);
    waiters[1].value = 2;
    ROW(futex_waitv, waiters, 3, 0, NULL, 0);
    waiters[1] = (struct waiter){1, (uintptr_t)NOWHERE, U32, 0};
    ROW(futex_waitv, waiters, 3, 0, NULL, 0);
    waiters[1] = (struct waiter){1, (uintptr_t)&words[1] + 1, U32, 0};
    ROW(futex_waitv, waiters, 3, 0, NULL, 0);
    waiters[1] = (struct waiter){1, (uintptr_t)&words[1], 0, 0};
    ROW(futex_waitv, waiters, 3, 0, NULL, 0);
    waiters[1] = (struct waiter){1, (uintptr_t)&words[1], U32, 1};
    ROW(futex_waitv, waiters, 3, 0, NULL, 0);
}

static void futexes(void)
{
    struct timespec little = {0, 100000}, wrong = {0, -1};
    int value = 1, second = 0;
    ROW(futex, &value, WAIT, 2, NULL, NULL, 0);
    ROW(futex, &value, WAIT, 1, &little, NULL, 0);
    ROW(futex, &value, WAIT, 1, &wrong, NULL, 0);
    ROW(futex, &value, WAKE, 1, NULL, NULL, 0);
    ROW(futex, (char *)&value + 1, WAKE, 1, NULL, NULL, 0);
    ROW(futex, NOWHERE, WAIT, 1, NULL, NULL, 0);
    ROW(futex, &value, 77, 1, NULL, NULL, 0);
    ROW(futex, &value, CMP_REQUEUE, 1, 1L, &second, 2);
    ROW(futex, &value, WAIT_BITSET, 1, &little, NULL, 0);
    value = 0;
    ROW(futex, &value, LOCK_PI, 0, NULL, NULL, 0);
    VALUE(value == getpid());
    ROW(futex, &value, LOCK_PI, 0, NULL, NULL, 0);
    ROW(futex, &value, UNLOCK_PI, 0, NULL, NULL, 0);
    ROW(futex, &value, UNLOCK_PI, 0, NULL, NULL, 0);
}

int main(int count, char **arguments)
{
    if (count > 1)
        program(arguments);
    starts();
    identity();
    groups();
    scheduling();
    limits();
    manners();
    futexes();
    several_futexes();
    return 0;
}
