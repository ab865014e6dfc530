package chronovisor.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class HostMemoryTest {

    @Test
    void aRangeIsZeroWhenEveryByteOfItIs() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(10_000);
            long address = memory.address();
            assertThat(HostMemory.isZero(address, 10_000)).isTrue();
            for (int at : new int[]{0, 7, 4095, 4096, 8191, 9_999}) {
                memory.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
                assertThat(HostMemory.isZero(address, 10_000)).as("byte %d", at).isFalse();
                assertThat(HostMemory.isZero(address, at)).as("before byte %d", at).isTrue();
                assertThat(HostMemory.isZero(address + at + 1, 9_999 - at)).as("behind byte %d", at).isTrue();
                memory.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
            }
        }
    }
}
