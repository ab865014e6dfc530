package chronovisor.cpu;

import chronovisor.isa.Operand;

/** Binds memory operands: to packed operations where their shape allows, else to address forms. */
final class Addresses {
    private static final long M32 = 0xFFFF_FFFFL;

    private Addresses() {}

    /**
     * The address form of a memory operand.
     *
     * @param addressBits 32 or 64
     * @param next offset from the block's start to the next instruction: what RIP is relative to
     */
    static AddressForm bind(Operand o, int addressBits, int next) {
        int index = o.index() < 0 ? Cpu.SLOT_ZERO : o.index();
        int segment = switch (o.segment()) {
            case Operand.FS -> Cpu.SLOT_FS;
            case Operand.GS -> Cpu.SLOT_GS;
            default -> Cpu.SLOT_ZERO; // the other segments are flat in 64-bit mode
        };
        return new Linear(baseSlot(o), index, Integer.numberOfTrailingZeros(Math.max(1, o.scale())),
                displacement(o, next), addressBits == 32 ? M32 : -1, segment);
    }

    /** The one class of address forms while running, so that calls of it are inlined: parts that are not there are zero. */
    private record Linear(int base, int index, int shift, long displacement, long mask,
            int segment) implements AddressForm {
        @Override
        public long of(Cpu cpu) {
            long[] g = cpu.gpr;
            return (g[base] + (g[index] << shift) + displacement & mask) + g[segment];
        }
    }

    private static int baseSlot(Operand o) {
        if (o.base() == Operand.RIP) {
            return Cpu.SLOT_BLOCK;
        }
        return o.base() < 0 ? Cpu.SLOT_ZERO : o.base();
    }

    private static long displacement(Operand o, int next) {
        return o.base() == Operand.RIP ? o.displacement() + next : o.displacement();
    }

    /** Whether {@link #word} can express the operand: a segment base takes the place of the base or index register. */
    static boolean packable(Operand o, int addressBits) {
        return addressBits == 64 && (o.segment() < Operand.FS || o.base() < 0 || o.index() < 0);
    }

    /** Base, index and scale of a packable operand as parts of an operation's word 0. */
    static long word(Operand o, boolean ignoreSegment) {
        int base = baseSlot(o);
        int index = o.index() < 0 ? Cpu.SLOT_ZERO : o.index();
        int scale = Integer.numberOfTrailingZeros(Math.max(1, o.scale()));
        if (o.segment() >= Operand.FS && !ignoreSegment) {
            int segment = o.segment() == Operand.FS ? Cpu.SLOT_FS : Cpu.SLOT_GS;
            if (o.index() < 0) {
                index = segment;
                scale = 0;
            } else {
                base = segment;
            }
        }
        return Op.word(0, 0, 0, base, index, scale);
    }

    /** Word 1 of a packable operand. */
    static long displacementWord(Operand o, int next) {
        return displacement(o, next);
    }
}
