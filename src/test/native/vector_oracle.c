/*
 * Executes one x87, MMX, SSE or AVX instruction on this machine's processor from given states and tells the states after.
 * The Java side (chronovisor.cpu.vector.HardwareOracle) writes requests to standard input and reads answers from
 * standard output:
 *
 *   greeting: u32 1 when the processor and the kernel offer AVX2, FMA and F16C, else 0: then the upper halves of YMM
 *             registers come back as they were given, and VEX-encoded instructions must not be asked for
 *   request:  u32 code length (1..15), 16 bytes of code, u32 count, then count states
 *   answer:   count states
 *
 * The instruction may use RAX, RCX, RDX, YMM, MMX and x87 registers, and memory at RBX (= RDI), which is `memory` below.
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
    uint8_t upper[16][16]; /* bits 255..128 of YMM0..YMM15 */
};
_Static_assert(sizeof(struct state) == 1024, "the Java side knows the layout");

/* Bytes of the XSAVE area in a signal frame (SDM vol. 1, 13.4; Linux arch/x86/include/uapi/asm/sigcontext.h). */
enum { XSAVE_MAGIC = 464, XSTATE_BV = 512, XSAVE_YMM = 576 };
#define FP_XSTATE_MAGIC1 0x46505853U
#define XSTATE_YMM 4U

extern const uint8_t before_start[], before_end[], upper_in_start[], upper_in_end[], registers_end[];
extern const uint8_t upper_out_start[], upper_out_end[], after_start[], after_end[];
#define UPPER_IN(n) "vinsertf128 $1, 768+16*" #n "(%r15), %ymm" #n ", %ymm" #n "\n"
#define UPPER_OUT(n) "vextractf128 $1, %ymm" #n ", 768+16*" #n "(%r15)\n"
#define EACH(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) f(13) f(14) f(15)
__asm__(".text\n"
        "before_start:\n"
        "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"
        "mov %rdi, %r15\n"
        "fxrstor64 (%r15)\n"
        "before_end:\n"
        "upper_in_start:\n" EACH(UPPER_IN) "upper_in_end:\n"
        "pushq 536(%r15)\npopfq\n"
        "mov 512(%r15), %rax\nmov 520(%r15), %rcx\nmov 528(%r15), %rdx\n"
        "lea 576(%r15), %rbx\nlea 576(%r15), %rdi\n"
        "registers_end:\n"
        "upper_out_start:\n" EACH(UPPER_OUT) "upper_out_end:\n"
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
static uint32_t avx;

static void trapped(int signal, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    (void)signal;
    (void)info;
    memcpy(current->fx, u->uc_mcontext.fpregs, 416);
    if (avx) {
        const uint8_t *area = (const uint8_t *)u->uc_mcontext.fpregs;
        uint32_t magic;
        uint64_t present;
        memcpy(&magic, area + XSAVE_MAGIC, sizeof magic);
        memcpy(&present, area + XSTATE_BV, sizeof present);
        if (magic != FP_XSTATE_MAGIC1)
            abort();
        if (present & XSTATE_YMM)
            memcpy(current->upper, area + XSAVE_YMM, sizeof current->upper);
        else
            memset(current->upper, 0, sizeof current->upper);
    }
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

static uint8_t *append(uint8_t *to, const uint8_t *start, const uint8_t *end)
{
    memcpy(to, start, end - start);
    return to + (end - start);
}

int main(void)
{
    uint8_t *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_NODEFER};
    int signals[] = {SIGFPE, SIGSEGV, SIGILL, SIGBUS, SIGTRAP};
    uint32_t mxcsr = 0x1F80;
    for (int i = 0; i < 5; i++)
        sigaction(signals[i], &action, 0);
    avx = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    all(&avx, sizeof avx, 1);
    for (;;) {
        struct {
            uint32_t length;
            uint8_t bytes[16];
            uint32_t count;
        } request;
        all(&request, sizeof request, 0);
        uint8_t *end = append(code, before_start, before_end);
        if (avx)
            end = append(end, upper_in_start, upper_in_end);
        end = append(end, upper_in_end, registers_end);
        end = append(end, request.bytes, request.bytes + request.length);
        if (avx)
            end = append(end, upper_out_start, upper_out_end);
        append(end, after_start, after_end);
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
