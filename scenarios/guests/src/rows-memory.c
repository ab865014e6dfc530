/* The rows of memory. */
#include "rows.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>

#define PAGE 4096L

static char *anonymous(long pages)
{
    return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void mappings(void)
{
    int fd = open("a", O_CREAT | O_RDWR | O_TRUNC, 0600), reader = open("a", O_RDONLY);
    write(fd, "file", 4);
    char *pages = anonymous(4);
    DONE(mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    ROW(mmap, NULL, 0L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    ROW(mmap, NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0L);
    ROW(mmap, NULL, PAGE, PROT_READ, MAP_ANONYMOUS | MAP_SHARED_VALIDATE, -1, 0L);
    ROW(mmap, NULL, PAGE, PROT_READ, ~0L, fd, 0L);
    ROW(mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0L);
    ROW(mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1L);
    ROW(mmap, NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0L);
    ROW(mmap, NULL, 1L << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    ROW(mmap, 1L << 50, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0L);
    ROW(mmap, pages, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | 0x100000, -1, 0L);
    char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
    printf("%.4s\n", shared);
    ROW(mprotect, shared, PAGE, PROT_READ | PROT_WRITE);
    ROW(mprotect, pages, PAGE, PROT_READ);
    ROW(mprotect, pages + 1, PAGE, PROT_READ);
    ROW(mprotect, pages, PAGE, 0x20);
    ROW(mprotect, pages, 0L, PROT_READ);
    ROW(mprotect, 0, PAGE, PROT_READ);
    ROW(mprotect, pages, 4 * PAGE, PROT_READ | PROT_WRITE);
    ROW(munmap, pages + PAGE, PAGE);
    ROW(munmap, pages + PAGE, PAGE);
    ROW(munmap, pages + 1, PAGE);
    ROW(munmap, pages, 0L);
    ROW(mprotect, pages, 4 * PAGE, PROT_READ | PROT_WRITE);
    ROW(msync, pages, PAGE, MS_SYNC);
    ROW(msync, pages, 2 * PAGE, MS_SYNC);
    ROW(msync, pages, PAGE, MS_SYNC | MS_ASYNC);
    ROW(msync, pages + 1, PAGE, MS_SYNC);
    ROW(msync, shared, PAGE, MS_INVALIDATE);
    close(fd);
    close(reader);
}

static void moves(void)
{
    char *pages = anonymous(8);
    strcpy(pages, "moved");
    VALUE((char *)syscall(SYS_mremap, pages + 4 * PAGE, 4 * PAGE, PAGE, 0) == pages + 4 * PAGE);
    ROW(mremap, pages, PAGE, 2 * PAGE, 0);
    ROW(mremap, pages + 1, PAGE, PAGE, 0);
    ROW(mremap, pages, PAGE, 0L, 0);
    ROW(mremap, pages, PAGE, PAGE, 64);
    ROW(mremap, pages, PAGE, PAGE, MREMAP_FIXED, pages + 2 * PAGE);
    ROW(mremap, pages + 6 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    char *there = (char *)syscall(SYS_mremap, pages, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    printf("%s %d\n", there, there != pages);
    VALUE((char *)syscall(SYS_mremap, there, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, pages + 2 * PAGE) == pages + 2 * PAGE);
    printf("%s\n", pages + 2 * PAGE);
}

static void advice(void)
{
    unsigned char vector[4];
    char *pages = anonymous(4);
    memset(pages, 1, 2 * PAGE);
    ROW(mincore, pages, 4 * PAGE, vector);
    printf("%d%d%d%d\n", vector[0] & 1, vector[1] & 1, vector[2] & 1, vector[3] & 1);
    ROW(mincore, pages + 1, PAGE, vector);
    ROW(mincore, pages, PAGE, NOWHERE);
    ROW(mincore, 0, PAGE, vector);
    /* More than any machine has, and nowhere to tell it. */
    void *vast = mmap(NULL, 1L << 44, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ROW(mincore, vast, 1L << 44, NOWHERE);
    munmap(vast, 1L << 44);
    ROW(madvise, pages, PAGE, MADV_DONTNEED);
    VALUE(pages[0] + pages[PAGE]);
    ROW(madvise, pages, PAGE, MADV_WILLNEED);
    ROW(madvise, pages, PAGE, MADV_SEQUENTIAL);
    ROW(madvise, pages, PAGE, MADV_DONTFORK);
    ROW(madvise, pages, PAGE, MADV_DOFORK);
    ROW(madvise, pages, PAGE, MADV_FREE);
    ROW(madvise, pages, PAGE, 1234);
    ROW(madvise, pages + 1, PAGE, MADV_NORMAL);
    ROW(madvise, pages, -PAGE, MADV_NORMAL);
    ROW(madvise, pages, 0L, MADV_DONTNEED);
    munmap(pages + PAGE, PAGE);
    ROW(madvise, pages, 3 * PAGE, MADV_NORMAL);
    ROW(madvise, pages, PAGE, MADV_REMOVE);
    ROW(madvise, pages, PAGE, MADV_WIPEONFORK);
    pages[0] = 7;
    fflush(stdout);
    if (fork() == 0) {
        VALUE(pages[0]);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    ROW(madvise, pages, PAGE, MADV_KEEPONFORK);
}

/* What can be locked by whom depends on limits: within one page it is allowed to all. */
static void locks(void)
{
    char *pages = anonymous(4);
    ROW(mlock, pages, PAGE);
    ROW(mlock, 0, PAGE);
    ROW(msync, pages, PAGE, MS_INVALIDATE);
    ROW(madvise, pages, PAGE, MADV_DONTNEED);
    ROW(munlock, pages, PAGE);
    ROW(munlock, 0, PAGE);
    ROW(mlock, 0x7ffffffffffff000, 2 * PAGE);
    ROW(munlock, 0x7ffffffffffff000, 2 * PAGE);
    ROW(mlock, -PAGE, 2 * PAGE);
    ROW(mlock2, pages, PAGE, 1);
    ROW(mlock2, pages, PAGE, 2);
    ROW(munlock, pages, PAGE);
    ROW(mlockall, 0);
    ROW(mlockall, 64);
    DONE(mlockall, 2);
    ROW(munlockall);
}

static void windows(void)
{
    int fd = open("a", O_RDWR | O_TRUNC);
    ftruncate(fd, 2 * PAGE);
    pwrite(fd, "first", 6, 0);
    pwrite(fd, "second", 7, PAGE);
    char *window = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ROW(remap_file_pages, window, PAGE, 0, 1L, 0);
    printf("%s %s\n", window, window + PAGE);
    ROW(remap_file_pages, window, PAGE, PROT_READ, 1L, 0);
    ROW(remap_file_pages, anonymous(1), PAGE, 0, 0L, 0);
    ROW(remap_file_pages, window, PAGE, 0, 1L << 51, 0);
    ROW(mmap, NULL, PAGE, PROT_READ, MAP_SHARED, fd, -PAGE);
    close(fd);
}

static void breaks(void)
{
    char *end = (char *)syscall(SYS_brk, 0);
    VALUE((char *)syscall(SYS_brk, end + 2 * PAGE) - end);
    end[PAGE] = 1;
    VALUE((char *)syscall(SYS_brk, end) - end);
    VALUE((char *)syscall(SYS_brk, 1L) - end);
}

static void limited(void)
{
    struct rlimit limit = {1L << 30, 1L << 30};
    setrlimit(RLIMIT_AS, &limit);
    ROW(mmap, NULL, 1L << 31, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_DATA, &limit);
    char *end = (char *)syscall(SYS_brk, 0);
    VALUE((char *)syscall(SYS_brk, end + 100 * PAGE) - end);
}

static void others(void)
{
    char *pages = anonymous(2), into[16];
    struct iovec mine = {into, 16}, theirs = {pages, 6}, bad = {NOWHERE, 6};
    strcpy(pages, "there");
    pid_t self = getpid();
    ROW(process_vm_readv, self, &mine, 1L, &theirs, 1L, 0L);
    printf("%s\n", into);
    ROW(process_vm_readv, self, &mine, 1L, &bad, 1L, 0L);
    ROW(process_vm_readv, self, &mine, 1L, &theirs, 1L, 1L);
    ROW(process_vm_readv, self, &mine, 2000L, &theirs, 1L, 0L);
    ROW(process_vm_readv, 1L << 30, &mine, 1L, &theirs, 1L, 0L);
    strcpy(into, "here");
    ROW(process_vm_writev, self, &mine, 1L, &theirs, 1L, 0L);
    printf("%s\n", pages);
    ROW(process_vm_writev, self, &bad, 1L, &theirs, 1L, 0L);
    ROW(process_vm_writev, self, &mine, 1L, &theirs, 1L, 1L);
    ROW(membarrier, 1 << 20, 0, 0);
}

int main(void)
{
    mappings();
    moves();
    advice();
    locks();
    windows();
    breaks();
    IN_CHILD(limited);
    others();
    unlink("a");
    return 0;
}
