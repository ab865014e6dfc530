/*
 * Planted: a lost wake-up. A worker looks whether there is work and, if not, sleeps until the bell rings; work that comes between
 * its look and its sleep rings before anybody listens, and nobody rings again. The bell's word never changes, so the kernel
 * cannot tell the late sleeper either. One thread after the other it works; interrupted at the wrong place it hangs.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129, ROUNDS = 200 };

static atomic_int turn;
static unsigned bell;

__attribute__((noinline)) static void sleep_until_rung(void)
{
    syscall(SYS_futex, &bell, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

__attribute__((noinline)) static void ring(void)
{
    syscall(SYS_futex, &bell, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0);
}

static void *player(void *argument)
{
    int me = (int)(long)argument;
    for (int i = 0; i < ROUNDS; i++) {
        while (atomic_load(&turn) != me) {
            sleep_until_rung();
        }
        atomic_store(&turn, 1 - me);
        ring();
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) {
        if (pthread_create(&threads[i], NULL, player, (void *)i) != 0) {
            return 2;
        }
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%d turns taken\n", 2 * ROUNDS);
    return 0;
}
