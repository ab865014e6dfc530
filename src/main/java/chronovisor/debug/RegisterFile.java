package chronovisor.debug;

import chronovisor.kitten.task.Registers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The registers of a task as the client numbers them ({@link TargetDescription}), each in little-endian bytes. Immutable.
 */
final class RegisterFile {

    private static final int USER_CODE = 0x33;
    private static final int USER_DATA = 0x2b;

    // Offsets in an FXSAVE or XSAVE image (SDM vol. 1, 10.5.1 and 13.4).
    private static final int FCW = 0;
    private static final int FSW = 2;
    private static final int FTW = 4;
    private static final int FOP = 6;
    private static final int FIP = 8;
    private static final int FDP = 16;
    private static final int MXCSR = 24;
    private static final int ST = 32;
    private static final int XMM = 160;
    private static final int LEGACY_BYTES = 512;
    private static final int XSTATE_BV = 512;
    private static final int AVX = 576;
    private static final int IMAGE_BYTES = 832;

    /** RAX RBX RCX RDX RSI RDI RBP RSP in the processor's order of numbers; from R8 on both agree. */
    private static final int[] GENERAL = {0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};

    private final byte[][] values;

    private RegisterFile(byte[][] values) {
        this.values = values;
    }

    /**
     * The registers of a task.
     *
     * @param call
     *            the system call that it is in, or -1
     */
    static RegisterFile of(Registers registers, long call) {
        byte[][] values = new byte[TargetDescription.REGISTERS.size()][];
        for (int i = 0; i < 16; i++) {
            values[i] = little(registers.general(GENERAL[i]), 8);
        }
        values[TargetDescription.RIP] = little(registers.rip(), 8);
        values[TargetDescription.EFLAGS] = little(registers.rflags(), 4);
        long selectors = registers.selectors();
        long[] segments = {USER_CODE, USER_DATA, selectors >>> 16 & 0xFFFF, selectors & 0xFFFF,
            selectors >>> 32 & 0xFFFF, selectors >>> 48 & 0xFFFF};
        for (int i = 0; i < segments.length; i++) {
            values[TargetDescription.SEGMENTS + i] = little(segments[i], 4);
        }
        extended(values, complete(registers.fpu()));
        values[TargetDescription.ORIG_RAX] = little(call, 8);
        values[TargetDescription.BASES] = little(registers.fsBase(), 8);
        values[TargetDescription.BASES + 1] = little(registers.gsBase(), 8);
        return new RegisterFile(values);
    }

    /** An image in which each component has its bytes: those that it does not have are in their initial configuration. */
    private static byte[] complete(byte[] saved) {
        byte[] image = Arrays.copyOf(saved, IMAGE_BYTES);
        long present = saved.length > LEGACY_BYTES ? image[XSTATE_BV] & 7 : 3;
        if ((present & 1) == 0) {
            Arrays.fill(image, FCW, MXCSR, (byte) 0);
            Arrays.fill(image, ST, XMM, (byte) 0);
            image[FCW] = 0x7F;
            image[FCW + 1] = 0x03;
        }
        if ((present & 2) == 0) {
            Arrays.fill(image, XMM, XMM + 256, (byte) 0);
        }
        if ((present & 4) == 0) {
            Arrays.fill(image, AVX, AVX + 256, (byte) 0);
        }
        return image;
    }

    private static void extended(byte[][] values, byte[] image) {
        for (int i = 0; i < 8; i++) {
            values[TargetDescription.X87 + i] = Arrays.copyOfRange(image, ST + 16 * i, ST + 16 * i + 10);
        }
        ByteBuffer words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        long[] control = {words.getShort(FCW) & 0xFFFF, words.getShort(FSW) & 0xFFFF, tags(words),
            words.getShort(FIP + 4) & 0xFFFF, words.getInt(FIP), words.getShort(FDP + 4) & 0xFFFF, words.getInt(FDP),
            words.getShort(FOP) & 0x7FF};
        for (int i = 0; i < control.length; i++) {
            values[TargetDescription.X87_CONTROL + i] = little(control[i], 4);
        }
        for (int i = 0; i < 16; i++) {
            values[TargetDescription.XMM + i] = Arrays.copyOfRange(image, XMM + 16 * i, XMM + 16 * i + 16);
            values[TargetDescription.YMM_UPPER + i] = Arrays.copyOfRange(image, AVX + 16 * i, AVX + 16 * i + 16);
        }
        values[TargetDescription.MXCSR] = Arrays.copyOfRange(image, MXCSR, MXCSR + 4);
    }

    /** The tag word of FNSTENV, which FXSAVE abridges to a bit a register: 0 valid, 1 zero, 2 special, 3 empty. */
    private static int tags(ByteBuffer image) {
        int abridged = image.get(FTW) & 0xFF;
        int top = image.getShort(FSW) >>> 11 & 7;
        int word = 0;
        for (int physical = 0; physical < 8; physical++) {
            int tag = 3;
            if ((abridged >>> physical & 1) != 0) {
                int at = ST + 16 * (physical - top & 7);
                long significand = image.getLong(at);
                int exponent = image.getShort(at + 8) & 0x7FFF;
                if (exponent == 0 && significand == 0) {
                    tag = 1;
                } else {
                    tag = exponent != 0 && exponent != 0x7FFF && significand < 0 ? 0 : 2;
                }
            }
            word |= tag << 2 * physical;
        }
        return word;
    }

    /** The inverse: registers as the kernel keeps them. What the client does not know of stays as it is. */
    Registers over(Registers old) {
        long[] general = new long[16];
        for (int i = 0; i < 16; i++) {
            general[GENERAL[i]] = number(i);
        }
        byte[] image = Arrays.copyOf(complete(old.fpu()), old.fpu().length > LEGACY_BYTES ? IMAGE_BYTES : LEGACY_BYTES);
        ByteBuffer words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int control = TargetDescription.X87_CONTROL;
        words.putShort(FCW, (short) number(control));
        words.putShort(FSW, (short) number(control + 1));
        int abridged = 0;
        for (int physical = 0; physical < 8; physical++) {
            abridged |= (number(control + 2) >>> 2 * physical & 3) == 3 ? 0 : 1 << physical;
        }
        words.put(FTW, (byte) abridged);
        words.putInt(FIP, (int) number(control + 4));
        words.putShort(FIP + 4, (short) number(control + 3));
        words.putInt(FDP, (int) number(control + 6));
        words.putShort(FDP + 4, (short) number(control + 5));
        words.putShort(FOP, (short) (number(control + 7) & 0x7FF));
        words.putInt(MXCSR, (int) number(TargetDescription.MXCSR) & 0xFFFF);
        for (int i = 0; i < 8; i++) {
            System.arraycopy(values[TargetDescription.X87 + i], 0, image, ST + 16 * i, 10);
        }
        for (int i = 0; i < 16; i++) {
            System.arraycopy(values[TargetDescription.XMM + i], 0, image, XMM + 16 * i, 16);
            if (image.length > LEGACY_BYTES) {
                System.arraycopy(values[TargetDescription.YMM_UPPER + i], 0, image, AVX + 16 * i, 16);
            }
        }
        if (image.length > LEGACY_BYTES) {
            image[XSTATE_BV] = 7;
        }
        return new Registers(general, number(TargetDescription.RIP), number(TargetDescription.EFLAGS),
                number(TargetDescription.BASES), number(TargetDescription.BASES + 1), old.selectors(), image);
    }

    private long number(int register) {
        long value = 0;
        byte[] bytes = values[register];
        for (int i = Math.min(8, bytes.length) - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return value;
    }

    /** The bytes of a register. */
    byte[] value(int register) {
        return values[register].clone();
    }

    /**
     * The same with another value of one register.
     *
     * @throws IllegalArgumentException
     *             when there is no such register, or it has another size
     */
    RegisterFile with(int register, byte[] value) {
        if (register < 0 || register >= values.length || values[register].length != value.length) {
            throw new IllegalArgumentException("register " + register + " of " + value.length + " bytes");
        }
        byte[][] changed = values.clone();
        changed[register] = value.clone();
        return new RegisterFile(changed);
    }

    /** All of them, one after the other, as packet {@code g} has them. */
    byte[] bytes() {
        ByteBuffer all = ByteBuffer.allocate(size());
        for (byte[] value : values) {
            all.put(value);
        }
        return all.array();
    }

    /**
     * The registers of packet {@code G}.
     *
     * @throws IllegalArgumentException
     *             when these are not as many bytes
     */
    static RegisterFile of(byte[] all) {
        if (all.length != size()) {
            throw new IllegalArgumentException(all.length + " bytes of registers, " + size() + " expected");
        }
        byte[][] values = new byte[TargetDescription.REGISTERS.size()][];
        int at = 0;
        for (int i = 0; i < values.length; i++) {
            int bytes = TargetDescription.REGISTERS.get(i).bytes();
            values[i] = Arrays.copyOfRange(all, at, at + bytes);
            at += bytes;
        }
        return new RegisterFile(values);
    }

    private static int size() {
        return TargetDescription.REGISTERS.stream().mapToInt(TargetDescription.Register::bytes).sum();
    }

    private static byte[] little(long value, int bytes) {
        byte[] little = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            little[i] = (byte) (value >>> 8 * i);
        }
        return little;
    }
}
