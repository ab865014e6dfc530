/*
 * Planted: SIGSEGV is blocked where it is needed. Pages come into being when they are touched, by a handler of SIGSEGV. A handler of
 * SIGUSR1 that blocks every signal touches such a page too: there the handler cannot run, and the kernel kills the process. With an
 * argument the second handler blocks nothing, and it works.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 4 };

static volatile char *lazy;
static volatile sig_atomic_t made;

static void make_page(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    made++;
    mprotect((void *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE);
}

static void on_request(int number)
{
    lazy[2 * PAGE] = (char)number;
}

int main(int count, char **arguments)
{
    struct sigaction maker = {.sa_sigaction = make_page, .sa_flags = SA_SIGINFO};
    struct sigaction request = {.sa_handler = on_request};
    if (count < 2) {
        sigfillset(&request.sa_mask);
    }
    sigaction(SIGSEGV, &maker, NULL);
    sigaction(SIGUSR1, &request, NULL);
    lazy = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (lazy == MAP_FAILED) {
        return 2;
    }
    lazy[0] = 1;
    lazy[PAGE] = 1;
    printf("%d pages made\n", (int)made);
    fflush(stdout);
    kill(getpid(), SIGUSR1);
    printf("%d pages made\n", (int)made);
    return arguments == NULL;
}
