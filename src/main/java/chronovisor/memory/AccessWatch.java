package chronovisor.memory;

/** Sees the accesses of a core's instructions one by one, before they are carried out. */
@FunctionalInterface
public interface AccessWatch {
    /** An access of 1, 2, 4 or 8 bytes is about to happen; it does not when this throws. */
    void accessed(long va, int bytes, boolean write);
}
