package chronovisor.cpu;

import chronovisor.cpu.x87.X87;

/**
 * The layout of the FXSAVE and XSAVE areas and the state components in it (SDM vol. 1, 10.5 and chapter 13): x87, SSE and AVX.
 *
 * <pre>
 *   0    legacy region: x87 0..23 and 32..159, MXCSR 24, MXCSR_MASK 28, XMM 160..415
 *   512  header: XSTATE_BV, XCOMP_BV, reserved
 *   576  AVX: the upper halves of YMM0..YMM15, in the standard and in the compacted format
 * </pre>
 */
public final class ExtendedState {
    /** State components, as bits of XCR0 and XSTATE_BV. */
    public static final long X87_STATE = 1;

    /** XMM registers and, depending on the instruction, MXCSR. */
    public static final long SSE_STATE = 2;

    /** Upper halves of the YMM registers. */
    public static final long AVX_STATE = 4;

    /** All components this processor has. */
    public static final long ALL = X87_STATE | SSE_STATE | AVX_STATE;

    /** Size of an FXSAVE area and of the legacy region. */
    public static final int LEGACY_BYTES = 512;

    /** Size of an XSAVE area with all components. */
    public static final int BYTES = 832;

    /** Offset of XSTATE_BV. */
    public static final int XSTATE_BV = 512;

    /** Offset of XCOMP_BV. */
    static final int XCOMP_BV = 520;

    /** End of the header and offset of the AVX component. */
    static final int AVX_OFFSET = 576;

    /** Writable bits of MXCSR. */
    public static final int MXCSR_MASK = 0xFFFF;

    private static final int MXCSR_INITIAL = 0x1F80;
    private static final int MXCSR = 24;

    private ExtendedState() {}

    /**
     * XINUSE: the components that differ from their initial configuration. Hardware may answer 1 more often; this processor never does,
     * so that the answer follows from the registers alone. MXCSR does not count (SDM vol. 1, 13.6).
     */
    public static long inUse(Cpu cpu) {
        long upper = 0;
        long lower = 0;
        for (int i = 0; i < 64; i += 4) {
            lower |= cpu.xmm[i] | cpu.xmm[i + 1];
            upper |= cpu.xmm[i + 2] | cpu.xmm[i + 3];
        }
        return (cpu.x87.isInitial() ? 0 : X87_STATE) | (lower == 0 ? 0 : SSE_STATE) | (upper == 0 ? 0 : AVX_STATE);
    }

    /** x87 state; {@code wide} (REX.W) keeps 64-bit pointers. The segment selectors of the narrow form are deprecated and 0. */
    public static void saveX87(Cpu cpu, StateArea area, boolean wide) {
        X87 f = cpu.x87;
        area.put16(0, f.control);
        area.put16(2, f.statusWord());
        area.put16(4, f.inUse);
        area.put16(6, f.opcode);
        area.put64(8, wide ? f.instructionPointer : f.instructionPointer & 0xFFFF_FFFFL);
        area.put64(16, wide ? f.dataPointer : f.dataPointer & 0xFFFF_FFFFL);
        for (int i = 0; i < 8; i++) {
            int physical = f.top + i & 7;
            area.put64(32 + 16 * i, f.significand[physical]);
            area.put64(40 + 16 * i, f.signExponent[physical]);
        }
    }

    /** MXCSR and MXCSR_MASK. */
    public static void saveMxcsr(Cpu cpu, StateArea area) {
        area.put32(MXCSR, cpu.mxcsr);
        area.put32(MXCSR + 4, MXCSR_MASK);
    }

    /** XMM0 to XMM15. */
    public static void saveXmm(Cpu cpu, StateArea area) {
        for (int i = 0; i < 16; i++) {
            area.put64(160 + 16 * i, cpu.xmm[4 * i]);
            area.put64(168 + 16 * i, cpu.xmm[4 * i + 1]);
        }
    }

    /** Upper halves of YMM0 to YMM15. */
    static void saveAvx(Cpu cpu, StateArea area) {
        for (int i = 0; i < 16; i++) {
            area.put64(AVX_OFFSET + 16 * i, cpu.xmm[4 * i + 2]);
            area.put64(AVX_OFFSET + 8 + 16 * i, cpu.xmm[4 * i + 3]);
        }
    }

    /** The inverse of {@link #saveX87}. */
    public static void loadX87(Cpu cpu, StateArea area, boolean wide) {
        X87 f = cpu.x87;
        f.control = area.get16(0) & 0x1F3F | 0x40;
        f.inUse = area.get16(4) & 0xFF;
        f.statusWord(area.get16(2));
        f.opcode = area.get16(6) & 0x7FF;
        f.instructionPointer = wide ? area.get64(8) : area.get32(8) & 0xFFFF_FFFFL;
        f.dataPointer = wide ? area.get64(16) : area.get32(16) & 0xFFFF_FFFFL;
        for (int i = 0; i < 8; i++) {
            int physical = f.top + i & 7;
            f.significand[physical] = area.get64(32 + 16 * i);
            f.signExponent[physical] = area.get16(40 + 16 * i);
        }
    }

    /** MXCSR of an area; #GP(0) when a reserved bit is set. */
    public static int mxcsr(Cpu cpu, StateArea area) {
        int mxcsr = area.get32(MXCSR);
        if ((mxcsr & ~MXCSR_MASK) != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        return mxcsr;
    }

    /** The inverse of {@link #saveXmm}. */
    public static void loadXmm(Cpu cpu, StateArea area) {
        for (int i = 0; i < 16; i++) {
            cpu.xmm[4 * i] = area.get64(160 + 16 * i);
            cpu.xmm[4 * i + 1] = area.get64(168 + 16 * i);
        }
    }

    static void loadAvx(Cpu cpu, StateArea area) {
        for (int i = 0; i < 16; i++) {
            cpu.xmm[4 * i + 2] = area.get64(AVX_OFFSET + 16 * i);
            cpu.xmm[4 * i + 3] = area.get64(AVX_OFFSET + 8 + 16 * i);
        }
    }

    /**
     * Restores the components {@code requested} from an area: from it where {@code present}, to their initial configuration otherwise.
     * MXCSR is the caller's, because the two formats treat it differently.
     */
    static void load(Cpu cpu, StateArea area, long requested, long present, boolean wide) {
        if ((requested & X87_STATE) != 0) {
            if ((present & X87_STATE) != 0) {
                loadX87(cpu, area, wide);
            } else {
                cpu.x87.reset();
            }
        }
        if ((requested & SSE_STATE) != 0) {
            if ((present & SSE_STATE) != 0) {
                loadXmm(cpu, area);
            } else {
                clear(cpu, 0);
            }
        }
        if ((requested & AVX_STATE) != 0) {
            if ((present & AVX_STATE) != 0) {
                loadAvx(cpu, area);
            } else {
                clear(cpu, 2);
            }
        }
    }

    private static void clear(Cpu cpu, int half) {
        for (int i = half; i < 64; i += 4) {
            cpu.xmm[i] = 0;
            cpu.xmm[i + 1] = 0;
        }
    }

    /** What XSAVE64 (with AVX enabled) or FXSAVE64 would store of all components, in an array of {@link #BYTES} or {@link #LEGACY_BYTES}. */
    public static byte[] image(Cpu cpu) {
        boolean avx = (cpu.system.xcr0 & AVX_STATE) != 0;
        byte[] image = new byte[avx ? BYTES : LEGACY_BYTES];
        StateArea area = StateArea.of(image);
        saveX87(cpu, area, true);
        saveMxcsr(cpu, area);
        saveXmm(cpu, area);
        if (avx) {
            saveAvx(cpu, area);
            area.put64(XSTATE_BV, inUse(cpu));
        }
        return image;
    }

    /** The initial configuration of all components, as {@link #image} of a processor at reset gives it. */
    public static byte[] initialImage(boolean avx) {
        byte[] image = new byte[avx ? BYTES : LEGACY_BYTES];
        StateArea area = StateArea.of(image);
        area.put16(0, 0x37F);
        area.put32(MXCSR, MXCSR_INITIAL);
        area.put32(MXCSR + 4, MXCSR_MASK);
        return image;
    }

    /** Takes back what {@link #image} gave: a short one leaves the upper halves in their initial configuration. */
    public static void load(Cpu cpu, byte[] image) {
        StateArea area = StateArea.of(image);
        long present = image.length > LEGACY_BYTES ? area.get64(XSTATE_BV) : X87_STATE | SSE_STATE;
        load(cpu, area, ALL, present, true);
        cpu.mxcsr = area.get32(MXCSR) & MXCSR_MASK;
    }
}
