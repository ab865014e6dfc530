/*
 * What a program in ring 3 sees of the processor's system side: single-stepping, flags, segments and far transfers, what
 * faults tell, extended state in memory and in signal frames. It prints what any Linux on a processor with AVX prints.
 *
 *   processor step | flags | segments | transfers | faults | state | frames
 *
 * The binary and what it prints for each part lie in src/test/resources/chronovisor/replay/processor:
 *
 *   musl-gcc -std=c17 -Wall -Wextra -Werror -march=x86-64 -mtune=generic -fno-ident -Wl,--build-id=none \
 *       -Wl,--strip-debug -Os -static -fno-asynchronous-unwind-tables -no-pie -o processor processor.c
 *   for part in step flags segments transfers faults state frames; do ./processor $part > $part.txt; done
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static void on(int number, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    sigaction(number, &action, NULL);
}

/* Single-stepping: each trap by its distance from the start, its flags and its code. */

static uint64_t start;
static int traps;

static void trapped(int number, siginfo_t *info, void *context) {
    (void) number;
    greg_t *r = ((ucontext_t *) context)->uc_mcontext.gregs;
    traps++;
    printf(" +%ld/%lx/%d%s", (long) (r[REG_RIP] - (greg_t) start), (long) r[REG_EFL], info->si_code,
           (uint64_t) (uintptr_t) info->si_addr == (uint64_t) r[REG_RIP] ? "" : "!");
}

#define STEP(name, body)                                                                                               \
    do {                                                                                                               \
        char to[64] = {0}, from[64] = {0};                                                                             \
        void *d = to, *s = from;                                                                                       \
        long c = 5, a = 0;                                                                                             \
        traps = 0;                                                                                                     \
        printf("%s:", name);                                                                                           \
        __asm__ volatile("sub $256, %%rsp\n lea 1f(%%rip), %%rbx\n mov %%rbx, %4\n cmp %%rsp, %%rsp\n pushfq\n"        \
                         " orl $0x100, (%%rsp)\n popfq\n 1:\n" body "\n pushfq\n andl $~0x100, (%%rsp)\n popfq\n nop\n" \
                         " add $256, %%rsp"                                                                            \
                         : "+D"(d), "+S"(s), "+c"(c), "+a"(a), "=m"(start)                                             \
                         :                                                                                             \
                         : "memory", "cc", "r11", "rdx", "rbx");                                                       \
        printf(" = %d\n", traps);                                                                                      \
    } while (0)

static void step(void) {
    on(SIGTRAP, trapped, 0);
    STEP("nothing", "");
    STEP("nops", "nop\n nop\n nop");
    STEP("jump", "jmp 5f\n nop\n 5: nop");
    STEP("call", "call 5f\n jmp 6f\n 5: ret\n 6: nop");
    STEP("rep movsb", "rep movsb");
    STEP("rep movsb, none", "xor %%ecx, %%ecx\n rep movsb");
    STEP("repe cmpsb", "repe cmpsb");
    STEP("repne scasb", "mov $1, %%al\n repne scasb");
    STEP("syscall", "mov $39, %%eax\n syscall\n nop\n nop");
    STEP("cpuid", "xor %%eax, %%eax\n cpuid\n xor %%eax, %%eax\n nop");
    STEP("rdtsc", "rdtsc\n nop");
    STEP("mov ss", "mov %%ss, %%ecx\n mov %%ecx, %%ss\n nop\n nop");
    STEP("mov ds", "mov %%ds, %%ecx\n mov %%ecx, %%ds\n nop\n nop");
    STEP("int3", "nop\n int3\n nop");
    STEP("int1", "nop\n .byte 0xf1\n nop");
    STEP("pushf", "pushfq\n pop %%rcx\n nop");
    STEP("popf again", "pushfq\n popfq\n nop");
    STEP("far return", "push $0x33\n lea 5f(%%rip), %%rax\n push %%rax\n lretq\n nop\n 5: nop");
    STEP("iret",
         "mov %%rsp, %%rcx\n push $0x2b\n push %%rcx\n pushfq\n push $0x33\n lea 5f(%%rip), %%rax\n push %%rax\n iretq\n"
         " nop\n 5: nop");
    traps = 0;
    printf("int1 alone:");
    __asm__ volatile("lea 1f(%%rip), %%rax\n mov %%rax, %0\n cmp %%rsp, %%rsp\n .byte 0xf1\n 1:" : "=m"(start) : : "rax", "cc", "memory");
    printf("\n");
}

/* POPF and PUSHF: which flags a program can set. */

static void flags(void) {
    static const uint64_t values[] = {0, 1, 2, 0xcd5, 0x200, 0x400, 0x3000, 0x4000, 0x8000, 0x10000, 0x20000,
                                      0x40000, 0x80000, 0x100000, 0x200000, 0xfffffffffffffeff};
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        uint64_t set, word;
        __asm__ volatile("sub $128, %%rsp\n push %2\n popfq\n pushfq\n pop %0\n push $2\n popfq\n add $128, %%rsp"
                         : "=&r"(set), "=&r"(word) : "r"(values[i]) : "cc", "memory");
        __asm__ volatile("sub $128, %%rsp\n pushw %w2\n popfw\n pushfw\n movzwl (%%rsp), %k0\n add $2, %%rsp\n push $2\n"
                         " popfq\n add $128, %%rsp"
                         : "=&r"(word), "=&r"(start) : "r"(values[i] & ~0x100ul) : "cc", "memory");
        printf("%lx: %lx %lx\n", values[i], set, word);
    }
    uint64_t random = 0, f;
    __asm__ volatile("1: test %%rsp, %%rsp\n rdrand %0\n pushfq\n pop %1\n jnc 1b" : "=r"(random), "=r"(f) : : "cc", "memory");
    printf("rdrand flags %lx\n", f & 0x8d5);
    __asm__ volatile("1: test %%rsp, %%rsp\n rdseed %w0\n pushfq\n pop %1\n jnc 1b" : "+r"(random), "=r"(f) : : "cc", "memory");
    printf("rdseed flags %lx\n", f & 0x8d5);
    uint64_t fs, kept = 0;
    __asm__ volatile("rdfsbase %0" : "=r"(fs));
    syscall(SYS_arch_prctl, 0x1003, &kept);
    printf("rdfsbase %s\n", fs == kept ? "is the kernel's" : "is another");
}

/* Segments. */

static sigjmp_buf back;
static int volatile caught;
static siginfo_t how;
static greg_t registers[NGREG];

static void faulted(int number, siginfo_t *info, void *context) {
    caught = number;
    how = *info;
    memcpy(registers, ((ucontext_t *) context)->uc_mcontext.gregs, sizeof registers);
    siglongjmp(back, 1);
}

#define TRY(statement)                                                                                                 \
    do {                                                                                                               \
        if (sigsetjmp(back, 1) == 0) {                                                                                 \
            statement;                                                                                                 \
            printf(" ok");                                                                                             \
        } else {                                                                                                       \
            printf(" %d/%d/%lx/%ld%s%s", caught, how.si_code, (long) registers[REG_ERR], (long) registers[REG_TRAPNO], \
                   registers[REG_EFL] & 0x10000 ? "/rf" : "",                                                          \
                   (greg_t) (uintptr_t) how.si_addr == registers[REG_RIP] ? "/at" : how.si_addr ? "/address" : "");     \
        }                                                                                                              \
    } while (0)

static void catch_all(void) {
    static const int numbers[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        on(numbers[i], faulted, SA_NODEFER);
    }
}

static const uint16_t selectors[] = {0, 1, 3, 4, 7, 8, 0xb, 0x10, 0x18, 0x1b, 0x20, 0x23, 0x28, 0x2a, 0x2b, 0x30, 0x33,
                                     0x38, 0x3b, 0x40, 0x43, 0x50, 0x53, 0x78, 0x7a, 0x7b, 0x80, 0x83, 0x100, 0xffff};
#define SELECTORS (sizeof selectors / sizeof *selectors)

static void segments(void) {
    catch_all();
    for (uint32_t s = 0; s < 0x100; s++) {
        uint32_t rights = 7, limit = 7;
        uint16_t narrow = 7;
        uint8_t r, l, read, write;
        __asm__ volatile("lar %2, %0\n setz %1" : "+r"(rights), "=q"(r) : "r"(s) : "cc");
        __asm__ volatile("larw %w1, %0" : "+r"(narrow) : "r"(s) : "cc");
        __asm__ volatile("lsl %2, %0\n setz %1" : "+r"(limit), "=q"(l) : "r"(s) : "cc");
        __asm__ volatile("verr %w1\n setz %0" : "=q"(read) : "r"(s) : "cc");
        __asm__ volatile("verw %w1\n setz %0" : "=q"(write) : "r"(s) : "cc");
        /* The limit of 78 is the processor's number. */
        printf("%02x: %d %x %x %d %x %d %d\n", s, r, rights, narrow, l, (s & ~3u) == 0x78 ? 0 : limit, read, write);
    }
    uint64_t whole = -1ul;
    uint16_t low = 0;
    __asm__ volatile("smsw %w0" : "+r"(whole));
    __asm__ volatile("smsw %0" : "=m"(low));
    printf("smsw %lx %x\n", whole, low);
    __asm__ volatile("str %w0" : "+r"(whole));
    printf("str %lx\n", whole & 0xffff);
    for (unsigned i = 0; i < SELECTORS; i++) {
        uint64_t s = selectors[i];
        static uint64_t base, loaded;
        static uint16_t now;
        base = now = 1;
        printf("%lx: ds", s);
        TRY(__asm__ volatile("mov %w1, %%ds\n mov %%ds, %0\n mov %w2, %%ds" : "=r"(now) : "r"(s), "r"(0)));
        printf(" %x es", now);
        TRY(__asm__ volatile("mov %w0, %%es\n mov %w1, %%es" : : "r"(s), "r"(0)));
        printf(" gs");
        TRY(__asm__ volatile("mov %w1, %%gs\n rdgsbase %0\n mov %w2, %%gs" : "=r"(base) : "r"(s), "r"(0)));
        printf(" %lx ss", base);
        TRY(__asm__ volatile("mov %w0, %%ss\n mov %w1, %%ss" : : "r"(s), "r"(0x2b)));
        struct {
            uint64_t offset;
            uint16_t selector;
        } pointer = {0x123456789, selectors[i]};
        printf(" lgs");
        TRY(__asm__ volatile(".byte 0x48, 0x0f, 0xb5, 0x01 /* lgs rax, [rcx] */\n mov %w2, %%gs" : "=&a"(loaded)
                             : "c"(&pointer), "r"(0), "m"(pointer)));
        printf(" %lx\n", loaded);
    }
}

/* Far transfers, but not to 32-bit code, which is another machine. */

static void transfers(void) {
    catch_all();
    for (unsigned i = 0; i < SELECTORS; i++) {
        uint64_t s = selectors[i];
        static uint64_t code;
        code = 0;
        if ((s & ~3ul) == 0x20) {
            continue;
        }
        printf("%lx: lret", s);
        TRY(__asm__ volatile("push %0\n lea 1f(%%rip), %%rax\n push %%rax\n lretq\n 1:" : : "r"(s) : "rax", "memory"));
        printf(" iret");
        TRY(__asm__ volatile("mov %%rsp, %%rcx\n push $0x2b\n push %%rcx\n pushfq\n push %0\n lea 1f(%%rip), %%rax\n push "
                             "%%rax\n iretq\n 1:" : : "r"(s) : "rax", "rcx", "memory"));
        printf(" iret ss");
        TRY(__asm__ volatile("mov %%rsp, %%rcx\n push %0\n push %%rcx\n pushfq\n push $0x33\n lea 1f(%%rip), %%rax\n push "
                             "%%rax\n iretq\n 1:" : : "r"(s) : "rax", "rcx", "memory"));
        printf(" ljmp");
        TRY(__asm__ volatile("lea 1f(%%rip), %%rax\n push %1\n push %%rax\n rex.w ljmp *(%%rsp)\n 1: add $16, %%rsp\n mov "
                             "%%cs, %0" : "=r"(code) : "r"(s) : "rax", "memory"));
        printf(" %lx lcall", code);
        TRY(__asm__ volatile("lea 1f(%%rip), %%rax\n push %0\n push %%rax\n rex.w lcall *(%%rsp)\n jmp 2f\n 1: lretq $0\n "
                             "2: add $16, %%rsp" : : "r"(s) : "rax", "memory"));
        printf("\n");
    }
    printf("not canonical:");
    TRY(__asm__ volatile("push $0x33\n mov $0x800000000000, %%rax\n push %%rax\n lretq" : : : "rax", "memory"));
    TRY(__asm__ volatile("mov %%rsp, %%rcx\n push $0x2b\n push %%rcx\n pushfq\n push $0x33\n mov $0x800000000000, %%rax\n "
                         "push %%rax\n iretq" : : : "rax", "rcx", "memory"));
    printf("\nnested task:");
    TRY(__asm__ volatile("pushfq\n orl $0x4000, (%%rsp)\n popfq\n mov %%rsp, %%rcx\n push $0x2b\n push %%rcx\n pushfq\n push "
                         "$0x33\n lea 1f(%%rip), %%rax\n push %%rax\n iretq\n 1:" : : : "rax", "rcx", "memory"));
    __asm__ volatile("pushfq\n andl $~0x4000, (%%rsp)\n popfq" : : : "cc", "memory");
    printf("\n");
}

/* What faults tell. */

static uint8_t data[64] __attribute__((aligned(64)));
static const char constant[] = "cannot be written";

#define FAULT(name, statement)                                                                                         \
    do {                                                                                                               \
        printf("%s:", name);                                                                                           \
        TRY(statement);                                                                                                \
        printf("\n");                                                                                                  \
    } while (0)

static void privileged(void) {
    FAULT("lgdt", __asm__ volatile("lgdt %0" : : "m"(data)));
    FAULT("lidt", __asm__ volatile("lidt %0" : : "m"(data)));
    FAULT("lldt", __asm__ volatile("lldt %w0" : : "r"(0)));
    FAULT("ltr", __asm__ volatile("ltr %w0" : : "r"(0)));
    FAULT("lmsw", __asm__ volatile("lmsw %w0" : : "r"(0)));
    FAULT("clts", __asm__ volatile("clts"));
    FAULT("sysret", __asm__ volatile("sysretq"));
    FAULT("sysexit", __asm__ volatile("rex.w sysexit"));
    FAULT("swapgs", __asm__ volatile("swapgs"));
    FAULT("mov dr7", __asm__ volatile("mov %%dr7, %%rax" : : : "rax"));
    FAULT("mov cr0", __asm__ volatile("mov %%cr0, %%rax" : : : "rax"));
    FAULT("monitor", __asm__ volatile("monitor" : : "a"(data), "c"(0), "d"(0)));
    FAULT("mwait", __asm__ volatile("mwait" : : "a"(0), "c"(0)));
    FAULT("xsetbv", __asm__ volatile("xsetbv" : : "a"(7), "c"(0), "d"(0)));
    FAULT("invd", __asm__ volatile("invd"));
    FAULT("cli", __asm__ volatile("cli"));
    FAULT("hlt", __asm__ volatile("hlt"));
    FAULT("in", __asm__ volatile("in $0x20, %%al" : : : "rax"));
    FAULT("rdmsr", __asm__ volatile("rdmsr" : : "c"(0x10) : "rax", "rdx"));
}

static void faults(void) {
    catch_all();
    *(volatile uint8_t *) data = 0xc3;
    (void) *(volatile const char *) constant;
    FAULT("read unmapped", __asm__ volatile("mov (%0), %%al" : : "r"(8ul) : "rax"));
    FAULT("write unmapped", __asm__ volatile("mov %%al, (%0)" : : "r"(8ul) : "memory"));
    FAULT("fetch unmapped", ((void (*)(void)) 0x10000)());
    FAULT("fetch data", ((void (*)(void)) data)());
    FAULT("write constant", *(volatile char *) constant = 1);
    FAULT("read kernel", (void) *(volatile int *) 0xffffffff80000000);
    FAULT("fetch kernel", ((void (*)(void)) 0xffffffff80000000)());
    FAULT("read not canonical", (void) *(volatile int *) 0x8000000000000000);
    FAULT("fetch not canonical", ((void (*)(void)) 0x8000000000000)());
    FAULT("int3", __asm__ volatile("int3"));
    FAULT("int 3", __asm__ volatile(".byte 0xcd, 3"));
    FAULT("int 4", __asm__ volatile("int $4"));
    FAULT("int 0", __asm__ volatile("int $0"));
    FAULT("int 1", __asm__ volatile("int $1"));
    FAULT("int 0x40", __asm__ volatile("int $0x40"));
    FAULT("ud2", __asm__ volatile("ud2"));
    FAULT("unaligned", __asm__ volatile("sub $128, %%rsp\n pushfq\n orl $0x40000, (%%rsp)\n popfq\n mov 1(%%rsp), %%eax"
                                        : : : "rax", "memory"));
    __asm__ volatile("pushfq\n andl $~0x40000, (%%rsp)\n popfq" : : : "cc", "memory");
    privileged();
}

/* Extended state in memory. */

#define AREA 4096
static uint8_t area[AREA] __attribute__((aligned(64)));
static uint8_t vectors[512] __attribute__((aligned(64)));

#define EACH_YMM(M)                                                                                                    \
    M("0", "0") M("1", "32") M("2", "64") M("3", "96") M("4", "128") M("5", "160") M("6", "192") M("7", "224")         \
    M("8", "256") M("9", "288") M("10", "320") M("11", "352") M("12", "384") M("13", "416") M("14", "448")             \
    M("15", "480")
#define LOAD_YMM(n, at) "vmovdqu " at "(%0), %%ymm" n "\n"
#define STORE_YMM(n, at) "vmovdqu %%ymm" n ", " at "(%0)\n"

static uint64_t sum(const uint8_t *bytes, size_t count) {
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < count; i++) {
        h = (h ^ bytes[i]) * 0x100000001b3;
    }
    return h;
}

static uint64_t word(const uint8_t *bytes) {
    uint64_t v;
    memcpy(&v, bytes, sizeof v);
    return v;
}

static void pattern(void) {
    for (int i = 0; i < 512; i++) {
        vectors[i] = (uint8_t) (i * 7 + 3);
    }
}

/* XSAVE of some kind between filling all registers and clearing them, then XRSTOR; then the registers are stored. */
#define SAVE(name, instruction, mask)                                                                                  \
    do {                                                                                                               \
        memset(area, 0, AREA);                                                                                         \
        pattern();                                                                                                     \
        __asm__ volatile(EACH_YMM(LOAD_YMM) "fninit\n fldpi\n fldl2e\n fld1\n push $0x1fa0\n ldmxcsr (%%rsp)\n pop %%rcx\n"    \
                         "mov $" mask ", %%eax\n xor %%edx, %%edx\n " instruction " (%1)\n"                            \
                         "vzeroall\n fninit\n fldz\n push $0x1f80\n ldmxcsr (%%rsp)\n pop %%rcx\n"                     \
                         "xrstor64 (%1)\n" EACH_YMM(STORE_YMM) "stmxcsr 32(%2)\n fnstenv (%2)\n fninit\n vzeroupper\n" \
                         : : "r"(vectors), "r"(area), "r"(data) : "rax", "rcx", "rdx", "memory");                      \
        printf("%s %s: bv %lx comp %lx x87 %lx st %lx mxcsr %x xmm %lx ymm %lx; back %lx env %x %x mxcsr %x\n", name,  \
               mask, word(area + 512) & 7, word(area + 520) & 0x8000000000000007, word(area) & 0xffffffffffff,         \
               sum(area + 32, 128), *(uint32_t *) (area + 24), sum(area + 160, 256), sum(area + 576, 256),             \
               sum(vectors, 512), *(uint16_t *) (data + 4), *(uint16_t *) (data + 8), *(uint32_t *) (data + 32));      \
    } while (0)

static void state(void) {
    catch_all();
    SAVE("xsave64", "xsave64", "7");
    SAVE("xsave64", "xsave64", "6");
    SAVE("xsave64", "xsave64", "4");
    SAVE("xsave64", "xsave64", "3");
    SAVE("xsave64", "xsave64", "1");
    SAVE("xsaveopt64", "xsaveopt64", "7");
    SAVE("xsaveopt64", "xsaveopt64", "5");
    SAVE("xsavec64", "xsavec64", "7");
    SAVE("xsavec64", "xsavec64", "4");
    SAVE("xsavec64", "xsavec64", "2");
    SAVE("xsave", "xsave", "7");
    memset(area, 0, AREA);
    FAULT("xsave not aligned", __asm__ volatile("xsave64 (%0)" : : "r"(area + 16), "a"(7), "d"(0) : "memory"));
    FAULT("xrstor not aligned", __asm__ volatile("xrstor64 (%0)" : : "r"(area + 32), "a"(7), "d"(0) : "memory"));
    area[520] = 1;
    FAULT("xrstor, format bits", __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(7), "d"(0) : "memory"));
    area[520] = 0;
    area[519] = 0x40;
    FAULT("xrstor, component 62", __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(7), "d"(0) : "memory"));
    area[519] = 0;
    area[26] = 1;
    FAULT("xrstor, mxcsr", __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(7), "d"(0) : "memory"));
    FAULT("xrstor, mxcsr not asked for", __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(1), "d"(0) : "memory"));
    FAULT("xgetbv 7", __asm__ volatile("xgetbv" : : "c"(7) : "rax", "rdx"));
    uint32_t low;
    __asm__ volatile("xgetbv" : "=a"(low) : "c"(0) : "rdx");
    printf("xcr0 %x\n", low & 7);
}

/* Extended state in signal frames. */

static uint8_t inside[512];
static int strip;

static void framed(int number, siginfo_t *info, void *context) {
    (void) number;
    (void) info;
    __asm__ volatile(EACH_YMM(STORE_YMM) : : "r"(inside) : "memory");
    ucontext_t *u = context;
    uint8_t *f = (uint8_t *) u->uc_mcontext.fpregs;
    uint32_t size = *(uint32_t *) (f + 480);
    printf("uc_flags %lx magic %x %s features %lx bv %lx end %x aligned %d\n", u->uc_flags, *(uint32_t *) (f + 464),
           *(uint32_t *) (f + 468) == size + 4 ? "size" : "no size", word(f + 472) & 7, word(f + 512) & 7,
           *(uint32_t *) (f + size), (int) ((uintptr_t) f & 63));
    printf("control %x mxcsr %x mask %x xmm %lx ymm %lx; in the handler %lx\n", *(uint16_t *) f, *(uint32_t *) (f + 24),
           *(uint32_t *) (f + 28) & 0xffff, sum(f + 160, 256), sum(f + 576, 256), sum(inside, 512));
    f[160 + 16 * 5] ^= 0xff;
    f[576 + 16 * 3] ^= 0xff;
    *(uint32_t *) (f + 24) = 0x1fc0;
    if (strip) {
        *(uint32_t *) (f + 464) = 0;
    }
    /* What the handler leaves in the registers is lost. */
    __asm__ volatile("vpcmpeqd %%ymm7, %%ymm7, %%ymm7" : : : "memory");
}

static void signal_once(void) {
    uint32_t mxcsr;
    pattern();
    uint64_t before = sum(vectors, 512);
    long me = syscall(SYS_gettid);
    __asm__ volatile(EACH_YMM(LOAD_YMM) "mov %2, %%rdi\n mov $10, %%esi\n mov $200, %%eax\n syscall\n" EACH_YMM(STORE_YMM)
                     "stmxcsr %1\n push $0x1f80\n ldmxcsr (%%rsp)\n pop %%rax\n vzeroupper"
                     : : "r"(vectors), "m"(mxcsr), "r"(me) : "rax", "rcx", "rdi", "rsi", "r11", "memory");
    printf("before %lx after %lx mxcsr %x, changed at", before, sum(vectors, 512), mxcsr);
    for (int i = 0; i < 512; i++) {
        if (vectors[i] != (uint8_t) (i * 7 + 3) && (!strip || i % 32 < 16)) {
            printf(" %d", i);
        }
    }
    printf("\n");
}

static void frames(void) {
    on(SIGUSR1, framed, 0);
    signal_once();
    strip = 1;
    signal_once();
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"step", step},     {"flags", flags}, {"segments", segments}, {"transfers", transfers},
    {"faults", faults}, {"state", state}, {"frames", frames},
};

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 1024);
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (argc == 2 && strcmp(argv[1], parts[i].name) == 0) {
            parts[i].run();
            return 0;
        }
    }
    return 2;
}
