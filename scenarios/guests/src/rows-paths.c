/* The rows of paths: directories, links, attributes of files. */
#include "rows.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <utime.h>

static char buffer[4096], long_name[300];

static int entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static void directories(void)
{
    memset(long_name, 'n', sizeof long_name - 1);
    ROW(mkdir, "d", 0755);
    ROW(mkdir, "d", 0755);
    ROW(mkdir, "none/d", 0755);
    ROW(mkdir, long_name, 0755);
    ROW(mkdir, NOWHERE, 0755);
    ROW(mkdir, "/", 0755);
    ROW(mkdirat, AT_FDCWD, "d/e", 0700);
    ROW(mkdirat, 99, "e", 0700);
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    ROW(mkdirat, fd, "f", 0700);
    VALUE(entries("d"));
    memset(buffer, 0, sizeof buffer);
    DONE(getdents64, fd, buffer, sizeof buffer);
    ROW(getdents64, fd, buffer, sizeof buffer);
    lseek(fd, 0, SEEK_SET);
    ROW(getdents64, fd, buffer, 10);
    ROW(getdents64, 99, buffer, sizeof buffer);
    DONE(getdents, fd, buffer, sizeof buffer);
    lseek(fd, 0, SEEK_SET);
    ROW(getdents, fd, buffer, 10);
    ROW(chdir, "d");
    ROW(chdir, "none");
    ROW(chdir, NOWHERE);
    ROW(fchdir, 99);
    VALUE(syscall(SYS_getcwd, buffer, sizeof buffer) > 2);
    VALUE(strcmp(strrchr(buffer, '/'), "/d"));
    ROW(getcwd, buffer, 2);
    ROW(getcwd, NOWHERE, sizeof buffer);
    ROW(chdir, "..");
    ROW(fchdir, fd);
    ROW(chdir, "..");
    ROW(rmdir, "d");
    ROW(rmdir, "d/e");
    ROW(rmdir, "d/.");
    ROW(rmdir, "none");
    ROW(unlink, "d/f");
    ROW(unlinkat, fd, "f", 0);
    ROW(unlinkat, fd, "f", AT_REMOVEDIR);
    ROW(unlinkat, fd, "f", 0);
    ROW(unlinkat, fd, "f", 1);
    ROW(unlinkat, 99, "f", 0);
    close(fd);
}

static void links(void)
{
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    close(open("d/file", O_CREAT | O_WRONLY, 0644));
    ROW(link, "d/file", "d/same");
    ROW(link, "d/file", "d/same");
    ROW(link, "none", "d/other");
    ROW(link, "d", "other");
    ROW(linkat, fd, "file", AT_FDCWD, "third", 0);
    ROW(linkat, fd, "file", 99, "fourth", 0);
    ROW(linkat, fd, "file", AT_FDCWD, "fourth", 1);
    ROW(symlink, "file", "d/link");
    ROW(symlink, "file", "d/link");
    ROW(symlink, "", "d/empty");
    ROW(symlinkat, "loop", fd, "loop");
    ROW(symlinkat, "loop", 99, "loop");
    ROW(open, "d/loop", O_RDONLY);
    ROW(open, "d/link", O_RDONLY | O_NOFOLLOW);
    ROW(readlink, "d/link", buffer, sizeof buffer);
    ROW(readlink, "d/link", buffer, 2);
    ROW(readlink, "d/link", buffer, 0);
    ROW(readlink, "d/file", buffer, sizeof buffer);
    ROW(readlink, "none", buffer, sizeof buffer);
    ROW(readlinkat, fd, "link", buffer, sizeof buffer);
    ROW(readlinkat, fd, "file", buffer, sizeof buffer);
    ROW(readlinkat, 99, "link", buffer, sizeof buffer);
    ROW(rename, "third", "d/third");
    ROW(rename, "third", "d/third");
    ROW(rename, "d", "d/inside");
    ROW(rename, "d/file", "d");
    ROW(rename, "d", "d/file");
    ROW(renameat, fd, "third", AT_FDCWD, "third");
    ROW(renameat, 99, "third", AT_FDCWD, "third");
    ROW(renameat2, AT_FDCWD, "third", fd, "file", 1);
    ROW(renameat2, AT_FDCWD, "third", fd, "link", 2);
    ROW(renameat2, AT_FDCWD, "third", fd, "file", 64);
    ROW(unlink, "third");
    ROW(unlink, "third");
    ROW(unlink, "d/loop");
    ROW(mknod, "fifo", S_IFIFO | 0600, 0);
    ROW(mknod, "fifo", S_IFIFO | 0600, 0);
    ROW(mknod, "other", S_IFDIR | 0600, 0);
    ROW(mknodat, fd, "plain", S_IFREG | 0600, 0);
    ROW(mknodat, 99, "plain", S_IFREG | 0600, 0);
    ROW(unlink, "fifo");
    ROW(unlink, "d/plain");
    close(fd);
}

static struct stat about;

static void status(void)
{
    uint32_t more[64];
    struct statfs system;
    int fd = open("d/file", O_RDWR), directory = open("d", O_RDONLY);
    write(fd, "0123456789", 10);
    ROW(stat, "d/file", &about);
    VALUE(about.st_size);
    VALUE(about.st_nlink);
    VALUE(about.st_mode);
    ROW(stat, "none", &about);
    ROW(stat, "d/file/x", &about);
    ROW(stat, "d/file", NOWHERE);
    ROW(stat, long_name, &about);
    ROW(lstat, "d/same", &about);
    VALUE(about.st_size);
    ROW(lstat, "none", &about);
    ROW(fstat, fd, &about);
    ROW(fstat, fd, NOWHERE);
    ROW(fstat, 99, &about);
    ROW(newfstatat, directory, "file", &about, 0);
    ROW(newfstatat, directory, "", &about, AT_EMPTY_PATH);
    VALUE(S_ISDIR(about.st_mode));
    ROW(newfstatat, directory, "", &about, 0);
    ROW(newfstatat, directory, "file", &about, 0x10);
    ROW(newfstatat, 99, "file", &about, 0);
    ROW(statx, directory, "file", 0, 0x7FF, more);
    VALUE(more[10]);
    VALUE(more[7] & 0xFFFF);
    ROW(statx, directory, "file", 0x6000, 0x7FF, more);
    ROW(statx, directory, "file", 0, 1U << 31, more);
    ROW(statx, directory, "file", 0, 0x7FF, NOWHERE);
    ROW(statfs, "d", &system);
    VALUE(system.f_namelen);
    ROW(statfs, "none", &system);
    ROW(statfs, "d", NOWHERE);
    ROW(fstatfs, fd, &system);
    ROW(fstatfs, 99, &system);
    ROW(access, "d/file", R_OK | W_OK);
    ROW(access, "none", F_OK);
    ROW(access, "d/file", 8);
    ROW(access, "d/file", X_OK);
    ROW(faccessat, directory, "file", R_OK);
    ROW(faccessat, 99, "file", R_OK);
    ROW(faccessat2, directory, "file", R_OK, AT_EACCESS);
    ROW(faccessat2, directory, "file", R_OK, 0x4000);
    close(fd);
    close(directory);
}

static void changes(void)
{
    struct timespec times[2] = {{5, 6}, {7, 8}}, bad[2] = {{1, -1}, {1, 2}};
    struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    struct timeval values[2] = {{11, 12}, {13, 14}}, wrong[2] = {{1, 1000000}, {1, 0}};
    struct utimbuf seconds = {21, 22};
    int fd = open("d/file", O_RDWR), directory = open("d", O_RDONLY);
    ROW(chmod, "d/file", 0600);
    ROW(chmod, "none", 0600);
    ROW(chmod, NOWHERE, 0600);
    ROW(fchmod, fd, 04711);
    ROW(fchmod, 99, 0644);
    stat("d/file", &about);
    VALUE(about.st_mode & 07777);
    ROW(fchmodat, directory, "file", 0640);
    ROW(fchmodat, 99, "file", 0640);
    ROW(fchmodat2, directory, "file", 0644, AT_SYMLINK_NOFOLLOW);
    ROW(fchmodat2, directory, "file", 0644, 1);
    ROW(chown, "d/file", getuid(), getgid());
    ROW(chown, "d/file", -1, -1);
    ROW(chown, "none", -1, -1);
    ROW(fchown, fd, getuid(), -1);
    ROW(fchown, 99, -1, -1);
    ROW(lchown, "d/file", -1, getgid());
    ROW(lchown, "none", -1, -1);
    ROW(fchownat, directory, "file", -1, -1, 0);
    ROW(fchownat, directory, "file", -1, -1, 1);
    ROW(fchownat, fd, "", -1, -1, AT_EMPTY_PATH);
    ROW(utime, "d/file", &seconds);
    stat("d/file", &about);
    VALUE(about.st_atime);
    VALUE(about.st_mtime);
    ROW(utime, "d/file", NULL);
    ROW(utime, "none", NULL);
    ROW(utimes, "d/file", values);
    stat("d/file", &about);
    VALUE(about.st_mtim.tv_nsec);
    ROW(utimes, "d/file", wrong);
    ROW(utimes, "none", values);
    ROW(futimesat, directory, "file", values);
    ROW(futimesat, 99, "file", values);
    ROW(utimensat, directory, "file", times, 0);
    ROW(utimensat, fd, NULL, times, 0);
    stat("d/file", &about);
    VALUE(about.st_mtim.tv_nsec);
    ROW(utimensat, directory, "file", now, 0);
    ROW(utimensat, directory, "file", bad, 0);
    ROW(utimensat, directory, "file", times, 1);
    ROW(utimensat, 99, "file", times, 0);
    ROW(umask, 027);
    ROW(umask, 0777);
    ROW(umask, 022);
    close(fd);
    close(directory);
}

struct how {
    uint64_t flags, mode, resolve;
};

static void rules(void)
{
    struct how read = {O_RDONLY, 0, 0}, wrong = {O_RDONLY, 0600, 0}, unknown = {1UL << 40, 0, 0};
    struct how beneath = {O_RDONLY, 0, 8}, root = {O_RDONLY, 0, 16}, plain = {O_RDONLY, 0, 4}, both = {O_RDONLY, 0, 24};
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    symlink("/", "d/up");
    symlink("file", "d/beside");
    DONE(openat2, fd, "file", &read, 24L);
    ROW(openat2, fd, "file", &read, 8L);
    ROW(openat2, fd, "file", &wrong, 24L);
    ROW(openat2, fd, "file", &unknown, 24L);
    ROW(openat2, fd, "file", &both, 24L);
    ROW(openat2, fd, "file", NOWHERE, 24L);
    ROW(openat2, 99, "file", &read, 24L);
    DONE(openat2, fd, "beside", &beneath, 24L);
    ROW(openat2, fd, "../d/file", &beneath, 24L);
    ROW(openat2, fd, "up", &beneath, 24L);
    ROW(openat2, fd, "/file", &beneath, 24L);
    DONE(openat2, fd, "/file", &root, 24L);
    DONE(openat2, fd, "../../file", &root, 24L);
    DONE(openat2, fd, "up/file", &root, 24L);
    ROW(openat2, fd, "beside", &plain, 24L);
    unlink("d/up");
    unlink("d/beside");
    close(fd);
}

static void handles(void)
{
    struct {
        uint32_t bytes;
        int type;
        char data[128];
    } handle = {0};
    int mount, fd = open("d", O_RDONLY | O_DIRECTORY);
    ROW(name_to_handle_at, fd, "file", &handle, &mount, 0);
    VALUE(handle.bytes > 0);
    handle.bytes = 128;
    ROW(name_to_handle_at, fd, "file", &handle, &mount, 0);
    ROW(name_to_handle_at, fd, "none", &handle, &mount, 0);
    ROW(name_to_handle_at, 99, "file", &handle, &mount, 0);
    ROW(name_to_handle_at, fd, "file", &handle, &mount, 1 << 20);
    handle.bytes = 129;
    ROW(name_to_handle_at, fd, "file", &handle, &mount, 0);
    close(fd);
}

static void types(void)
{
    char name[64];
    VALUE(syscall(SYS_sysfs, 3) > 0);
    VALUE(syscall(SYS_sysfs, 1, "proc") >= 0);
    ROW(sysfs, 1, "no such type");
    ROW(sysfs, 2, syscall(SYS_sysfs, 1, "proc"), name);
    printf("%s\n", name);
    ROW(sysfs, 2, 1000, name);
    ROW(sysfs, 77, NULL);
}

static void attributes(void)
{
    int fd = open("d/file", O_RDWR);
    symlink("file", "d/pointer");
    ROW(setxattr, "d/file", "user.a", "123", 3L, 0);
    ROW(setxattr, "none", "user.a", "123", 3L, 0);
    ROW(lsetxattr, "d/file", "user.b", "1", 1L, 0);
    ROW(fsetxattr, fd, "user.c", "", 0L, 0);
    ROW(fsetxattr, 99, "user.c", "", 0L, 0);
    ROW(getxattr, "d/pointer", "user.a", buffer, 10L);
    ROW(getxattr, "d/file", "user.z", buffer, 10L);
    ROW(lgetxattr, "d/file", "user.b", buffer, 10L);
    ROW(lgetxattr, "d/pointer", "user.b", buffer, 10L);
    ROW(fgetxattr, fd, "user.c", buffer, 10L);
    ROW(fgetxattr, 99, "user.c", buffer, 10L);
    DONE(listxattr, "d/file", buffer, sizeof buffer);
    ROW(listxattr, "none", buffer, sizeof buffer);
    DONE(llistxattr, "d/file", buffer, sizeof buffer);
    ROW(llistxattr, "none", buffer, sizeof buffer);
    DONE(flistxattr, fd, buffer, sizeof buffer);
    ROW(flistxattr, 99, buffer, sizeof buffer);
    ROW(removexattr, "d/pointer", "user.a");
    ROW(removexattr, "d/file", "user.a");
    ROW(lremovexattr, "d/file", "user.b");
    ROW(lremovexattr, "d/file", "user.b");
    ROW(fremovexattr, fd, "user.c");
    ROW(fremovexattr, 99, "user.c");
    close(fd);
}

int main(void)
{
    umask(022);
    directories();
    links();
    status();
    changes();
    attributes();
    rules();
    handles();
    types();
    unlink("d/pointer");
    unlink("d/link");
    unlink("d/same");
    unlink("d/file");
    ROW(rmdir, "d");
    return 0;
}
