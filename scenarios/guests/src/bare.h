/* What a program without a C library needs: an entry point and three system calls. */
#ifndef BARE_H
#define BARE_H

typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

static inline long system_call3(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

static inline void print(const char *text) {
    long length = 0;
    while (text[length] != 0) {
        length++;
    }
    system_call3(1 /* write */, 1, (long) text, length);
}

static inline __attribute__((noreturn)) void leave(int status) {
    for (;;) {
        system_call3(231 /* exit_group */, status, 0, 0);
    }
}

/* The kernel enters with argc at (%rsp), argv above it. */
__attribute__((noreturn, used)) void start(long *stack);
__asm__(".globl _start\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call start\n");

#endif
