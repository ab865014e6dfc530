/* Serial ports, and the way out. */
#include "kernel.h"

static inline void out8(uint16_t port, uint8_t value) {
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

void serial(int port, const void *bytes, uint64_t count) {
    /* QEMU's transmitter is always ready. */
    __asm__ volatile("rep outsb" : "+S"(bytes), "+c"(count) : "d"((uint16_t) port) : "memory");
}

void say(const char *text) {
    uint64_t length = 0;
    while (text[length] != 0) {
        length++;
    }
    serial(ERR, text, length);
}

void say_number(uint64_t number) {
    char text[19] = "0x";
    int at = 2;
    int shift = 60;
    while (shift > 0 && number >> shift == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        text[at++] = "0123456789abcdef"[number >> shift & 15];
    }
    serial(ERR, text, (uint64_t) at);
}

_Noreturn void end(int status) {
    out8(0xf4, (uint8_t) status);
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
