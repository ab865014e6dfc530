/* Internet sockets of both families on the loopback (ip(7), ipv6(7)), and what is told about interfaces (netdevice(7), rtnetlink(7)). */
#include "rows.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

union name {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_storage storage;
};

static union name at4(const char *host, int port)
{
    union name name = {.four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)}};
    inet_pton(AF_INET, host, &name.four.sin_addr);
    return name;
}

static union name at6(const char *host, int port)
{
    union name name = {.six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)}};
    inet_pton(AF_INET6, host, &name.six.sin6_addr);
    return name;
}

static const char *host(const struct sockaddr *any)
{
    static char text[64];
    const union name *name = (const void *)any;
    if (any == NULL)
        return "none";
    if (any->sa_family == AF_INET)
        return inet_ntop(AF_INET, &name->four.sin_addr, text, sizeof text);
    if (any->sa_family == AF_INET6)
        return inet_ntop(AF_INET6, &name->six.sin6_addr, text, sizeof text);
    snprintf(text, sizeof text, "family %d", any->sa_family);
    return text;
}

static int port(int socket)
{
    union name name;
    socklen_t length = sizeof name;
    getsockname(socket, &name.any, &length);
    return ntohs(name.any.sa_family == AF_INET ? name.four.sin_port : name.six.sin6_port);
}

static void show_names(const char *who, int socket)
{
    union name name;
    socklen_t length = sizeof name;
    if (getsockname(socket, &name.any, &length) == 0)
        printf("%s is %s (%d bytes)", who, host(&name.any), (int)length);
    length = sizeof name;
    if (getpeername(socket, &name.any, &length) == 0)
        printf(", its peer %s (%d bytes)\n", host(&name.any), (int)length);
    else
        printf(", its peer: %s\n", error_name(errno));
    fflush(stdout);
}

static socklen_t size(const union name *name)
{
    return name->any.sa_family == AF_INET ? sizeof name->four : sizeof name->six;
}

static int bound(int family, int type, union name where, int only6)
{
    int made = socket(family, type, 0);
    if (only6 >= 0)
        show("IPV6_V6ONLY", setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof only6));
    if (bind(made, &where.any, size(&where)) < 0) {
        printf("bind to %s: %s\n", host(&where.any), error_name(errno));
        close(made);
        return -1;
    }
    return made;
}

/* A connection, with a message each way. */
static void talk(const char *what, int family, union name server_at, int client_family, union name client_to, int only6)
{
    char text[16] = "";
    printf("%s\n", what);
    int server = bound(family, SOCK_STREAM, server_at, only6);
    if (server < 0)
        return;
    listen(server, 5);
    show_names("the server", server);
    int client = socket(client_family, SOCK_STREAM, 0);
    client_to.four.sin_port = htons((uint16_t)port(server));
    if (show("connect", connect(client, &client_to.any, size(&client_to))) == 0) {
        union name from;
        socklen_t length = sizeof from;
        int accepted = accept(server, &from.any, &length);
        printf("accepted from %s (%d bytes), %s\n", host(&from.any), (int)length,
               ntohs(from.four.sin_port) == port(client) ? "its port" : "another port");
        show_names("the client", client);
        show_names("the accepted", accepted);
        int one = 1;
        show("TCP_NODELAY", setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
        show("write", write(client, "there", 5));
        show("read", read(accepted, text, sizeof text));
        show("write", write(accepted, "back", 4));
        show("read", read(client, text, sizeof text));
        printf("%.4s\n", text);
        close(accepted);
    }
    close(client);
    close(server);
}

static void datagrams(const char *what, int family, union name server_at, int client_family, union name client_to)
{
    char text[16] = "";
    union name from;
    socklen_t length = sizeof from;
    printf("%s\n", what);
    int server = bound(family, SOCK_DGRAM, server_at, -1);
    int client = socket(client_family, SOCK_DGRAM, 0);
    client_to.four.sin_port = htons((uint16_t)port(server));
    if (show("sendto", sendto(client, "message", 7, 0, &client_to.any, size(&client_to))) > 0) {
        show("recvfrom", recvfrom(server, text, sizeof text, 0, &from.any, &length));
        printf("%s from %s (%d bytes)\n", text, host(&from.any), (int)length);
        show("answer", sendto(server, "answer", 6, 0, &from.any, length));
        length = sizeof from;
        show("recvfrom", recvfrom(client, text, sizeof text, 0, &from.any, &length));
        printf("%s from %s (%d bytes)\n", text, host(&from.any), (int)length);
    }
    show("connect", connect(client, &client_to.any, size(&client_to)));
    show_names("the client", client);
    close(client);
    close(server);
}

static void clash(const char *what, int family, const char *first, int only6, int other_family, const char *second, int other_only6)
{
    union name one = family == AF_INET ? at4(first, 0) : at6(first, 0);
    printf("%s\n", what);
    int holds = bound(family, SOCK_STREAM, one, only6);
    union name two = other_family == AF_INET ? at4(second, port(holds)) : at6(second, port(holds));
    int other = bound(other_family, SOCK_STREAM, two, other_only6);
    printf("%s\n", other < 0 ? "taken" : "both");
    close(holds);
    if (other >= 0)
        close(other);
}

static void names(void)
{
    union name name = at6("::1", 0);
    int value = -1;
    socklen_t length = sizeof value;
    int six = socket(AF_INET6, SOCK_STREAM, 0);
    show_names("an unbound one", six);
    show("SO_DOMAIN", getsockopt(six, SOL_SOCKET, SO_DOMAIN, &value, &length));
    VALUE(value);
    show("SO_PROTOCOL", getsockopt(six, SOL_SOCKET, SO_PROTOCOL, &value, &length));
    VALUE(value);
    show("IPV6_V6ONLY", getsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &value, &length));
    VALUE(value);
    show("bind, short", bind(six, &name.any, 23));
    show("bind, of an older standard", bind(six, &name.any, 24));
    value = 1;
    show("IPV6_V6ONLY when bound", setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof value));
    show("bind again", bind(six, &name.any, sizeof name.six));
    close(six);
    name = at6("2001:db8::1", 0);
    six = socket(AF_INET6, SOCK_STREAM, 0);
    show("bind to nobody's", bind(six, &name.any, sizeof name.six));
    name = at4("127.0.0.1", 0);
    show("bind to the other family", bind(six, &name.any, sizeof name.four));
    show("bind to the other family, long", bind(six, &name.any, sizeof name));
    show("connect to the other family", connect(six, &name.any, sizeof name.four));
    show("connect to the other family, long", connect(six, &name.any, sizeof name));
    close(six);
    int four = socket(AF_INET, SOCK_STREAM, 0);
    name = at6("::1", 1);
    show("bind 4 to 6", bind(four, &name.any, sizeof name.six));
    show("connect 4 to 6", connect(four, &name.any, sizeof name.six));
    show("V6ONLY of 4", setsockopt(four, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof value));
    close(four);
    show("socketpair", socketpair(AF_INET6, SOCK_STREAM, 0, (int[2]){0, 0}));
    show("refused", ({
        six = socket(AF_INET6, SOCK_STREAM, 0);
        name = at6("::1", 1);
        connect(six, &name.any, sizeof name.six);
    }));
    close(six);
}

static struct ifreq asked(int socket, const char *name, unsigned long request, const char *what)
{
    struct ifreq ask = {0};
    strcpy(ask.ifr_name, name);
    show(what, ioctl(socket, request, &ask));
    return ask;
}
#define ASK(name, request) asked(four, name, request, #request " of " name)

/* A datagram in parts, where nobody sees the first ones alone. */
static void parts(void)
{
    char text[32] = "";
    int server = bound(AF_INET, SOCK_DGRAM, at4("127.0.0.1", 0), -1);
    union name to = at4("127.0.0.1", port(server));
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    show("a part to nobody", send(client, "one ", 4, MSG_MORE));
    show("one", sendto(client, "one ", 4, MSG_MORE, &to.any, sizeof to.four));
    show("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
    show("two", sendto(client, "two ", 4, MSG_MORE, &to.any, sizeof to.four));
    show("three", sendto(client, "three", 5, 0, &to.any, sizeof to.four));
    show("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
    printf("%s\n", text);
    show("connect", connect(client, &to.any, sizeof to.four));
    show("one", send(client, "1", 1, MSG_MORE));
    show("two", write(client, "2", 1));
    show("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
    close(client);
    close(server);
}

/* One port for several sockets: who gets what. */
static void shared_port(void)
{
    char text[16] = "";
    int one = 1;
    int first = socket(AF_INET, SOCK_STREAM, 0), second = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    union name name = at4("127.0.0.1", 0);
    show("SO_REUSEPORT", setsockopt(first, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one));
    show("bind", bind(first, &name.any, sizeof name.four));
    name = at4("127.0.0.1", port(first));
    show("bind alike", bind(second, &name.any, sizeof name.four));
    show("SO_REUSEPORT", setsockopt(second, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one));
    show("bind alike", bind(second, &name.any, sizeof name.four));
    listen(second, 5);
    show("connect to who listens", connect(client, &name.any, sizeof name.four));
    close(first);
    close(second);
    close(client);
    int server = bound(AF_INET, SOCK_DGRAM, at4("127.0.0.1", 0), -1), friend = bound(AF_INET, SOCK_DGRAM, at4("127.0.0.1", 0), -1);
    int stranger = bound(AF_INET, SOCK_DGRAM, at4("127.0.0.1", 0), -1);
    union name to = at4("127.0.0.1", port(server));
    name = at4("127.0.0.1", port(friend));
    show("connect to a friend", connect(server, &name.any, sizeof name.four));
    show("a stranger sends", sendto(stranger, "stranger", 8, 0, &to.any, sizeof to.four));
    show("a friend sends", sendto(friend, "friend", 6, 0, &to.any, sizeof to.four));
    show("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
    printf("%s\n", text);
    show("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
    close(server);
    close(friend);
    close(stranger);
}

/* Connections that end and begin anew on the same socket. */
static void anew(void)
{
    union name nobody = {.any = {.sa_family = AF_UNSPEC}}, name;
    char byte;
    int mark, four = AF_INET;
    int server = bound(AF_INET6, SOCK_STREAM, at6("::", 0), -1);
    listen(server, 5);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    name = at4("127.0.0.1", port(server));
    show("disconnect what is new", connect(client, &nobody.any, sizeof nobody.any));
    show("connect", connect(client, &name.any, sizeof name.four));
    int accepted = accept(server, NULL, NULL);
    show("IPV6_ADDRFORM", setsockopt(accepted, IPPROTO_IPV6, IPV6_ADDRFORM, &four, sizeof four));
    show("IPV6_ADDRFORM of 4", setsockopt(accepted, IPPROTO_IPV6, IPV6_ADDRFORM, &four, sizeof four));
    show_names("the accepted", accepted);
    show("SIOCATMARK", ioctl(accepted, SIOCATMARK, &mark));
    show("write", write(client, "x", 1));
    show("disconnect", connect(client, &nobody.any, sizeof nobody.any));
    show_names("the client", client);
    show("read after a reset", read(accepted, &byte, 1));
    show("connect again", connect(client, &name.any, sizeof name.four));
    int again = accept(server, NULL, NULL);
    show("write", write(client, "x", 1));
    show("read", read(again, &byte, 1));
    close(again);
    show("disconnect the accepted", connect(accepted, &nobody.any, sizeof nobody.any));
    name = at4("127.0.0.1", 0);
    show("bind", bind(accepted, &name.any, sizeof name.four));
    show("listen", listen(accepted, 5));
    show("disconnect who listens", connect(accepted, &nobody.any, sizeof nobody.any));
    show("accept", accept(accepted, NULL, NULL));
    close(accepted);
    close(client);
    int unconnected = socket(AF_INET6, SOCK_STREAM, 0);
    show("IPV6_ADDRFORM of none", setsockopt(unconnected, IPPROTO_IPV6, IPV6_ADDRFORM, &four, sizeof four));
    name = at6("::1", port(server));
    show("connect", connect(unconnected, &name.any, sizeof name.six));
    show("IPV6_ADDRFORM of 6", setsockopt(unconnected, IPPROTO_IPV6, IPV6_ADDRFORM, &four, sizeof four));
    close(unconnected);
    close(server);
}

static void interfaces(void)
{
    struct ifreq room[32];
    struct ifconf all = {.ifc_len = sizeof room, .ifc_req = room};
    int four = socket(AF_INET, SOCK_DGRAM, 0);
    show("SIOCGIFCONF", ioctl(four, SIOCGIFCONF, &all));
    for (unsigned i = 0; i < all.ifc_len / sizeof room[0]; i++)
        if (strcmp(room[i].ifr_name, "lo") == 0)
            printf("%s %s\n", room[i].ifr_name, host(&room[i].ifr_addr));
    struct ifconf length = {0};
    show("SIOCGIFCONF for its length", ioctl(four, SIOCGIFCONF, &length));
    printf("%s\n", length.ifc_len == all.ifc_len ? "the same" : "different");
    printf("flags %x\n", ASK("lo", SIOCGIFFLAGS).ifr_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST));
    struct ifreq ask = ASK("lo", SIOCGIFADDR);
    printf("address %s\n", host(&ask.ifr_addr));
    ask = ASK("lo", SIOCGIFNETMASK);
    printf("netmask %s\n", host(&ask.ifr_netmask));
    printf("hardware %d\n", ASK("lo", SIOCGIFHWADDR).ifr_hwaddr.sa_family);
    printf("mtu %d\n", ASK("lo", SIOCGIFMTU).ifr_mtu);
    printf("metric %d\n", ASK("lo", SIOCGIFMETRIC).ifr_metric);
    printf("index %d\n", ASK("lo", SIOCGIFINDEX).ifr_ifindex);
    ASK("nobody", SIOCGIFINDEX);
    ASK("nobody", SIOCGIFADDR);
    ask = (struct ifreq){.ifr_ifindex = 1};
    show("SIOCGIFNAME of 1", ioctl(four, SIOCGIFNAME, &ask));
    printf("%s\n", ask.ifr_name);
    ask.ifr_ifindex = 999;
    show("SIOCGIFNAME of 999", ioctl(four, SIOCGIFNAME, &ask));
    show("SIOCGIFINDEX at nowhere", ioctl(four, SIOCGIFINDEX, NOWHERE));
    close(four);
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    four = pair[0];
    printf("index %d by a local socket\n", ASK("lo", SIOCGIFINDEX).ifr_ifindex);
    show("SIOCGIFINDEX of a file", ioctl(0, SIOCGIFINDEX, &ask));
    VALUE(if_nametoindex("lo"));
    VALUE(if_nametoindex("nobody"));
    char name[IF_NAMESIZE];
    printf("%s\n", if_indextoname(1, name));
    struct if_nameindex *indexes = if_nameindex();
    for (struct if_nameindex *index = indexes; index != NULL && index->if_name != NULL; index++)
        if (index->if_index == 1)
            printf("1 %s\n", index->if_name);
    struct ifaddrs *list;
    show("getifaddrs", getifaddrs(&list));
    for (struct ifaddrs *one = list; one != NULL; one = one->ifa_next) {
        if (strcmp(one->ifa_name, "lo") != 0)
            continue;
        printf("%s %x %s", one->ifa_name, one->ifa_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING), host(one->ifa_addr));
        printf(" %s\n", host(one->ifa_netmask));
    }
}

int main(void)
{
    names();
    talk("from 6 to 6", AF_INET6, at6("::1", 0), AF_INET6, at6("::1", 0), -1);
    talk("from 6 to 6, any", AF_INET6, at6("::", 0), AF_INET6, at6("::", 0), 1);
    talk("from 4 to 6, any", AF_INET6, at6("::", 0), AF_INET, at4("127.0.0.1", 0), 0);
    talk("from 4 to 6 only", AF_INET6, at6("::", 0), AF_INET, at4("127.0.0.1", 0), 1);
    talk("from 4 to 6, mapped", AF_INET6, at6("::ffff:127.0.0.1", 0), AF_INET, at4("127.0.0.1", 0), -1);
    talk("from 6 to 4, mapped", AF_INET, at4("127.0.0.1", 0), AF_INET6, at6("::ffff:127.0.0.1", 0), -1);
    talk("from 6 to 4, any, mapped", AF_INET, at4("0.0.0.0", 0), AF_INET6, at6("::ffff:127.0.0.2", 0), -1);
    talk("from 6 to 4, not mapped", AF_INET, at4("0.0.0.0", 0), AF_INET6, at6("::1", 0), -1);
    talk("from 4 to 4, another host", AF_INET, at4("0.0.0.0", 0), AF_INET, at4("127.1.2.3", 0), -1);
    talk("6 only, mapped", AF_INET6, at6("::ffff:127.0.0.1", 0), AF_INET6, at6("::1", 0), 1);
    datagrams("messages from 6 to 6", AF_INET6, at6("::1", 0), AF_INET6, at6("::1", 0));
    datagrams("messages from 4 to 6", AF_INET6, at6("::", 0), AF_INET, at4("127.0.0.1", 0));
    datagrams("messages from 6 to 4, mapped", AF_INET, at4("127.0.0.1", 0), AF_INET6, at6("::ffff:127.0.0.1", 0));
    datagrams("messages from 6 to 4, as 4", AF_INET, at4("127.0.0.1", 0), AF_INET6, at4("127.0.0.1", 0));
    clash("6 any and 4 any", AF_INET6, "::", 0, AF_INET, "0.0.0.0", -1);
    clash("6 any, 6 only, and 4 any", AF_INET6, "::", 1, AF_INET, "0.0.0.0", -1);
    clash("4 any and 6 any", AF_INET, "0.0.0.0", -1, AF_INET6, "::", 0);
    clash("4 and 6 any", AF_INET, "127.0.0.1", -1, AF_INET6, "::", 0);
    clash("4 and 6 any, 6 only", AF_INET, "127.0.0.1", -1, AF_INET6, "::", 1);
    clash("4 and 6", AF_INET, "127.0.0.1", -1, AF_INET6, "::1", -1);
    clash("4 and 6, mapped", AF_INET, "127.0.0.1", -1, AF_INET6, "::ffff:127.0.0.1", -1);
    clash("6 and 6 any", AF_INET6, "::1", -1, AF_INET6, "::", -1);
    clash("4 and another 4", AF_INET, "127.0.0.1", -1, AF_INET, "127.0.0.2", -1);
    parts();
    shared_port();
    anew();
    interfaces();
    return 0;
}
