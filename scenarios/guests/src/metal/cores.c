/* Starts the other cores, interrupts them, and has them forget a translation. */
#include "metal.h"

enum { ICR_LOW = 0x300, ICR_HIGH = 0x310, ID = 0x20, INIT = 0x4500, STARTUP = 0x4600, NMI = 0x4400, ASSERTED = 0x4000,
    CALL_VECTOR = 0x50, FLUSH_VECTOR = 0x51, ALL_BUT_SELF = 3 << 18 };

extern const uint8_t trampoline[], trampoline_end[];
extern volatile uint32_t started;
extern uint64_t directories[2048];

static volatile uint32_t ready, called, read_value[CORES_MAX];
static volatile int stop;
static volatile uint64_t ids;

/* A 2 MiB page that two places of memory take turns at. */
static uint32_t *const window = (uint32_t *) 0x40000000ull;
enum { WINDOW_ENTRY = 512, FIRST_PLACE = 8 << 20, SECOND_PLACE = 10 << 20 };

static void on_call(uint64_t error, uint64_t *frame) {
    (void) error;
    (void) frame;
    __atomic_fetch_add(&called, 1, __ATOMIC_SEQ_CST);
}

static void on_flush(uint64_t error, uint64_t *frame) {
    (void) error;
    (void) frame;
    __asm__ volatile("invlpg (%0)" : : "r"(window) : "memory");
    read_value[lapic_read(ID) >> 24] = *(volatile uint32_t *) window;
    __atomic_fetch_add(&called, 1, __ATOMIC_SEQ_CST);
}

void other_core(uint32_t number);

void other_core(uint32_t number) {
    interrupts_other();
    uint32_t id = lapic_read(ID) >> 24;
    __atomic_fetch_or(&ids, 1ull << id, __ATOMIC_SEQ_CST);
    read_value[id] = *(volatile uint32_t *) window;
    (void) number;
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (!stop) {
        __asm__ volatile("pause");
    }
}

static void send(uint32_t id, uint32_t command) {
    lapic_write(ICR_HIGH, id << 24);
    lapic_write(ICR_LOW, command);
}

static void await(volatile uint32_t *counter, uint32_t count) {
    while (__atomic_load_n(counter, __ATOMIC_SEQ_CST) < count) {
        __asm__ volatile("pause");
    }
}

void test_cores(const struct tables *tables) {
    uint32_t others = tables->cores - 1;
    *(volatile uint32_t *) FIRST_PLACE = 1111;
    *(volatile uint32_t *) SECOND_PLACE = 2222;
    directories[WINDOW_ENTRY] = FIRST_PLACE | 0x83;
    __asm__ volatile("invlpg (%0)" : : "r"(window) : "memory");
    for (const uint8_t *from = trampoline; from < trampoline_end; from++) {
        ((volatile uint8_t *) TRAMPOLINE)[from - trampoline] = *from;
    }
    handlers[CALL_VECTOR] = on_call;
    handlers[FLUSH_VECTOR] = on_flush;
    for (uint32_t i = 1; i <= others; i++) {
        send(tables->apic_ids[i], INIT);
        send(tables->apic_ids[i], STARTUP | TRAMPOLINE >> 12);
        send(tables->apic_ids[i], STARTUP | TRAMPOLINE >> 12);
    }
    await(&ready, others);
    check("every core starts once", started == others && ready == others);
    check("each has its own number", ids == (1ull << tables->cores) - 2);
    for (uint32_t i = 1; i <= others; i++) {
        send(tables->apic_ids[i], ASSERTED | CALL_VECTOR);
    }
    await(&called, others);
    send(0, ASSERTED | CALL_VECTOR | ALL_BUT_SELF);
    await(&called, 2 * others);
    check("each is interrupted, by number and all at once", called == 2 * others);
    send(0, 0x4400 | ALL_BUT_SELF);
    await((volatile uint32_t *) &interrupts[2], others);
    check("each gets an NMI", interrupts[2] == others);
    int old = 1;
    for (uint32_t i = 1; i <= others; i++) {
        old &= read_value[tables->apic_ids[i]] == 1111;
    }
    directories[WINDOW_ENTRY] = SECOND_PLACE | 0x83;
    __asm__ volatile("invlpg (%0)" : : "r"(window) : "memory");
    called = 0;
    send(0, ASSERTED | FLUSH_VECTOR | ALL_BUT_SELF);
    await(&called, others);
    int renewed = *(volatile uint32_t *) window == 2222;
    for (uint32_t i = 1; i <= others; i++) {
        renewed &= read_value[tables->apic_ids[i]] == 2222;
    }
    check("a translation is shot down on every core", old && renewed);
    send(0, ASSERTED | CALL_VECTOR | 1 << 18);
    check("a core interrupts itself", called == others + 1);
    stop = 1;
}
