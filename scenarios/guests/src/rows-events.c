/* The rows that wait for events: poll, select, epoll, event counters, inotify. */
#include "rows.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>

static int ends[2];
static struct timespec shortly = {0, 1000000}, wrong = {0, -1};
static unsigned long set;

static void polls(void)
{
    struct pollfd polled[3] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}, {99, POLLIN, 0}};
    ROW(poll, polled, 1L, 0);
    ROW(poll, polled, 3L, -1);
    VALUE(polled[1].revents);
    VALUE(polled[2].revents);
    ROW(poll, NOWHERE, 1L, 0);
    ROW(poll, polled, 1L << 30, 0);
    ROW(poll, NULL, 0L, 1);
    ROW(ppoll, polled, 1L, &shortly, &set, 8L);
    ROW(ppoll, polled, 2L, NULL, NULL, 8L);
    ROW(ppoll, polled, 1L, &wrong, NULL, 8L);
    ROW(ppoll, polled, 1L, &shortly, &set, 4L);
}

static void selects(void)
{
    fd_set in, out;
    struct timeval little = {0, 1000};
    struct timespec other = {0, 1000000};
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(ends[0], &in);
    FD_SET(ends[1], &out);
    ROW(select, ends[1] + 1, &in, &out, NULL, &little);
    VALUE(FD_ISSET(ends[0], &in));
    VALUE(FD_ISSET(ends[1], &out));
    FD_SET(ends[0], &in);
    ROW(select, ends[1] + 1, &in, NULL, NULL, &little);
    ROW(select, -1, &in, NULL, NULL, &little);
    ROW(select, ends[1] + 1, NOWHERE, NULL, NULL, &little);
    little.tv_usec = -1;
    ROW(select, ends[1] + 1, &in, NULL, NULL, &little);
    FD_SET(60, &in);
    ROW(select, 61, &in, NULL, NULL, NULL);
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    ROW(pselect6, ends[1] + 1, &in, NULL, NULL, &other, NULL);
    ROW(pselect6, ends[1] + 1, &in, NULL, NULL, &wrong, NULL);
    ROW(pselect6, -1, &in, NULL, NULL, &other, NULL);
}

static void epolls(void)
{
    struct epoll_event event = {EPOLLIN, {.u64 = 7}}, events[4], edge = {EPOLLIN | EPOLLET, {.u64 = 8}};
    ROW(epoll_create, 0);
    int other = ROW(epoll_create, 1);
    int fd = ROW(epoll_create1, EPOLL_CLOEXEC);
    ROW(epoll_create1, 1);
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, ends[0], &event);
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, ends[0], &event);
    ROW(epoll_ctl, fd, EPOLL_CTL_MOD, ends[1], &event);
    ROW(epoll_ctl, fd, EPOLL_CTL_DEL, ends[1], NULL);
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, fd, &event);
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, 99, &event);
    ROW(epoll_ctl, 99, EPOLL_CTL_ADD, ends[0], &event);
    ROW(epoll_ctl, fd, 77, ends[0], &event);
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, ends[1], NOWHERE);
    ROW(epoll_ctl, other, EPOLL_CTL_ADD, fd, &event);
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, other, &event);
    ROW(epoll_wait, fd, events, 4, 0);
    ROW(epoll_wait, fd, events, 4, 1);
    ROW(epoll_wait, fd, events, 0, 0);
    ROW(epoll_wait, ends[0], events, 4, 0);
    ROW(epoll_wait, 99, events, 4, 0);
    write(ends[1], "x", 1);
    ROW(epoll_wait, fd, events, 4, -1);
    VALUE(events[0].data.u64);
    ROW(epoll_wait, fd, NOWHERE, 4, -1);
    ROW(epoll_wait, other, events, 4, -1);
    ROW(epoll_pwait, fd, events, 4, 0, &set, 8L);
    ROW(epoll_pwait, fd, events, 4, 0, &set, 4L);
    ROW(epoll_pwait2, fd, events, 4, &shortly, &set, 8L);
    ROW(epoll_pwait2, fd, events, 4, &wrong, NULL, 8L);
    ROW(epoll_pwait2, fd, events, 4, NULL, NULL, 8L);
    ROW(epoll_pwait2, 99, events, 4, NULL, NULL, 8L);
    ROW(epoll_ctl, fd, EPOLL_CTL_MOD, ends[0], &edge);
    ROW(epoll_wait, fd, events, 4, 0);
    ROW(epoll_wait, fd, events, 4, 0);
    write(ends[1], "y", 1);
    ROW(epoll_wait, fd, events, 4, 0);
    ROW(epoll_ctl, fd, EPOLL_CTL_DEL, ends[0], NULL);
    struct epoll_event alone = {EPOLLIN | EPOLLEXCLUSIVE, {0}}, odd = {EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE, {0}};
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, ends[0], &odd);
    ROW(epoll_ctl, fd, EPOLL_CTL_ADD, ends[0], &alone);
    ROW(epoll_ctl, fd, EPOLL_CTL_MOD, ends[0], &event);
    close(fd);
    close(other);
}

static void counters(void)
{
    uint64_t value = 5;
    int fd = ROW(eventfd, 3);
    int other = ROW(eventfd2, 2, EFD_SEMAPHORE | EFD_NONBLOCK);
    ROW(eventfd2, 2, 4);
    ROW(write, fd, &value, 8L);
    ROW(read, fd, &value, 8L);
    VALUE(value);
    ROW(read, fd, &value, 4L);
    ROW(read, other, &value, 8L);
    VALUE(value);
    ROW(read, other, &value, 8L);
    ROW(read, other, &value, 8L);
    value = -1UL;
    ROW(write, other, &value, 8L);
    value = -2UL;
    ROW(write, other, &value, 8L);
    value = 1;
    ROW(write, other, &value, 8L);
    close(fd);
    close(other);
}

static void show_changes(int fd)
{
    char buffer[1024] __attribute__((aligned(8)));
    ssize_t bytes = read(fd, buffer, sizeof buffer);
    if (bytes < 0) {
        printf("no changes: %s\n", error_name(errno));
        return;
    }
    for (ssize_t at = 0; at < bytes;) {
        struct inotify_event *event = (struct inotify_event *)(buffer + at);
        printf("change %d %x %d %s\n", event->wd, event->mask, event->cookie != 0, event->len > 0 ? event->name : "-");
        at += sizeof *event + event->len;
    }
}

static void changes(void)
{
    char buffer[64];
    mkdir("watched", 0755);
    int fd = ROW(inotify_init);
    int other = ROW(inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
    ROW(inotify_init1, 1);
    int watch = ROW(inotify_add_watch, other, "watched", IN_ALL_EVENTS);
    ROW(inotify_add_watch, other, "none", IN_ALL_EVENTS);
    ROW(inotify_add_watch, other, "watched", 0);
    ROW(inotify_add_watch, 99, "watched", IN_ALL_EVENTS);
    ROW(inotify_add_watch, ends[0], "watched", IN_ALL_EVENTS);
    ROW(inotify_add_watch, other, NOWHERE, IN_ALL_EVENTS);
    show_changes(other);
    int file = open("watched/file", O_CREAT | O_RDWR, 0600);
    write(file, "text", 4);
    lseek(file, 0, SEEK_SET);
    read(file, buffer, 4);
    close(file);
    show_changes(other);
    chmod("watched/file", 0644);
    link("watched/file", "watched/second");
    rename("watched/file", "watched/moved");
    mkdir("watched/below", 0700);
    show_changes(other);
    int second = ROW(inotify_add_watch, other, "watched/moved", IN_MODIFY | IN_DELETE_SELF | IN_ATTRIB | IN_ONESHOT);
    truncate("watched/moved", 1);
    show_changes(other);
    ROW(inotify_rm_watch, other, second);
    ROW(inotify_rm_watch, 99, watch);
    unlink("watched/moved");
    unlink("watched/second");
    rmdir("watched/below");
    show_changes(other);
    ROW(read, other, buffer, 64L);
    rmdir("watched");
    show_changes(other);
    ROW(inotify_rm_watch, other, watch);
    mkdir("watched", 0755);
    watch = inotify_add_watch(fd, "watched", IN_CREATE | IN_ONLYDIR);
    ROW(inotify_rm_watch, fd, watch);
    show_changes(fd);
    rmdir("watched");
    close(fd);
    close(other);
}

static volatile int told;

static void tell(int signal, siginfo_t *info, void *context)
{
    (void)context;
    told = signal * 100 + (info->si_code == POLL_IN);
}

static void owners(void)
{
    struct sigaction action = {.sa_sigaction = tell, .sa_flags = SA_SIGINFO};
    int owner[2] = {1, getpid()}, got[2];
    int pair[2];
    pipe(pair);
    sigaction(SIGIO, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    ROW(fcntl, pair[0], F_GETOWN, 0);
    ROW(fcntl, pair[0], F_SETOWN, getpid());
    VALUE(fcntl(pair[0], F_GETOWN) == getpid());
    ROW(fcntl, pair[0], F_SETOWN, 1 << 30);
    ROW(fcntl, pair[0], F_SETFL, O_ASYNC);
    write(pair[1], "x", 1);
    VALUE(told / 100);
    ROW(fcntl, pair[0], F_SETSIG, SIGUSR1);
    ROW(fcntl, pair[0], F_GETSIG, 0);
    ROW(fcntl, pair[0], F_SETSIG, 99);
    write(pair[1], "x", 1);
    VALUE(told);
    ROW(fcntl, pair[0], 15, owner);
    ROW(fcntl, pair[0], 16, got);
    VALUE(got[0] == owner[0] && got[1] == owner[1]);
    owner[0] = 7;
    ROW(fcntl, pair[0], 15, owner);
    close(pair[0]);
    close(pair[1]);
}

/* Calls that take no argument that could be wrong. */
static void none_left(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
    ROW(eventfd, 0);
    ROW(inotify_init);
}

int main(void)
{
    pipe(ends);
    polls();
    selects();
    epolls();
    counters();
    changes();
    owners();
    IN_CHILD(none_left);
    return 0;
}
