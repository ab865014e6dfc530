/* A disk of the kind virtio-blk on the PCI bus (Virtio 1.2, legacy interface), its interrupt by way of the I/O APIC. */
#include "metal.h"

enum {
    ADDRESS = 0xCF8, DATA = 0xCFC, VIRTIO_BLOCK = 0x10011AF4, SLOTS = 32, VECTOR = 0x48, LEVEL = 1 << 15,
    HOST_FEATURES = 0, GUEST_FEATURES = 4, QUEUE_PAGE = 8, QUEUE_SIZE = 12, QUEUE_SELECT = 14, QUEUE_NOTIFY = 16,
    STATUS = 18, INTERRUPT = 19, CAPACITY = 20, DRIVER_OK = 7, NEXT = 1, WRITABLE = 2, SECTOR = 512
};

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
};

struct header {
    uint32_t type, reserved;
    uint64_t sector;
};

static uint8_t ring[16384] __attribute__((aligned(4096)));
static uint32_t ports, queue_size;
static volatile uint8_t status;

static uint32_t configuration(int slot, int offset) {
    out32(ADDRESS, 1u << 31 | slot << 11 | offset);
    return in32(DATA);
}

static void on_interrupt(uint64_t error, uint64_t *frame) {
    (void) error;
    (void) frame;
    (void) in8(ports + INTERRUPT);
}

/* Does a request and waits for its interrupt; gives its status. */
static int request(uint32_t type, uint64_t sector, void *data, uint32_t length) {
    static struct header head;
    struct descriptor *table = (struct descriptor *) ring;
    volatile uint16_t *available = (uint16_t *) (ring + 16 * queue_size);
    head = (struct header) {type, 0, sector};
    table[0] = (struct descriptor) {(uint64_t) &head, sizeof head, NEXT, 1};
    table[1] = (struct descriptor) {(uint64_t) data, length, NEXT | (type == 0 ? WRITABLE : 0), 2};
    table[2] = (struct descriptor) {(uint64_t) &status, 1, WRITABLE, 0};
    status = 0xEE;
    available[2 + available[1] % queue_size] = 0;
    uint64_t before = interrupts[VECTOR];
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    available[1]++;
    out16(ports + QUEUE_NOTIFY, 0);
    wait_for(VECTOR, before + 1);
    return status;
}

void test_disk(uint32_t io_apic) {
    int slot = 0;
    while (slot < SLOTS && configuration(slot, 0) != VIRTIO_BLOCK) {
        slot++;
    }
    check("there is a disk on the PCI bus", slot < SLOTS);
    if (slot == SLOTS) {
        return;
    }
    ports = configuration(slot, 0x10) & ~3u;
    out32(ADDRESS, 1u << 31 | slot << 11 | 0x10);
    out32(DATA, ~0u);
    uint32_t size = ~(in32(DATA) & ~3u) + 1;
    out32(DATA, ports);
    check("its ports have a size", size >= 32 && (size & (size - 1)) == 0);
    out32(ADDRESS, 1u << 31 | slot << 11 | 4);
    out32(DATA, (in32(DATA) & 0xFFFF) | 5);
    int pin = configuration(slot, 0x3C) & 0xFF;
    handlers[VECTOR] = on_interrupt;
    redirect(io_apic, pin, VECTOR | LEVEL);
    out8(ports + STATUS, 0);
    out8(ports + STATUS, 3);
    out32(ports + GUEST_FEATURES, 0);
    out16(ports + QUEUE_SELECT, 0);
    queue_size = in16(ports + QUEUE_SIZE);
    check("it has a queue", queue_size >= 4 && queue_size <= 256);
    out32(ports + QUEUE_PAGE, (uint32_t) ((uint64_t) ring >> 12));
    out8(ports + STATUS, DRIVER_OK);
    uint64_t sectors = in32(ports + CAPACITY);
    say("sectors ");
    say_number(sectors);
    say("\n");
    static uint8_t data[2 * SECTOR], again[2 * SECTOR];
    check("its first sector is read", request(0, 0, data, SECTOR) == 0);
    data[12] = 0;
    say((char *) data);
    say("\n");
    for (int i = 0; i < 2 * SECTOR; i++) {
        data[i] = i * 7;
    }
    int written = request(1, 3, data, 2 * SECTOR) == 0 && request(0, 3, again, 2 * SECTOR) == 0;
    for (int i = 0; i < 2 * SECTOR; i++) {
        written &= again[i] == data[i];
    }
    check("sectors that are written are read again", written);
    check("it refuses what is beyond its end", request(0, sectors, again, SECTOR) == 1);
    check("its interrupt is level-triggered", (redirection(io_apic, pin) & (LEVEL | 1 << 14)) == LEVEL);
    redirect(io_apic, pin, 1 << 16);
}
