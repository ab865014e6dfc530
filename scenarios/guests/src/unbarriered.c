/*
 * Planted: a missing write barrier. A small collector with two generations, its barrier made as Racket's: old pages are
 * write-protected before the program goes on, and the SIGSEGV of the first write notes the page. With the argument "short" it
 * forgets to protect the last old page, so that a pointer which is stored there is not corrected when its object moves, and the
 * next collection leaves it dangling. With no argument it is right, where mprotect protects.
 *
 * Its entry points have the names of Racket's, so that what watches Racket's collections sees these.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define PROBED __attribute__((noinline, noclone, used))

enum { PAGE = 4096, OLD_PAGES = 4, SLOTS = PAGE / 8, NURSERY = 64 };

struct object {
    struct object *value;
    long number;
};

static struct object **old[OLD_PAGES];
static char *old_space, *nursery, *tenured;
static volatile sig_atomic_t dirty[OLD_PAGES];
static size_t allocated, moved;
static int protected_pages = OLD_PAGES;
static volatile long work;
static struct object leaf = {NULL, 42};

PROBED void get_ready_for_GC(void)
{
    work += 1;
}

PROBED void done_with_GC(void)
{
    work += 2;
}

PROBED void inform_GC(int master, int major, int incremental, intptr_t before, intptr_t after, intptr_t before_admin,
                      intptr_t after_admin, intptr_t children)
{
    work += master + major + incremental + before + after + before_admin + after_admin + children;
}

PROBED void fault_handler(int number, siginfo_t *info, void *context)
{
    (void)context;
    size_t page = (size_t)((char *)info->si_addr - old_space) / PAGE;
    if (page >= OLD_PAGES) {
        signal(number, SIG_DFL);
        return;
    }
    dirty[page] = 1;
    mprotect(old[page], PAGE, PROT_READ | PROT_WRITE);
}

__attribute__((noinline)) static void protect_old(void)
{
    mprotect(old_space, (size_t)protected_pages * PAGE, PROT_READ);
    memset((void *)dirty, 0, sizeof dirty);
}

__attribute__((noinline)) static struct object *make(long number)
{
    struct object *object = (struct object *)(nursery + allocated);
    allocated += sizeof *object;
    object->value = &leaf;
    object->number = number;
    return object;
}

__attribute__((noinline)) static void store(size_t page, size_t slot, struct object *object)
{
    old[page][slot] = object;
}

/* Moves what dirty old pages lead to out of the nursery, and clears the nursery. */
__attribute__((noinline)) static void collect(void)
{
    get_ready_for_GC();
    size_t before = allocated;
    for (size_t page = 0; page < OLD_PAGES; page++) {
        for (size_t slot = 0; dirty[page] && slot < SLOTS; slot++) {
            char *object = (char *)old[page][slot];
            if (object >= nursery && object < nursery + PAGE) {
                struct object *to = (struct object *)(tenured + moved);
                moved += sizeof *to;
                memcpy(to, object, sizeof *to);
                old[page][slot] = to;
            }
        }
    }
    memset(nursery, 0, PAGE);
    allocated = 0;
    protect_old();
    done_with_GC();
    inform_GC(0, 0, 0, (intptr_t)before, (intptr_t)moved, PAGE, PAGE, 0);
}

__attribute__((noinline)) static long sum(void)
{
    long sum = 0;
    for (size_t page = 0; page < OLD_PAGES; page++) {
        struct object *object = old[page][page];
        sum += object->number + object->value->number;
    }
    return sum;
}

int main(int count, char **arguments)
{
    struct sigaction action = {.sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    if (count > 1 && strcmp(arguments[1], "short") == 0) {
        protected_pages = OLD_PAGES - 1;
    }
    old_space = mmap(NULL, OLD_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    nursery = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tenured = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (old_space == MAP_FAILED || nursery == MAP_FAILED || tenured == MAP_FAILED) {
        return 2;
    }
    for (size_t page = 0; page < OLD_PAGES; page++) {
        old[page] = (struct object **)(old_space + page * PAGE);
    }
    collect();
    for (long page = 0; page < OLD_PAGES; page++) {
        store((size_t)page, (size_t)page, make(page));
    }
    printf("before the collection %ld\n", sum());
    fflush(stdout);
    collect();
    printf("after the collection %ld\n", sum());
    return 0;
}
