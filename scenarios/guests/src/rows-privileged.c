/* The rows that are for root only. What it sets is what was set before, so that a host is no other afterwards. */
#include "rows.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>

static struct utsname before;

static void names(void)
{
    char long_name[80] = {0};
    uname(&before);
    VALUE(syscall(SYS_sethostname, before.nodename, strlen(before.nodename)));
    ROW(sethostname, long_name, 65L);
    ROW(sethostname, NOWHERE, 5L);
    ROW(setdomainname, before.domainname, strlen(before.domainname));
    ROW(setdomainname, long_name, 65L);
    ROW(reboot, 1, 2, 3, NULL);
    ROW(reboot, 0xfee1deadU, 672274793, 1, NULL);
    // The keyboard may restart the machine, as it may anyway.
    ROW(reboot, 0xfee1deadU, 672274793, 0x89ABCDEFU, NULL);
}

/*
 * What waits for a date has waited long enough when the clock is set to a later one; what waits for so long has not. A second or two, and
 * back again: a host has others who look at its clock.
 */
static void dates(void)
{
    struct itimerspec date = {{0}, {0}}, span = {{0}, {1000, 0}};
    struct timespec now, later;
    uint64_t count = 0;
    int status;
    int by_date = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    int by_span = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    clock_gettime(CLOCK_REALTIME, &now);
    date.it_value = (struct timespec){now.tv_sec + 2, now.tv_nsec};
    timerfd_settime(by_date, TFD_TIMER_ABSTIME, &date, NULL);
    timerfd_settime(by_span, 0, &span, NULL);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &date.it_value, NULL);
        _exit(8);
    }
    // The child must sleep by then.
    clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 20000000}, NULL);
    clock_gettime(CLOCK_REALTIME, &now);
    later = (struct timespec){now.tv_sec + 2, now.tv_nsec};
    clock_settime(CLOCK_REALTIME, &later);
    waitpid(child, &status, 0);
    poll(&(struct pollfd){by_date, POLLIN, 0}, 1, 1000);
    long reads = read(by_date, &count, 8);
    clock_gettime(CLOCK_REALTIME, &later);
    later.tv_sec -= 2;
    clock_settime(CLOCK_REALTIME, &later);
    VALUE(status);
    VALUE(reads);
    VALUE(count);
    VALUE(read(by_span, &count, 8));
    close(by_date);
    close(by_span);
}

static void clocks(void)
{
    struct timeval day, wrong = {1, 1000000};
    struct timespec now;
    ROW(settimeofday, NULL, NULL);
    ROW(settimeofday, &wrong, NULL);
    ROW(settimeofday, NOWHERE, NULL);
    gettimeofday(&day, NULL);
    ROW(settimeofday, &day, NULL);
    clock_gettime(CLOCK_REALTIME, &now);
    ROW(clock_settime, CLOCK_REALTIME, &now);
    now.tv_nsec = -1;
    ROW(clock_settime, CLOCK_REALTIME, &now);
    dates();
}

/* Whether a file has a text in it. */
static int tells(const char *path, const char *what)
{
    static char text[1 << 16];
    int fd = open(path, O_RDONLY), length = 0, got;
    while ((got = read(fd, text + length, sizeof text - 1 - length)) > 0)
        length += got;
    text[length] = 0;
    close(fd);
    return strstr(text, what) != NULL;
}

static void mounts(void)
{
    mkdir("place", 0755);
    ROW(mount, "none", "place", "tmpfs", 0L, NULL);
    ROW(mount, "none", "place", "no such type", 0L, NULL);
    ROW(mount, "none", "nowhere", "tmpfs", 0L, NULL);
    ROW(mkdir, "place/inside", 0700);
    ROW(mount, "none", "place", "tmpfs", (long)(MS_REMOUNT | MS_RDONLY), NULL);
    ROW(mkdir, "place/other", 0700);
    ROW(umount2, "place", 0x100);
    ROW(umount2, "place/inside", 0);
    ROW(umount2, "place", 0);
    ROW(umount2, "place", 0);
    ROW(mount, "one two", "place", "tmpfs", 0L, NULL);
    VALUE(tells("/proc/self/mounts", "\none\\040two /"));
    VALUE(tells("/proc/self/mountinfo", " tmpfs one\\040two rw"));
    ROW(umount2, "place", 0);
    ROW(rmdir, "place");
}

static void groups(void)
{
    gid_t list[3] = {1, 2, 3}, read[3] = {0};
    ROW(setgroups, 3, list);
    ROW(getgroups, 3, read);
    VALUE(read[2]);
    ROW(getgroups, 2, read);
    ROW(setgroups, 70000, list);
    ROW(setgroups, 3, NOWHERE);
    ROW(setgroups, 0, NULL);
    ROW(setresgid, 5, 6, 7);
    ROW(setregid, 6, 5);
    ROW(setfsgid, 9);
    ROW(setfsgid, -1);
    ROW(setgid, 0);
    ROW(setreuid, 0, 1000);
    ROW(setuid, 0);
    ROW(setresuid, 1000, 1000, 1000);
    ROW(setuid, 0);
}

/* A reservation of the deadline policy: which the host may refuse when it has given all its time away. */
static void reservations(void)
{
    uint64_t attributes[7] = {0}, told[7] = {0};
    uint32_t *words = (uint32_t *)attributes;
    words[0] = 56;
    words[1] = 6;
    attributes[3] = 1000000;
    attributes[4] = 30000000;
    attributes[5] = 30000000;
    ROW(sched_setattr, 0, attributes, 0);
    ROW(sched_getscheduler, 0);
    ROW(sched_getattr, 0, told, 56, 0);
    VALUE(told[3]);
    VALUE(told[5]);
    attributes[3] = 40000000;
    ROW(sched_setattr, 0, attributes, 0);
}

static long in_file(const char *path)
{
    char text[32] = {0};
    int fd = open(path, O_RDONLY);
    read(fd, text, sizeof text - 1);
    close(fd);
    return atol(text);
}

static void into_file(const char *path, long value)
{
    int fd = open(path, O_WRONLY);
    dprintf(fd, "%ld\n", value);
    close(fd);
}

static void larger_pipes(void)
{
    int ends[2];
    pipe(ends);
    setuid(1000);
    ROW(fcntl, ends[0], F_SETPIPE_SZ, 8192);
    ROW(fcntl, ends[0], F_SETPIPE_SZ, 16384);
}

static void pipe_limit(void)
{
    const char *path = "/proc/sys/fs/pipe-max-size";
    long was = in_file(path);
    into_file(path, 5000);
    VALUE(in_file(path));
    in_child("larger pipes", larger_pipes);
    into_file(path, was);
    VALUE(in_file(path) == was);
}

static void handles(void)
{
    struct {
        uint32_t bytes;
        int type;
        char data[128];
    } handle = {128, 0, {0}};
    int mount;
    close(open("named", O_CREAT | O_WRONLY, 0600));
    ROW(name_to_handle_at, AT_FDCWD, "named", &handle, &mount, 0);
    struct inotify_event event = {0};
    int watcher = inotify_init1(IN_NONBLOCK);
    inotify_add_watch(watcher, "named", IN_OPEN);
    DONE(open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
    ROW(read, watcher, &event, sizeof event);
    VALUE(event.mask == IN_OPEN);
    // It says nothing about a place that is in no file system, or in another one.
    int ends[2];
    pipe(ends);
    ROW(open_by_handle_at, ends[0], &handle, O_RDONLY);
    int other = open("/proc", O_RDONLY);
    ROW(open_by_handle_at, other, &handle, O_RDONLY);
    ROW(unlink, "named");
    handle.bytes = 0;
    ROW(open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
}

/* What is another user's. */
static void priorities(void)
{
    setuid(1000);
    ROW(ioprio_set, 1, 0, 2 << 13 | 4);
    ROW(ioprio_set, 1, getppid(), 2 << 13 | 4);
}

static void quits(void)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &all);
    raise(SIGQUIT);
}

/* The file that a signal leaves, where files named core are left in the working directory. */
static void cores(void)
{
    int status;
    unsigned char head[20] = {0};
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        quits();
        _exit(0);
    }
    waitpid(child, &status, 0);
    VALUE(status);
    int fd = open("core", O_RDONLY);
    VALUE(read(fd, head, sizeof head));
    printf("%.3s %d %d\n", head + 1, head[4], head[16]);
    ROW(unlink, "core");
}

static void hangs_up(void)
{
    setsid();
    ROW(vhangup);
}

static void devices(void)
{
    char byte = 1;
    ROW(mknod, "null", S_IFCHR | 0600, 0x103);
    int fd = ROW(open, "null", O_RDWR);
    ROW(read, fd, &byte, 1L);
    ROW(write, fd, &byte, 1L);
    ROW(unlink, "null");
    close(fd);
}

int main(void)
{
    names();
    clocks();
    mounts();
    devices();
    IN_CHILD(reservations);
    pipe_limit();
    handles();
    IN_CHILD(priorities);
    cores();
    IN_CHILD(hangs_up);
    IN_CHILD(groups);
    return 0;
}
