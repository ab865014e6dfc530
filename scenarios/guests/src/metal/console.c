/* The serial port, and what the guest says there. */
#include "metal.h"

enum { COM1 = 0x3F8, READY = 0x20 };

static int failed;

void say(const char *text) {
    for (; *text != 0; text++) {
        while ((in8(COM1 + 5) & READY) == 0) {
        }
        out8(COM1, *text);
    }
}

void say_number(uint64_t value) {
    char digits[21];
    int at = 20;
    digits[20] = 0;
    do {
        digits[--at] = '0' + value % 10;
        value /= 10;
    } while (value != 0);
    say(digits + at);
}

void check(const char *what, int holds) {
    say(holds ? "ok: " : "FAILED: ");
    say(what);
    say("\n");
    failed += !holds;
}

int failures(void) {
    return failed;
}

/* The compiler calls these. */
void *memset(void *to, int value, size_t length) {
    void *begin = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(length) : "a"(value) : "memory");
    return begin;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
    void *begin = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
    return begin;
}
