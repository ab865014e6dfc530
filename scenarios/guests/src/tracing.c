// Tracing other processes, ptrace(2): as debuggers and tracers of system calls do.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, long value) {
    printf("%s: %ld%s%s\n", what, value, value < 0 ? " " : "", value < 0 ? strerror(errno) : "");
}

static void status_is(const char *what, pid_t expected, pid_t pid, int status) {
    printf("%s: %s ", what, pid == expected ? "it" : pid < 0 ? strerror(errno) : "another");
    if (pid < 0) {
        printf("\n");
    } else if (WIFSTOPPED(status)) {
        printf("stopped, signal %d, event %d\n", WSTOPSIG(status), status >> 16);
    } else if (WIFEXITED(status)) {
        printf("exited with %d\n", WEXITSTATUS(status));
    } else {
        printf("killed by %d\n", WTERMSIG(status));
    }
}

static int wait_for(const char *what, pid_t pid) {
    int status = 0;
    pid_t found = waitpid(pid, &status, __WALL);
    status_is(what, pid, found, status);
    return status;
}

static volatile int handled, value = 7;

static void handler(int signal) {
    handled = signal;
}

static void signals(void) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        signal(SIGUSR1, handler);
        raise(SIGUSR1);
        int first = handled;
        handled = 0;
        raise(SIGUSR1);
        int second = handled;
        handled = 0;
        signal(SIGUSR2, handler);
        raise(SIGUSR1);
        _exit((first == SIGUSR1) + 2 * (second == 0) + 4 * (handled == SIGUSR2) + 8 * (value == 99));
    }
    wait_for("signal", child);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    say("GETSIGINFO", ptrace(PTRACE_GETSIGINFO, child, 0, &info));
    printf("info: %d %d %d\n", info.si_signo, info.si_code, info.si_pid == child);
    say("PEEKDATA", ptrace(PTRACE_PEEKDATA, child, (void *)&value, 0) & 0xffffffff);
    say("POKEDATA", ptrace(PTRACE_POKEDATA, child, (void *)&value,
                           (ptrace(PTRACE_PEEKDATA, child, (void *)&value, 0) & ~0xffffffffL) | 99));
    errno = 0;
    say("PEEK nowhere", ptrace(PTRACE_PEEKDATA, child, (void *)16, 0));
    say("no such request", ptrace(0x7777, child, 0, 0));
    say("options", ptrace(PTRACE_SETOPTIONS, child, 0, 0x80000000L));
    say("CONT with it", ptrace(PTRACE_CONT, child, 0, SIGUSR1));
    wait_for("again", child);
    say("CONT without", ptrace(PTRACE_CONT, child, 0, 0));
    wait_for("again", child);
    say("CONT with another", ptrace(PTRACE_CONT, child, 0, SIGUSR2));
    wait_for("end", child);
    say("nobody", ptrace(PTRACE_CONT, child, 0, 0));
    say("itself", ptrace(PTRACE_ATTACH, getpid(), 0, 0));
}

// The calls that a child makes between two marks, with what they returned.
static void calls(void) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        syscall(SYS_getppid);
        syscall(SYS_close, 77);
        syscall(SYS_umask, 022);
        long changed = syscall(SYS_getuid);
        long skipped = syscall(SYS_umask, 0777);
        _exit(changed == 4242 && skipped == 55 ? 3 : 1);
    }
    wait_for("stopped", child);
    say("SYSGOOD", ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD));
    int entry = 0;
    for (;;) {
        ptrace(PTRACE_SYSCALL, child, 0, 0);
        int status;
        waitpid(child, &status, 0);
        if (WIFEXITED(status)) {
            printf("exited with %d\n", WEXITSTATUS(status));
            break;
        }
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            printf("other stop %d\n", WSTOPSIG(status));
            continue;
        }
        struct user_regs_struct r;
        ptrace(PTRACE_GETREGS, child, 0, &r);
        entry = !entry;
        if (entry) {
            int none = r.orig_rax == SYS_getppid || r.orig_rax == SYS_getuid;
            printf("call %ld(%ld), rax %ld\n", (long)r.orig_rax, none ? 0 : (long)r.rdi, (long)r.rax);
            if (r.orig_rax == SYS_umask && r.rdi == 0777) {
                r.orig_rax = -1;
                r.rax = 55;
                ptrace(PTRACE_SETREGS, child, 0, &r);
            }
        } else {
            printf("  returned %ld\n", r.orig_rax == SYS_getppid ? (pid_t)r.rax == getpid() : (long)r.rax);
            if (r.orig_rax == SYS_getuid) {
                ptrace(PTRACE_POKEUSER, child, offsetof(struct user_regs_struct, rax), 4242);
            }
        }
    }
}

static void steps(void) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        __asm__ volatile("nop\n nop\n int3\n nop" ::: "memory");
        __asm__ volatile("mov $5, %%eax\n int3" ::: "rax");
        _exit(0);
    }
    wait_for("stopped", child);
    ptrace(PTRACE_CONT, child, 0, 0);
    wait_for("breakpoint", child);
    struct user_regs_struct before, after;
    struct iovec place = {&before, sizeof before};
    say("GETREGSET", ptrace(PTRACE_GETREGSET, child, 1, &place));
    say("bytes", place.iov_len == sizeof before);
    say("SINGLESTEP", ptrace(PTRACE_SINGLESTEP, child, 0, 0));
    wait_for("step", child);
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, child, 0, &info);
    ptrace(PTRACE_GETREGS, child, 0, &after);
    printf("a nop: %ld, code %d, TF %ld\n", (long)(after.rip - before.rip), info.si_code,
           (long)after.eflags & 0x100);
    say("at rip", ptrace(PTRACE_PEEKUSER, child, offsetof(struct user_regs_struct, rip), 0) == (long)after.rip);
    // A breakpoint in code that is only read and executed.
    long word = ptrace(PTRACE_PEEKTEXT, child, (void *)after.rip, 0);
    say("POKETEXT", ptrace(PTRACE_POKETEXT, child, (void *)after.rip, (word & ~0xffL) | 0xcc));
    ptrace(PTRACE_CONT, child, 0, 0);
    wait_for("breakpoint", child);
    ptrace(PTRACE_GETREGS, child, 0, &before);
    say("behind it", before.rip - after.rip);
    ptrace(PTRACE_POKETEXT, child, (void *)after.rip, word);
    before.rip = after.rip;
    ptrace(PTRACE_SETREGS, child, 0, &before);
    ptrace(PTRACE_CONT, child, 0, 0);
    wait_for("breakpoint", child);
    ptrace(PTRACE_GETREGS, child, 0, &after);
    say("rax", after.rax);
    struct user_fpregs_struct fp;
    say("GETFPREGS", ptrace(PTRACE_GETFPREGS, child, 0, &fp));
    say("mxcsr", fp.mxcsr);
    ptrace(PTRACE_DETACH, child, 0, 0);
    wait_for("end", child);
}

static void events(void) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            _exit(9);
        }
        int status;
        waitpid(grandchild, &status, 0);
        _exit(WEXITSTATUS(status));
    }
    wait_for("stopped", child);
    say("options", ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT));
    ptrace(PTRACE_CONT, child, 0, 0);
    wait_for("fork", child);
    unsigned long grandchild = 0;
    say("GETEVENTMSG", ptrace(PTRACE_GETEVENTMSG, child, 0, &grandchild));
    wait_for("its child", grandchild);
    ptrace(PTRACE_CONT, grandchild, 0, 0);
    wait_for("it ends", grandchild);
    unsigned long code = 0;
    ptrace(PTRACE_GETEVENTMSG, grandchild, 0, &code);
    say("status", code);
    ptrace(PTRACE_CONT, grandchild, 0, 0);
    wait_for("it has ended", grandchild);
    ptrace(PTRACE_CONT, child, 0, 0);
    int status = wait_for("SIGCHLD or its end", child);
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGCHLD) {
        ptrace(PTRACE_CONT, child, 0, SIGCHLD);
        wait_for("it ends", child);
    }
    ptrace(PTRACE_CONT, child, 0, 0);
    wait_for("it has ended", child);
}

static void program(char *self) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execl(self, self, "end", (char *)0);
        _exit(1);
    }
    wait_for("execve", child);
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXEC);
    ptrace(PTRACE_CONT, child, 0, 0);
    wait_for("event", child);
    say("KILL", ptrace(PTRACE_KILL, child, 0, 0));
    wait_for("end", child);
}

static void attaching(void) {
    fflush(stdout);
    int ready[2];
    char byte;
    pipe(ready);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGUSR1, handler);
        write(ready[1], "", 1);
        for (;;) {
            pause();
        }
    }
    read(ready[0], &byte, 1);
    say("ATTACH", ptrace(PTRACE_ATTACH, child, 0, 0));
    wait_for("stopped", child);
    say("twice", ptrace(PTRACE_ATTACH, child, 0, 0));
    say("DETACH", ptrace(PTRACE_DETACH, child, 0, 0));
    say("not traced", ptrace(PTRACE_CONT, child, 0, 0));
    say("SEIZE", ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESYSGOOD));
    say("running", ptrace(PTRACE_CONT, child, 0, 0));
    say("INTERRUPT", ptrace(PTRACE_INTERRUPT, child, 0, 0));
    wait_for("interrupted", child);
    ptrace(PTRACE_CONT, child, 0, 0);
    kill(child, SIGUSR1);
    wait_for("signal", child);
    ptrace(PTRACE_CONT, child, 0, SIGUSR1);
    kill(child, SIGSTOP);
    wait_for("stop signal", child);
    ptrace(PTRACE_CONT, child, 0, SIGSTOP);
    wait_for("group stop", child);
    say("LISTEN", ptrace(PTRACE_LISTEN, child, 0, 0));
    kill(child, SIGCONT);
    int status = wait_for("goes on", child);
    if (status >> 16 == PTRACE_EVENT_STOP) {
        ptrace(PTRACE_CONT, child, 0, 0);
        wait_for("SIGCONT", child);
    }
    kill(child, SIGKILL);
    wait_for("end", child);
    child = fork();
    if (child == 0) {
        pause();
    }
    ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL);
    pid_t tracer = fork();
    if (tracer == 0) {
        pid_t traced = fork();
        if (traced == 0) {
            for (;;) {
                pause();
            }
        }
        _exit(ptrace(PTRACE_SEIZE, traced, 0, PTRACE_O_EXITKILL) == 0 ? 2 : 1);
    }
    wait_for("tracer", tracer);
    kill(child, SIGKILL);
    wait_for("end", child);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        execl(argv[0], argv[0], (char *)0);
        return 1;
    }
    if (argc < 1) {
        return 0;
    }
    signals();
    calls();
    steps();
    events();
    program(argv[0]);
    attaching();
    return 0;
}
