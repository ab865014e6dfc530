/* Drives the devices of a PC from its own kernel, and tells on the serial port what held. */
#include "metal.h"

_Noreturn void main(uint32_t multiboot);
void other_core(uint32_t number);

static _Noreturn void halt(void) {
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

/* What there is of a module is told: it may have any length, and does not end with a zero. */
static void tell_module(uint32_t multiboot) {
    uint32_t modules = load32(multiboot) & 8 ? load32(multiboot + 20) : 0;
    check("multiboot gives a module", modules == 1);
    uint32_t entry = load32(multiboot + 24);
    uint32_t start = modules == 1 ? load32(entry) : 0;
    uint32_t end = modules == 1 ? load32(entry + 4) : 0;
    check("it begins at a page", (start & 4095) == 0);
    for (uint32_t at = start; at < end; at++) {
        char text[2] = {*(const char *) (uint64_t) at, 0};
        say(text);
    }
}

_Noreturn void main(uint32_t multiboot) {
    say("metal\n");
    check("multiboot gives a memory map", (load32(multiboot) & 64) != 0);
    tell_module(multiboot);
    struct tables acpi = {0}, mp = {0};
    check("ACPI tells of the processors", acpi_tables(&acpi));
    check("the MP table tells the same", mp_table(&mp) && mp.cores == acpi.cores && mp.io_apic == acpi.io_apic
            && mp.local_apic == acpi.local_apic);
    say("cores ");
    say_number(acpi.cores);
    say("\n");
    interrupts_begin(acpi.local_apic);
    if (go_wrong((const char *) (uint64_t) load32(multiboot + 16), &acpi)) {
        halt();
    }
    test_clock(acpi.io_apic);
    test_screen();
    test_disk(acpi.io_apic);
    test_cores(&acpi);
    say(failures() == 0 ? "all held\n" : "something did not hold\n");
    halt();
}
