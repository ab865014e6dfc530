/*
 * A checksum by arithmetic alone, for timing: about 300 million instructions by default. The loop shifts, multiplies,
 * rotates, adds with carry, and branches on a bit of its state, which no predictor can guess.
 *
 *   checksum [ROUNDS]    prints the rounds and the result
 */
#include "bare.h"

#define ROUNDS_DEFAULT 20000000UL

static u64 parse(const char *text) {
    u64 value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + (u64) (*text - '0');
    }
    return value;
}

static void print_number(const char *label, u64 value, u64 base) {
    char buffer[24];
    char *at = buffer + sizeof buffer - 1;
    *at = 0;
    do {
        *--at = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    print(label);
    print(at);
}

static u64 checksum(u64 rounds) {
    u64 state = 0x9e3779b97f4a7c15UL;
    u64 sum = 0;
    for (u64 round = 0; round < rounds; round++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if (state & 0x10) {
            sum += state * 0x2545f4914f6cdd1dUL;
            __asm__ volatile("" : "+r"(sum)); /* keeps the branch a branch */
        } else {
            sum = (sum << 5 | sum >> 59) ^ round;
        }
    }
    return sum;
}

void start(long *stack) {
    u64 rounds = stack[0] > 1 ? parse((const char *) stack[2]) : ROUNDS_DEFAULT;
    print_number("checksum: ", rounds, 10);
    print_number(" rounds, result ", checksum(rounds), 16);
    print("\n");
    leave(0);
}
