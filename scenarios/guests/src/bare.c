/* The smallest guest that does something: two system calls and no C library. */
#include "bare.h"

void start(long *stack) {
    (void) stack;
    print("bare: hello without a C library\n");
    leave(7);
}
