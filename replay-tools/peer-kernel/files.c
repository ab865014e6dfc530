/* Files to read: multiboot modules. Descriptors 0 to 2 are nothing, and the two serial ports. */
#include "kernel.h"

enum { FILES_MAX = 16, OPEN_MAX = 32, FIRST = 3 };

static struct {
    const char *name;
    const uint8_t *bytes;
    uint64_t length;
} files[FILES_MAX];
static int file_count;

static struct {
    int file; /* plus 1; 0 when it is closed */
    uint64_t at;
} opened[OPEN_MAX];

int same(const char *a, const char *b) {
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void files_add(const char *command, const uint8_t *bytes, uint64_t length) {
    if (file_count == FILES_MAX) {
        say("peer-kernel: too many files\n");
        end(126);
    }
    const char *name = command;
    for (const char *at = command; *at != 0; at++) {
        if (*at == ' ') {
            name = at + 1;
        }
    }
    files[file_count].name = name;
    files[file_count].bytes = bytes;
    files[file_count++].length = length;
}

static int find(const char *path) {
    while (*path == '/') {
        path++;
    }
    for (int i = 0; i < file_count; i++) {
        if (same(path, files[i].name)) {
            return i;
        }
    }
    return -1;
}

int64_t files_open(const char *path) {
    int file = find(path);
    if (file < 0) {
        return -ENOENT;
    }
    for (int i = 0; i < OPEN_MAX; i++) {
        if (opened[i].file == 0) {
            opened[i].file = file + 1;
            opened[i].at = 0;
            return i + FIRST;
        }
    }
    return -ENOMEM;
}

/* The index of an open descriptor, or -1. */
static int open_of(uint64_t fd) {
    uint64_t index = fd - FIRST;
    return index < OPEN_MAX && opened[index].file != 0 ? (int) index : -1;
}

int64_t files_read(uint64_t fd, void *to, uint64_t count) {
    int index = open_of(fd);
    if (index < 0) {
        return fd == 0 ? 0 : -EBADF;
    }
    int file = opened[index].file - 1;
    uint64_t left = opened[index].at < files[file].length ? files[file].length - opened[index].at : 0;
    uint64_t n = count < left ? count : left;
    memcpy(to, files[file].bytes + opened[index].at, n);
    opened[index].at += n;
    return (int64_t) n;
}

int64_t files_seek(uint64_t fd, int64_t distance, int from) {
    int index = open_of(fd);
    if (index < 0) {
        return fd < FIRST ? -29 /* ESPIPE */ : -EBADF;
    }
    int64_t base = from == 0 ? 0
                 : (int64_t) (from == 1 ? opened[index].at : files[opened[index].file - 1].length);
    if (from < 0 || from > 2 || base + distance < 0) {
        return -EINVAL;
    }
    opened[index].at = (uint64_t) (base + distance);
    return base + distance;
}

int64_t files_close(uint64_t fd) {
    int index = open_of(fd);
    if (index < 0) {
        return fd < FIRST ? 0 : -EBADF;
    }
    opened[index].file = 0;
    return 0;
}

/* struct stat of x86-64: links at word 2, mode at word 3, size at word 6, block size at word 7. */
static int64_t stat_of(uint64_t mode, uint64_t length, uint64_t *stat) {
    memset(stat, 0, 144);
    stat[2] = 1;
    stat[3] = mode;
    stat[6] = length;
    stat[7] = 4096;
    stat[8] = (length + 511) / 512;
    return 0;
}

int64_t files_stat(uint64_t fd, uint64_t *stat) {
    int index = open_of(fd);
    if (index < 0) {
        return fd < FIRST ? stat_of(020620, 0, stat) : -EBADF;
    }
    return stat_of(0100444, files[opened[index].file - 1].length, stat);
}

int64_t files_stat_path(const char *path, uint64_t *stat) {
    int file = find(path);
    return file < 0 ? -ENOENT : stat_of(0100444, files[file].length, stat);
}
