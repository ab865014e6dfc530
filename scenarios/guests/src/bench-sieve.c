/* The sieve of Eratosthenes up to one million, once a round: tight loops over bytes with strides. */
#include "bench.h"
#include <string.h>

#define LIMIT 1000000
#define PRIMES 78498 /* below one million */

static char composite[LIMIT];

static int sieve(void) {
    memset(composite, 0, sizeof composite);
    int primes = 0;
    for (int n = 2; n < LIMIT; n++) {
        if (!composite[n]) {
            primes++;
            for (long multiple = (long) n * n; multiple < LIMIT; multiple += n) {
                composite[multiple] = 1;
            }
        }
    }
    return primes;
}

int main(int argc, char **argv) {
    uint64_t count = rounds(argc, argv, 100);
    uint64_t sum = 0;
    for (uint64_t round = 0; round < count; round++) {
        int primes = sieve();
        if (primes != PRIMES) {
            wrong("bench-sieve", "there are 78498 primes below one million");
        }
        sum = mix(sum, (uint64_t) primes + round);
    }
    return result("bench-sieve", count, sum);
}
