/*
 * Executes one x87, MMX or SSE instruction on this machine's processor from given states and tells the states after.
 * The Java side (chronovisor.cpu.vector.HardwareOracle) writes requests to standard input and reads answers from
 * standard output:
 *
 *   request: u32 code length (1..15), 16 bytes of code, u32 count, then count states
 *   answer:  count states
 *
 * The instruction may use RAX, RCX, RDX, XMM, MMX and x87 registers, and memory at RBX (= RDI), which is `memory` below.
 *
 * Build: gcc -O1 -o vector_oracle vector_oracle.c
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

struct state {
    uint8_t fx[512]; /* FXSAVE64 image */
    uint64_t rax, rcx, rdx, rflags;
    uint8_t reserved[32];
    uint8_t memory[128];
    uint64_t trap; /* vector + 1, or 0 */
    uint8_t tail[56];
};
_Static_assert(sizeof(struct state) == 768, "the Java side knows the layout");

extern const uint8_t before_start[], before_end[], after_start[], after_end[];
__asm__(".text\n"
        "before_start:\n"
        "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"
        "mov %rdi, %r15\n"
        "fxrstor64 (%r15)\n"
        "pushq 536(%r15)\npopfq\n"
        "mov 512(%r15), %rax\nmov 520(%r15), %rcx\nmov 528(%r15), %rdx\n"
        "lea 576(%r15), %rbx\nlea 576(%r15), %rdi\n"
        "before_end:\n"
        "after_start:\n"
        "fxsave64 (%r15)\n"
        "mov %rax, 512(%r15)\nmov %rcx, 520(%r15)\nmov %rdx, 528(%r15)\n"
        "pushfq\npopq 536(%r15)\n"
        "fninit\ncld\n"
        "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\n"
        "ret\n"
        "after_end:\n");

static struct state *current;
static sigjmp_buf recover;

static void trapped(int signal, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    (void)signal;
    (void)info;
    memcpy(current->fx, u->uc_mcontext.fpregs, 416);
    current->rax = u->uc_mcontext.gregs[REG_RAX];
    current->rcx = u->uc_mcontext.gregs[REG_RCX];
    current->rdx = u->uc_mcontext.gregs[REG_RDX];
    current->rflags = u->uc_mcontext.gregs[REG_EFL];
    current->trap = u->uc_mcontext.gregs[REG_TRAPNO] + 1;
    siglongjmp(recover, 1);
}

static void all(void *buffer, size_t length, int writing)
{
    uint8_t *p = buffer;
    while (length > 0) {
        ssize_t n = writing ? write(1, p, length) : read(0, p, length);
        if (n <= 0)
            exit(writing ? 1 : 0);
        p += n;
        length -= n;
    }
}

int main(void)
{
    uint8_t *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_NODEFER};
    int signals[] = {SIGFPE, SIGSEGV, SIGILL, SIGBUS, SIGTRAP};
    size_t before = before_end - before_start, after = after_end - after_start;
    uint32_t mxcsr = 0x1F80;
    for (int i = 0; i < 5; i++)
        sigaction(signals[i], &action, 0);
    for (;;) {
        struct {
            uint32_t length;
            uint8_t bytes[16];
            uint32_t count;
        } request;
        all(&request, sizeof request, 0);
        memcpy(code, before_start, before);
        memcpy(code + before, request.bytes, request.length);
        memcpy(code + before + request.length, after_start, after);
        struct state *states = aligned_alloc(64, (size_t)request.count * sizeof *states);
        all(states, (size_t)request.count * sizeof *states, 0);
        for (volatile uint32_t i = 0; i < request.count; i++) {
            current = &states[i];
            if (sigsetjmp(recover, 0) == 0)
                ((void (*)(struct state *))code)(current);
            __asm__ volatile("fninit\nldmxcsr %0" : : "m"(mxcsr));
        }
        all(states, (size_t)request.count * sizeof *states, 1);
        free(states);
    }
}
