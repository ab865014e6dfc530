/*
 * Pointers followed through 16 MiB in random order, 100,000 a round: every step waits for the memory, and most of them miss a
 * TLB of any usual size.
 */
#include "bench.h"

#define NODES (1 << 20)

struct node {
    struct node *next;
    uint64_t value;
};

static struct node nodes[NODES];

int main(int argc, char **argv) {
    uint64_t count = rounds(argc, argv, 100);
    uint64_t state = 7;
    static uint32_t order[NODES];
    for (uint32_t i = 0; i < NODES; i++) {
        order[i] = i;
    }
    /* Sattolo's shuffle: one cycle through all of them. */
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t j = (uint32_t) (next_random(&state) % i);
        uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
    for (uint32_t i = 0; i < NODES; i++) {
        nodes[i].next = &nodes[order[i]];
        nodes[i].value = i;
    }
    struct node *at = nodes;
    uint64_t sum = 0;
    for (uint64_t round = 0; round < count; round++) {
        for (int step = 0; step < 100000; step++) {
            sum = sum * 31 + at->value;
            at = at->next;
        }
    }
    return result("bench-chase", count, mix(sum, at->value));
}
