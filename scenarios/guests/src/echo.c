/*
 * Prints each line of its input with a number, until the input ends or a line says "quit".
 * It reads with read(2) of any size and puts the lines together itself, so a line may come in pieces.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char line[1024];

int main(void) {
    int lines = 0;
    size_t length = 0;
    setvbuf(stdout, NULL, _IONBF, 0);
    printf("echo: ready\n");
    for (;;) {
        char piece[64];
        ssize_t got = read(0, piece, sizeof piece);
        if (got < 0) {
            perror("echo: read");
            return 1;
        }
        if (got == 0) {
            printf("echo: end of input after %d lines\n", lines);
            return 0;
        }
        for (ssize_t i = 0; i < got; i++) {
            if (piece[i] != '\n') {
                if (length < sizeof line - 1) {
                    line[length++] = piece[i];
                }
                continue;
            }
            line[length] = 0;
            length = 0;
            printf("%d: %s\n", ++lines, line);
            if (strcmp(line, "quit") == 0) {
                printf("echo: quit after %d lines\n", lines);
                return 3;
            }
        }
    }
}
