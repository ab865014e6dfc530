/*
 * More threads than cores, half of them computing without a pause until the other half has slept: every core must end sleeps
 * and take itself away from a thread that computes.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { PAIRS = 4, NAPS = 3 };

static atomic_int slept[PAIRS];

static void *sleeper(void *argument)
{
    atomic_int *naps = argument;
    for (int i = 0; i < NAPS; i++) {
        struct timespec pause = {.tv_nsec = 2000000};
        nanosleep(&pause, NULL);
        atomic_fetch_add(naps, 1);
    }
    return NULL;
}

static void *computer(void *argument)
{
    atomic_int *naps = argument;
    while (atomic_load(naps) < NAPS) {
    }
    return NULL;
}

int main(void)
{
    pthread_t computers[PAIRS], sleepers[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        if (pthread_create(&computers[i], NULL, computer, &slept[i]) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < PAIRS; i++) {
        if (pthread_create(&sleepers[i], NULL, sleeper, &slept[i]) != 0) {
            return 1;
        }
    }
    int naps = 0;
    for (int i = 0; i < PAIRS; i++) {
        pthread_join(computers[i], NULL);
        pthread_join(sleepers[i], NULL);
        naps += atomic_load(&slept[i]);
    }
    printf("%d threads, %d naps\n", 2 * PAIRS, naps);
    return 0;
}
