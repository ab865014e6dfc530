/*
 * Two bugs of timing. A counter is raised without a lock, so that an increment is lost when a thread is interrupted between its
 * load and its store; and a flag is looked at before waiting for its change, so that a change between the two is slept through.
 * Both need an interruption at one of a few instructions: short runs on a kernel with long time slices never meet it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };
enum { THREADS = 2, ROUNDS = 2000, HANDOVERS = 200 };

static volatile long counter;
static atomic_int turn;
static unsigned bell;

__attribute__((noinline)) static long next(long number)
{
    return number + 1;
}

static void *count(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        /* As a compiler may do it: one addition to memory would be one instruction, which one processor alone does whole. */
        long seen = counter;
        counter = next(seen);
    }
    return unused;
}

/* Waits for its turn. A bell that counted its rings would tell a late listener; one that does not may ring unheard between. */
static int await(int wanted)
{
    struct timespec patience = {.tv_nsec = 200000000};
    int lost = 0;
    while (atomic_load(&turn) != wanted) {
        if (syscall(SYS_futex, &bell, FUTEX_WAIT_PRIVATE, 0, &patience, NULL, 0) < 0 && errno == ETIMEDOUT) {
            lost = 1;
        }
    }
    return lost;
}

static void pass(int to)
{
    atomic_store(&turn, to);
    syscall(SYS_futex, &bell, FUTEX_WAKE_PRIVATE, THREADS, NULL, NULL, 0);
}

static void *hand_over(void *argument)
{
    int me = (int)(long)argument;
    long lost = 0;
    for (int i = 0; i < HANDOVERS; i++) {
        lost += await(me);
        pass(1 - me);
    }
    return (void *)lost;
}

static long run(void *(*body)(void *))
{
    pthread_t threads[THREADS];
    long sum = 0;
    for (long i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, body, (void *)i) != 0) {
            return -1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        sum += (long)result;
    }
    return sum;
}

int main(void)
{
    run(count);
    printf("counted %ld of %d\n", counter, THREADS * ROUNDS);
    long lost = run(hand_over);
    printf("slept through %ld of %d changes\n", lost, THREADS * HANDOVERS);
    return counter != THREADS * ROUNDS || lost != 0;
}
