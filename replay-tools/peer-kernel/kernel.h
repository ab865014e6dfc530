/*
 * A kernel that can do just one thing: run one static x86-64 Linux program in ring 3, so that qemu-system-x86_64 can be
 * measured with the programs that `chronovisor bench` measures. It is told of everything by multiboot modules:
 *
 *   1st module     the program, a static ELF file that is not position-independent
 *   2nd module     a number of arguments, a number of environment strings (4 bytes each, low first), then all of them, each ended by a 0
 *   other modules  files that the program may read, each by the name that is its command line's last word
 *
 * What the program writes to its standard output goes to the first serial port, to its standard error to the second. Its exit
 * status s ends QEMU by isa-debug-exit (port 0xf4) with status 2 s + 1. A call that is not here, and a fault, are told on the second port.
 *
 *   0..128 MiB    the program and its heap (brk)        identity-mapped, all of it the program's as well as the kernel's:
 *   128 MiB..     kernel, modules                       nothing is protected, since nothing here is hostile
 *   192..256 MiB  stack, growing down from 256 MiB
 *   256 MiB..     mmap, up to the end of memory
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define HEAP_END    0x8000000ull
#define MODULES_END 0xc000000ull
#define STACK_END   0x10000000ull

#define ENOENT 2
#define EBADF  9
#define ENOMEM 12
#define EINVAL 22
#define ENOTTY 25
#define ENOSYS 38

/* io.c */
enum { OUT = 0x3f8, ERR = 0x2f8 };
void serial(int port, const void *bytes, uint64_t count);
void say(const char *text);
void say_number(uint64_t number);
_Noreturn void end(int status);

/* memory.c */
void memory_init(uint64_t heap_start, uint64_t memory_end);
uint64_t memory_brk(uint64_t asked);
int64_t memory_map(uint64_t address, uint64_t length, uint64_t flags);
int64_t memory_unmap(uint64_t address, uint64_t length);
int64_t memory_remap(uint64_t address, uint64_t before, uint64_t length, uint64_t flags);
void *memset(void *to, int byte, size_t count);
void *memcpy(void *to, const void *from, size_t count);

/* files.c */
void files_add(const char *command, const uint8_t *bytes, uint64_t length);
int64_t files_open(const char *path);
int64_t files_read(uint64_t fd, void *to, uint64_t count);
int64_t files_seek(uint64_t fd, int64_t distance, int from);
int64_t files_close(uint64_t fd);
int64_t files_stat(uint64_t fd, uint64_t *stat);
int64_t files_stat_path(const char *path, uint64_t *stat);
int same(const char *a, const char *b);

/* calls.c; what SYSCALL saves, as boot.S pushes it */
int64_t call(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

/* boot.S */
_Noreturn void enter(uint64_t rip, uint64_t rsp);
void set_fs(uint64_t base);

#endif
