/* The rows of descriptors and of the data behind them. */
#include "rows.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

static char buffer[256];

static void openings(void)
{
    int fd = ROW(open, "a", O_CREAT | O_EXCL | O_RDWR, 0644);
    ROW(open, "a", O_CREAT | O_EXCL | O_RDWR, 0644);
    ROW(open, "none", O_RDONLY);
    ROW(open, "a/b", O_RDONLY);
    ROW(open, ".", O_WRONLY);
    ROW(open, "a", O_RDONLY | O_DIRECTORY);
    ROW(open, NOWHERE, O_RDONLY);
    ROW(open, "", O_RDONLY);
    ROW(openat, AT_FDCWD, "none/", O_CREAT | O_RDWR, 0644);
    ROW(openat, fd, "b", O_RDONLY);
    ROW(openat, 99, "b", O_RDONLY);
    int other = ROW(openat, AT_FDCWD, "b", O_CREAT | O_RDWR | O_APPEND, 0600);
    int third = ROW(creat, "c", 0600);
    ROW(creat, ".", 0600);
    ROW(read, third, buffer, 1);
    ROW(close, third);
    ROW(close, third);
    ROW(close, -1);
    int temporary = ROW(open, ".", O_TMPFILE | O_RDWR, 0600);
    ROW(close, temporary);
    ROW(close_range, fd, other, 0);
    ROW(close, fd);
    ROW(close_range, 9, 8, 0);
    ROW(close_range, 3, ~0U, 64);
    ROW(close_range, 3, ~0U, 4);
    unlink("c");
}

static void transfers(void)
{
    struct iovec parts[2] = {{"one", 3}, {" two", 4}}, into[2] = {{buffer, 2}, {buffer + 10, 20}};
    struct iovec bad[2] = {{buffer, 2}, {NOWHERE, 20}}, huge[2] = {{buffer, -1UL}, {buffer, 2}};
    int fd = open("a", O_RDWR);
    int reader = open("a", O_RDONLY);
    int writer = open("a", O_WRONLY);
    int directory = open(".", O_RDONLY);
    ROW(write, fd, "hello world", 11);
    ROW(write, fd, NOWHERE, 1);
    ROW(write, fd, NOWHERE, 0);
    ROW(write, reader, "x", 1);
    ROW(write, 99, "x", 1);
    ROW(read, fd, buffer, 5);
    ROW(lseek, fd, 0, SEEK_SET);
    ROW(read, fd, buffer, 5);
    ROW(read, fd, NOWHERE, 5);
    ROW(read, writer, buffer, 5);
    ROW(read, directory, buffer, 5);
    ROW(read, 99, buffer, 5);
    ROW(lseek, fd, 0, SEEK_CUR);
    ROW(lseek, fd, -2L, SEEK_END);
    ROW(lseek, fd, -20L, SEEK_SET);
    ROW(lseek, fd, 0, 77);
    ROW(lseek, fd, 100, SEEK_DATA);
    ROW(lseek, fd, 3, SEEK_DATA);
    ROW(lseek, fd, 3, SEEK_HOLE);
    ROW(lseek, 99, 0, SEEK_SET);
    ROW(pread64, fd, buffer, 5, 6);
    ROW(pread64, fd, buffer, 5, -1L);
    ROW(pread64, 99, buffer, 5, 0);
    ROW(pwrite64, fd, "W", 1, 6);
    ROW(pwrite64, fd, "W", 1, -1L);
    ROW(pwrite64, reader, "W", 1, 0);
    ROW(writev, fd, parts, 2);
    ROW(writev, fd, parts, -1);
    ROW(writev, fd, parts, 1025);
    ROW(writev, fd, NOWHERE, 2);
    ROW(writev, reader, parts, 2);
    lseek(fd, 0, SEEK_SET);
    ROW(readv, fd, into, 2);
    ROW(readv, fd, huge, 2);
    ROW(readv, writer, into, 2);
    lseek(fd, 0, SEEK_SET);
    ROW(readv, fd, bad, 2);
    ROW(preadv, fd, into, 2, 1L, 0);
    ROW(preadv, fd, into, 2, -1L, -1L);
    ROW(preadv, 99, into, 2, 0, 0);
    ROW(pwritev, fd, parts, 2, 20L, 0);
    ROW(pwritev, reader, parts, 2, 0, 0);
    ROW(preadv2, fd, into, 2, 1L, 0, 0);
    ROW(preadv2, fd, into, 2, 1L, 0, 0x8000);
    ROW(pwritev2, fd, parts, 2, 0, 0, 0x10);
    ROW(pwritev2, fd, parts, 2, 0, 0, 0x8000);
    VALUE(lseek(fd, 0, SEEK_END));
    ROW(ftruncate, fd, 5);
    ROW(ftruncate, fd, -1L);
    ROW(ftruncate, reader, 5);
    ROW(ftruncate, 99, 5);
    ROW(truncate, "a", 3);
    ROW(truncate, "a", -1L);
    ROW(truncate, "none", 3);
    ROW(truncate, ".", 3);
    ROW(fallocate, fd, 0, 0, 8192);
    ROW(fallocate, fd, 0, -1L, 8192);
    ROW(fallocate, fd, 0, 0, 0);
    ROW(fallocate, fd, 0x2, 0, 100);
    ROW(fallocate, fd, 0x3, 0, 4096);
    ROW(fallocate, reader, 0, 0, 100);
    ROW(fadvise64, fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    ROW(fadvise64, fd, 0, 0, 77);
    ROW(fadvise64, 99, 0, 0, 0);
    ROW(readahead, fd, 0L, 100L);
    ROW(readahead, 99, 0L, 100L);
    ROW(readahead, writer, 0L, 100L);
    ROW(fsync, fd);
    ROW(fsync, 99);
    ROW(fdatasync, fd);
    ROW(fdatasync, 99);
    ROW(sync_file_range, fd, 0L, 10L, 2);
    ROW(sync_file_range, fd, 0L, 10L, 8);
    ROW(sync_file_range, 99, 0L, 10L, 2);
    ROW(sync);
    ROW(syncfs, fd);
    ROW(syncfs, 99);
    close(fd);
    close(reader);
    close(writer);
    close(directory);
}

static void copies(void)
{
    off_t offset = 2, end = 1;
    int in = open("a", O_RDWR | O_TRUNC), out = open("b", O_RDWR | O_TRUNC), pipes[2], more[2];
    write(in, "0123456789", 10);
    lseek(in, 0, SEEK_SET);
    ROW(sendfile, out, in, &offset, 4);
    VALUE(offset);
    ROW(sendfile, out, in, NULL, 100);
    ROW(sendfile, out, 99, NULL, 1);
    ROW(sendfile, 99, in, NULL, 1);
    ROW(sendfile, out, in, NOWHERE, 1);
    offset = 0;
    ROW(copy_file_range, in, &offset, out, &end, 5, 0);
    ROW(copy_file_range, in, &offset, out, &end, 5, 1);
    ROW(copy_file_range, 99, NULL, out, NULL, 5, 0);
    offset = 0;
    end = 2;
    ROW(copy_file_range, in, &offset, in, &end, 5, 0);
    ROW(pipe, pipes);
    ROW(pipe, NOWHERE);
    ROW(pipe2, more, O_NONBLOCK | O_CLOEXEC);
    ROW(pipe2, more, 1);
    ROW(pipe2, NOWHERE, 0);
    ROW(lseek, pipes[0], 0, SEEK_SET);
    ROW(pread64, pipes[0], buffer, 1, 0);
    ROW(read, more[0], buffer, 1);
    lseek(in, 0, SEEK_SET);
    ROW(splice, in, NULL, pipes[1], NULL, 6, 0);
    ROW(splice, in, NULL, out, NULL, 6, 0);
    ROW(splice, 99, NULL, pipes[1], NULL, 6, 0);
    offset = 0;
    ROW(splice, pipes[0], &offset, out, NULL, 6, 0);
    ROW(tee, pipes[0], more[1], 3, 0);
    ROW(tee, pipes[0], out, 3, 0);
    ROW(tee, 99, more[1], 3, 0);
    ROW(read, more[0], buffer, 9);
    ROW(splice, pipes[0], NULL, out, NULL, 9, 0);
    struct iovec part = {"given", 5};
    ROW(vmsplice, pipes[1], &part, 1, 0);
    ROW(vmsplice, in, &part, 1, 0);
    ROW(vmsplice, 99, &part, 1, 0);
    ROW(read, pipes[0], buffer, 9);
    ROW(fcntl, pipes[1], F_GETPIPE_SZ, 0);
    ROW(fcntl, pipes[1], F_SETPIPE_SZ, 5000);
    ROW(fcntl, in, F_GETPIPE_SZ, 0);
    ROW(ioctl, pipes[0], FIONREAD, &offset);
    ROW(ioctl, pipes[0], TIOCGWINSZ, buffer);
    ROW(ioctl, in, FIONREAD, &offset);
    ROW(ioctl, 99, FIONREAD, &offset);
    for (int i = 0; i < 2; i++) {
        close(pipes[i]);
        close(more[i]);
    }
    close(in);
    close(out);
}

static void descriptors(void)
{
    int fd = open("a", O_RDONLY);
    int copy = ROW(dup, fd);
    ROW(dup, 99);
    ROW(dup2, fd, 20);
    ROW(dup2, fd, fd);
    ROW(dup2, 99, 20);
    ROW(dup2, fd, -1);
    ROW(dup3, fd, 21, O_CLOEXEC);
    ROW(dup3, fd, fd, 0);
    ROW(dup3, fd, 21, 1);
    ROW(fcntl, 21, F_GETFD, 0);
    ROW(fcntl, 20, F_GETFD, 0);
    ROW(fcntl, 20, F_SETFD, FD_CLOEXEC);
    ROW(fcntl, 20, F_GETFD, 0);
    ROW(fcntl, fd, F_DUPFD, 30);
    ROW(fcntl, fd, F_DUPFD, -1);
    ROW(fcntl, fd, F_DUPFD_CLOEXEC, 31);
    VALUE(fcntl(fd, F_GETFL) & O_ACCMODE);
    ROW(fcntl, fd, F_SETFL, O_NONBLOCK | O_APPEND);
    VALUE(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND));
    ROW(fcntl, fd, 9999, 0);
    ROW(fcntl, 99, F_GETFL, 0);
    ROW(flock, fd, LOCK_SH);
    ROW(flock, copy, LOCK_EX | LOCK_NB);
    int other = open("a", O_RDONLY);
    ROW(flock, other, LOCK_SH | LOCK_NB);
    ROW(flock, other, 77);
    ROW(flock, 99, LOCK_SH);
    ROW(flock, fd, LOCK_UN);
    int memory = ROW(memfd_create, "named", MFD_ALLOW_SEALING);
    ROW(memfd_create, NOWHERE, 0);
    ROW(memfd_create, "named", 0x1000);
    ROW(fcntl, memory, F_ADD_SEALS, F_SEAL_GROW);
    ROW(fcntl, memory, F_GET_SEALS, 0);
    ROW(ftruncate, memory, 10);
    ROW(close_range, 3, ~0U, 0);
}

int main(void)
{
    openings();
    transfers();
    copies();
    descriptors();
    unlink("a");
    unlink("b");
    return 0;
}
