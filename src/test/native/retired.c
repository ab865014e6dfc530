/*
 * Counts what a program retires on this processor, by single steps: every instruction, and every iteration of a REP string
 * instruction, as the trap flag counts them. Prints
 *
 *   retired STEPS sigsegv SIGNALS threads THREADS status STATUS
 *
 * on standard error when the program has ended; with -f instead of -s only the signals, without stepping. Threads are followed; the program's own streams and environment are this one's.
 * A step takes microseconds, and some tens of them where a hypervisor sees it, so a count takes minutes or an hour.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(127);
}

int main(int count, char **arguments)
{
    int stepping = count > 1 && strcmp(arguments[1], "-s") == 0;
    if (count < 3 || (!stepping && strcmp(arguments[1], "-f") != 0)) {
        fputs("usage: retired -s|-f PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    arguments++;
    pid_t first = fork();
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(arguments[1], arguments + 1);
        fail(arguments[1]);
    }
    int status;
    if (first < 0 || waitpid(first, &status, 0) != first) {
        fail("fork");
    }
    long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, first, 0, options) != 0 || ptrace(PTRACE_CONT, first, 0, 0) != 0) {
        fail("ptrace");
    }
    unsigned long long steps = 0;
    unsigned long faults = 0, threads = 1;
    int running = 0, ended = 0;
    for (;;) {
        pid_t task = waitpid(-1, &status, __WALL);
        if (task < 0) {
            break;
        }
        if (!WIFSTOPPED(status)) {
            if (task == first) {
                ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            }
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_EXEC) {
            running = 1;
            signal = 0;
        } else if (event == PTRACE_EVENT_CLONE) {
            threads++;
            /* The clone's own instruction is told by this stop instead of by a trap of the flag. */
            steps++;
            signal = 0;
        } else if (signal == SIGTRAP) {
            steps += running;
            signal = 0;
        } else if (signal == SIGSTOP) {
            /* How a new thread begins. */
            signal = 0;
        } else if (signal == SIGSEGV) {
            faults++;
        }
        if (ptrace(stepping ? PTRACE_SINGLESTEP : PTRACE_CONT, task, 0, (long)signal) != 0 && errno != ESRCH) {
            fail("ptrace");
        }
    }
    fprintf(stderr, "retired %llu sigsegv %lu threads %lu status %d\n", steps, faults, threads, ended);
    return 0;
}
