/* The rows of signals. */
#include "rows.h"
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <time.h>

#define BIT(signal) (1UL << ((signal) - 1))

struct action {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask;
};

static volatile int caught, code;

static void note(int signal, siginfo_t *info, void *context)
{
    (void)context;
    caught = signal;
    code = info->si_code;
}

static void catch(int signal, int flags)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
    sigaction(signal, &action, NULL);
}

static void actions(void)
{
    struct action action = {0}, old;
    ROW(rt_sigaction, SIGUSR1, NULL, &old, 8L);
    ROW(rt_sigaction, SIGUSR1, &action, NULL, 8L);
    ROW(rt_sigaction, SIGUSR1, &action, NULL, 4L);
    ROW(rt_sigaction, SIGKILL, &action, NULL, 8L);
    ROW(rt_sigaction, 65, &action, NULL, 8L);
    ROW(rt_sigaction, 0, &action, NULL, 8L);
    ROW(rt_sigaction, SIGUSR1, NOWHERE, NULL, 8L);
    ROW(rt_sigaction, SIGUSR1, NULL, NOWHERE, 8L);
}

static void masks(void)
{
    unsigned long set = BIT(SIGUSR1) | BIT(SIGKILL), old = 0;
    ROW(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8L);
    ROW(rt_sigprocmask, SIG_BLOCK, NULL, &old, 8L);
    printf("%lx\n", old);
    ROW(rt_sigprocmask, 77, &set, NULL, 8L);
    ROW(rt_sigprocmask, SIG_BLOCK, &set, NULL, 4L);
    ROW(rt_sigprocmask, SIG_BLOCK, NOWHERE, NULL, 8L);
    catch(SIGUSR1, 0);
    ROW(kill, getpid(), SIGUSR1);
    ROW(rt_sigpending, &set, 8L);
    printf("%lx\n", set);
    ROW(rt_sigpending, &set, 16L);
    ROW(rt_sigpending, NOWHERE, 8L);
    VALUE(caught);
    set = 0;
    ROW(rt_sigsuspend, &set, 8L);
    VALUE(caught);
    VALUE(code);
    ROW(rt_sigsuspend, &set, 4L);
    ROW(rt_sigsuspend, NOWHERE, 8L);
    ROW(rt_sigprocmask, SIG_SETMASK, &set, NULL, 8L);
}

static void sending(void)
{
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = -1};
    pid_t self = getpid();
    catch(SIGUSR1, 0);
    caught = 0;
    ROW(kill, self, 0);
    ROW(kill, self, 65);
    ROW(kill, 1 << 30, SIGUSR1);
    ROW(kill, -(1 << 30), SIGUSR1);
    ROW(tkill, self, SIGUSR1);
    VALUE(caught);
    VALUE(code);
    ROW(tkill, 1 << 30, SIGUSR1);
    ROW(tkill, -1, SIGUSR1);
    ROW(tgkill, self, self, SIGUSR1);
    ROW(tgkill, 1 << 30, self, SIGUSR1);
    ROW(tgkill, self, -1, SIGUSR1);
    ROW(rt_sigqueueinfo, self, SIGUSR1, &info);
    VALUE(code);
    ROW(rt_sigqueueinfo, self, 65, &info);
    ROW(rt_sigqueueinfo, self, SIGUSR1, NOWHERE);
    ROW(rt_tgsigqueueinfo, self, self, SIGUSR1, &info);
    ROW(rt_tgsigqueueinfo, self, 1 << 30, SIGUSR1, &info);
    int pidfd = ROW(pidfd_open, self, 0);
    ROW(pidfd_open, 1 << 30, 0);
    ROW(pidfd_open, self, 1);
    ROW(pidfd_send_signal, pidfd, SIGUSR1, NULL, 0);
    ROW(pidfd_send_signal, pidfd, SIGUSR1, NULL, 77);
    ROW(pidfd_send_signal, 99, SIGUSR1, NULL, 0);
    close(pidfd);
}

static void waiting(void)
{
    unsigned long set = BIT(SIGUSR1) | BIT(SIGUSR2);
    struct timespec shortly = {0, 1000}, wrong = {0, -1};
    siginfo_t info;
    ROW(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8L);
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR1);
    ROW(rt_sigtimedwait, &set, &info, NULL, 8L);
    VALUE(info.si_code);
    int fd = ROW(signalfd4, -1, &set, 8L, 0);
    ROW(signalfd4, -1, &set, 8L, 1);
    ROW(signalfd4, 99, &set, 8L, 0);
    ROW(signalfd, fd, &set, 8L);
    ROW(signalfd, 0, &set, 8L);
    ROW(signalfd, -1, &set, 4L);
    struct pollfd poll = {fd, POLLIN, 0};
    ROW(poll, &poll, 1L, 0);
    struct signalfd_siginfo read[2];
    ROW(read, fd, read, sizeof read);
    VALUE(read[0].ssi_signo);
    ROW(rt_sigtimedwait, &set, &info, &shortly, 8L);
    ROW(rt_sigtimedwait, &set, &info, &wrong, 8L);
    ROW(rt_sigtimedwait, &set, &info, &shortly, 4L);
    ROW(rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8L);
    close(fd);
}

static char stack_memory[16384];
static volatile int on_stack;

static void on_other_stack(int signal)
{
    char here;
    stack_t now, wrong = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory};
    (void)signal;
    syscall(SYS_sigaltstack, NULL, &now);
    on_stack = &here > stack_memory && &here < stack_memory + sizeof stack_memory && now.ss_flags == SS_ONSTACK
               && syscall(SYS_sigaltstack, &wrong, NULL) == -1 && errno == EPERM;
}

static void stacks(void)
{
    stack_t stack = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory}, old, bad = {.ss_size = 1}, flags = {.ss_flags = 77};
    ROW(sigaltstack, &stack, NULL);
    ROW(sigaltstack, NULL, &old);
    VALUE(old.ss_size);
    ROW(sigaltstack, &bad, NULL);
    ROW(sigaltstack, &flags, NULL);
    ROW(sigaltstack, NOWHERE, NULL);
    struct sigaction action = {.sa_handler = on_other_stack, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &action, NULL);
    ROW(kill, getpid(), SIGUSR1);
    VALUE(on_stack);
    stack.ss_flags = SS_DISABLE;
    ROW(sigaltstack, &stack, NULL);
}

static void alarms(void)
{
    struct itimerval timer = {{0, 0}, {0, 2000}}, old, wrong = {{0, 0}, {0, 1000000}};
    catch(SIGALRM, 0);
    caught = 0;
    ROW(setitimer, ITIMER_REAL, &timer, &old);
    ROW(pause);
    VALUE(caught);
    ROW(setitimer, ITIMER_REAL, &wrong, NULL);
    ROW(setitimer, 77, &timer, NULL);
    ROW(setitimer, ITIMER_REAL, NOWHERE, NULL);
    ROW(getitimer, ITIMER_REAL, &old);
    VALUE(old.it_value.tv_usec);
    ROW(getitimer, 77, &old);
    ROW(getitimer, ITIMER_REAL, NOWHERE);
    ROW(alarm, 100);
    ROW(alarm, 0);
    ROW(alarm, 0);
}

/* Of two waits for the same alarm one begins again after the handler and the other does not. */
static void restarts(void)
{
    struct itimerval timer = {{0, 0}, {0, 2000}};
    int ends[2];
    char byte;
    pipe(ends);
    catch(SIGALRM, 0);
    setitimer(ITIMER_REAL, &timer, NULL);
    ROW(read, ends[0], &byte, 1L);
    catch(SIGALRM, SA_RESTART);
    if (fork() == 0) {
        struct timespec later = {0, 20000000};
        nanosleep(&later, NULL);
        write(ends[1], "x", 1);
        _exit(0);
    }
    setitimer(ITIMER_REAL, &timer, NULL);
    ROW(read, ends[0], &byte, 1L);
    wait(NULL);
}

static void aborts(void)
{
    raise(SIGABRT);
}

static void pipe_breaks(void)
{
    int ends[2];
    pipe(ends);
    close(ends[0]);
    // Who has started this may ignore it.
    signal(SIGPIPE, SIG_DFL);
    write(ends[1], "x", 1);
}

static void child_status(void)
{
    int status;
    siginfo_t info = {0};
    int gate[2];
    pipe(gate);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        // Once it has ended nobody can wait for its going on.
        read(gate[0], &status, 1);
        _exit(5);
    }
    VALUE(waitpid(child, &status, WUNTRACED) == child);
    VALUE(status);
    ROW(kill, child, SIGCONT);
    VALUE(waitpid(child, &status, WCONTINUED) == child);
    VALUE(status);
    write(gate[1], "x", 1);
    ROW(waitid, P_PID, child, &info, WEXITED | WNOWAIT, NULL);
    VALUE(info.si_code);
    VALUE(info.si_status);
    ROW(waitid, P_PID, child, &info, 0, NULL);
    ROW(waitid, 77, child, &info, WEXITED, NULL);
    VALUE(syscall(SYS_wait4, child, &status, 0, NULL) == child);
    VALUE(status);
    ROW(wait4, child, &status, 0, NULL);
    ROW(wait4, -1, &status, 1 << 30, NULL);
    ROW(waitid, P_ALL, 0, &info, WEXITED, NULL);
}

/* Going on takes back a stop that has not come to anything, and the other way round. */
static void taken_back(void)
{
    sigset_t set;
    int status;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTSTP);
    raise(SIGCONT);
    sigpending(&set);
    VALUE(sigismember(&set, SIGTSTP));
    VALUE(sigismember(&set, SIGCONT));
    raise(SIGTTIN);
    sigpending(&set);
    VALUE(sigismember(&set, SIGTTIN));
    VALUE(sigismember(&set, SIGCONT));
    raise(SIGCONT);
    sigfillset(&set);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        _exit(4);
    }
    kill(child, SIGSTOP);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    VALUE(status);
}

int main(void)
{
    actions();
    masks();
    sending();
    waiting();
    stacks();
    alarms();
    restarts();
    IN_CHILD(taken_back);
    IN_CHILD(aborts);
    IN_CHILD(pipe_breaks);
    child_status();
    return 0;
}
