/* The first program. */
#include <stdio.h>

int main(void) {
    puts("Hello from the guest.");
    return 0;
}
