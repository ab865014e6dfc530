/* What /proc tells of this process and of what it has open, and what may be written there: threads' names, descriptors, timer slack,
   the score of the out-of-memory killer; and a file that is sealed against writing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[16384];

static const char *content(const char *path)
{
    int file = open(path, O_RDONLY);
    ssize_t bytes = file < 0 ? -1 : read(file, text, sizeof text - 1);
    close(file);
    text[bytes < 0 ? 0 : bytes] = 0;
    return text;
}

static int store(const char *path, const char *what)
{
    int file = open(path, O_WRONLY);
    ssize_t bytes = write(file, what, strlen(what));
    int error = bytes < 0 ? errno : 0;
    close(file);
    return error;
}

/* The line of fdinfo that begins so, without its end. */
static const char *line(int descriptor, const char *begin)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", descriptor);
    content(path);
    char *at = strstr(text, begin);
    if (!at)
        return "none";
    at[strcspn(at, "\n")] = 0;
    return at;
}

/* Nothing of these can be written; who is not root cannot even open them. */
static int refused(const char *path, int error)
{
    int got = store(path, "x");
    return got == error || (geteuid() != 0 && got == EBADF);
}

static pthread_barrier_t barrier;
static pid_t thread;

static void *waits(void *unused)
{
    thread = gettid();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return unused;
}

/* A thread's directory has no threads in it, and lies among those of its process. */
static void folder_of_thread(void)
{
    char path[64];
    struct stat above, all;
    int back = open(".", O_RDONLY | O_DIRECTORY);
    snprintf(path, sizeof path, "/proc/self/task/%d", thread);
    printf("entered %d", chdir(path));
    printf(" threads within %d", access("task", F_OK) == 0);
    printf(" maps %d", access("maps", F_OK) == 0);
    printf(" among the others %d", stat("..", &above) == 0 && stat("/proc/self/task", &all) == 0
           && above.st_ino == all.st_ino);
    snprintf(path, sizeof path, "/proc/%d/task/%d", getpid(), thread);
    printf(" by its name %d\n", getcwd(text, sizeof text) != NULL && strcmp(text, path) == 0);
    fchdir(back);
    close(back);
}

static void threads(void)
{
    char path[64];
    pthread_t other;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&other, NULL, waits, NULL);
    pthread_barrier_wait(&barrier);
    printf("named %d", pthread_setname_np(other, "worker"));
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", thread);
    printf(" thread %s", content(path));
    printf("leader %s", content("/proc/self/comm"));
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    content(path);
    char name[32] = "", own[32];
    snprintf(own, sizeof own, "\nPid:\t%d\n", thread);
    sscanf(text, "Name:\t%31s", name);
    printf("found by its number: %s %d", name, strstr(text, own) != NULL);
    snprintf(own, sizeof own, "\nTgid:\t%d\n", getpid());
    printf(" of this process %d\n", strstr(text, own) != NULL);
    folder_of_thread();
    pthread_barrier_wait(&barrier);
    pthread_join(other, NULL);
}

static void descriptors(void)
{
    int file = open("told", O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0644);
    printf("written %zd\n", write(file, "12345", 5));
    printf("%s\n", line(file, "pos:"));
    printf("%s\n", line(file, "flags:"));
    int counter = eventfd(42, 0);
    printf("%s\n", line(counter, "eventfd-count:"));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    int signals = signalfd(-1, &set, 0);
    printf("%s\n", line(signals, "sigmask:"));
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec when = {.it_interval = {3, 500}};
    timerfd_settime(timer, 0, &when, NULL);
    printf("%s\n", line(timer, "clockid:"));
    printf("%s\n", line(timer, "ticks:"));
    printf("%s\n", line(timer, "it_value:"));
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0xabc};
    epoll_ctl(poll, EPOLL_CTL_ADD, counter, &event);
    unsigned number = 0, events = 0;
    unsigned long data = 0;
    printf("fields %d", sscanf(line(poll, "tfd:"), "tfd: %u events: %x data: %lx", &number, &events, &data));
    printf(" same %d events %x data %lx\n", number == (unsigned)counter, events, data);
    int watcher = inotify_init1(0);
    int watch = inotify_add_watch(watcher, "told", IN_MODIFY | IN_CLOSE_WRITE);
    unsigned told = 0, mask = 0;
    unsigned long inode = 0;
    printf("fields %d", sscanf(line(watcher, "inotify"), "inotify wd:%x ino:%lx sdev:%*x mask:%x", &told, &inode, &mask));
    printf(" same %d inode %d mask %x\n", told == (unsigned)watch, inode != 0, mask);
    flock(file, LOCK_EX);
    printf("lock %d\n", strstr(content("/proc/locks"), "FLOCK  ADVISORY  WRITE") != NULL);
    printf("gone %d\n", strcmp(line(1000, "pos:"), "none") == 0);
    unlink("told");
}

static void settings(void)
{
    printf("slack %d", prctl(PR_SET_TIMERSLACK, 70000));
    fflush(stdout);
    if (fork() == 0) {
        printf(" child %d", prctl(PR_GET_TIMERSLACK));
        prctl(PR_SET_TIMERSLACK, 90000);
        printf(" own %d", prctl(PR_GET_TIMERSLACK));
        prctl(PR_SET_TIMERSLACK, 0);
        printf(" back %d\n", prctl(PR_GET_TIMERSLACK));
        exit(0);
    }
    wait(NULL);
    printf("score %d", store("/proc/self/oom_score_adj", "900\n"));
    printf(" wrong %d %d", store("/proc/self/oom_score_adj", "1001") == EINVAL,
           store("/proc/self/oom_score_adj", "much") == EINVAL);
    fflush(stdout);
    if (fork() == 0) {
        printf(" child %s", content("/proc/self/oom_score_adj"));
        exit(0);
    }
    wait(NULL);
    printf("refused %d %d %d\n", refused("/proc/uptime", EIO), refused("/proc/self/maps", EINVAL),
           refused("/proc/self/fdinfo/0", EINVAL));
    printf("mounts %zd", readlink("/proc/mounts", text, sizeof text));
    printf(" %.11s\n", text);
}

static void sealed(void)
{
    int file = memfd_create("sealed", MFD_ALLOW_SEALING);
    printf("sized %d", ftruncate(file, 4096));
    printf(" sealed %d", fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
    void *writes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    printf(" no writing %d", writes == MAP_FAILED && errno == EPERM);
    void *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    printf(" but a copy %d\n", own != MAP_FAILED);
}

/* Whatever there is of this process has a text. */
static void all(void)
{
    static const char *const SYSTEM[] = {"cmdline", "cpuinfo", "filesystems", "loadavg", "locks", "meminfo", "mounts",
                                         "stat", "swaps", "uptime", "version"};
    char path[300];
    int empty = 0, found = 0;
    int file = open("told", O_CREAT | O_RDWR, 0644);
    flock(file, LOCK_EX);
    for (unsigned i = 0; i < sizeof SYSTEM / sizeof *SYSTEM; i++) {
        snprintf(path, sizeof path, "/proc/%s", SYSTEM[i]);
        empty += *content(path) == 0;
    }
    unlink("told");
    DIR *own = opendir("/proc/self");
    for (struct dirent *entry; (entry = readdir(own)) != NULL;) {
        snprintf(path, sizeof path, "/proc/self/%s", entry->d_name);
        if (entry->d_type == DT_REG) {
            content(path);
            found++;
        }
    }
    closedir(own);
    printf("empty %d found %d\n", empty, found >= 16);
    char uuid[64];
    snprintf(uuid, sizeof uuid, "%s", content("/proc/sys/kernel/random/uuid"));
    printf("uuid %zu version %c new %d", strlen(uuid), uuid[14],
           strcmp(uuid, content("/proc/sys/kernel/random/uuid")) != 0);
    printf(" users %.32s", content("/proc/self/uid_map"));
    printf("groups %s", content("/proc/self/setgroups"));
    printf("waits %s", content("/proc/self/wchan"));
    printf(" together %d", strstr(content("/proc/self/smaps_rollup"), "[rollup]\nRss:") != NULL);
    int cores = 0;
    content("/proc/stat");
    for (char *at = text; (at = strstr(at, "\ncpu")) != NULL; at++)
        cores++;
    printf(" cores %d\n", cores == sysconf(_SC_NPROCESSORS_ONLN));
}

static const char fixed[] = "as it was";

/* So that the compiler does not know what is there. */
static const void *hides(const void *at)
{
    __asm__("" : "+r"(at) : : "memory");
    return at;
}

/* What a debugger reads and writes, whatever the process itself may. */
static void memory(void)
{
    static char own[8192];
    int file = open("/proc/self/mem", O_RDWR);
    strcpy(own, "mine");
    printf("memory %zd", pread(file, text, 5, (off_t)(uintptr_t)own));
    printf(" %s", text);
    printf(" fixed %zd", pwrite(file, "as it is ", 9, (off_t)(uintptr_t)fixed));
    printf(" %s", (const char *)hides(fixed));
    char *hidden = mmap(NULL, 4096 * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(hidden + 4096, "hidden");
    munmap(hidden + 8192, 4096);
    mprotect(hidden + 4096, 4096, PROT_NONE);
    printf(" none %zd", pread(file, text, 7, (off_t)(uintptr_t)(hidden + 4096)));
    printf(" %s", text);
    printf(" short %zd", pread(file, text, 8192, (off_t)(uintptr_t)(hidden + 4096)));
    printf(" gone %zd", pread(file, text, 1, (off_t)(uintptr_t)(hidden + 8192)));
    printf(" %d", errno == EIO);
    printf(" low %zd\n", pread(file, text, 1, 0));
    printf("at %d", lseek(file, (off_t)(uintptr_t)own, SEEK_SET) == (off_t)(uintptr_t)own);
    printf(" wrote %zd", write(file, "yours", 6));
    printf(" %s moved %d", own, lseek(file, 0, SEEK_CUR) == (off_t)(uintptr_t)own + 6);
    printf(" end %d", (int)lseek(file, 0, SEEK_END));
    printf(" %d\n", errno == EINVAL);
    fflush(stdout);
    char path[64];
    int ends[2];
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        strcpy(own, "child's");
        write(ends[1], "", 1);
        pause();
    }
    read(ends[0], text, 1);
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int theirs = open(path, O_RDONLY);
    printf("other %zd", pread(theirs, text, 8, (off_t)(uintptr_t)own));
    printf(" %s read only %zd", text, pwrite(theirs, "", 1, (off_t)(uintptr_t)own));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    printf(" ended %zd\n", pread(theirs, text, 8, (off_t)(uintptr_t)own));
    close(theirs);
    close(file);
}

static void vector(void)
{
    int file = open("/proc/self/auxv", O_RDONLY);
    unsigned long pairs[128];
    ssize_t bytes = read(file, pairs, sizeof pairs);
    int entry = 0, end = 0;
    for (int i = 0; i + 1 < bytes / (ssize_t)sizeof *pairs; i += 2) {
        entry |= pairs[i] == AT_ENTRY && pairs[i + 1] == getauxval(AT_ENTRY);
        end |= pairs[i] == AT_NULL;
    }
    printf("vector %d %d\n", entry, end);
    close(file);
}

int main(void)
{
    threads();
    all();
    descriptors();
    settings();
    sealed();
    memory();
    vector();
    return 0;
}
