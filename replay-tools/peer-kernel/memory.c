/* The program's heap and maps: handed out upwards, given back only at the end. */
#include "kernel.h"

#define PAGE 4096ull
#define MAP_FIXED 0x10
#define MREMAP_MAYMOVE 1

static uint64_t heap_start;
static uint64_t heap;
static uint64_t maps = STACK_END;
static uint64_t maps_end;

void *memset(void *to, int byte, size_t count) {
    void *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(count) : "a"(byte) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t count) {
    void *at = to;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(count) : : "memory");
    return to;
}

static uint64_t pages(uint64_t length) {
    return (length + PAGE - 1) & ~(PAGE - 1);
}

void memory_init(uint64_t start, uint64_t memory_end) {
    heap_start = heap = pages(start);
    maps_end = memory_end & ~(PAGE - 1);
}

uint64_t memory_brk(uint64_t asked) {
    if (asked >= heap_start && asked <= HEAP_END) {
        if (asked > heap) {
            memset((void *) heap, 0, asked - heap);
        }
        heap = asked;
    }
    return heap;
}

int64_t memory_map(uint64_t address, uint64_t length, uint64_t flags) {
    uint64_t size = pages(length);
    if (size == 0) {
        return -EINVAL;
    }
    if (flags & MAP_FIXED) {
        if (address + size > maps_end) {
            return -ENOMEM;
        }
    } else {
        if (size > maps_end - maps) {
            return -ENOMEM;
        }
        address = maps;
        maps += size;
    }
    memset((void *) address, 0, size);
    return (int64_t) address;
}

int64_t memory_unmap(uint64_t address, uint64_t length) {
    if (address + pages(length) == maps && address >= STACK_END) {
        maps = address;
    }
    return 0;
}

int64_t memory_remap(uint64_t address, uint64_t before, uint64_t length, uint64_t flags) {
    uint64_t old = pages(before);
    uint64_t new = pages(length);
    if (new <= old) {
        return (int64_t) address;
    }
    if (address + old == maps && new - old <= maps_end - maps) {
        memset((void *) maps, 0, new - old);
        maps += new - old;
        return (int64_t) address;
    }
    if (!(flags & MREMAP_MAYMOVE)) {
        return -ENOMEM;
    }
    int64_t moved = memory_map(0, new, 0);
    if (moved > 0) {
        memcpy((void *) moved, (void *) address, old);
    }
    return moved;
}
