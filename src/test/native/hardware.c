/*
 * Runs single instructions on this machine's processor, each from a given state, and reports what they did.
 *
 * Reads cases from standard input and writes one result for each to standard output, in batches: a batch is a
 * 32-bit count followed by that many records; the answer is that many results. All numbers are little endian.
 *
 *   case    u8 length, 15 bytes of code, 16 x u64 registers, u64 flags, u64 FS base, u64 GS base, u64 window,
 *           64 bytes of memory
 *   result  u64 vector, u64 error code, u64 fault address, u64 rip, 16 x u64 registers, u64 flags, u64 FS base,
 *           u64 GS base, 64 bytes of memory
 *
 * The code lies at CODE in a page full of INT3. The memory lies at the window, in pages that are zero but for it: at the end of the
 * only page at DATA, after which there is none, or across the two at PAIR. Vector 3 with rip = end of the instruction + 1 means
 * that it completed. State goes in and out through signal frames, so that every register has its value when the instruction starts;
 * the segment bases, which are not in there, are set at the end of the handler, and what runs with them uses no thread-local data.
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x60000800ULL
#define CODE_PAGE 0x60000000ULL
#define DATA 0x30000000ULL
#define PAIR 0x31000000ULL

struct test {
  uint8_t length, code[15];
  uint64_t gpr[16], flags, fs, gs, window;
  uint8_t memory[64];
} __attribute__((packed));

struct result {
  uint64_t vector, error, address, rip, gpr[16], flags, fs, gs;
  uint8_t memory[64];
} __attribute__((packed));

/* Order of the registers in an instruction's encoding, as indexes of a signal frame. */
static const int ORDER[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                              REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

#define BATCH_MAX 4096
static struct test tests[BATCH_MAX];
static struct result results[BATCH_MAX];
static volatile uint32_t count, current;
static int inside;
static gregset_t home;
static uint64_t home_fs, home_gs;

static void enter(ucontext_t *uc) {
  struct test *t = &tests[current];
  greg_t *g = uc->uc_mcontext.gregs;
  memset((void *)CODE_PAGE, 0xCC, 8192);
  memcpy((void *)CODE, t->code, t->length);
  memset((void *)DATA, 0, 4096);
  memset((void *)PAIR, 0, 8192);
  memcpy((void *)t->window, t->memory, 64);
  for (int i = 0; i < 16; i++) g[ORDER[i]] = (greg_t)t->gpr[i];
  g[REG_EFL] = (greg_t)t->flags;
  g[REG_RIP] = CODE;
}

static void leave(ucontext_t *uc, uint64_t fs, uint64_t gs) {
  struct result *r = &results[current];
  greg_t *g = uc->uc_mcontext.gregs;
  memset(r, 0, sizeof *r);
  r->vector = (uint64_t)g[REG_TRAPNO];
  r->error = (uint64_t)g[REG_ERR];
  r->address = r->vector == 14 ? (uint64_t)g[REG_CR2] : 0;
  r->rip = (uint64_t)g[REG_RIP];
  for (int i = 0; i < 16; i++) r->gpr[i] = (uint64_t)g[ORDER[i]];
  r->flags = (uint64_t)g[REG_EFL];
  r->fs = fs;
  r->gs = gs;
  memcpy(r->memory, (void *)tests[current].window, 64);
}

__attribute__((target("fsgsbase"))) static void handler(int signal, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  uint64_t fs = _readfsbase_u64(), gs = _readgsbase_u64();
  (void)info;
  if (!inside) {
    if (signal != SIGUSR1) _exit(3);
    memcpy(home, uc->uc_mcontext.gregs, sizeof home);
    home_fs = fs;
    home_gs = gs;
    inside = 1;
  } else {
    _writefsbase_u64(home_fs);
    _writegsbase_u64(home_gs);
    leave(uc, fs, gs);
    current++;
  }
  if (current < count) {
    enter(uc);
    fs = tests[current].fs;
    gs = tests[current].gs;
  } else {
    memcpy(uc->uc_mcontext.gregs, home, sizeof home);
    inside = 0;
    fs = home_fs;
    gs = home_gs;
  }
  _writefsbase_u64(fs);
  _writegsbase_u64(gs);
}

static int read_all(void *to, size_t n) {
  for (size_t done = 0; done < n;) {
    ssize_t r = read(0, (char *)to + done, n - done);
    if (r <= 0) return 0;
    done += (size_t)r;
  }
  return 1;
}

static void write_all(const void *from, size_t n) {
  for (size_t done = 0; done < n;) {
    ssize_t r = write(1, (const char *)from + done, n - done);
    if (r <= 0) _exit(4);
    done += (size_t)r;
  }
}

int main(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  if (mmap((void *)CODE_PAGE, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0) != (void *)CODE_PAGE
      || mmap((void *)DATA, 4096, PROT_READ | PROT_WRITE, flags, -1, 0) != (void *)DATA
      || mmap((void *)PAIR, 8192, PROT_READ | PROT_WRITE, flags, -1, 0) != (void *)PAIR) {
    fprintf(stderr, "hardware: cannot map the pages\n");
    return 2;
  }
  stack_t stack = {.ss_sp = malloc(1 << 18), .ss_size = 1 << 18};
  sigaltstack(&stack, NULL);
  int signals[] = {SIGUSR1, SIGTRAP, SIGSEGV, SIGFPE, SIGILL, SIGBUS};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaction(signals[i], &action, NULL);
  }
  uint32_t n;
  while (read_all(&n, 4)) {
    if (n == 0 || n > BATCH_MAX || !read_all(tests, n * sizeof *tests)) return 5;
    count = n;
    current = 0;
    raise(SIGUSR1);
    write_all(results, n * sizeof *results);
  }
  return 0;
}
