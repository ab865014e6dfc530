/* Two matrices of 128 x 128 doubles multiplied, once a round; each product, scaled back, is a factor of the next. */
#include "bench.h"
#include <string.h>

#define SIZE 128

static double left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE];

static void multiply(void) {
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            double sum = 0;
            for (int k = 0; k < SIZE; k++) {
                sum += left[i][k] * right[k][j];
            }
            product[i][j] = sum;
        }
    }
}

int main(int argc, char **argv) {
    uint64_t count = rounds(argc, argv, 20);
    uint64_t state = 3;
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            left[i][j] = (double) (next_random(&state) >> 40) / (1 << 24);
            right[i][j] = (double) (next_random(&state) >> 40) / (1 << 24);
        }
    }
    for (uint64_t round = 0; round < count; round++) {
        multiply();
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j < SIZE; j++) {
                left[i][j] = product[i][j] / SIZE + 0.25;
            }
        }
    }
    uint64_t sum = 0;
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            uint64_t bits;
            memcpy(&bits, &product[i][j], sizeof bits);
            sum = mix(sum, bits);
        }
    }
    return result("bench-matrix", count, sum);
}
