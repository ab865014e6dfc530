/* The rows of sockets, in the ways they fail and a little of how they work; sockets.c does the rest. */
#include "rows.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static char buffer[64];

int main(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof name;
    int value = 1, pair[2];
    int plain = open("a", O_CREAT | O_RDWR, 0600);
    int listener = ROW(socket, AF_UNIX, SOCK_STREAM, 0);
    ROW(socket, 99, SOCK_STREAM, 0);
    ROW(socket, AF_UNIX, 99, 0);
    ROW(socket, AF_INET, SOCK_STREAM, 99);
    ROW(socketpair, AF_UNIX, SOCK_SEQPACKET, 0, pair);
    ROW(socketpair, AF_INET, SOCK_STREAM, 0, pair);
    ROW(socketpair, AF_UNIX, SOCK_STREAM, 0, NOWHERE);
    ROW(listen, listener, 5);
    ROW(bind, listener, &name, sizeof name);
    ROW(bind, listener, &name, sizeof name);
    ROW(bind, plain, &name, sizeof name);
    ROW(bind, 99, &name, sizeof name);
    ROW(listen, listener, 5);
    ROW(listen, plain, 5);
    ROW(listen, 99, 5);
    ROW(accept4, listener, NULL, NULL, 99);
    int client = ROW(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ROW(getpeername, client, &name, &bytes);
    ROW(sendto, client, "x", 1L, MSG_NOSIGNAL, NULL, 0);
    ROW(recvfrom, client, buffer, 1L, 0, NULL, NULL);
    ROW(shutdown, client, SHUT_RD);
    ROW(connect, client, &inet, 1);
    strcpy(name.sun_path, "none");
    ROW(connect, client, &name, sizeof name);
    strcpy(name.sun_path, "socket");
    ROW(connect, client, &name, sizeof name);
    ROW(connect, client, &name, sizeof name);
    ROW(connect, plain, &name, sizeof name);
    ROW(connect, 99, &name, sizeof name);
    ROW(getpeername, client, &name, &bytes);
    printf("%s\n", name.sun_path);
    ROW(getpeername, 99, &name, &bytes);
    ROW(getsockname, client, &name, &bytes);
    VALUE(bytes);
    ROW(getsockname, plain, &name, &bytes);
    ROW(getsockname, client, NOWHERE, &bytes);
    ROW(fcntl, listener, F_SETFL, O_NONBLOCK);
    int server = ROW(accept, listener, NULL, NULL);
    ROW(accept, listener, NULL, NULL);
    ROW(accept, client, NULL, NULL);
    ROW(accept, plain, NULL, NULL);
    int other = socket(AF_UNIX, SOCK_STREAM, 0);
    bytes = sizeof name;
    strcpy(name.sun_path, "socket");
    connect(other, (struct sockaddr *)&name, sizeof name);
    DONE(accept4, listener, &name, &bytes, SOCK_NONBLOCK);
    ROW(sendto, client, "hello", 5L, 0, NULL, 0);
    ROW(sendto, plain, "hello", 5L, 0, NULL, 0);
    ROW(sendto, client, NOWHERE, 5L, 0, NULL, 0);
    ROW(recvfrom, server, buffer, 3L, MSG_PEEK, NULL, NULL);
    ROW(recvfrom, server, buffer, 64L, 0, NULL, NULL);
    ROW(recvfrom, server, buffer, 64L, MSG_DONTWAIT, NULL, NULL);
    ROW(recvfrom, plain, buffer, 64L, 0, NULL, NULL);
    struct iovec part = {"parts", 5}, into = {buffer, 64};
    struct msghdr out = {.msg_iov = &part, .msg_iovlen = 1}, in = {.msg_iov = &into, .msg_iovlen = 1};
    ROW(sendmsg, client, &out, 0);
    ROW(sendmsg, client, NOWHERE, 0);
    ROW(sendmsg, plain, &out, 0);
    ROW(recvmsg, server, &in, 0);
    ROW(recvmsg, server, NOWHERE, 0);
    ROW(recvmsg, plain, &in, 0);
    struct mmsghdr outs[2] = {{out, 0}, {out, 0}}, ins[2] = {{in, 0}, {in, 0}};
    ROW(sendmmsg, client, outs, 2, 0);
    ROW(sendmmsg, plain, outs, 2, 0);
    ROW(recvmmsg, server, ins, 2, MSG_DONTWAIT, NULL);
    VALUE(ins[0].msg_len);
    ROW(recvmmsg, server, ins, 2, MSG_DONTWAIT, NULL);
    ROW(recvmmsg, plain, ins, 2, 0, NULL);
    bytes = sizeof value;
    ROW(setsockopt, listener, SOL_SOCKET, SO_REUSEADDR, &value, 4);
    ROW(setsockopt, listener, SOL_SOCKET, SO_REUSEADDR, &value, 1);
    ROW(setsockopt, listener, SOL_SOCKET, 9999, &value, 4);
    ROW(setsockopt, plain, SOL_SOCKET, SO_REUSEADDR, &value, 4);
    ROW(setsockopt, listener, SOL_SOCKET, SO_REUSEADDR, NOWHERE, 4);
    ROW(getsockopt, listener, SOL_SOCKET, SO_TYPE, &value, &bytes);
    VALUE(value);
    ROW(getsockopt, listener, SOL_SOCKET, SO_ACCEPTCONN, &value, &bytes);
    VALUE(value);
    ROW(getsockopt, listener, SOL_SOCKET, 9999, &value, &bytes);
    ROW(getsockopt, plain, SOL_SOCKET, SO_TYPE, &value, &bytes);
    ROW(getsockopt, listener, SOL_SOCKET, SO_TYPE, NOWHERE, &bytes);
    ROW(shutdown, client, 99);
    ROW(shutdown, client, SHUT_WR);
    ROW(shutdown, plain, SHUT_WR);
    ROW(recvfrom, server, buffer, 64L, 0, NULL, NULL);
    ROW(sendto, client, "x", 1L, MSG_NOSIGNAL, NULL, 0);
    int udp = DONE(socket, AF_INET, SOCK_DGRAM, 0);
    ROW(sendto, udp, "x", 1L, 0, NULL, 0);
    ROW(bind, udp, &inet, sizeof inet);
    bytes = sizeof inet;
    ROW(getsockname, udp, &inet, &bytes);
    ROW(sendto, udp, "datagram", 8L, 0, &inet, sizeof inet);
    ROW(recvfrom, udp, buffer, 4L, MSG_TRUNC, NULL, NULL);
    unlink("socket");
    unlink("a");
    return 0;
}
