/* The rows of time. */
#include "rows.h"
#include <pthread.h>
#include <signal.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

static void clocks(void)
{
    struct timespec now, later;
    struct timeval day;
    long seconds;
    ROW(clock_gettime, CLOCK_MONOTONIC, &now);
    ROW(clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &now);
    ROW(clock_gettime, CLOCK_THREAD_CPUTIME_ID, &now);
    ROW(clock_gettime, CLOCK_BOOTTIME, &now);
    ROW(clock_gettime, 77, &now);
    ROW(clock_gettime, CLOCK_REALTIME, NOWHERE);
    ROW(clock_getres, CLOCK_MONOTONIC, &now);
    VALUE(now.tv_nsec);
    ROW(clock_getres, 77, &now);
    ROW(clock_getres, CLOCK_MONOTONIC, NULL);
    clock_gettime(CLOCK_REALTIME, &now);
    DONE(time, &seconds);
    VALUE(seconds - now.tv_sec <= 1);
    ROW(time, NOWHERE);
    ROW(gettimeofday, &day, NULL);
    VALUE(day.tv_sec - now.tv_sec <= 1);
    ROW(gettimeofday, NOWHERE, NULL);
    ROW(clock_settime, CLOCK_MONOTONIC, &now);
    ROW(clock_settime, 77, &now);
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct timespec little = {0, 1000000}, wrong = {0, 1000000000}, left;
    ROW(nanosleep, &little, NULL);
    ROW(nanosleep, &wrong, NULL);
    ROW(nanosleep, NOWHERE, NULL);
    clock_gettime(CLOCK_MONOTONIC, &later);
    VALUE((later.tv_sec - now.tv_sec) * 1000000000L + later.tv_nsec - now.tv_nsec >= 1000000);
    ROW(clock_nanosleep, CLOCK_MONOTONIC, 0, &little, &left);
    ROW(clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &little, NULL);
    ROW(clock_nanosleep, 77, 0, &little, NULL);
    ROW(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &little, NULL);
    ROW(clock_nanosleep, CLOCK_MONOTONIC, 0, &wrong, NULL);
}

static void usage(void)
{
    struct rusage used;
    struct tms times;
    DONE(times, &times);
    ROW(times, NOWHERE);
    ROW(getrusage, RUSAGE_SELF, &used);
    ROW(getrusage, RUSAGE_CHILDREN, &used);
    ROW(getrusage, RUSAGE_THREAD, &used);
    ROW(getrusage, 77, &used);
    ROW(getrusage, RUSAGE_SELF, NOWHERE);
}

static volatile int rings;

static void ring(int signal)
{
    (void)signal;
    rings++;
}

static void timers(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1}, none = {.sigev_notify = SIGEV_NONE};
    struct sigevent wrong = {.sigev_notify = 77, .sigev_signo = SIGUSR1}, big = {.sigev_signo = 99};
    struct itimerspec soon = {{0, 0}, {0, 2000000}}, far = {{5, 0}, {100, 0}}, bad = {{0, 0}, {0, -1}}, now;
    sigset_t all, before;
    int timer, other;
    signal(SIGUSR1, ring);
    ROW(timer_create, CLOCK_MONOTONIC, &event, &timer);
    ROW(timer_create, CLOCK_REALTIME, &none, &other);
    ROW(timer_create, 77, &event, &timer);
    ROW(timer_create, CLOCK_MONOTONIC, &wrong, &timer);
    ROW(timer_create, CLOCK_MONOTONIC, &big, &timer);
    ROW(timer_create, CLOCK_MONOTONIC, NOWHERE, &timer);
    ROW(timer_create, CLOCK_MONOTONIC, &event, NOWHERE);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    ROW(timer_settime, timer, 0, &soon, NULL);
    sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    VALUE(rings);
    ROW(timer_getoverrun, timer);
    ROW(timer_settime, timer, 0, &far, &now);
    ROW(timer_gettime, timer, &now);
    VALUE(now.it_value.tv_sec);
    VALUE(now.it_interval.tv_sec);
    ROW(timer_settime, timer, 0, &bad, NULL);
    ROW(timer_settime, timer, 0, NULL, NULL);
    ROW(timer_settime, 99, 0, &far, NULL);
    ROW(timer_settime, timer, 0, NOWHERE, NULL);
    ROW(timer_gettime, 99, &now);
    ROW(timer_gettime, timer, NOWHERE);
    ROW(timer_getoverrun, 99);
    ROW(timer_delete, timer);
    ROW(timer_delete, timer);
    ROW(timer_delete, other);
}

static void timer_files(void)
{
    struct itimerspec soon = {{0, 0}, {0, 2000000}}, bad = {{0, 0}, {0, 1000000000}}, now;
    uint64_t count = 0;
    int fd = ROW(timerfd_create, CLOCK_MONOTONIC, 0);
    ROW(timerfd_create, 77, 0);
    ROW(timerfd_create, CLOCK_MONOTONIC, 1);
    ROW(timerfd_settime, fd, 0, &soon, &now);
    ROW(timerfd_settime, fd, 0, &bad, NULL);
    ROW(timerfd_settime, fd, 77, &soon, NULL);
    ROW(timerfd_settime, 99, 0, &soon, NULL);
    ROW(timerfd_settime, 0, 0, &soon, NULL);
    ROW(timerfd_settime, fd, 0, NOWHERE, NULL);
    ROW(read, fd, &count, 8L);
    VALUE(count);
    ROW(read, fd, &count, 4L);
    ROW(timerfd_gettime, fd, &now);
    VALUE(now.it_value.tv_nsec);
    ROW(timerfd_gettime, 99, &now);
    ROW(timerfd_gettime, fd, NOWHERE);
    close(fd);
}

static void adjustments(void)
{
    struct timex none = {0}, much = {.modes = ADJ_TICK, .tick = 1};
    VALUE(syscall(SYS_adjtimex, &none) >= 0);
    VALUE(none.tick);
    ROW(adjtimex, NOWHERE);
    VALUE(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &none) >= 0);
    ROW(clock_adjtime, CLOCK_MONOTONIC, &none);
    ROW(clock_adjtime, 77, &none);
    ROW(clock_adjtime, CLOCK_REALTIME, NOWHERE);
    VALUE(syscall(SYS_adjtimex, &much) == -1);
}

static void *compute(void *unused)
{
    struct timespec now = {0};
    while (now.tv_sec == 0 && now.tv_nsec < 20000000)
        syscall(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &now);
    return unused;
}

/* The CPU clocks of others: of any process, and of threads of one's own. */
static void clocks_of_others(void)
{
    struct timespec now;
    pthread_t thread;
    clockid_t clock;
    int ends[2];
    char byte;
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        compute(NULL);
        write(ends[1], "", 1);
        pause();
    }
    read(ends[0], &byte, 1);
    int of_process = ~child * 8 + 2, of_thread = ~child * 8 + 6, of_nobody = ~4000000 * 8 + 2, of_no_kind = ~0 * 8 + 3;
    ROW(clock_gettime, of_process, &now);
    VALUE(now.tv_sec > 0 || now.tv_nsec >= 20000000);
    ROW(clock_gettime, of_thread, &now);
    ROW(clock_gettime, of_nobody, &now);
    ROW(clock_gettime, of_no_kind, &now);
    ROW(clock_getres, of_process, NULL);
    ROW(clock_getres, of_nobody, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    pthread_create(&thread, NULL, compute, NULL);
    pthread_join(thread, NULL);
    pthread_getcpuclockid(pthread_self(), &clock);
    clock_gettime(clock, &now);
    VALUE(now.tv_sec > 0 || now.tv_nsec >= 20000000);
}

int main(void)
{
    clocks();
    clocks_of_others();
    usage();
    timers();
    timer_files();
    adjustments();
    return 0;
}
