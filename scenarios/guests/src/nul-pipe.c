/*
 * Binary records through a pipe, for a kernel whose pipes are planted to lose what follows a NUL: the writer is told that all of
 * it went, and the reader waits for the rest for ever. It is right, and on Linux it works.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { RECORDS = 8 };

static int ends[2];

__attribute__((noinline)) static int take(uint32_t *number)
{
    size_t have = 0;
    while (have < sizeof *number) {
        ssize_t count = read(ends[0], (char *)number + have, sizeof *number - have);
        if (count <= 0) {
            return 0;
        }
        have += (size_t)count;
    }
    return 1;
}

static void *reader(void *sum)
{
    uint32_t number;
    for (int i = 0; i < RECORDS && take(&number); i++) {
        *(uint32_t *)sum += number;
    }
    return NULL;
}

int main(void)
{
    pthread_t thread;
    uint32_t sum = 0;
    if (pipe(ends) != 0 || pthread_create(&thread, NULL, reader, &sum) != 0) {
        return 2;
    }
    for (uint32_t i = 0; i < RECORDS; i++) {
        uint32_t number = i % 2 ? 0x01020304 + i : 0x01000004 + i;
        if (write(ends[1], &number, sizeof number) != sizeof number) {
            return 2;
        }
    }
    pthread_join(thread, NULL);
    printf("sum %u\n", sum);
    return 0;
}
