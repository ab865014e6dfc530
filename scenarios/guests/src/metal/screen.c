/* The text screen: written, read back, changed in place, scrolled and its cursor moved. */
#include "metal.h"

enum { SCREEN = 0xB8000, COLUMNS = 80, ROWS = 25, CRTC = 0x3D4, CURSOR_HIGH = 0x0E, CURSOR_LOW = 0x0F };

static volatile uint16_t *const cells = (uint16_t *) SCREEN;

static void put(int row, int column, uint8_t attribute, const char *text) {
    for (; *text != 0; text++) {
        cells[row * COLUMNS + column++] = attribute << 8 | (uint8_t) *text;
    }
}

static void registers(uint8_t index, uint8_t value) {
    out8(CRTC, index);
    out8(CRTC + 1, value);
}

void test_screen(void) {
    uint64_t count = COLUMNS * ROWS;
    void *to = (void *) SCREEN;
    __asm__ volatile("rep stosw" : "+D"(to), "+c"(count) : "a"(0x1F20) : "memory");
    put(1, 2, 0x1E, "A guest of its own kernel");
    put(2, 2, 0x1F, "writes to the screen, and scrolls it.");
    check("the screen reads as it was written", cells[COLUMNS + 2] == (0x1E << 8 | 'A'));
    __asm__ volatile("addw $1, %0" : "+m"(cells[COLUMNS + 2]));
    __asm__ volatile("lock xorb $0x20, %0" : "+m"(*(volatile uint8_t *) &cells[COLUMNS + 4]));
    uint16_t old = 0x1E00 | '!';
    __asm__ volatile("xchgw %0, %1" : "+r"(old), "+m"(cells[COLUMNS + 3]));
    check("instructions change it in place", cells[COLUMNS + 2] == (0x1E << 8 | 'B') && old == 0x1E20
            && (uint8_t) cells[COLUMNS + 4] == ('g' ^ 0x20));
    void *from = (void *) (SCREEN + 2 * COLUMNS);
    to = (void *) SCREEN;
    count = COLUMNS * (ROWS - 1) / 4;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    check("it scrolls", cells[2] == (0x1E << 8 | 'B') && cells[COLUMNS + 2] == (0x1F << 8 | 'w'));
    uint64_t words[2];
    __asm__ volatile("movdqu (%1), %%xmm0; movdqu %%xmm0, %0" : "=m"(words) : "r"((uint64_t) SCREEN + 4) : "memory");
    check("16 bytes are read at once", (words[0] & 0xFFFF) == (0x1E << 8 | 'B'));
    registers(CURSOR_HIGH, 0);
    registers(CURSOR_LOW, COLUMNS + 2);
    out8(CRTC, CURSOR_LOW);
    check("the cursor is where it was put", in8(CRTC + 1) == COLUMNS + 2);
}
