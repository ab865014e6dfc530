/*
 * Planted: a race on a pipe. Two writers send records, each in two writes, a head that tells the length and a body; each write is
 * atomic, the two together are not. When the other writer comes between them the reader takes a body for a head.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITERS = 2, RECORDS = 60, BODY_MAX = 32 };

struct head {
    uint32_t magic;
    uint32_t length;
};

static int ends[2];

static void *writer(void *argument)
{
    long me = (long)argument;
    char body[BODY_MAX];
    memset(body, 'a' + (int)me, sizeof body);
    for (int i = 0; i < RECORDS; i++) {
        struct head head = {0x7265636f, 8 + (uint32_t)(i + me) % 24};
        if (write(ends[1], &head, sizeof head) != (ssize_t)sizeof head
            || write(ends[1], body, head.length) != (ssize_t)head.length) {
            exit(2);
        }
    }
    return NULL;
}

static void take(void *to, size_t length)
{
    for (size_t have = 0; have < length;) {
        ssize_t count = read(ends[0], (char *)to + have, length - have);
        if (count <= 0) {
            puts("the pipe has ended");
            exit(2);
        }
        have += (size_t)count;
    }
}

__attribute__((noinline)) static void check(const struct head *head, int number)
{
    if (head->magic != 0x7265636f || head->length > BODY_MAX) {
        printf("record %d has no head\n", number);
        abort();
    }
}

int main(void)
{
    pthread_t threads[WRITERS];
    if (pipe(ends) != 0) {
        return 2;
    }
    for (long i = 0; i < WRITERS; i++) {
        if (pthread_create(&threads[i], NULL, writer, (void *)i) != 0) {
            return 2;
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < WRITERS * RECORDS; i++) {
        struct head head;
        char body[BODY_MAX];
        take(&head, sizeof head);
        check(&head, i);
        take(body, head.length);
    }
    printf("%d records\n", WRITERS * RECORDS);
    return 0;
}
