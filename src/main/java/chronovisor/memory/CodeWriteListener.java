package chronovisor.memory;

/** Is told of each write to a frame that holds decoded code, after the write. */
@FunctionalInterface
public interface CodeWriteListener {

    /** The bytes {@code offset} to {@code offset + length} of the frame have changed. */
    void codeWritten(long gfn, int offset, int length);
}
