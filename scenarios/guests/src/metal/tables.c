/* Finds the processors and the I/O APIC: by ACPI (5.2.5, 5.2.12) and by the MultiProcessor Specification (4.1 to 4.3). */
#include "metal.h"

static int sum(const uint8_t *bytes, uint32_t length) {
    uint8_t total = 0;
    for (uint32_t i = 0; i < length; i++) {
        total += bytes[i];
    }
    return total;
}

static int begins(const uint8_t *bytes, const char *text) {
    for (; *text != 0; text++, bytes++) {
        if (*bytes != (uint8_t) *text) {
            return 0;
        }
    }
    return 1;
}

/* Searches the BIOS's read-only memory at 16-byte steps. */
static const uint8_t *search(const char *signature, uint32_t from, uint32_t length) {
    for (uint64_t at = from; at < 0x100000; at += 16) {
        const uint8_t *bytes = (const uint8_t *) at;
        if (begins(bytes, signature) && sum(bytes, length) == 0) {
            return bytes;
        }
    }
    return NULL;
}

static uint32_t word(const uint8_t *at) {
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t) at[3] << 24;
}

int acpi_tables(struct tables *found) {
    const uint8_t *root = search("RSD PTR ", 0xE0000, 20);
    if (root == NULL) {
        return 0;
    }
    const uint8_t *rsdt = (const uint8_t *) (uint64_t) word(root + 16);
    if (!begins(rsdt, "RSDT") || sum(rsdt, word(rsdt + 4)) != 0) {
        return 0;
    }
    for (uint32_t i = 36; i + 4 <= word(rsdt + 4); i += 4) {
        const uint8_t *table = (const uint8_t *) (uint64_t) word(rsdt + i);
        if (!begins(table, "APIC") || sum(table, word(table + 4)) != 0) {
            continue;
        }
        found->local_apic = word(table + 36);
        for (const uint8_t *at = table + 44; at < table + word(table + 4); at += at[1]) {
            if (at[0] == 0 && (word(at + 4) & 1) != 0 && found->cores < CORES_MAX) {
                found->apic_ids[found->cores++] = at[3];
            } else if (at[0] == 1) {
                found->io_apic = word(at + 4);
            }
        }
    }
    return found->cores > 0 && found->io_apic != 0;
}

int mp_table(struct tables *found) {
    const uint8_t *pointer = search("_MP_", 0xF0000, 16);
    if (pointer == NULL) {
        return 0;
    }
    const uint8_t *table = (const uint8_t *) (uint64_t) word(pointer + 4);
    uint32_t length = table[4] | table[5] << 8;
    if (!begins(table, "PCMP") || sum(table, length) != 0) {
        return 0;
    }
    found->local_apic = word(table + 36);
    const uint8_t *at = table + 44;
    for (uint32_t entries = table[34] | table[35] << 8; entries > 0; entries--) {
        if (at[0] == 0 && (at[3] & 1) != 0 && found->cores < CORES_MAX) {
            found->apic_ids[found->cores++] = at[1];
        } else if (at[0] == 2 && (at[3] & 1) != 0) {
            found->io_apic = word(at + 4);
        }
        at += at[0] == 0 ? 20 : 8;
    }
    return found->cores > 0;
}
