/* Code of a second source file. */
static int twice(int number) {
    return 2 * number;
}
