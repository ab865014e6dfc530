// Pseudo terminals: names and locks, line editing, modes, sizes, packets, job control, hanging up.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void say(const char *what, long value) {
    printf("%s: %ld%s%s\n", what, value, value < 0 ? " " : "", value < 0 ? strerror(errno) : "");
}

static void got(const char *what, int fd, int max) {
    char buffer[256];
    long n = read(fd, buffer, max < 256 ? max : 256);
    printf("%s: %ld", what, n);
    if (n < 0) {
        printf(" %s", strerror(errno));
    }
    for (long i = 0; i < n; i++) {
        printf(buffer[i] >= 32 && buffer[i] < 127 ? " %c" : " %02x", (unsigned char)buffer[i]);
    }
    printf("\n");
}

static int events(int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI, 0};
    poll(&p, 1, 0);
    return p.revents;
}

// What is typed arrives a little later.
static void type(int fd, const char *text) {
    write(fd, text, strlen(text));
    usleep(10000);
}

static volatile sig_atomic_t seen[65];

static void note(int signal) {
    seen[signal]++;
}

static int open_pair(int *terminal) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    *terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    return master;
}

static void names(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY), number = -1, locked = -1;
    say("ptmx", master >= 0);
    say("TIOCGPTN", ioctl(master, TIOCGPTN, &number));
    char name[32];
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    say("name", strcmp(name, ptsname(master)));
    struct stat st;
    say("stat", stat(name, &st));
    say("character device", S_ISCHR(st.st_mode));
    say("mine", st.st_uid == geteuid());
    say("device", st.st_rdev == (0x8800 | (dev_t)number));
    say("locked", open(name, O_RDWR | O_NOCTTY));
    say("TIOCGPTLCK", ioctl(master, 0x80045439, &locked));
    say("lock", locked);
    say("unlockpt", unlockpt(master));
    int terminal = open(name, O_RDWR | O_NOCTTY);
    say("open", terminal >= 0);
    say("isatty", isatty(terminal) + isatty(master));
    say("ttyname", strcmp(ttyname(terminal), name));
    int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    say("TIOCGPTPEER", peer >= 0 && isatty(peer) && strcmp(ttyname(peer), name) == 0);
    say("no session", tcgetpgrp(terminal));
    say("no session", tcgetsid(terminal));
    say("of a file", ioctl(open("/dev/null", O_RDWR), TIOCGPTN, &number));
    close(peer);
    close(terminal);
    close(master);
    say("gone", stat(name, &st));
}

static void lines(void) {
    int terminal, master = open_pair(&terminal), waiting = -1;
    struct termios modes;
    tcgetattr(terminal, &modes);
    printf("modes: %o %o %o %o\n", modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag & 0177777);
    fcntl(terminal, F_SETFL, O_RDWR | O_NONBLOCK);
    fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
    type(master, "helo\177lo");
    got("unfinished", terminal, 99);
    type(master, "\nmore\n");
    say("FIONREAD", ioctl(terminal, FIONREAD, &waiting));
    say("bytes", waiting);
    got("line", terminal, 99);
    got("part", terminal, 2);
    got("rest", terminal, 99);
    got("echo", master, 99);
    type(master, "gone\025kept one two\027\n");
    got("killed", terminal, 99);
    got("echo", master, 99);
    type(master, "end\004\004");
    got("before the end", terminal, 99);
    got("end", terminal, 99);
    got("echo", master, 99);
    type(terminal, "out\ntab\t.\n");
    got("output", master, 99);
    modes.c_lflag &= ~(ICANON | ECHO);
    modes.c_iflag &= ~ICRNL;
    modes.c_oflag &= ~OPOST;
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    say("raw", tcsetattr(terminal, TCSANOW, &modes));
    tcgetattr(master, &modes);
    say("the master sees it", (modes.c_lflag & ICANON) == 0);
    type(master, "a\r\n\177");
    got("raw", terminal, 99);
    got("no echo", master, 99);
    type(terminal, "x\n");
    got("no processing", master, 99);
    type(master, "flushed");
    type(terminal, "flushed");
    say("tcflush", tcflush(terminal, TCIOFLUSH));
    got("input", terminal, 99);
    fcntl(terminal, F_SETFL, O_RDWR);
    modes.c_cc[VMIN] = 0;
    modes.c_cc[VTIME] = 1;
    tcsetattr(terminal, TCSANOW, &modes);
    got("a tenth of a second", terminal, 99);
    modes.c_cc[VMIN] = 5;
    tcsetattr(terminal, TCSANOW, &modes);
    type(master, "abc");
    got("between characters", terminal, 99);
    close(terminal);
    close(master);
}

static void sizes_and_packets(void) {
    int terminal, master = open_pair(&terminal), on = 1;
    struct winsize size = {1, 2, 3, 4};
    say("TIOCGWINSZ", ioctl(terminal, TIOCGWINSZ, &size));
    printf("size: %d %d\n", size.ws_row, size.ws_col);
    size = (struct winsize){30, 100, 0, 0};
    say("TIOCSWINSZ", ioctl(master, TIOCSWINSZ, &size));
    size = (struct winsize){0, 0, 0, 0};
    ioctl(terminal, TIOCGWINSZ, &size);
    printf("size: %d %d\n", size.ws_row, size.ws_col);
    say("TIOCPKT", ioctl(master, TIOCPKT, &on));
    type(terminal, "data");
    got("packet", master, 99);
    tcflush(terminal, TCIFLUSH);
    printf("poll: %x\n", events(master));
    got("told", master, 99);
    printf("poll: %x\n", events(master));
    say("a key's signal to nobody", ioctl(master, TIOCSIG, SIGQUIT));
    say("no key's signal", ioctl(master, TIOCSIG, SIGUSR1));
    char block[4096];
    memset(block, 'x', sizeof block);
    fcntl(terminal, F_SETFL, O_RDWR | O_NONBLOCK);
    long total = 0, n;
    while ((n = write(terminal, block, sizeof block)) > 0) {
        total += n;
    }
    say("full", n);
    say("takes some", total >= 4096);
    printf("poll: %x\n", events(terminal));
    close(terminal);
    close(master);
}

static void hangups(void) {
    int terminal, master = open_pair(&terminal);
    printf("poll: %x %x\n", events(master), events(terminal));
    type(terminal, "last words");
    close(terminal);
    got("last words", master, 99);
    printf("poll: %x\n", events(master));
    got("nobody there", master, 99);
    terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    printf("poll: %x\n", events(master));
    type(master, "unread\n");
    close(master);
    printf("poll: %x\n", events(terminal));
    got("hung up", terminal, 99);
    say("write", write(terminal, "x", 1));
    struct termios modes;
    say("tcgetattr", tcgetattr(terminal, &modes));
    say("isatty", isatty(terminal));
    close(terminal);
}

static int status_of(pid_t pid, int options) {
    int status = -1;
    waitpid(pid, &status, options);
    return status;
}

// A child with a session of its own; returns when the child has written a byte into the pipe.
static pid_t session(int master, int *terminal, void (*body)(int, int)) {
    int ready[2];
    pipe(ready);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        close(master);
        setsid();
        int fd = *terminal;
        body(fd, ready[1]);
        fflush(stdout);
        _exit(7);
    }
    char byte;
    close(ready[1]);
    read(ready[0], &byte, 1);
    close(ready[0]);
    return pid;
}

static void interrupted(int fd, int ready) {
    say("not yet mine", tcgetpgrp(fd));
    say("TIOCSCTTY", ioctl(fd, TIOCSCTTY, 0));
    say("foreground", tcgetpgrp(fd) == getpid());
    say("session", tcgetsid(fd) == getpid());
    say("/dev/tty", open("/dev/tty", O_RDWR) >= 0);
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGINT, &action, 0);
    sigaction(SIGWINCH, &action, 0);
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, &old);
    fflush(stdout);
    write(ready, "", 1);
    while (!seen[SIGINT] || !seen[SIGWINCH]) {
        sigsuspend(&old);
    }
    printf("signals: %d %d\n", seen[SIGINT], seen[SIGWINCH]);
    signal(SIGHUP, SIG_IGN);
    say("TIOCNOTTY", ioctl(fd, TIOCNOTTY));
    say("/dev/tty", open("/dev/tty", O_RDWR));
}

static void background(int fd, int ready) {
    ioctl(fd, TIOCSCTTY, 0);
    signal(SIGTTOU, SIG_DFL);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        char c;
        long n = read(fd, &c, 1);
        printf("child read %ld %c\n", n, c);
        fflush(stdout);
        tcsetpgrp(fd, getpid());
        printf("child is in the foreground: %d\n", tcgetpgrp(fd) == getpid());
        fflush(stdout);
        _exit(3);
    }
    int status = status_of(child, WUNTRACED);
    printf("stopped by SIGTTIN: %d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
    say("tcsetpgrp", tcsetpgrp(fd, child));
    kill(-child, SIGCONT);
    write(ready, "", 1);
    status = status_of(child, 0);
    printf("child: %d\n", WEXITSTATUS(status));
    // Now this process is in the background of its own terminal.
    say("of another session", tcsetpgrp(fd, getppid()));
    signal(SIGTTOU, SIG_IGN);
    say("tcsetpgrp", tcsetpgrp(fd, getpid()));
    say("no such group", tcsetpgrp(fd, 99999));
    signal(SIGTTOU, SIG_DFL);
    struct termios modes;
    tcgetattr(fd, &modes);
    modes.c_lflag |= TOSTOP;
    tcsetattr(fd, TCSANOW, &modes);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        write(fd, "background\n", 11);
        _exit(4);
    }
    status = status_of(child, WUNTRACED);
    printf("stopped by SIGTTOU: %d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU);
    kill(child, SIGKILL);
    status_of(child, 0);
}

static void hung_up(int fd, int ready) {
    ioctl(fd, TIOCSCTTY, 0);
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGHUP, &action, 0);
    write(ready, "", 1);
    char c;
    while (!seen[SIGHUP]) {
        long n = read(fd, &c, 1);
        if (n == 0) {
            break;
        }
    }
    got("after the hangup", fd, 1);
    printf("SIGHUP: %d\n", seen[SIGHUP]);
}

static void leader_with_a_job(int fd, int ready) {
    ioctl(fd, TIOCSCTTY, 0);
    int told[2];
    pipe(told);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct sigaction action = {.sa_handler = note};
        sigaction(SIGHUP, &action, 0);
        setpgid(0, 0);
        write(told[1], "", 1);
        raise(SIGSTOP);
        // Its leader has ended: it is orphaned, hung up and continued.
        printf("orphan hung up: %d\n", seen[SIGHUP]);
        fflush(stdout);
        write(ready, "", 1);
        _exit(0);
    }
    char byte;
    read(told[0], &byte, 1);
    status_of(child, WUNTRACED);
}

static void jobs(void) {
    int terminal, master = open_pair(&terminal);
    pid_t pid = session(master, &terminal, interrupted);
    type(master, "\003");
    struct winsize size = {40, 90, 0, 0};
    ioctl(master, TIOCSWINSZ, &size);
    say("leader", WEXITSTATUS(status_of(pid, 0)));
    got("echo", master, 2);
    pid = session(master, &terminal, background);
    type(master, "z\n");
    say("shell", WEXITSTATUS(status_of(pid, 0)));
    close(terminal);
    close(master);
    master = open_pair(&terminal);
    pid = session(master, &terminal, hung_up);
    close(terminal);
    close(master);
    say("hung up", WEXITSTATUS(status_of(pid, 0)));
    master = open_pair(&terminal);
    pid = session(master, &terminal, leader_with_a_job);
    say("leader", WEXITSTATUS(status_of(pid, 0)));
    type(master, "still there\n");
    got("its terminal", terminal, 99);
    close(terminal);
    close(master);
}

int main(void) {
    names();
    lines();
    sizes_and_packets();
    hangups();
    jobs();
    return 0;
}
