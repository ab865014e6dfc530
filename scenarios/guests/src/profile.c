// What a kernel profile answers: each kind asks for one thing and prints the results, one a line, as plain numbers
// (-errno on failure). On a Linux host it prints what Linux answers. System calls are made directly, so that no C library
// comes between.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long call(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
             : "=a"(result)
             : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
             : "rcx", "r11", "memory");
    return result;
}

static void say(const char *what, long value) {
    char line[128];
    int length = snprintf(line, sizeof line, "%s %ld\n", what, value);
    call(SYS_write, 1, (long)line, length, 0, 0, 0);
}

static char bytes[1 << 19];

static void files(void) {
    long fd = call(SYS_open, (long)"/a/b/c", O_CREAT | O_RDWR, 0644, 0, 0, 0);
    say("open makes parents", fd);
    say("write 4096", call(SYS_write, fd, (long)bytes, 4096, 0, 0, 0));
    say("write one more", call(SYS_write, fd, (long)bytes, 1, 0, 0, 0));
    say("seek back", call(SYS_lseek, fd, 4000, SEEK_SET, 0, 0, 0));
    say("write across", call(SYS_write, fd, (long)bytes, 97, 0, 0, 0));
    say("write up to", call(SYS_write, fd, (long)bytes, 96, 0, 0, 0));
    say("size by seek", call(SYS_lseek, fd, 0, SEEK_END, 0, 0, 0));
    struct stat st;
    say("fstat", call(SYS_fstat, fd, (long)&st, 0, 0, 0, 0));
    say("its size", st.st_size);
    say("stat of nothing", call(SYS_stat, (long)"/nothing", (long)&st, 0, 0, 0, 0));
    say("mkdir", call(SYS_mkdir, (long)"/d", 0755, 0, 0, 0, 0));
    say("mkdir again", call(SYS_mkdir, (long)"/d", 0755, 0, 0, 0, 0));
    say("unlink of nothing", call(SYS_unlink, (long)"/nothing", 0, 0, 0, 0, 0));
    say("unlink of a directory", call(SYS_unlink, (long)"/d", 0, 0, 0, 0, 0));
    say("rmdir", call(SYS_rmdir, (long)"/d", 0, 0, 0, 0, 0));
    say("open of nothing", call(SYS_open, (long)"/nothing", O_RDONLY, 0, 0, 0, 0));
    long again = call(SYS_open, (long)"/a/b/c", O_RDWR | O_TRUNC, 0, 0, 0, 0);
    say("size after O_TRUNC", call(SYS_lseek, again, 0, SEEK_END, 0, 0, 0));
    say("getcwd", call(SYS_getcwd, (long)bytes, sizeof bytes, 0, 0, 0, 0));
    say("access", call(SYS_access, (long)"/a", 0, 0, 0, 0, 0));
}

static void big(void) {
    long fd = call(SYS_open, (long)"/big", O_CREAT | O_RDWR, 0644, 0, 0, 0);
    say("write 409600", call(SYS_write, fd, (long)bytes, 409600, 0, 0, 0));
    say("write one more", call(SYS_write, fd, (long)bytes, 1, 0, 0, 0));
}

static void pool(void) {
    char name[32];
    long made = 0, result;
    do {
        snprintf(name, sizeof name, "/pool/%ld", made);
        result = call(SYS_open, (long)name, O_CREAT | O_RDWR, 0644, 0, 0, 0);
        if (result >= 0) {
            call(SYS_close, result, 0, 0, 0, 0, 0);
            made++;
        }
    } while (result >= 0 && made < 20000);
    say("files", made);
    say("then", result);
}

static void names(void) {
    char path[300] = "/";
    memset(path + 1, 'n', 200);
    say("open", call(SYS_open, (long)path, O_CREAT | O_RDWR, 0644, 0, 0, 0));
    path[128] = 0;
    say("its first 127 bytes", call(SYS_open, (long)path, O_RDWR, 0, 0, 0, 0));
    long fds = 0, fd;
    while ((fd = call(SYS_open, (long)"/dev/null", O_RDWR, 0, 0, 0, 0)) >= 0 && fds < 2000)
        fds = fd;
    say("last descriptor", fds);
    say("then", fd);
}

static void limits(void) {
    struct rlimit rlimit;
    for (int resource = 0; resource < 16; resource++) {
        memset(&rlimit, 0, sizeof rlimit);
        if (call(SYS_getrlimit, resource, (long)&rlimit, 0, 0, 0, 0) == 0)
            say(rlimit.rlim_cur == RLIM_INFINITY ? "infinite" : "finite", resource);
    }
}

static void heap(void) {
    long start = call(SYS_brk, 0, 0, 0, 0, 0, 0);
    long low = start, high = start + (1L << 40);
    while (high - low > 4096) {
        long middle = (low + high) / 2 & -4096L;
        if (call(SYS_brk, middle, 0, 0, 0, 0, 0) == middle)
            low = middle;
        else
            high = middle;
        call(SYS_brk, start, 0, 0, 0, 0, 0);
    }
    say("heap megabytes", (low - start + (1 << 20) - 1) >> 20);
    long one = call(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long two = call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("second map lies below the first by", one - two);
    say("above brk", one > start);
    ((char *)two)[0] = 1;
    say("munmap", call(SYS_munmap, two, 4096, 0, 0, 0, 0));
    long three = call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("given back", three == two);
    say("odd length", call(SYS_mmap, 0, 100, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) > 0);
    say("mprotect", call(SYS_mprotect, one, 4096, PROT_READ, 0, 0, 0));
    int local;
    say("stack ends at 512 GB", (uintptr_t)&local >> 20 == 0x7ffff);
}

static void stack(void) {
    long room = 0;
    volatile char *at = __builtin_frame_address(0);
    for (; room < 16 << 20; room += 4096)
        at[-room] = 0;
}

static void processes(void) {
    int status;
    say("getpid", call(SYS_getpid, 0, 0, 0, 0, 0, 0));
    say("wait4 any", call(SYS_wait4, -1, (long)&status, 1, 0, 0, 0));
    say("wait4 0", call(SYS_wait4, 0, (long)&status, 1, 0, 0, 0));
    say("kill 0", call(SYS_kill, 0, 0, 0, 0, 0, 0));
    say("clone without CLONE_VM", call(SYS_clone, 0x10000, 0, 0, 0, 0, 0));
    say("fork", call(SYS_fork, 0, 0, 0, 0, 0, 0));
    say("getppid", call(SYS_getppid, 0, 0, 0, 0, 0, 0) >= 0);
    say("set_robust_list", call(SYS_set_robust_list, (long)bytes, 24, 0, 0, 0, 0));
    uint32_t word = 1;
    struct timespec time = {0, 1000000};
    say("futex wait, changed", call(SYS_futex, (long)&word, 0, 2, 0, 0, 0));
    say("futex wait, timeout", call(SYS_futex, (long)&word, 0, 1, (long)&time, 0, 0));
    say("futex requeue", call(SYS_futex, (long)&word, 3, 1, 1, (long)&word, 0));
    say("clock realtime", call(SYS_clock_gettime, 0, (long)&time, 0, 0, 0, 0));
    say("clock monotonic", call(SYS_clock_gettime, 1, (long)&time, 0, 0, 0, 0));
    say("madvise", call(SYS_madvise, (long)bytes & -4096L, 4096, 3, 0, 0, 0));
    say("prlimit64", call(302, 0, 3, 0, (long)bytes, 0, 0));
    say("pipe2", call(293, (long)bytes, 0, 0, 0, 0, 0) != 0);
    say("getgroups", call(SYS_getgroups, 0, 0, 0, 0, 0, 0));
}

static void pipes(void) {
    int ends[2] = {-1, -1};
    say("pipe", call(SYS_pipe, (long)ends, 0, 0, 0, 0, 0));
    if (ends[0] < 0)
        return;
    say("write 5 with a NUL", call(SYS_write, ends[1], (long)"ab\0cd", 5, 0, 0, 0));
    char got[8] = {0};
    say("read", call(SYS_read, ends[0], (long)got, 8, 0, 0, 0));
    say("the NUL is there", memcmp(got, "ab\0cd", 5) == 0);
    say("write 3000", call(SYS_write, ends[1], (long)bytes, 3000, 0, 0, 0));
    say("read 3000", call(SYS_read, ends[0], (long)bytes, 3000, 0, 0, 0));
    struct stat st;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", call(SYS_gettid, 0, 0, 0, 0, 0, 0), ends[0]);
    say("file in /proc", call(SYS_stat, (long)path, (long)&st, 0, 0, 0, 0));
    say("close", call(SYS_close, ends[1], 0, 0, 0, 0, 0));
    say("read at the end", call(SYS_read, ends[0], (long)got, 8, 0, 0, 0));
}

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    say("signal", signal);
    say("code", info->si_code);
    say("address", (long)info->si_addr);
    _exit(7);
}

static void fault(int handled) {
    if (handled) {
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
        say("sigaction", sigaction(SIGSEGV, &action, 0));
    }
    *(volatile int *)0x123456789000 = 1;
}

static void console(void) {
    char line[600];
    memset(line, 'x', sizeof line);
    long fd = call(SYS_open, (long)"/dev/console", O_RDWR, 0, 0, 0, 0);
    say("write 600", call(SYS_write, fd, (long)line, 600, 0, 0, 0));
    say("write 3", call(SYS_write, fd, (long)"hi\n", 3, 0, 0, 0));
    say("ioctl", call(SYS_ioctl, fd, 0x5401, (long)line, 0, 0, 0));
    long got = call(SYS_read, fd, (long)line, sizeof line, 0, 0, 0);
    say("read", got);
    if (got > 0)
        call(SYS_write, 1, (long)line, got, 0, 0, 0);
    if (got > 0 && line[0] == 'a') {
        got = call(SYS_read, fd, (long)line, 3, 0, 0, 0);
        say("read 3", got);
        got = call(SYS_read, fd, (long)line, sizeof line, 0, 0, 0);
        say("the rest", got);
    }
}

/* Reads keys as they come: no lines, no echo, no signals, as line editors do. */
static void raw(void) {
    unsigned char modes[60];
    long fd = call(SYS_open, (long) "/dev/console", O_RDWR, 0, 0, 0, 0);
    say("TCGETS", call(SYS_ioctl, fd, 0x5401, (long) modes, 0, 0, 0));
    modes[0] &= ~0x40;
    modes[1] &= ~0x05;
    modes[12] &= ~0x0b;
    modes[17 + 5] = 0;
    modes[17 + 6] = 1;
    say("TCSETS", call(SYS_ioctl, fd, 0x5402, (long) modes, 0, 0, 0));
    unsigned char key = 0;
    while (key != 'q' && call(SYS_read, fd, (long) &key, 1, 0, 0, 0) == 1)
        say("key", key);
}

int main(int argc, char **argv) {
    const char *kind = argc > 1 ? argv[1] : "";
    if (!strcmp(kind, "files")) files();
    else if (!strcmp(kind, "big")) big();
    else if (!strcmp(kind, "pool")) pool();
    else if (!strcmp(kind, "names")) names();
    else if (!strcmp(kind, "limits")) limits();
    else if (!strcmp(kind, "heap")) heap();
    else if (!strcmp(kind, "stack")) stack();
    else if (!strcmp(kind, "processes")) processes();
    else if (!strcmp(kind, "pipes")) pipes();
    else if (!strcmp(kind, "fault")) fault(0);
    else if (!strcmp(kind, "handler")) fault(1);
    else if (!strcmp(kind, "undefined")) __asm__ volatile("ud2");
    else if (!strcmp(kind, "privileged")) __asm__ volatile("hlt");
    else if (!strcmp(kind, "console")) console();
    else if (!strcmp(kind, "raw")) raw();
    else return 2;
    return 0;
}
