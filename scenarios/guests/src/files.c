/*
 * Exercises the file system in a folder of its own below the working directory and prints what it sees. The output is
 * the same on every correct kernel: no times, no inode numbers, names sorted.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Prints a call and what came of it: its result, or the error's name. */
#define TRY(call)                                                            \
    do {                                                                     \
        errno = 0;                                                           \
        long result_ = (long) (call);                                        \
        if (result_ < 0) {                                                   \
            printf("%s: %s\n", #call, strerror(errno));                      \
        } else {                                                             \
            printf("%s = %ld\n", #call, result_);                            \
        }                                                                    \
    } while (0)

/* The same for calls that give a new descriptor: which number it gets is checked on its own, further down. */
#define OPEN(variable, call)                                                 \
    do {                                                                     \
        errno = 0;                                                           \
        variable = (call);                                                   \
        printf("%s: %s\n", #call, variable < 0 ? strerror(errno) : "opened"); \
    } while (0)

static char buffer[4096];

static void show(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) {
        printf("stat %s: %s\n", path, strerror(errno));
        return;
    }
    if (S_ISDIR(info.st_mode)) {
        printf("stat %s: directory, mode %o\n", path, info.st_mode & 07777);
    } else {
        printf("stat %s: %s, mode %o, links %ld, size %ld\n", path, S_ISREG(info.st_mode) ? "file" : "other",
               info.st_mode & 07777, (long) info.st_nlink, (long) info.st_size);
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void list(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL) {
        printf("list %s: %s\n", path, strerror(errno));
        return;
    }
    char *names[256];
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL && count < 256;) {
        char *name = malloc(strlen(entry->d_name) + 8);
        sprintf(name, "%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
        names[count++] = name;
    }
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    printf("list %s:", path);
    for (size_t i = 0; i < count; i++) {
        printf(" %s", names[i]);
        free(names[i]);
    }
    printf("\n");
}

static void contents(const char *path) {
    int fd = open(path, O_RDONLY);
    ssize_t got = fd < 0 ? -1 : read(fd, buffer, sizeof buffer - 1);
    if (got < 0) {
        printf("contents %s: %s\n", path, strerror(errno));
        return;
    }
    printf("contents %s: \"", path);
    for (ssize_t i = 0; i < got; i++) {
        if (buffer[i] >= ' ' && buffer[i] < 127) {
            putchar(buffer[i]);
        } else {
            printf("\\%o", (unsigned char) buffer[i]);
        }
    }
    printf("\"\n");
    close(fd);
}

static void reading_and_writing(void) {
    int fd;
    printf("== reading and writing\n");
    OPEN(fd, open("a", O_RDWR | O_CREAT | O_EXCL, 0644));
    TRY(write(fd, "0123456789", 10));
    TRY(lseek(fd, 4, SEEK_SET));
    TRY(read(fd, buffer, 3));
    printf("read \"%.3s\"\n", buffer);
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(lseek(fd, -2, SEEK_END));
    TRY(read(fd, buffer, 100));
    TRY(read(fd, buffer, 100));
    TRY(lseek(fd, -100, SEEK_CUR));
    TRY(pwrite(fd, "AB", 2, 1));
    TRY(pread(fd, buffer, 4, 0));
    printf("read \"%.4s\"\n", buffer);
    struct iovec pieces[3] = {{"one,", 4}, {"", 0}, {"two", 3}};
    TRY(writev(fd, pieces, 3));
    TRY(lseek(fd, 9, SEEK_SET));
    char left[3] = {0}, right[6] = {0};
    struct iovec into[2] = {{left, 2}, {right, 5}};
    TRY(readv(fd, into, 2));
    printf("read \"%s\" \"%s\"\n", left, right);
    TRY(close(fd));
    TRY(close(fd));
    TRY(write(fd, "x", 1));
    show("a");
    contents("a");
}

static void opening(void) {
    int fd;
    printf("== opening\n");
    OPEN(fd, open("absent", O_RDONLY));
    OPEN(fd, open("a", O_RDWR | O_CREAT | O_EXCL, 0644));
    OPEN(fd, open("a/below", O_RDONLY));
    OPEN(fd, open("absent/below", O_RDWR | O_CREAT, 0644));
    OPEN(fd, open(".", O_WRONLY));
    OPEN(fd, open("a", O_RDONLY | O_DIRECTORY));
    OPEN(fd, open("a", O_RDONLY));
    TRY(write(fd, "x", 1));
    close(fd);
    OPEN(fd, open("a", O_WRONLY | O_APPEND));
    TRY(read(fd, buffer, 1));
    TRY(lseek(fd, 0, SEEK_SET));
    TRY(write(fd, "!", 1));
    TRY(lseek(fd, 0, SEEK_CUR));
    close(fd);
    contents("a");
    OPEN(fd, open("a", O_WRONLY | O_TRUNC));
    close(fd);
    show("a");
    OPEN(fd, open(".", O_RDONLY));
    TRY(read(fd, buffer, 1));
    close(fd);
    OPEN(fd, open("", O_RDONLY));
    OPEN(fd, open("private", O_WRONLY | O_CREAT, 0600));
    close(fd);
    show("private");
}

static void descriptors(void) {
    printf("== descriptors\n");
    int first = open("d", O_RDWR | O_CREAT, 0666);
    int second = dup(first);
    printf("dup is the next descriptor: %s\n", second == first + 1 ? "yes" : "no");
    TRY(write(first, "abc", 3));
    TRY(lseek(second, 0, SEEK_CUR));
    TRY(close(first));
    TRY(write(second, "def", 3));
    int again = open("d", O_RDONLY);
    printf("the lowest free descriptor is taken: %s\n", again == first ? "yes" : "no");
    TRY(read(again, buffer, 2));
    TRY(lseek(second, 0, SEEK_CUR));
    printf("dup2 gives what was asked: %s\n", dup2(second, 20) == 20 ? "yes" : "no");
    TRY(write(20, "ghi", 3));
    close(20);
    close(second);
    close(again);
    show("d");
    contents("d");
    TRY(dup(99));
    TRY(fcntl(99, F_GETFD));
}

static void sizes(void) {
    int fd;
    printf("== sizes and holes\n");
    OPEN(fd, open("hole", O_RDWR | O_CREAT, 0644));
    TRY(lseek(fd, 5, SEEK_SET));
    TRY(write(fd, "end", 3));
    TRY(ftruncate(fd, 10));
    close(fd);
    contents("hole");
    TRY(truncate("hole", 6));
    contents("hole");
    TRY(truncate("hole", 9));
    contents("hole");
    TRY(truncate("absent", 1));
    OPEN(fd, open("big", O_RDWR | O_CREAT, 0644));
    uint32_t state = 1;
    uint32_t sum = 0;
    for (int block = 0; block < 100; block++) {
        for (size_t i = 0; i < 1000; i++) {
            state = state * 1103515245 + 12345;
            buffer[i] = (char) (state >> 16);
            sum = sum * 31 + (unsigned char) buffer[i];
        }
        if (write(fd, buffer, 1000) != 1000) {
            printf("write of block %d: %s\n", block, strerror(errno));
        }
    }
    lseek(fd, 0, SEEK_SET);
    uint32_t check = 0;
    long total = 0;
    for (ssize_t got; (got = read(fd, buffer, 777)) > 0; total += got) {
        for (ssize_t i = 0; i < got; i++) {
            check = check * 31 + (unsigned char) buffer[i];
        }
    }
    printf("read back %ld bytes, sums %s: %08x\n", total, sum == check ? "agree" : "DIFFER", check);
    close(fd);
    show("big");
}

static void folders(void) {
    printf("== folders\n");
    TRY(mkdir("sub", 0755));
    TRY(mkdir("sub", 0755));
    TRY(mkdir("sub/deeper", 0700));
    TRY(mkdir("absent/deeper", 0700));
    TRY(close(open("sub/file", O_WRONLY | O_CREAT, 0644)));
    show("sub");
    show("sub/deeper");
    show("sub/deeper/../file");
    show("./sub//file");
    show("sub/file/");
    list("sub");
    TRY(rmdir("sub"));
    TRY(rmdir("sub/file"));
    TRY(unlink("sub/deeper"));
    TRY(rmdir("sub/deeper"));
    list("sub");
    list("absent");
    list("a");
    TRY(chdir("sub"));
    const char *where = getcwd(buffer, sizeof buffer);
    printf("working directory ends in: %s\n", where == NULL ? strerror(errno) : strrchr(where, '/'));
    show("file");
    show("../sub/file");
    TRY(chdir("file"));
    TRY(chdir(".."));
    TRY(mkdir("many", 0755));
    for (int i = 0; i < 200; i++) {
        sprintf(buffer, "many/a-name-of-some-length-%03d", i);
        close(open(buffer, O_WRONLY | O_CREAT, 0644));
    }
    DIR *folder = opendir("many");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        count += entry->d_name[0] == 'a';
    }
    printf("many holds %d files\n", count);
    rewinddir(folder);
    printf("after rewinding the first entry is %s\n", readdir(folder) != NULL ? "there" : "missing");
    closedir(folder);
    for (int i = 0; i < 200; i++) {
        sprintf(buffer, "many/a-name-of-some-length-%03d", i);
        unlink(buffer);
    }
    TRY(rmdir("many"));
}

static void names(void) {
    int fd;
    printf("== names\n");
    OPEN(fd, open("old", O_RDWR | O_CREAT, 0644));
    TRY(write(fd, "kept", 4));
    TRY(rename("old", "new"));
    show("old");
    contents("new");
    TRY(rename("absent", "other"));
    TRY(rename("new", "d"));
    contents("d");
    TRY(rename("d", "sub/moved"));
    contents("sub/moved");
    TRY(rename("sub", "renamed"));
    list("renamed");
    TRY(rename("renamed", "renamed/below"));
    TRY(rename("renamed", "a"));
    TRY(access("renamed/moved", F_OK));
    TRY(access("renamed/absent", F_OK));
    TRY(unlink("renamed/moved"));
    show("renamed/moved");
    TRY(pread(fd, buffer, 4, 0));
    printf("an open file outlives its name: \"%.4s\"\n", buffer);
    TRY(fstat(fd, &(struct stat) {0}));
    TRY(close(fd));
    TRY(unlink("absent"));
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    TRY(mkdir("files-work", 0755));
    TRY(chdir("files-work"));
    reading_and_writing();
    opening();
    descriptors();
    sizes();
    folders();
    names();
    printf("== leaving\n");
    list(".");
    const char *left[] = {"a", "private", "hole", "big", "renamed/file"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        if (unlink(left[i]) != 0) {
            printf("unlink %s: %s\n", left[i], strerror(errno));
        }
    }
    TRY(rmdir("renamed"));
    list(".");
    TRY(chdir(".."));
    TRY(rmdir("files-work"));
    return 0;
}
