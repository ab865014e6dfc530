/*
 * What the programs that `chronovisor bench` measures have in common: one argument, the number of rounds, so that a run is as long as
 * it has to be; and one line of output, the result, which is the same wherever the program runs. Each of them does a thing that
 * real programs spend their time on, and checks itself where it can.
 */
#ifndef BENCH_H
#define BENCH_H

#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline uint64_t rounds(int argc, char **argv, uint64_t usual) {
    if (argc < 2) {
        return usual;
    }
    char *end;
    uint64_t asked = strtoull(argv[1], &end, 10);
    if (argc > 2 || *end != 0 || end == argv[1] || asked == 0) {
        fprintf(stderr, "usage: %s [ROUNDS]\n", argv[0]);
        exit(2);
    }
    return asked;
}

/* xorshift64*: the same numbers everywhere. */
static inline uint64_t next_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

/* FNV-1a over the bytes of a number. */
static inline uint64_t mix(uint64_t sum, uint64_t value) {
    for (int i = 0; i < 8; i++) {
        sum = (sum ^ (value >> 8 * i & 0xff)) * 0x100000001b3ULL;
    }
    return sum;
}

static inline int result(const char *name, uint64_t done, uint64_t sum) {
    printf("%s: %llu rounds, result %016llx\n", name, (unsigned long long) done, (unsigned long long) sum);
    return 0;
}

static inline _Noreturn void wrong(const char *name, const char *what) {
    fprintf(stderr, "%s: wrong: %s\n", name, what);
    exit(1);
}

#endif
