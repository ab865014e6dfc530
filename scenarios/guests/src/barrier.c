/*
 * A write barrier as a collector makes it, with a thread as the mutator: a page is made read-only while the thread waits, and
 * the thread's next write must fault, be told where, and go on once the handler has made the page writable again.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, ROUNDS = 20 };

static char *page;
static int go[2], done[2];
static volatile sig_atomic_t faults, wrong;

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    faults++;
    if (info->si_code != SEGV_ACCERR || (char *)info->si_addr != page + 8) {
        wrong++;
    }
    mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void *mutator(void *nothing)
{
    (void)nothing;
    char order;
    while (read(go[0], &order, 1) == 1 && order != 'q') {
        *(volatile uint64_t *)(page + 8) += 1;
        if (write(done[1], &order, 1) != 1) {
            break;
        }
    }
    return NULL;
}

static void step(char order)
{
    char answer;
    if (write(go[1], &order, 1) != 1 || read(done[0], &answer, 1) != 1) {
        puts("the mutator does not answer");
        _exit(1);
    }
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || pipe(go) != 0 || pipe(done) != 0) {
        puts("no page or no pipe");
        return 1;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, mutator, NULL) != 0) {
        puts("no thread");
        return 1;
    }
    step('w');
    for (int round = 0; round < ROUNDS; round++) {
        /* The mutator waits in read() now, and its core may be idle. */
        mprotect(page, PAGE, PROT_READ);
        step('w');
        step('w');
    }
    if (write(go[1], "q", 1) != 1) {
        return 1;
    }
    pthread_join(thread, NULL);
    printf("%d rounds, %d faults, %d wrong, %llu writes\n", ROUNDS, (int)faults, (int)wrong,
           (unsigned long long)*(uint64_t *)(page + 8));
    return faults == ROUNDS && wrong == 0 ? 0 : 1;
}
