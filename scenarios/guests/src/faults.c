/*
 * Faults on purpose, one kind a run, and dies by the signal. It says first what it is about to do.
 *
 *   faults read | write | execute | divide | overflow | undefined | protection | privileged
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char constant[] = "cannot be written";
static unsigned char data[16] = {0xc3 /* ret */};

/* #PF, not present, read: the first page is never mapped. */
static void fault_read(void) {
    __asm__ volatile("mov (%0), %%al" : : "r"((uintptr_t) 0x10) : "rax");
}

/* #PF, protection violation, write. */
static void fault_write(void) {
    __asm__ volatile("movb $1, (%0)" : : "r"(constant) : "memory");
}

/* #PF, protection violation, instruction fetch: data is never executable. */
static void fault_execute(void) {
    __asm__ volatile("call *%0" : : "r"(data) : "memory");
}

/* #DE by zero. */
static void fault_divide(void) {
    __asm__ volatile("xor %%edx, %%edx; mov $1, %%eax; xor %%ecx, %%ecx; div %%ecx" : : : "rax", "rcx", "rdx", "cc");
}

/* #DE because the quotient does not fit. */
static void fault_overflow(void) {
    __asm__ volatile("mov $0x80000000, %%eax; cdq; mov $-1, %%ecx; idiv %%ecx" : : : "rax", "rcx", "rdx", "cc");
}

/* #UD. */
static void fault_undefined(void) {
    __asm__ volatile("ud2");
}

/* #GP: the address is not canonical. */
static void fault_protection(void) {
    __asm__ volatile("mov (%0), %%al" : : "r"((uintptr_t) 0x8000000000000000) : "rax");
}

/* #GP: only ring 0 may halt. */
static void fault_privileged(void) {
    __asm__ volatile("hlt");
}

static const struct {
    const char *name;
    void (*fault)(void);
} kinds[] = {
    {"read", fault_read},           {"write", fault_write},         {"execute", fault_execute},
    {"divide", fault_divide},       {"overflow", fault_overflow},   {"undefined", fault_undefined},
    {"protection", fault_protection}, {"privileged", fault_privileged},
};

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    for (size_t i = 0; argc == 2 && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(argv[1], kinds[i].name) == 0) {
            printf("faults: %s\n", kinds[i].name);
            kinds[i].fault();
            printf("faults: %s went unnoticed\n", kinds[i].name);
            return 1;
        }
    }
    fprintf(stderr, "usage: faults KIND\n");
    return 2;
}
