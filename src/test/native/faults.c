/*
 * Counts the SIGSEGVs that a program takes on this processor. Prints
 *
 *   sigsegv SIGNALS threads THREADS status STATUS
 *
 * on standard error when the program has ended. Threads are followed; the program's own streams and environment are this one's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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
    if (count < 2) {
        fputs("usage: faults PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    arguments++;
    pid_t first = fork();
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(arguments[0], arguments);
        fail(arguments[0]);
    }
    int status;
    if (first < 0 || waitpid(first, &status, 0) != first) {
        fail("fork");
    }
    long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, first, 0, options) != 0 || ptrace(PTRACE_CONT, first, 0, 0) != 0) {
        fail("ptrace");
    }
    unsigned long faults = 0, threads = 1;
    int ended = 0;
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
        threads += event == PTRACE_EVENT_CLONE;
        faults += signal == SIGSEGV;
        if (event != 0 || signal == SIGTRAP || signal == SIGSTOP) {
            /* An event, the end of execve, how a new thread begins: none of the program's own. */
            signal = 0;
        }
        if (ptrace(PTRACE_CONT, task, 0, (long)signal) != 0 && errno != ESRCH) {
            fail("ptrace");
        }
    }
    fprintf(stderr, "sigsegv %lu threads %lu status %d\n", faults, threads, ended);
    return 0;
}
