/*
 * SHA-256 (FIPS 180-4) of 64 KiB, once a round: rotations, additions and logic in long straight code. Each round's digest goes into
 * the next round's message. The digest of "abc" is checked first.
 */
#include "bench.h"
#include <string.h>

#define MESSAGE (64 << 10)

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static uint32_t rotate(uint32_t x, int by) {
    return x >> by | x << (32 - by);
}

static void block(uint32_t state[8], const unsigned char *bytes) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++) {
        w[i] = (uint32_t) bytes[4 * i] << 24 | (uint32_t) bytes[4 * i + 1] << 16 | (uint32_t) bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void sha256(const unsigned char *message, size_t length, uint32_t state[8]) {
    memcpy(state, start, sizeof start);
    size_t done = 0;
    for (; length - done >= 64; done += 64) {
        block(state, message + done);
    }
    unsigned char rest[128] = {0};
    size_t left = length - done;
    size_t padded = left < 56 ? 64 : 128;
    memcpy(rest, message + done, left);
    rest[left] = 0x80;
    for (int i = 0; i < 8; i++) {
        rest[padded - 1 - i] = (unsigned char) ((uint64_t) length * 8 >> 8 * i);
    }
    for (size_t i = 0; i < padded; i += 64) {
        block(state, rest + i);
    }
}

int main(int argc, char **argv) {
    static const uint32_t of_abc[8] = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
    static unsigned char message[MESSAGE];
    uint64_t count = rounds(argc, argv, 100);
    uint32_t digest[8];
    sha256((const unsigned char *) "abc", 3, digest);
    if (memcmp(digest, of_abc, sizeof digest) != 0) {
        wrong("bench-sha256", "the digest of abc");
    }
    uint64_t state = 1;
    for (int i = 0; i < MESSAGE; i++) {
        message[i] = (unsigned char) next_random(&state);
    }
    for (uint64_t round = 0; round < count; round++) {
        sha256(message, sizeof message, digest);
        memcpy(message + round % 64 * 32, digest, sizeof digest);
    }
    return result("bench-sha256", count, (uint64_t) digest[0] << 32 | digest[1]);
}
