package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import chronovisor.isa.Repeat;
import chronovisor.memory.HostMemory;
import org.jspecify.annotations.Nullable;

/**
 * MOVS, STOS, LODS, SCAS, CMPS with every repeat prefix (SDM vol. 2, REP). A repeated instruction can fault between iterations: the
 * registers then tell what is done, RIP stays, and it goes on from there when it is run again. It is one tick, when it completes.
 */
final class StringSteps {
    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RSI = 6;
    private static final int RDI = 7;

    /** Fewer iterations are quicker one by one. */
    private static final int BULK_MIN = 4;

    private StringSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case MOVS, STOS, LODS, SCAS, CMPS -> {
                Iteration once = iteration(new Shape(i));
                boolean compares = i.operation() == Operation.SCAS || i.operation() == Operation.CMPS;
                yield i.repeat() == Repeat.NONE ? single(once) : repeated(new Shape(i), once, compares);
            }
            default -> null;
        };
    }

    /** What all iterations share. */
    private record Shape(Operation operation, int bits, int addressBits, int segment, Repeat repeat) {
        Shape(Instruction i) {
            this(i.operation(), i.operandSize(), i.addressSize(), MoveSteps.segmentSlot(i), i.repeat());
        }

        long source(Cpu cpu) {
            return cpu.gpr[segment] + Flags.mask(addressBits, cpu.gpr[RSI]);
        }

        long destination(Cpu cpu) {
            return Flags.mask(addressBits, cpu.gpr[RDI]);
        }

        void move(Cpu cpu, int register, long bytes) {
            cpu.gpr[register] = Flags.mask(addressBits, cpu.gpr[register] + bytes);
        }

        long step(Cpu cpu) {
            return (cpu.flagsOther & Flags.DF) != 0 ? -bits / 8 : bits / 8;
        }

        boolean forward(Cpu cpu) {
            return (cpu.flagsOther & Flags.DF) == 0;
        }
    }

    /** One iteration; comparing ones leave their operands in the processor's scratch. */
    @FunctionalInterface
    private interface Iteration {
        /** Executes one iteration; for SCAS and CMPS gives whether the operands were equal, and leaves flags in {@code flags}. */
        boolean run(Cpu cpu, long[] flags);
    }

    private static long load(Cpu cpu, long va, int bits) {
        return switch (bits) {
            case 8 -> cpu.mmu.load8(va) & 0xFF;
            case 16 -> cpu.mmu.load16(va) & 0xFFFF;
            case 32 -> cpu.mmu.load32(va) & 0xFFFF_FFFFL;
            default -> cpu.mmu.load64(va);
        };
    }

    private static void store(Cpu cpu, long va, int bits, long v) {
        switch (bits) {
            case 8 -> cpu.mmu.store8(va, (byte) v);
            case 16 -> cpu.mmu.store16(va, (short) v);
            case 32 -> cpu.mmu.store32(va, (int) v);
            default -> cpu.mmu.store64(va, v);
        }
    }

    private static Iteration iteration(Shape s) {
        return switch (s.operation) {
            case MOVS -> (cpu, flags) -> {
                store(cpu, s.destination(cpu), s.bits, load(cpu, s.source(cpu), s.bits));
                s.move(cpu, RSI, s.step(cpu));
                s.move(cpu, RDI, s.step(cpu));
                return true;
            };
            case STOS -> (cpu, flags) -> {
                store(cpu, s.destination(cpu), s.bits, cpu.gpr[RAX]);
                s.move(cpu, RDI, s.step(cpu));
                return true;
            };
            case LODS -> (cpu, flags) -> {
                Place.register(RAX, s.bits).set(cpu, load(cpu, s.source(cpu), s.bits));
                s.move(cpu, RSI, s.step(cpu));
                return true;
            };
            case SCAS -> (cpu, flags) -> {
                long a = Flags.mask(s.bits, cpu.gpr[RAX]);
                long b = load(cpu, s.destination(cpu), s.bits);
                s.move(cpu, RDI, s.step(cpu));
                return compared(s.bits, a, b, flags);
            };
            default -> (cpu, flags) -> { // CMPS
                long a = load(cpu, s.source(cpu), s.bits);
                long b = load(cpu, s.destination(cpu), s.bits);
                s.move(cpu, RSI, s.step(cpu));
                s.move(cpu, RDI, s.step(cpu));
                return compared(s.bits, a, b, flags);
            };
        };
    }

    private static boolean compared(int bits, long a, long b, long[] flags) {
        flags[0] = Flags.extend(bits, a - b);
        flags[1] = Flags.subAux(bits, a, b, a - b);
        return flags[0] == 0;
    }

    private static Step single(Iteration once) {
        return cpu -> {
            long[] flags = {cpu.flagResult, cpu.flagAux};
            once.run(cpu, flags);
            cpu.flagResult = flags[0];
            cpu.flagAux = flags[1];
        };
    }

    private static Step repeated(Shape s, Iteration once, boolean compares) {
        boolean whileEqual = s.repeat == Repeat.REP;
        return cpu -> {
            // Flags of CMPS and SCAS are committed when it completes: a fault leaves the old ones (SDM vol. 2, REP).
            long[] flags = {cpu.flagResult, cpu.flagAux};
            boolean more = Flags.mask(s.addressBits, cpu.gpr[RCX]) != 0;
            widen(cpu, s);
            while (more) {
                if (cpu.iterates || !bulk(cpu, s)) {
                    boolean equal = once.run(cpu, flags);
                    s.move(cpu, RCX, -1);
                    more = !compares || equal == whileEqual;
                }
                more &= Flags.mask(s.addressBits, cpu.gpr[RCX]) != 0;
                if (more && cpu.iterates) {
                    throw cpu.exit(Careful.ITERATED);
                }
            }
            cpu.flagResult = flags[0];
            cpu.flagAux = flags[1];
        };
    }

    /** With 32-bit addresses hardware clears upper halves before the first iteration, even when there is none: of RCX, and of what MOVS and STOS advance. */
    private static void widen(Cpu cpu, Shape s) {
        s.move(cpu, RCX, 0);
        if (s.operation == Operation.MOVS || s.operation == Operation.STOS) {
            s.move(cpu, RDI, 0);
        }
        if (s.operation == Operation.MOVS) {
            s.move(cpu, RSI, 0);
        }
    }

    /**
     * Moves or fills what lies in one page each, at once, when the pages are in the TLB: then nothing can fault, and nobody has to be told. One
     * iteration puts them there, unless they hold code or are watched. False when the shape or the place does not allow it.
     */
    private static boolean bulk(Cpu cpu, Shape s) {
        boolean moves = s.operation == Operation.MOVS;
        if (!moves && s.operation != Operation.STOS || s.addressBits != 64 || !s.forward(cpu) || cpu.mmu.isOpen()) {
            return false;
        }
        int bytes = s.bits / 8;
        long to = cpu.gpr[RDI];
        long n = Math.min(4096 - (to & 0xFFF), 1 << 12);
        long from = moves ? s.source(cpu) : 0;
        if (moves) {
            n = Math.min(n, 4096 - (from & 0xFFF));
        }
        n = Long.compareUnsigned(cpu.gpr[RCX], n / bytes) < 0 ? cpu.gpr[RCX] : n / bytes;
        long host = n < BULK_MIN ? 0 : cpu.mmu.hostToWrite(to);
        if (host == 0 || moves && !copy(cpu.mmu.hostToRead(from), host, n * bytes)) {
            return false;
        }
        if (!moves) {
            fill(host, n, s.bits, cpu.gpr[RAX]);
        }
        cpu.gpr[RDI] += n * bytes;
        cpu.gpr[RSI] += moves ? n * bytes : 0;
        cpu.gpr[RCX] -= n;
        return true;
    }

    /** False when the source is not there, or when the destination overlaps what is still to be read: bytes that go one by one repeat a pattern then. */
    private static boolean copy(long source, long host, long length) {
        if (source == 0 || host > source && host < source + length) {
            return false;
        }
        HostMemory.copy(source, host, length);
        return true;
    }

    private static void fill(long host, long n, int bits, long v) {
        if (bits == 8) {
            HostMemory.fill(host, n, (byte) v);
            return;
        }
        for (long k = 0; k < n; k++) {
            switch (bits) {
                case 16 -> HostMemory.put16(host + 2 * k, (short) v);
                case 32 -> HostMemory.put32(host + 4 * k, (int) v);
                default -> HostMemory.put64(host + 8 * k, v);
            }
        }
    }
}
