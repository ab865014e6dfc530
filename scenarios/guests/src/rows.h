/* For guests that go through rows of the system call table: each call is shown with what it returned, a number or the name of an error.
   A program prints the same on every Linux, whoever runs it. */
#ifndef ROWS_H
#define ROWS_H
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A row that musl's header does not name yet. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static const char *error_name(int error)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
#define NAME(error) {error, #error}
        NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG), NAME(ENOEXEC), NAME(EBADF),
        NAME(ECHILD), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES), NAME(EFAULT), NAME(ENOTBLK), NAME(EBUSY), NAME(EEXIST),
        NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR), NAME(EISDIR), NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY),
        NAME(ETXTBSY), NAME(EFBIG), NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EMLINK), NAME(EPIPE), NAME(EDOM),
        NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG), NAME(ENOSYS), NAME(ENOTEMPTY), NAME(ELOOP), NAME(ENOMSG),
        NAME(EIDRM), NAME(ENODATA), NAME(EOVERFLOW), NAME(ENOTSOCK), NAME(EDESTADDRREQ), NAME(EMSGSIZE), NAME(EPROTOTYPE),
        NAME(ENOPROTOOPT), NAME(EPROTONOSUPPORT), NAME(ESOCKTNOSUPPORT), NAME(EOPNOTSUPP), NAME(EAFNOSUPPORT),
        NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(ECONNRESET), NAME(EISCONN), NAME(ENOTCONN), NAME(ETIMEDOUT),
        NAME(ECONNREFUSED), NAME(EALREADY), NAME(EINPROGRESS), NAME(ESTALE),
#undef NAME
    };
    static char other[24];
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == error)
            return names[i].name;
    snprintf(other, sizeof other, "error %d", error);
    return other;
}

static inline long show(const char *what, long result)
{
    if (result == -1)
        printf("%s: %s\n", what, error_name(errno));
    else
        printf("%s = %ld\n", what, result);
    fflush(stdout);
    return result;
}

/* For results that differ from run to run: that it did not fail is all that is shown. */
static inline long show_done(const char *what, long result)
{
    if (result == -1)
        printf("%s: %s\n", what, error_name(errno));
    else
        printf("%s done\n", what);
    fflush(stdout);
    return result;
}

/* The call of a row itself, without what a C library makes of it. */
#define ROW(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name __VA_OPT__(,) __VA_ARGS__))
#define DONE(name, ...) show_done(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name __VA_OPT__(,) __VA_ARGS__))
/* A value of the program's own. */
#define VALUE(expression) printf("%s: %ld\n", #expression, (long)(expression))
/* An address that no program has. */
#define NOWHERE ((void *)8)

/* Runs in a child, whose end is shown. */
static inline void in_child(const char *what, void (*function)(void))
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        function();
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, &status, 0);
    printf("%s ends %s %d\n", what, WIFSIGNALED(status) ? "by" : "with",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
#define IN_CHILD(function) in_child(#function, function)

#endif
