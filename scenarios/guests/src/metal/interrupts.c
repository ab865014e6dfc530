/* The IDT, the local APIC's registers and the I/O APIC's. */
#include "metal.h"

enum { SPURIOUS = 255, LAPIC_EOI = 0xB0, LAPIC_SVR = 0xF0, FIRST_INTERRUPT = 32 };

struct gate {
    uint16_t low, selector, attributes, middle;
    uint32_t high, reserved;
};

extern const uint8_t stubs[];
static struct gate idt[256];
static uint32_t apic;
volatile uint64_t interrupts[256];
void (*volatile handlers[256])(uint64_t error, uint64_t *frame);

uint32_t lapic_read(uint32_t offset) {
    return load32(apic + (uint64_t) offset);
}

void lapic_write(uint32_t offset, uint32_t value) {
    store32(apic + (uint64_t) offset, value);
}

void entry(uint64_t vector, uint64_t error, uint64_t *frame);

/* All interrupts and exceptions come here. */
void entry(uint64_t vector, uint64_t error, uint64_t *frame) {
    __atomic_fetch_add(&interrupts[vector], 1, __ATOMIC_SEQ_CST);
    if (handlers[vector] != NULL) {
        handlers[vector](error, frame);
    } else if (vector < FIRST_INTERRUPT && vector != 2) {
        say("exception ");
        say_number(vector);
        say("\n");
        for (;;) {
            __asm__ volatile("cli; hlt");
        }
    }
    if (vector >= FIRST_INTERRUPT && vector != SPURIOUS) {
        lapic_write(LAPIC_EOI, 0);
    }
}

void interrupts_other(void) {
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = {sizeof idt - 1, (uint64_t) idt};
    __asm__ volatile("lidt %0" : : "m"(pointer));
    lapic_write(LAPIC_SVR, 0x100 | SPURIOUS);
    __asm__ volatile("sti");
}

void interrupts_begin(uint32_t local_apic) {
    apic = local_apic;
    for (int i = 0; i < 256; i++) {
        uint64_t at = (uint64_t) stubs + 16 * i;
        idt[i] = (struct gate) {at, 8, 0x8E00, at >> 16, at >> 32, 0};
    }
    /* The PICs are told where to and then never to interrupt. */
    static const uint8_t words[] = {0x11, 0xF0, 4, 1, 0x11, 0xF8, 2, 1};
    for (int i = 0; i < 8; i++) {
        out8(i < 4 ? (i == 0 ? 0x20 : 0x21) : (i == 4 ? 0xA0 : 0xA1), words[i]);
    }
    out8(0x21, 0xFF);
    out8(0xA1, 0xFF);
    interrupts_other();
}

static void select(uint32_t io_apic, uint32_t reg) {
    store32(io_apic, reg);
}

void redirect(uint32_t io_apic, int pin, uint64_t entry) {
    select(io_apic, 0x11 + 2 * pin);
    store32(io_apic + 16, entry >> 32);
    select(io_apic, 0x10 + 2 * pin);
    store32(io_apic + 16, entry);
}

uint64_t redirection(uint32_t io_apic, int pin) {
    select(io_apic, 0x11 + 2 * pin);
    uint64_t high = load32(io_apic + 16);
    select(io_apic, 0x10 + 2 * pin);
    return high << 32 | load32(io_apic + 16);
}

/* Halts until so many interrupts of a vector have come. */
void wait_for(int vector, uint64_t count) {
    for (;;) {
        __asm__ volatile("cli");
        if (interrupts[vector] >= count) {
            __asm__ volatile("sti");
            return;
        }
        __asm__ volatile("sti; hlt");
    }
}
