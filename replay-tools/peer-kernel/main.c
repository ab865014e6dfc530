/* From multiboot's modules to a running program. */
#include "kernel.h"

struct boot {
    uint32_t flags, memory_low_KB, memory_high_KB, device, command, module_count, modules;
};

struct module {
    uint32_t start, end, command, reserved;
};

struct elf {
    uint8_t magic[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, headers, sections;
    uint32_t flags;
    uint16_t size, header_size, header_count;
};

struct header {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_bytes, memory_bytes, align;
};

enum { STATIC = 2, X86_64 = 62, LOAD = 1, TRAP_FAULT = 14, STRINGS_MAX = 256 };

static _Noreturn void fail(const char *what) {
    say("peer-kernel: ");
    say(what);
    say("\n");
    end(126);
}

void trap(uint64_t vector, const uint64_t *frame, uint64_t address) {
    /* Some traps push an error code before RIP. */
    int coded = vector == 8 || (vector >= 10 && vector <= TRAP_FAULT) || vector == 17;
    say("peer-kernel: exception ");
    say_number(vector);
    say(" at ");
    say_number(frame[coded]);
    say(", address ");
    say_number(address);
    say("\n");
    end(125);
}

static const struct elf *load(const struct module *program, uint64_t memory_end) {
    const uint8_t *file = (const uint8_t *) (uint64_t) program->start;
    uint64_t length = program->end - program->start;
    const struct elf *elf = (const struct elf *) file;
    if (length < sizeof *elf || elf->magic[0] != 0x7f || elf->magic[1] != 'E' || elf->magic[4] != 2
            || elf->type != STATIC || elf->machine != X86_64
            || elf->headers + (uint64_t) elf->header_count * sizeof(struct header) > length) {
        fail("the program is no static x86-64 ELF file");
    }
    uint64_t end_address = 0;
    const struct header *headers = (const struct header *) (file + elf->headers);
    for (int i = 0; i < elf->header_count; i++) {
        const struct header *h = headers + i;
        if (h->type != LOAD) {
            continue;
        }
        if (h->address < 0x100000 || h->address + h->memory_bytes > HEAP_END || h->file_bytes > h->memory_bytes
                || h->offset + h->file_bytes > length) {
            fail("the program has a segment in a place that it cannot have here");
        }
        memcpy((void *) h->address, file + h->offset, h->file_bytes);
        memset((void *) (h->address + h->file_bytes), 0, h->memory_bytes - h->file_bytes);
        end_address = h->address + h->memory_bytes > end_address ? h->address + h->memory_bytes : end_address;
    }
    memory_init(end_address, memory_end);
    return elf;
}

/* The address at which the program's headers are in memory. */
static uint64_t headers_address(const struct elf *elf) {
    const struct header *headers = (const struct header *) ((const uint8_t *) elf + elf->headers);
    for (int i = 0; i < elf->header_count; i++) {
        const struct header *h = headers + i;
        if (h->type == LOAD && h->offset <= elf->headers && elf->headers < h->offset + h->file_bytes) {
            return h->address + elf->headers - h->offset;
        }
    }
    return 0;
}

/* Arguments, environment and auxiliary vector, as the ABI wants them. */
static uint64_t stack(const struct elf *elf, const struct module *strings) {
    const uint32_t *counts = (const uint32_t *) (uint64_t) strings->start;
    uint64_t count = (uint64_t) counts[0] + counts[1];
    if (counts[0] == 0 || count > STRINGS_MAX) {
        fail("no arguments, or too many");
    }
    uint64_t length = strings->end - strings->start - 8;
    uint64_t text = STACK_END - 32 - ((length + 15) & ~15ull);
    memcpy((void *) text, counts + 2, length);
    uint64_t random = STACK_END - 32;
    memset((void *) random, 0x5a, 16);
    const uint64_t auxiliary[] = {
        3, headers_address(elf), 4, sizeof(struct header), 5, elf->header_count, 6, 4096, 9, elf->entry,
        11, 0, 12, 0, 13, 0, 14, 0, 23, 0, 25, random, 0, 0};
    uint64_t words = 1 + counts[0] + 1 + counts[1] + 1 + sizeof auxiliary / 8;
    uint64_t *to = (uint64_t *) ((text - 8 * words) & ~15ull);
    uint64_t rsp = (uint64_t) to;
    *to++ = counts[0];
    for (uint64_t i = 0; i < count; i++) {
        if (i == counts[0]) {
            *to++ = 0;
        }
        *to++ = text;
        while (*(char *) text++ != 0) {
        }
    }
    *to++ = 0;
    if (counts[1] == 0) {
        *to++ = 0;
    }
    memcpy(to, auxiliary, sizeof auxiliary);
    return rsp;
}

_Noreturn void main(const struct boot *boot) {
    if ((boot->flags & 9) != 9 || boot->module_count < 2) {
        fail("a program and its arguments are expected as modules");
    }
    const struct module *modules = (const struct module *) (uint64_t) boot->modules;
    if (modules[boot->module_count - 1].end > MODULES_END) {
        fail("the modules are too large");
    }
    const struct elf *elf = load(modules, 0x100000 + ((uint64_t) boot->memory_high_KB << 10));
    uint64_t rsp = stack(elf, modules + 1);
    for (uint32_t i = 2; i < boot->module_count; i++) {
        files_add((const char *) (uint64_t) modules[i].command, (const uint8_t *) (uint64_t) modules[i].start,
                modules[i].end - modules[i].start);
    }
    enter(elf->entry, rsp);
}
