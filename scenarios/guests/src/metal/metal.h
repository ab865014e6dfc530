/* What the parts of the bare-metal guest share. It is built for no operating system. */
#include <stddef.h>
#include <stdint.h>

enum { TRAMPOLINE = 0x8000, CORES_MAX = 16 };

static inline uint8_t in8(uint16_t port) {
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint16_t in16(uint16_t port) {
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t in32(uint16_t port) {
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void out8(uint16_t port, uint8_t value) {
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t value) {
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value) {
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t load32(uint64_t address) {
    return *(volatile uint32_t *) address;
}

static inline void store32(uint64_t address, uint32_t value) {
    *(volatile uint32_t *) address = value;
}

/* console.c */
void say(const char *text);
void say_number(uint64_t value);
void check(const char *what, int holds);
int failures(void);

/* tables.c */
struct tables {
    uint32_t cores, io_apic, local_apic;
    uint8_t apic_ids[CORES_MAX];
};
int acpi_tables(struct tables *found);
int mp_table(struct tables *found);

/* interrupts.c */
void interrupts_begin(uint32_t local_apic);
void interrupts_other(void);
extern volatile uint64_t interrupts[256];
extern void (*volatile handlers[256])(uint64_t error, uint64_t *frame);
uint32_t lapic_read(uint32_t offset);
void lapic_write(uint32_t offset, uint32_t value);
void redirect(uint32_t io_apic, int pin, uint64_t entry);
uint64_t redirection(uint32_t io_apic, int pin);
void wait_for(int vector, uint64_t count);

/* cores.c */
void test_cores(const struct tables *tables);

/* wrong.c */
int go_wrong(const char *command, const struct tables *tables);

/* screen.c, disk.c, clock.c */
void test_screen(void);
void test_disk(uint32_t io_apic);
void test_clock(uint32_t io_apic);
