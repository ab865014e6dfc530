/*
 * A loop of integer arithmetic in registers: shifts, multiplications, rotations, a division now and then, and a branch on a bit of
 * its state that no predictor can guess. A round is 1,000 turns.
 */
#include "bench.h"

static uint64_t turns(uint64_t state, uint64_t *sum) {
    uint64_t total = *sum;
    for (int turn = 0; turn < 1000; turn++) {
        uint64_t drawn = next_random(&state);
        if (drawn & 0x10) {
            total += drawn * 0x9e3779b97f4a7c15ULL;
            __asm__ volatile("" : "+r"(total)); /* keeps the branch a branch */
        } else {
            total = (total << 5 | total >> 59) ^ (uint64_t) turn;
        }
        if ((turn & 63) == 0) {
            total += drawn / (uint64_t) (turn + 3);
        }
    }
    *sum = total;
    return state;
}

int main(int argc, char **argv) {
    uint64_t count = rounds(argc, argv, 100000);
    uint64_t state = 0x9e3779b97f4a7c15ULL;
    uint64_t sum = 0;
    for (uint64_t round = 0; round < count; round++) {
        state = turns(state, &sum);
    }
    return result("bench-integer", count, mix(sum, state));
}
