// Opening files that others have open: named pipes, whose sides wait for each other, and leases; and one of several
// pollers that is woken.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, long value) {
    printf("%s: %ld%s%s\n", what, value, value < 0 ? " " : "", value < 0 ? strerror(errno) : "");
}

static void wait_a_little(void) {
    usleep(30000);
}

// Until they all sleep, however long others keep the processors.
static void wait_until_asleep(const pid_t *children, int count) {
    for (int i = 0; i < count; i++) {
        char path[64], text[256];
        snprintf(path, sizeof path, "/proc/%d/stat", children[i]);
        do {
            usleep(1000);
            int stat = open(path, O_RDONLY);
            ssize_t length = read(stat, text, sizeof text - 1);
            text[length < 0 ? 0 : length] = 0;
            close(stat);
        } while (!strstr(text, ") S "));
    }
}

static void note(int signal) {
    (void)signal;
}

static void named_pipes(void) {
    char text[16] = "";
    say("mkfifo", mkfifo("fifo", 0600));
    fflush(stdout);
    pid_t reader = fork();
    if (reader == 0) {
        int fd = open("fifo", O_RDONLY);
        long n = read(fd, text, sizeof text);
        _exit(n == 5 && read(fd, text, 1) == 0 ? 5 : 1);
    }
    wait_a_little();
    int fd = open("fifo", O_WRONLY), status;
    say("written", write(fd, "hello", 5));
    close(fd);
    waitpid(reader, &status, 0);
    say("reader", WEXITSTATUS(status));
    // The writer that comes and goes at once has been there.
    reader = fork();
    if (reader == 0) {
        fd = open("fifo", O_RDONLY);
        _exit(fd >= 0 && read(fd, text, 1) == 0 ? 6 : 1);
    }
    wait_a_little();
    close(open("fifo", O_WRONLY));
    waitpid(reader, &status, 0);
    say("reader", WEXITSTATUS(status));
    pid_t writer = fork();
    if (writer == 0) {
        fd = open("fifo", O_WRONLY);
        _exit(write(fd, "late", 4));
    }
    wait_a_little();
    fd = open("fifo", O_RDONLY);
    waitpid(writer, &status, 0);
    say("writer", WEXITSTATUS(status));
    say("read", read(fd, text, sizeof text));
    close(fd);
    say("no reader", open("fifo", O_WRONLY | O_NONBLOCK));
    fd = open("fifo", O_RDONLY | O_NONBLOCK);
    say("no writer", fd >= 0 ? read(fd, text, 1) : -1);
    int other = open("fifo", O_WRONLY | O_NONBLOCK);
    say("both", other >= 0);
    say("empty", read(fd, text, 1));
    close(fd);
    close(other);
    fd = open("fifo", O_RDWR);
    say("alone", write(fd, "x", 1));
    close(fd);
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGALRM, &action, 0);
    alarm(1);
    say("interrupted", open("fifo", O_RDONLY));
    unlink("fifo");
}

static volatile sig_atomic_t told, code, number;

static void broken(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    told++;
    code = info->si_code;
    number = info->si_fd;
}

static long since(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

static void leases(void) {
    int fd = open("leased", O_RDWR | O_CREAT, 0600), reader;
    say("no lease", fcntl(fd, F_GETLEASE));
    say("unlock", fcntl(fd, F_SETLEASE, F_UNLCK));
    say("read lease of a writer", fcntl(fd, F_SETLEASE, F_RDLCK));
    say("write lease", fcntl(fd, F_SETLEASE, F_WRLCK));
    say("F_GETLEASE", fcntl(fd, F_GETLEASE));
    say("owner", fcntl(fd, F_GETOWN) == getpid());
    struct sigaction action = {.sa_sigaction = broken, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGRTMIN + 1, &action, 0);
    fcntl(fd, F_SETSIG, SIGRTMIN + 1);
    say("in the way", open("leased", O_RDONLY | O_NONBLOCK));
    printf("told: %d %d %d\n", told, code, number == fd);
    say("should become", fcntl(fd, F_GETLEASE));
    say("in the way", open("leased", O_WRONLY | O_NONBLOCK));
    printf("told: %d\n", told);
    say("should become", fcntl(fd, F_GETLEASE));
    say("given up", fcntl(fd, F_SETLEASE, F_UNLCK));
    reader = open("leased", O_RDONLY);
    say("open", reader >= 0);
    say("others have it open", fcntl(fd, F_SETLEASE, F_WRLCK));
    say("a writer has it open", fcntl(reader, F_SETLEASE, F_RDLCK));
    close(fd);
    say("read lease", fcntl(reader, F_SETLEASE, F_RDLCK));
    fcntl(reader, F_SETSIG, SIGRTMIN + 1);
    fd = open("leased", O_RDONLY);
    say("readers may", fd >= 0);
    say("two of them", fcntl(fd, F_SETLEASE, F_RDLCK));
    close(fd);
    told = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct timespec start;
        clock_gettime(CLOCK_MONOTONIC, &start);
        int ok = truncate("leased", 0);
        _exit(ok == 0 && since(&start) >= 90 ? 4 : 1);
    }
    struct timespec pause = {0, 100000000};
    while (nanosleep(&pause, &pause) < 0) {
    }
    printf("told: %d\n", told);
    say("given up", fcntl(reader, F_SETLEASE, F_UNLCK));
    int status;
    waitpid(child, &status, 0);
    say("truncated", WEXITSTATUS(status));
    say("closing gives up", fcntl(reader, F_SETLEASE, F_RDLCK));
    close(reader);
    fd = open("leased", O_WRONLY | O_NONBLOCK);
    say("open", fd >= 0);
    close(fd);
    say("of a directory", fcntl(open(".", O_RDONLY), F_SETLEASE, F_RDLCK));
    say("of nothing", fcntl(0, F_SETLEASE, 77));
    unlink("leased");
}

// Children wait with an epoll instance each for the same file; says how many an event wakes.
static int woken(int events) {
    int file = eventfd(0, EFD_NONBLOCK), told_by[2];
    pipe2(told_by, O_NONBLOCK);
    pid_t children[3];
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            int poll = epoll_create1(0);
            struct epoll_event event = {.events = events};
            epoll_ctl(poll, EPOLL_CTL_ADD, file, &event);
            if (epoll_wait(poll, &event, 1, -1) == 1) {
                write(told_by[1], "", 1);
            }
            pause();
        }
    }
    wait_until_asleep(children, 3);
    eventfd_write(file, 1);
    wait_until_asleep(children, 3);
    char bytes[8];
    int count = read(told_by[0], bytes, sizeof bytes);
    for (int i = 0; i < 3; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], 0, 0);
    }
    close(file);
    close(told_by[0]);
    close(told_by[1]);
    return count;
}

// As many events as children wait, each of them read before the next: says how many children are told of one.
static int told_in_turn(void) {
    enum { CHILDREN = 4 };
    int data[2], told_by[2], told = 0;
    char byte;
    pipe(data);
    pipe(told_by);
    pid_t children[CHILDREN];
    fflush(stdout);
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            int poll = epoll_create1(0);
            struct epoll_event event = {.events = EPOLLIN | EPOLLET | EPOLLEXCLUSIVE};
            epoll_ctl(poll, EPOLL_CTL_ADD, data[0], &event);
            if (epoll_wait(poll, &event, 1, -1) == 1) {
                write(told_by[1], "", 1);
            }
            _exit(0);
        }
    }
    wait_until_asleep(children, CHILDREN);
    struct pollfd answer = {told_by[0], POLLIN, 0};
    for (int i = 0; i < CHILDREN; i++) {
        write(data[1], "x", 1);
        told += poll(&answer, 1, 2000) == 1 && read(told_by[0], &byte, 1) == 1;
        read(data[0], &byte, 1);
    }
    for (int i = 0; i < CHILDREN; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], 0, 0);
    }
    return told;
}

int main(void) {
    char folder[] = "/tmp/opening.XXXXXX";
    if (!mkdtemp(folder) || chdir(folder)) {
        return 1;
    }
    named_pipes();
    leases();
    say("all are woken", woken(EPOLLIN));
    say("one is woken", woken(EPOLLIN | EPOLLEXCLUSIVE));
    say("all in turn", told_in_turn());
    rmdir(folder);
    return 0;
}
