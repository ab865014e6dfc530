/*
 * Planted: a pointer into memory that realloc has moved is still read. Nothing crashes: the sum is wrong, and the status says so.
 * With an argument nothing is read too late, and memory that was freed is only used after realloc has given it out again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 4, MANY = 100, NAMES = 40 };

static int *numbers;

__attribute__((noinline)) static void grow(int count)
{
    numbers = realloc(numbers, count * sizeof *numbers);
}

/* Names begin small, and grow into what was freed. */
__attribute__((noinline)) static char *longer_name(const char *name)
{
    char *copy = malloc(1);
    copy = realloc(copy, FEW * sizeof *numbers);
    return strncpy(copy, name, FEW * sizeof *numbers);
}

__attribute__((noipa)) static int sum(const int *from, int count)
{
    int all = 0;
    for (int i = 0; i < count; i++) {
        all += from[i];
    }
    return all;
}

int main(int count, char **arguments)
{
    grow(FEW);
    const int *first = numbers;
    for (int i = 0; i < FEW; i++) {
        numbers[i] = i;
    }
    grow(MANY);
    numbers[0] = 10;
    int all;
    if (count < 2) {
        all = sum(first, FEW);
    } else {
        for (int i = 0; i < NAMES; i++) {
            longer_name("Ada Lovelace");
        }
        all = sum(numbers, FEW);
    }
    printf("sum %s\n", all == 16 ? "right" : "wrong");
    return all != 16 || arguments[1] != NULL;
}
