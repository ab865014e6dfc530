/*
 * What probes of the Racket runtime look for, without Racket: functions of the names and with the arguments that its precise collector, its
 * futures and its places call when something happens. It prints what it did, so that what the probes saw can be held against it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#define PROBED __attribute__((noinline, noclone, used))

enum { COLLECTIONS = 3, MESSAGES = 4 };

static volatile long work;
static long *old_page;
static char channel_a, channel_b;

static const char *const fevent_strs[] = {"create", "complete", "start-work"};

/* The functions do something, so that no two of them are folded into one. */
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
    printf("gc %d%d%d %ld %ld %ld %ld\n", master, major, incremental, (long)before, (long)after, (long)before_admin,
           (long)after_admin);
}

PROBED void record_fevent_with_data(int what, int future, int data)
{
    work += what + future + data + fevent_strs[what][0];
}

PROBED void *touch(int count, void **arguments)
{
    work += count;
    return arguments;
}

PROBED void log_place_event(const char *format, const char *tag, int has_amount, intptr_t amount)
{
    work += format[0] + tag[0] + has_amount + amount;
}

PROBED void place_async_send(void *channel, void *message)
{
    work += (intptr_t)channel + (intptr_t)message;
    log_place_event("id %d: put message of %ld bytes", "put", 1, 64);
}

PROBED void *place_async_try_receive_raw(void *channel)
{
    work += (intptr_t)channel;
    log_place_event("id %d: get message of %ld bytes", "get", 1, 64);
    return channel;
}

PROBED void fault_handler(int signal, siginfo_t *information, void *context)
{
    work += signal + (context != NULL);
    mprotect(information->si_addr, 4096, PROT_READ | PROT_WRITE);
}

static void *place(void *unused)
{
    log_place_event("id %d: enter", "enter", 0, 0);
    for (int i = 0; i < MESSAGES; i++) {
        place_async_try_receive_raw(i % 2 ? &channel_b : &channel_a);
    }
    log_place_event("id %d: exit", "exit", 0, 0);
    return unused;
}

static void run_place(void)
{
    pthread_t thread;
    for (int i = 0; i < MESSAGES; i++) {
        place_async_send(i % 2 ? &channel_b : &channel_a, &channel_a);
    }
    log_place_event("id %d: create %ld", "create", 1, 1);
    if (pthread_create(&thread, NULL, place, NULL) == 0) {
        pthread_join(thread, NULL);
    }
    log_place_event("id %d: reap %ld", "reap", 1, 1);
}

int main(void)
{
    struct sigaction barrier = {.sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &barrier, NULL);
    old_page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < COLLECTIONS; i++) {
        get_ready_for_GC();
        mprotect(old_page, 4096, PROT_READ);
        done_with_GC();
        inform_GC(i == 2, i == 1, 0, 5000 + i, 4000 + i, 6000 + i, 7000 + i, 0);
        old_page[i] = i;
    }
    for (int i = 0; i < 3; i++) {
        void *arguments[] = {&channel_b};
        record_fevent_with_data(0, -1, i);
        record_fevent_with_data(2, i, 0);
        touch(1, arguments);
        record_fevent_with_data(1, i, 0);
    }
    run_place();
    return 0;
}
