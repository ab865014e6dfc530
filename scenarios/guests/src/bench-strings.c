/*
 * Words: a text is drawn, taken apart, looked up in a hash table with chains, counted, its numbers parsed, its words turned to
 * upper case through a table of functions, and a summary is formatted by the C library. Short loops, calls (also indirect ones) and branches
 * of every kind, little arithmetic. A round is a text of 4 KiB.
 */
#include "bench.h"
#include <ctype.h>
#include <string.h>

#define TEXT 4096
#define BUCKETS 256
#define WORD 16

struct entry {
    struct entry *next;
    char word[WORD];
    unsigned count;
};

static struct entry *buckets[BUCKETS];
static struct entry pool[4096];
static int used;
static char text[TEXT + 1];

static void draw(uint64_t *state) {
    static const char *const syllables[] = {"ka", "to", "mi", "ser", "al", "un", "pro", "x", "eth", "lo", "42", "7"};
    size_t at = 0;
    while (at < TEXT - WORD) {
        uint64_t drawn = next_random(state);
        for (int i = 1 + (int) (drawn & 3); i > 0; i--) {
            drawn >>= 4;
            const char *syllable = syllables[drawn % (sizeof syllables / sizeof *syllables)];
            size_t length = strlen(syllable);
            memcpy(text + at, syllable, length);
            at += length;
        }
        text[at++] = " ,.\n"[drawn >> 20 & 3];
    }
    text[at] = 0;
}

static unsigned hash(const char *word) {
    unsigned h = 5381;
    while (*word) {
        h = h * 33 ^ (unsigned char) *word++;
    }
    return h % BUCKETS;
}

static struct entry *find(const char *word) {
    unsigned bucket = hash(word);
    for (struct entry *e = buckets[bucket]; e != NULL; e = e->next) {
        if (strcmp(e->word, word) == 0) {
            return e;
        }
    }
    if (used == sizeof pool / sizeof *pool) {
        memset(buckets, 0, sizeof buckets);
        used = 0;
    }
    struct entry *e = &pool[used++];
    strcpy(e->word, word);
    e->count = 0;
    e->next = buckets[bucket];
    buckets[bucket] = e;
    return e;
}

static void upper(char *word) {
    for (; *word; word++) {
        *word = (char) toupper((unsigned char) *word);
    }
}

static void reverse(char *word) {
    for (size_t i = 0, j = strlen(word); i + 1 < j; i++) {
        char c = word[i];
        word[i] = word[--j];
        word[j] = c;
    }
}

static void keep(char *word) {
    (void) word;
}

int main(int argc, char **argv) {
    static void (*const changes[])(char *) = {upper, reverse, keep, upper};
    uint64_t count = rounds(argc, argv, 1000);
    uint64_t state = 11;
    uint64_t sum = 0;
    for (uint64_t round = 0; round < count; round++) {
        draw(&state);
        unsigned words = 0, numbers = 0;
        for (char *rest = text, *word = strtok_r(rest, " ,.\n", &rest); word != NULL; word = strtok_r(NULL, " ,.\n", &rest)) {
            char copy[WORD];
            strncpy(copy, word, WORD - 1);
            copy[WORD - 1] = 0;
            words++;
            switch (copy[0]) {
                case '4': case '7':
                    numbers += (unsigned) strtoul(copy, NULL, 10);
                    break;
                case 'k': case 'x':
                    sum ^= find(copy)->count++;
                    break;
                default:
                    changes[words & 3](copy);
                    find(copy)->count++;
                    break;
            }
        }
        char line[64];
        int length = snprintf(line, sizeof line, "%u words, numbers %08x, %d known", words, numbers, used);
        for (int i = 0; i < length; i++) {
            sum = sum * 31 + (unsigned char) line[i];
        }
    }
    return result("bench-strings", count, sum);
}
