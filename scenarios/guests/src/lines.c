/* Lines that run a known number of times, and lines that never do. */
#include <stdio.h>
#include "lines.h"

static int sum_of_even(int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        if (i % 2 == 0) {
            sum += twice(i);
        }
    }
    return sum;
}

static int never_called(int number) {
    return number + 1;
}

int main(int argc, char **argv) {
    (void) argv;
    int sum = sum_of_even(10);
    if (argc > 100) {
        sum = never_called(sum);
    }
    printf("%d\n", sum);
    return 0;
}
