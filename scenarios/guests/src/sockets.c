/* Sockets between processes: pairs, names, connections, datagrams, descriptors that travel, the loopback. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path = "sockets.test";

static void pairs(void)
{
    int ends[2];
    char buffer[64] = "";
    printf("pair %d", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    printf(" sent %zd", send(ends[0], "one", 3, 0) + write(ends[0], "two", 3));
    int waiting;
    ioctl(ends[1], FIONREAD, &waiting);
    printf(" waiting %d peek %zd", waiting, recv(ends[1], buffer, 4, MSG_PEEK));
    printf(" got %zd %s", read(ends[1], buffer, sizeof buffer), buffer);
    printf(" none %d\n", recv(ends[1], buffer, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    shutdown(ends[0], SHUT_WR);
    printf("end %zd", read(ends[1], buffer, 1));
    close(ends[1]);
    printf(" broken %d\n", send(ends[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    close(ends[0]);
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
    write(ends[0], "first", 5);
    write(ends[0], "second", 6);
    struct iovec part = {buffer, 3};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    printf("packet %zd", recvmsg(ends[1], &message, 0));
    printf(" cut %d", (message.msg_flags & MSG_TRUNC) != 0);
    printf(" next %zd\n", recv(ends[1], buffer, sizeof buffer, 0));
    close(ends[0]);
    close(ends[1]);
}

/* A message is taken whole as long as there is any room. */
static void brimming(void)
{
    int ends[2], bytes, taken = 0;
    socklen_t length = sizeof bytes;
    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends);
    getsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, &length);
    char *half = calloc(1, bytes / 2);
    while (taken < 9 && send(ends[0], half, bytes / 2, 0) == bytes / 2)
        taken++;
    printf("brimming %d again %d\n", taken, errno == EAGAIN);
    free(half);
    close(ends[0]);
    close(ends[1]);
}

static void travelling(void)
{
    int ends[2];
    int pipes[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    if (pipe(pipes) != 0) {
        return;
    }
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    char byte = 'd';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = sizeof control};
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
                                      .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &pipes[1], sizeof(int));
    printf("descriptor sent %zd", sendmsg(ends[0], &message, 0));
    close(pipes[1]);
    memset(&control, 0, sizeof control);
    message.msg_controllen = sizeof control;
    printf(" received %zd", recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC));
    int arrived;
    memcpy(&arrived, CMSG_DATA(&control.header), sizeof(int));
    printf(" closes on exec %d", fcntl(arrived, F_GETFD));
    char text[8] = "";
    ssize_t written = write(arrived, "through", 7);
    close(arrived);
    printf(" wrote %zd", written);
    printf(" read %zd %s\n", read(pipes[0], text, sizeof text), text);
    close(pipes[0]);
    close(ends[0]);
    close(ends[1]);
}

static void served(int domain, struct sockaddr *address, socklen_t length)
{
    int server = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
    printf("bind %d", bind(server, address, length));
    printf(" listen %d", listen(server, 5));
    getsockname(server, address, &length);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        char line[32] = "";
        int client = socket(domain, SOCK_STREAM, 0);
        int result = connect(client, address, length);
        ssize_t sent = send(client, "hello", 5, 0);
        ssize_t got = recv(client, line, sizeof line, MSG_WAITALL);
        printf(" client %d %zd %zd %s\n", result, sent, got, line);
        fflush(stdout);
        _exit(7);
    }
    int connection = accept(server, NULL, NULL);
    char line[32] = "";
    ssize_t got = recv(connection, line, sizeof line, 0);
    struct ucred who = {0, 0, 0};
    socklen_t bytes = sizeof who;
    getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &bytes);
    send(connection, "good", 4, 0);
    send(connection, "bye", 3, 0);
    close(connection);
    int status;
    waitpid(child, &status, 0);
    printf("server %zd %s knows %d status %d\n", got, line, domain == AF_UNIX ? who.pid == child : 1,
           WEXITSTATUS(status));
    close(server);
}

static void datagrams(void)
{
    int one = socket(AF_INET, SOCK_DGRAM, 0);
    int other = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;
    bind(one, (struct sockaddr *)&name, length);
    getsockname(one, (struct sockaddr *)&name, &length);
    printf("datagram %zd", sendto(other, "ping", 4, 0, (struct sockaddr *)&name, length));
    struct sockaddr_in from;
    char buffer[16] = "";
    length = sizeof from;
    printf(" received %zd %s", recvfrom(one, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length), buffer);
    printf(" from %s", inet_ntoa(from.sin_addr));
    sendto(one, "pong", 4, 0, (struct sockaddr *)&from, length);
    struct pollfd wait = {other, POLLIN, 0};
    printf(" poll %d\n", poll(&wait, 1, 1000));
    struct timeval limit = {0, 20000};
    setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    printf("time limit %d", recv(one, buffer, 1, 0) == -1 && errno == EAGAIN);
    int type = 0;
    length = sizeof type;
    getsockopt(one, SOL_SOCKET, SO_TYPE, &type, &length);
    printf(" type %d not a socket %d\n", type == SOCK_DGRAM, listen(0, 1) == -1 && errno == ENOTSOCK);
    close(one);
    close(other);
}

int main(void)
{
    pairs();
    brimming();
    travelling();
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, path);
    unlink(path);
    served(AF_UNIX, (struct sockaddr *)&name, sizeof name);
    struct stat file;
    printf("file %d", stat(path, &file));
    printf(" is a socket %d again %d\n", S_ISSOCK(file.st_mode),
           connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name) == -1
               && errno == ECONNREFUSED);
    unlink(path);
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    served(AF_INET, (struct sockaddr *)&loopback, sizeof loopback);
    datagrams();
    return 0;
}
