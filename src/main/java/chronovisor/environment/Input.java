package chronovisor.environment;

import java.util.Arrays;

/** Something that comes from outside. */
public sealed interface Input {

    /** Bytes for the guest's end of a named stream. */
    record StreamBytes(String stream, byte[] bytes) implements Input {
        @Override
        public boolean equals(Object other) {
            return other instanceof StreamBytes(String s, byte[] b) && s.equals(stream) && Arrays.equals(b, bytes);
        }

        @Override
        public int hashCode() {
            return 31 * stream.hashCode() + Arrays.hashCode(bytes);
        }
    }

    /** No more bytes will come on a named stream. */
    record StreamEnd(String stream) implements Input {}

    /** A command of the operator: {@code pause}, {@code stop}, or one the kernel understands. */
    record OperatorCommand(String command) implements Input {}
}
