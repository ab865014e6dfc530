package chronovisor.cpu;

import chronovisor.memory.Mmu;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of an FXSAVE or XSAVE area, little endian, by offset: in guest memory or in an array. */
public interface StateArea {
    int get16(int offset);

    int get32(int offset);

    long get64(int offset);

    void put16(int offset, int value);

    void put32(int offset, int value);

    void put64(int offset, long value);

    /** An area in memory, accessed as the running program accesses it. */
    static StateArea of(Mmu mmu, long address) {
        return new InMemory(mmu, address);
    }

    /** An area in an array, which it shares. */
    static StateArea of(byte[] bytes) {
        return new InArray(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** See {@link StateArea#of(Mmu, long)}. */
    record InMemory(Mmu mmu, long address) implements StateArea {
        @Override
        public int get16(int offset) {
            return mmu.load16(address + offset) & 0xFFFF;
        }

        @Override
        public int get32(int offset) {
            return mmu.load32(address + offset);
        }

        @Override
        public long get64(int offset) {
            return mmu.load64(address + offset);
        }

        @Override
        public void put16(int offset, int value) {
            mmu.store16(address + offset, (short) value);
        }

        @Override
        public void put32(int offset, int value) {
            mmu.store32(address + offset, value);
        }

        @Override
        public void put64(int offset, long value) {
            mmu.store64(address + offset, value);
        }
    }

    /** See {@link StateArea#of(byte[])}. */
    record InArray(ByteBuffer bytes) implements StateArea {
        @Override
        public int get16(int offset) {
            return bytes.getShort(offset) & 0xFFFF;
        }

        @Override
        public int get32(int offset) {
            return bytes.getInt(offset);
        }

        @Override
        public long get64(int offset) {
            return bytes.getLong(offset);
        }

        @Override
        public void put16(int offset, int value) {
            bytes.putShort(offset, (short) value);
        }

        @Override
        public void put32(int offset, int value) {
            bytes.putInt(offset, value);
        }

        @Override
        public void put64(int offset, long value) {
            bytes.putLong(offset, value);
        }
    }
}
