/*
 * System calls: ten that do nothing, a write to a pipe and its read, and a message that a child process sends back, once a round.
 * Nearly all of the work is the kernel's.
 */
#include "bench.h"
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE 512

static void all(ssize_t moved) {
    if (moved != MESSAGE) {
        wrong("bench-pipes", "a message was cut");
    }
}

static void answer(int from, int to) {
    unsigned char message[MESSAGE];
    ssize_t got;
    while ((got = read(from, message, sizeof message)) > 0) {
        all(got);
        message[0]++;
        all(write(to, message, sizeof message));
    }
}

int main(int argc, char **argv) {
    uint64_t count = rounds(argc, argv, 1000);
    int own[2], there[2], back[2];
    if (pipe(own) != 0 || pipe(there) != 0 || pipe(back) != 0) {
        wrong("bench-pipes", "no pipe");
    }
    pid_t child = fork();
    if (child < 0) {
        wrong("bench-pipes", "no child");
    }
    if (child == 0) {
        close(there[1]);
        close(back[0]);
        answer(there[0], back[1]);
        _exit(0);
    }
    close(there[0]);
    close(back[1]);
    unsigned char message[MESSAGE] = "0 messages";
    uint64_t sum = 0;
    for (uint64_t round = 0; round < count; round++) {
        for (int i = 0; i < 10; i++) {
            if (syscall(SYS_getpid) <= 0) {
                wrong("bench-pipes", "no number");
            }
        }
        message[1] = (unsigned char) round;
        all(write(own[1], message, sizeof message));
        all(read(own[0], message, sizeof message));
        all(write(there[1], message, sizeof message));
        all(read(back[0], message, sizeof message));
        sum = mix(sum, (uint64_t) message[0] << 8 | message[1]);
    }
    close(there[1]);
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) {
        wrong("bench-pipes", "the child failed");
    }
    return result("bench-pipes", count, sum);
}
