/* Timers: the local APIC's, the 8254 on pin 2 of the I/O APIC, the real-time clock on pin 8. */
#include "metal.h"

enum {
    LVT_TIMER = 0x320, INITIAL = 0x380, CURRENT = 0x390, DIVIDE = 0x3E0, PERIODIC = 1 << 17,
    APIC_VECTOR = 0x40, PIT_VECTOR = 0x42, CLOCK_VECTOR = 0x44, MASKED = 1 << 16
};

static uint8_t clock_register(uint8_t index) {
    out8(0x70, index);
    return in8(0x71);
}

static void on_clock(uint64_t error, uint64_t *frame) {
    (void) error;
    (void) frame;
    (void) clock_register(12);
}

void test_clock(uint32_t io_apic) {
    lapic_write(DIVIDE, 0xB);
    lapic_write(LVT_TIMER, APIC_VECTOR);
    lapic_write(INITIAL, 100000);
    check("the local APIC's timer counts", lapic_read(CURRENT) <= 100000);
    wait_for(APIC_VECTOR, 1);
    check("it has run out", lapic_read(CURRENT) == 0);
    lapic_write(LVT_TIMER, APIC_VECTOR | PERIODIC);
    lapic_write(INITIAL, 50000);
    wait_for(APIC_VECTOR, 4);
    lapic_write(INITIAL, 0);
    say("ok: it fires periodically\n");

    store32(io_apic, 1);
    check("the I/O APIC has 24 pins", (load32(io_apic + 16) >> 16 & 0xFF) == 23);
    check("its pins are masked at first", (redirection(io_apic, 2) & MASKED) != 0);
    redirect(io_apic, 2, PIT_VECTOR);
    check("a redirection reads as it was written", redirection(io_apic, 2) == PIT_VECTOR);
    out8(0x43, 0x34);
    out8(0x40, 0x9C);
    out8(0x40, 0x2E);
    wait_for(PIT_VECTOR, 3);
    redirect(io_apic, 2, PIT_VECTOR | MASKED);
    out8(0x43, 0x30);
    say("ok: the 8254 interrupts by way of the I/O APIC\n");

    handlers[CLOCK_VECTOR] = on_clock;
    redirect(io_apic, 8, CLOCK_VECTOR);
    uint8_t enabled = clock_register(11);
    out8(0x71, enabled | 0x40);
    (void) clock_register(12);
    wait_for(CLOCK_VECTOR, 3);
    (void) clock_register(11);
    out8(0x71, enabled);
    redirect(io_apic, 8, MASKED);
    say("ok: the real-time clock interrupts periodically\n");
}
