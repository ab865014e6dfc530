/* Quicksort of 65,536 numbers, once a round: recursion, comparisons that cannot be predicted, swaps. */
#include "bench.h"

#define COUNT 65536
#define SHORT 12

static uint32_t numbers[COUNT];

static void insertion(uint32_t *from, long count) {
    for (long i = 1; i < count; i++) {
        uint32_t value = from[i];
        long j = i;
        for (; j > 0 && from[j - 1] > value; j--) {
            from[j] = from[j - 1];
        }
        from[j] = value;
    }
}

static void sort(uint32_t *from, long count) {
    while (count > SHORT) {
        uint32_t a = from[0], b = from[count / 2], c = from[count - 1];
        uint32_t pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
        long i = -1, j = count;
        while (1) {
            do {
                i++;
            } while (from[i] < pivot);
            do {
                j--;
            } while (from[j] > pivot);
            if (i >= j) {
                break;
            }
            uint32_t swapped = from[i];
            from[i] = from[j];
            from[j] = swapped;
        }
        sort(from, j + 1);
        from += j + 1;
        count -= j + 1;
    }
    insertion(from, count);
}

int main(int argc, char **argv) {
    uint64_t count = rounds(argc, argv, 20);
    uint64_t state = 5;
    uint64_t sum = 0;
    for (uint64_t round = 0; round < count; round++) {
        uint32_t before = 0, after = 0;
        for (int i = 0; i < COUNT; i++) {
            numbers[i] = (uint32_t) next_random(&state);
            before += numbers[i];
        }
        sort(numbers, COUNT);
        for (int i = 0; i < COUNT; i++) {
            after += numbers[i];
            if (i > 0 && numbers[i - 1] > numbers[i]) {
                wrong("bench-quicksort", "not sorted");
            }
        }
        if (before != after) {
            wrong("bench-quicksort", "other numbers than before");
        }
        sum = mix(sum, numbers[COUNT / 2]);
    }
    return result("bench-quicksort", count, sum);
}
