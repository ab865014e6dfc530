/* Drives the devices of a PC from its own kernel, and tells on the serial port what held. */
#include "metal.h"

_Noreturn void main(uint32_t multiboot);
void other_core(uint32_t number);

static _Noreturn void halt(void) {
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

_Noreturn void main(uint32_t multiboot) {
    say("metal\n");
    check("multiboot gives a memory map", (load32(multiboot) & 64) != 0);
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
