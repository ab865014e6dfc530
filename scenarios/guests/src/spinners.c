/*
 * Threads that compute and make no calls: signals reach them all the same, on whatever processor they run, and a process
 * that is stopped stands still with all its threads.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SPINNERS 3

static volatile sig_atomic_t handled[SPINNERS];
static volatile int spinning[SPINNERS];
static _Thread_local int number;

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void handler(int signal)
{
    (void)signal;
    handled[number] = 1;
}

static void *spin(void *which)
{
    number = (int)(long)which;
    spinning[number] = 1;
    while (!handled[number])
        ;
    return which;
}

static void directed(void)
{
    pthread_t threads[SPINNERS];
    long sum = 0;
    signal(SIGUSR1, handler);
    for (long i = 0; i < SPINNERS; i++)
        pthread_create(&threads[i], NULL, spin, (void *)i);
    for (int i = 0; i < SPINNERS; i++) {
        while (!spinning[i])
            nap();
        pthread_kill(threads[i], SIGUSR1);
    }
    for (int i = 0; i < SPINNERS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        sum += (long)result;
    }
    printf("directed: joined %ld\n", sum);
}

/* The process as a whole is told, and only the spinner does not block it. */
static void undirected(void)
{
    pthread_t thread;
    sigset_t set;
    spinning[0] = handled[0] = 0;
    pthread_create(&thread, NULL, spin, (void *)0);
    while (!spinning[0])
        nap();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR1);
    pthread_join(thread, NULL);
    printf("undirected: handled %d\n", handled[0]);
}

static volatile unsigned long *counters;

static void *count(void *which)
{
    while (counters)
        counters[(long)which]++;
    return which;
}

static void stopped(void)
{
    unsigned long seen[2], moved = 0;
    int status;
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, count, (void *)1);
        count((void *)0);
    }
    while (counters[0] == 0 || counters[1] == 0)
        nap();
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    printf("stopped %d by %d:", WIFSTOPPED(status), WSTOPSIG(status));
    for (int i = 0; i < 2; i++)
        seen[i] = counters[i];
    nap();
    for (int i = 0; i < 2; i++)
        moved += counters[i] - seen[i];
    printf(" moved by %lu,", moved);
    kill(child, SIGCONT);
    waitpid(child, &status, WCONTINUED);
    while (counters[0] == seen[0] || counters[1] == seen[1])
        nap();
    kill(child, SIGTERM);
    waitpid(child, &status, 0);
    printf(" continued, ended by %d\n", WTERMSIG(status));
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 4096);
    counters = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    directed();
    undirected();
    stopped();
    return 0;
}
