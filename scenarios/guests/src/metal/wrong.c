/* What a guest can do wrong: its machine has to end, or go on, and harm nothing else. */
#include "metal.h"

enum { OPERATIONS = 300000, COM1 = 0x3F8, ICR_LOW = 0x300 };

/* No handler is there for the exception, nor for the double fault that follows. */
static void triple_fault(void) {
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) nothing = {0, 0};
    __asm__ volatile("lidt %0; ud2" : : "m"(nothing));
}

static uint64_t state = 88172645463325252ull;

/* Marsaglia's xorshift. */
static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void drive_port(uint16_t port, uint32_t value, int kind) {
    switch (kind) {
    case 0:
        (void) in8(port);
        break;
    case 1:
        (void) in16(port);
        break;
    case 2:
        (void) in32(port);
        break;
    case 3:
        out8(port, value);
        break;
    case 4:
        out16(port, value);
        break;
    default:
        out32(port, value);
        break;
    }
}

static void drive_memory(uint64_t address, uint64_t value, int kind) {
    switch (kind) {
    case 0:
        *(volatile uint8_t *) address = value;
        break;
    case 1:
        *(volatile uint16_t *) address = value;
        break;
    case 2:
        *(volatile uint32_t *) address = value;
        break;
    case 3:
        *(volatile uint64_t *) address = value;
        break;
    case 4:
        (void) *(volatile uint64_t *) address;
        break;
    default:
        __atomic_fetch_xor((uint32_t *) (address & ~3ull), (uint32_t) value, __ATOMIC_SEQ_CST);
        break;
    }
}

/* Every port and device register gets random values. Only the command that would stop this core is left out. */
static void abuse(const struct tables *tables) {
    static const uint16_t blocks[] = {0x20, 0x40, 0x60, 0x70, 0xA0, 0x3C0, 0x3D0, 0x3F8, 0x2F8, 0xCF8, 0xC000, 0xC010};
    const uint64_t pages[] = {tables->local_apic, tables->io_apic, 0xB8000};
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        uint64_t r = next();
        uint32_t value = next();
        int kind = (r >> 8) % 6;
        if ((r & 3) == 0) {
            uint64_t offset = (r >> 16) & 0xFF8;
            uint64_t page = pages[(r >> 32) % 3];
            if (page != tables->local_apic || (offset & 0xFF0) != ICR_LOW) {
                drive_memory(page + offset, value, kind);
            }
        } else {
            drive_port((r & 3) == 1 ? r >> 16 : blocks[(r >> 32) % 12] + ((r >> 16) & 15), value, kind);
        }
    }
    out8(COM1 + 3, 3);
    out8(COM1 + 4, 0);
    say("abused\n");
}

static int asks(const char *command, const char *word) {
    for (; *command != 0; command++) {
        int i = 0;
        while (word[i] != 0 && command[i] == word[i]) {
            i++;
        }
        if (word[i] == 0) {
            return 1;
        }
    }
    return 0;
}

/* Does what the command line asks for; whether it was anything. */
int go_wrong(const char *command, const struct tables *tables) {
    if (asks(command, "triple-fault")) {
        triple_fault();
    } else if (asks(command, "wild")) {
        ((void (*)(void)) (uint64_t) tables->io_apic)();
    } else if (asks(command, "abuse")) {
        __asm__ volatile("cli");
        abuse(tables);
        return 1;
    }
    return 0;
}
