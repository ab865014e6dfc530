/* Kinds of files and processes: sealed memory, holes, a process as a descriptor. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static void sealed(void)
{
    int file = memfd_create("secret", MFD_ALLOW_SEALING);
    printf("memfd wrote %zd seals %d", write(file, "0123456789", 10), fcntl(file, F_GET_SEALS));
    printf(" add %d", fcntl(file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK));
    printf(" grow %d", ftruncate(file, 20) == -1 && errno == EPERM);
    printf(" shrink %d", ftruncate(file, 2) == -1 && errno == EPERM);
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    printf(" busy %d", fcntl(file, F_ADD_SEALS, F_SEAL_WRITE) == -1 && errno == EBUSY);
    munmap(map, 4096);
    fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL);
    printf(" write %d", pwrite(file, "x", 1, 0) == -1 && errno == EPERM);
    printf(" map %d", mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED && errno == EPERM);
    printf(" more %d\n", fcntl(file, F_ADD_SEALS, F_SEAL_GROW) == -1 && errno == EPERM);
    close(file);
}

static void punched(void)
{
    static char page[3 * 4096];
    memset(page, 'p', sizeof page);
    int file = memfd_create("holes", 0);
    write(file, page, sizeof page);
    printf("punch %d", fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 2 * 4096));
    struct stat now;
    fstat(file, &now);
    pread(file, page, sizeof page, 0);
    printf(" size %ld blocks %ld kept %d %d hole %d", (long)now.st_size, (long)now.st_blocks, page[99], page[8292],
           page[100] + page[5000] + page[8291]);
    struct iovec part = {"tail", 4};
    printf(" append %ld", syscall(SYS_pwritev2, file, &part, 1, 0L, 0L, 0x10));
    fstat(file, &now);
    printf(" size %ld\n", (long)now.st_size);
    close(file);
}

static void ended(void)
{
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(1);
    }
    int file = syscall(SYS_pidfd_open, child, 0);
    struct pollfd wait = {file, POLLIN, 0};
    printf("process running %d", poll(&wait, 1, 0));
    printf(" signal %ld", syscall(SYS_pidfd_send_signal, file, SIGTERM, NULL, 0));
    printf(" ended %d", poll(&wait, 1, 5000));
    siginfo_t info;
    memset(&info, 0, sizeof info);
    printf(" waitid %d", waitid(P_PIDFD, file, &info, WEXITED));
    printf(" by %d child %d gone %d\n", info.si_status, info.si_pid == child,
           syscall(SYS_pidfd_send_signal, file, 0, NULL, 0) == -1 && errno == ESRCH);
    close(file);
}

static void kept(void)
{
    struct timeval time = {0, 30000};
    int ends[2];
    if (pipe(ends) != 0) {
        return;
    }
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    printf("select %d", select(ends[0] + 1, &set, NULL, NULL, &time));
    printf(" left %ld\n", (long)(time.tv_sec + time.tv_usec));
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    int signal = 0;
    prctl(PR_GET_PDEATHSIG, &signal);
    printf("death signal %d subreaper %d\n", signal == SIGUSR1, prctl(PR_SET_CHILD_SUBREAPER, 1));
    /* A grandchild whose parent ends becomes ours. */
    fflush(stdout);
    if (fork() == 0) {
        if (fork() == 0) {
            usleep(20000);
            _exit(getppid() == 1 ? 1 : 9);
        }
        _exit(3);
    }
    int one;
    int other;
    wait(&one);
    wait(&other);
    printf("children %d %d\n", WEXITSTATUS(one), WEXITSTATUS(other));
}

int main(void)
{
    sealed();
    punched();
    ended();
    kept();
    return 0;
}
