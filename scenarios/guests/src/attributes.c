/* What files and processes are allowed and marked with: extended attributes, capabilities, another root, a deadlock of locks,
   restartable sequences. Of capabilities and roots only with the argument "privileged": what root has differs from host to host. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static int failed(long result)
{
    return result == -1 ? errno : 0;
}

static void attributes(void)
{
    char value[64] = "", list[64] = "";
    int file = open("marked", O_CREAT | O_RDWR | O_TRUNC, 0644);
    printf("set %d", setxattr("marked", "user.colour", "red", 3, XATTR_CREATE));
    printf(" again %d", failed(setxattr("marked", "user.colour", "blue", 4, XATTR_CREATE)) == EEXIST);
    printf(" replace %d", fsetxattr(file, "user.colour", "blue", 4, XATTR_REPLACE));
    printf(" none %d", failed(setxattr("marked", "user.size", "1", 1, XATTR_REPLACE)) == ENODATA);
    printf(" get %zd %s", getxattr("marked", "user.colour", value, sizeof value), value);
    printf(" length %zd", fgetxattr(file, "user.colour", NULL, 0));
    printf(" short %d", failed(getxattr("marked", "user.colour", value, 2)) == ERANGE);
    setxattr("marked", "user.a", "", 0, 0);
    ssize_t bytes = listxattr("marked", list, sizeof list);
    int names = 0;
    for (ssize_t i = 0; i < bytes; i += strlen(list + i) + 1)
        names += strncmp(list + i, "user.", 5) == 0;
    printf(" names %d", names);
    printf(" kind %d", failed(setxattr("marked", "other.x", "1", 1, 0)) == EOPNOTSUPP);
    printf(" empty %d", failed(setxattr("marked", "", "1", 1, 0)) == ERANGE);
    printf(" flags %d", failed(setxattr("marked", "user.b", "1", 1, 4)) == EINVAL);
    printf(" big %d", failed(setxattr("marked", "user.b", value, 70000, 0)) == E2BIG);
    symlink("marked", "link");
    printf(" link %d", failed(lsetxattr("link", "user.x", "1", 1, 0)) == EPERM);
    printf(" remove %d", fremovexattr(file, "user.a"));
    printf(" gone %d", failed(removexattr("marked", "user.a")) == ENODATA);
    printf(" missing %d\n", failed(getxattr("nowhere", "user.a", value, 1)) == ENOENT);
    close(file);
    unlink("link");
    unlink("marked");
}

struct sets {
    uint32_t effective, permitted, inheritable;
};

static int set(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
    uint32_t header[2] = {0x20080522, 0};
    struct sets sets[2];
    for (int i = 0; i < 2; i++)
        sets[i] = (struct sets){effective >> 32 * i, permitted >> 32 * i, inheritable >> 32 * i};
    return syscall(SYS_capset, header, sets);
}

static uint64_t effective(void)
{
    uint32_t header[2] = {0x20080522, 0};
    struct sets sets[2];
    syscall(SYS_capget, header, sets);
    return sets[0].effective | (uint64_t)sets[1].effective << 32;
}

#define BIT(n) (1UL << (n))

static void capabilities(void)
{
    fflush(stdout);
    if (fork() == 0) {
        mkdir("closed", 0);
        int all = effective() == 0x1ffffffffffUL;
        printf("all %d", all);
        printf(" drop %d", set(BIT(1) | BIT(7), BIT(1) | BIT(7) | BIT(0), 0));
        printf(" chown %d", failed(chown("closed", 1, 1)) == EPERM);
        printf(" enter %d", chdir("closed"));
        printf(" leave %d", chdir(".."));
        printf(" back %d", set(BIT(0) | BIT(1) | BIT(7), BIT(1) | BIT(7) | BIT(0), 0));
        printf(" chown %d", chown("closed", 1000, 1));
        printf(" more %d", failed(set(BIT(3), BIT(3), 0)) == EPERM);
        printf(" user %d", setuid(1000));
        printf(" left %lx", (unsigned long)effective());
        printf(" mine %d", chmod("closed", 0700));
        printf(" back %d\n", failed(setuid(0)) == EPERM);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
        prctl(PR_SET_KEEPCAPS, 1);
        setresuid(1000, 1000, 1000);
        printf("kept %lx", (unsigned long)effective());
        printf(" raise %d", set(BIT(0), BIT(0), 0));
        printf(" now %lx", (unsigned long)effective());
        printf(" bounding %d", prctl(PR_CAPBSET_READ, 5));
        printf(" drop %d\n", failed(prctl(PR_CAPBSET_DROP, 5)) == EPERM);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    rmdir("closed");
}

static void otherRoot(void)
{
    fflush(stdout);
    mkdir("cell", 0755);
    close(open("cell/inside", O_CREAT | O_WRONLY, 0600));
    if (fork() == 0) {
        char place[64];
        printf("chroot %d", chroot("cell"));
        printf(" %d", chdir("/"));
        printf(" inside %d", access("/inside", F_OK));
        printf(" above %d", access("/../../inside", F_OK));
        printf(" where %s", getcwd(place, sizeof place));
        printf(" outside %d", failed(open("/cell", O_RDONLY)) == ENOENT);
        printf(" file %d\n", failed(chroot("inside")) == ENOTDIR);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    unlink("cell/inside");
    rmdir("cell");
}

static int lock(int file, int start, int command)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = 1};
    return fcntl(file, command, &range);
}

static void deadlock(void)
{
    int file = open("locked", O_CREAT | O_RDWR, 0600);
    int ready[2];
    pipe(ready);
    lock(file, 0, F_SETLKW);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        lock(file, 1, F_SETLKW);
        write(ready[1], "x", 1);
        _exit(lock(file, 0, F_SETLKW) == 0 ? 7 : 8);
    }
    char one;
    read(ready[0], &one, 1);
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    usleep(200000);
    printf("deadlock %d", failed(lock(file, 1, F_SETLKW)) == EDEADLK);
    range.l_type = F_UNLCK;
    fcntl(file, F_SETLK, &range);
    int status;
    wait(&status);
    printf(" child %d\n", WEXITSTATUS(status));
    close(file);
    unlink("locked");
}

static struct {
    uint32_t start, cpu;
    uint64_t section;
    uint32_t flags, node, pad[2];
} __attribute__((aligned(32))) area;

static volatile int rounds;

static void ring(int signal)
{
    (void)signal;
    rounds++;
}

/* Counts in a restartable section until a signal sends it to its abort handler. */
static int abortedSection(void)
{
    static struct {
        uint32_t version, flags;
        uint64_t start, length, abort;
    } __attribute__((aligned(32))) section;
    int aborted = 0;
    __asm__ volatile("lea 1f(%%rip), %%rax\n\t"
                     "mov %%rax, 8(%2)\n\t"
                     "lea 2f(%%rip), %%rcx\n\t"
                     "sub %%rax, %%rcx\n\t"
                     "mov %%rcx, 16(%2)\n\t"
                     "lea 3f(%%rip), %%rax\n\t"
                     "mov %%rax, 24(%2)\n\t"
                     "mov %2, 8(%1)\n\t"
                     "1:\n\t"
                     "jmp 1b\n\t"
                     "2:\n\t"
                     "jmp 4f\n\t"
                     ".long 0x53053053\n\t"
                     "3:\n\t"
                     "movl $1, %0\n\t"
                     "4:\n\t"
                     : "+r"(aborted)
                     : "r"(&area), "r"(&section)
                     : "rax", "rcx", "memory");
    return aborted;
}

static void sequences(void)
{
    printf("register %ld", syscall(SYS_rseq, &area, 32, 0, 0x53053053));
    printf(" again %d", failed(syscall(SYS_rseq, &area, 32, 0, 0x53053053)) == EBUSY);
    printf(" core %d", area.cpu == (uint32_t)sched_getcpu() && area.start == area.cpu);
    struct sigaction action = {.sa_handler = ring};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval soon = {{0, 0}, {0, 2000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    int aborted = 0;
    while (rounds == 0)
        aborted |= abortedSection();
    printf(" aborted %d", aborted);
    printf(" signals %d cleared %d", rounds, area.section == 0);
    printf(" wrong %d", failed(syscall(SYS_rseq, &area, 32, 1, 1)) == EPERM);
    printf(" unregister %ld", syscall(SYS_rseq, &area, 32, 1, 0x53053053));
    printf(" core %d\n", (int)area.cpu);
}

int main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "privileged") == 0) {
        capabilities();
        otherRoot();
        return 0;
    }
    attributes();
    deadlock();
    sequences();
    printf("advice %d", posix_fadvise(0, 0, 0, 99) != 0);
    printf(" flags %d\n", failed(fchownat(AT_FDCWD, ".", -1, -1, 0x8000)) == EINVAL);
    return 0;
}
