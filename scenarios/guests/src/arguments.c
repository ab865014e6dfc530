/*
 * Prints what the kernel hands a new program: arguments, environment and the auxiliary vector.
 *
 * Of the auxiliary vector it prints what must be the same on every kernel; addresses are compared with what the program
 * knows about itself, and the answer is printed.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern const Elf64_Ehdr __ehdr_start;
extern void _start(void);

static const char *yes(int condition) {
    return condition ? "yes" : "NO";
}

int main(int argc, char **argv, char **envp) {
    printf("argc %d\n", argc);
    const char *slash = strrchr(argv[0], '/');
    printf("argv[0] ends in \"%s\"\n", slash == NULL ? argv[0] : slash + 1);
    for (int i = 1; i < argc; i++) {
        printf("argv[%d] \"%s\"\n", i, argv[i]);
    }
    printf("argv[argc] is null: %s\n", yes(argv[argc] == NULL));
    int count = 0;
    for (; envp[count] != NULL; count++) {
        printf("envp[%d] \"%s\"\n", count, envp[count]);
    }
    printf("environment follows the arguments: %s\n", yes(envp == argv + argc + 1));
    printf("argc is 16-byte aligned: %s\n", yes(((uintptr_t) (argv - 1) & 15) == 0));

    const char *random = (const char *) getauxval(AT_RANDOM);
    const char *name = (const char *) getauxval(AT_EXECFN);
    printf("AT_PAGESZ %lu\n", getauxval(AT_PAGESZ));
    printf("AT_CLKTCK %lu\n", getauxval(AT_CLKTCK));
    printf("AT_PHENT %lu\n", getauxval(AT_PHENT));
    printf("AT_PHNUM is the header's: %s\n", yes(getauxval(AT_PHNUM) == __ehdr_start.e_phnum));
    printf("AT_PHDR is where the headers are: %s\n",
           yes(getauxval(AT_PHDR) == (uintptr_t) &__ehdr_start + __ehdr_start.e_phoff));
    printf("AT_ENTRY is _start: %s\n", yes(getauxval(AT_ENTRY) == (uintptr_t) &_start));
    printf("AT_BASE is 0: %s\n", yes(getauxval(AT_BASE) == 0));
    printf("AT_SECURE %lu\n", getauxval(AT_SECURE));
    printf("AT_UID is getuid(): %s\n", yes(getauxval(AT_UID) == getuid()));
    printf("AT_EUID is geteuid(): %s\n", yes(getauxval(AT_EUID) == geteuid()));
    printf("AT_GID is getgid(): %s\n", yes(getauxval(AT_GID) == getgid()));
    printf("AT_EGID is getegid(): %s\n", yes(getauxval(AT_EGID) == getegid()));
    printf("AT_RANDOM points to bytes: %s\n", yes(random != NULL));
    printf("AT_EXECFN is the program: %s\n", yes(name != NULL && argc > 0 && strcmp(name, argv[0]) == 0));
    return 0;
}
