/* Needs much memory now and then: maps so many megabytes, fills every page, adds them up, gives them back and computes for a while.
   Usage: tides [megabytes [rounds]] */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096

int main(int argc, char **argv) {
    unsigned long megabytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 8;
    unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 2;
    size_t bytes = megabytes << 20;
    for (unsigned long round = 1; round <= rounds; round++) {
        unsigned char *sea = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (sea == MAP_FAILED) {
            perror("mmap");
            return 1;
        }
        for (size_t at = 0; at < bytes; at += PAGE) {
            *(uint64_t *)(sea + at) = at / PAGE + round;
        }
        uint64_t sum = 0;
        for (size_t at = 0; at < bytes; at += PAGE) {
            sum += *(uint64_t *)(sea + at);
        }
        munmap(sea, bytes);
        uint64_t pages = bytes / PAGE;
        int right = sum == pages * (pages - 1) / 2 + pages * round;
        printf("tide %lu: %lu MB, %s\n", round, megabytes, right ? "every page holds what was put there" : "WRONG");
        fflush(stdout);
        volatile uint64_t ebb = 0;
        for (unsigned long i = 0; i < 500000; i++) {
            ebb += i;
        }
    }
    return 0;
}
