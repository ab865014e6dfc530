/* The vsyscall page: its three calls. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

#define PAGE 0xffffffffff600000UL

int main(void) {
    int (*day)(struct timeval *, void *) = (int (*)(struct timeval *, void *)) PAGE;
    time_t (*now)(time_t *) = (time_t(*)(time_t *)) (PAGE + 1024);
    int (*cpu)(unsigned *, unsigned *, void *) = (int (*)(unsigned *, unsigned *, void *)) (PAGE + 2048);
    struct timeval tv = {0, 0};
    time_t stored = 0;
    unsigned core = 99;
    unsigned node = 99;
    time_t before = time(NULL);
    printf("gettimeofday %d\n", day(&tv, NULL));
    printf("time returns what it stores %d\n", now(&stored) == stored);
    time_t after = time(NULL);
    printf("in order %d %d\n", before <= tv.tv_sec && tv.tv_sec <= after, before <= stored && stored <= after);
    printf("getcpu %d %d\n", cpu(&core, &node, NULL), core < 4096 && node < 4096);
    return 0;
}
