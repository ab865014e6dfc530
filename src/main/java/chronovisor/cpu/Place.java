package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An integer operand, bound: values are zero-extended from its size when read and cut to it when written. */
interface Place {
    long get(Cpu cpu);

    void set(Cpu cpu, long v);

    /** Reads what will then be written: raises what the write would raise, so that nothing is done by halves. */
    default long update(Cpu cpu) {
        return get(cpu);
    }

    /** Operand {@code index} of {@code i}. */
    static Place of(Instruction i, int index, @Nullable AddressForm address) {
        Operand o = i.operand(index);
        return switch (o.kind()) {
            case GPR -> register(o.register(), o.bits());
            case HIGH_BYTE -> new HighByte(o.register());
            case MEMORY -> memory(Objects.requireNonNull(address), o.bits());
            case IMMEDIATE -> new Immediate(Flags.mask(i.operandSize(), o.value()));
            case SEGMENT -> new Selector(o.register());
            case MMX, XMM, YMM, ST, CONTROL, DEBUG, RELATIVE ->
                throw new IllegalArgumentException("no integer operand: " + o);
        };
    }

    /** A general-purpose register of 8 (low byte), 16, 32 or 64 bits. */
    static Place register(int r, int bits) {
        return switch (bits) {
            case 8 -> new LowByte(r);
            case 16 -> new Word(r);
            case 32 -> new Doubleword(r);
            case 64 -> new Quadword(r);
            default -> throw new IllegalArgumentException("a register of " + bits + " bits");
        };
    }

    /** Memory of 8, 16, 32 or 64 bits. */
    static Place memory(AddressForm address, int bits) {
        return switch (bits) {
            case 8 -> new Memory8(address);
            case 16 -> new Memory16(address);
            case 32 -> new Memory32(address);
            case 64 -> new Memory64(address);
            default -> throw new IllegalArgumentException("memory of " + bits + " bits");
        };
    }

    record Quadword(int r) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.gpr[r];
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.gpr[r] = v;
        }
    }

    record Doubleword(int r) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.gpr[r] & 0xFFFF_FFFFL;
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.gpr[r] = v & 0xFFFF_FFFFL;
        }
    }

    record Word(int r) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.gpr[r] & 0xFFFF;
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.gpr[r] = cpu.gpr[r] & ~0xFFFFL | v & 0xFFFF;
        }
    }

    record LowByte(int r) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.gpr[r] & 0xFF;
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.gpr[r] = cpu.gpr[r] & ~0xFFL | v & 0xFF;
        }
    }

    record HighByte(int r) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.gpr[r] >>> 8 & 0xFF;
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.gpr[r] = cpu.gpr[r] & ~0xFF00L | (v & 0xFF) << 8;
        }
    }

    record Immediate(long v) implements Place {
        @Override
        public long get(Cpu cpu) {
            return v;
        }

        @Override
        public void set(Cpu cpu, long ignored) {
            throw new IllegalStateException("an immediate is not written");
        }
    }

    record Selector(int segment) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.selectors[segment];
        }

        @Override
        public void set(Cpu cpu, long v) {
            Segments.load(cpu, segment, (int) v & 0xFFFF);
        }
    }

    record Memory8(AddressForm address) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.mmu.load8(address.of(cpu)) & 0xFF;
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.mmu.store8(address.of(cpu), (byte) v);
        }

        @Override
        public long update(Cpu cpu) {
            long va = address.of(cpu);
            cpu.mmu.checkWrite(va, 1);
            return cpu.mmu.load8(va) & 0xFF;
        }
    }

    record Memory16(AddressForm address) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.mmu.load16(address.of(cpu)) & 0xFFFF;
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.mmu.store16(address.of(cpu), (short) v);
        }

        @Override
        public long update(Cpu cpu) {
            long va = address.of(cpu);
            cpu.mmu.checkWrite(va, 2);
            return cpu.mmu.load16(va) & 0xFFFF;
        }
    }

    record Memory32(AddressForm address) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.mmu.load32(address.of(cpu)) & 0xFFFF_FFFFL;
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.mmu.store32(address.of(cpu), (int) v);
        }

        @Override
        public long update(Cpu cpu) {
            long va = address.of(cpu);
            cpu.mmu.checkWrite(va, 4);
            return cpu.mmu.load32(va) & 0xFFFF_FFFFL;
        }
    }

    record Memory64(AddressForm address) implements Place {
        @Override
        public long get(Cpu cpu) {
            return cpu.mmu.load64(address.of(cpu));
        }

        @Override
        public void set(Cpu cpu, long v) {
            cpu.mmu.store64(address.of(cpu), v);
        }

        @Override
        public long update(Cpu cpu) {
            long va = address.of(cpu);
            cpu.mmu.checkWrite(va, 8);
            return cpu.mmu.load64(va);
        }
    }

}
