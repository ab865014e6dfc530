package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** Moves between vector registers, memory and general-purpose registers (SDM vol. 2, MOVAPS to MOVUPS, MASKMOVDQU). */
final class SseMoves {

    private SseMoves() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ, MOVNTDQA -> full(i, address, true);
            case MOVUPS, MOVUPD, MOVDQU, LDDQU -> full(i, address, false);
            case MOVSS -> scalar32(i, address);
            case MOVSD -> scalar64(i, address);
            case MOVD, MOVQ -> moveBits(i, address);
            case MOVLPS, MOVLPD -> half(i, address, 0);
            case MOVHPS, MOVHPD -> half(i, address, 1);
            case MOVHLPS -> registers(i, SseMoves::moveHighToLow);
            case MOVLHPS -> registers(i, SseMoves::moveLowToHigh);
            case MOVDDUP -> duplicate(i, address);
            case MOVMSKPS -> maskPs(i);
            case MOVMSKPD -> maskPd(i);
            case MOVNTQ -> storeMmx(i, address);
            case MOVDQ2Q -> toMmx(i);
            case MOVQ2DQ -> fromMmx(i);
            case MASKMOVDQU -> maskMove(i, address);
            case MASKMOVQ -> maskMoveMmx(i, address);
            case LDMXCSR -> loadControl(address);
            case STMXCSR -> storeControl(address);
            default -> {
                Lane lane = lane(i.operation());
                yield lane == null ? null : PackedFamilies.wide(i, address, lane);
            }
        };
    }

    /** What MOVSHDUP and MOVSLDUP make of 128 bits. */
    static @Nullable Lane lane(Operation operation) {
        return switch (operation) {
            case MOVSHDUP -> new Lane((al, ah, bl, bh) -> bl >>> 32 | bl & ~0L << 32,
                    (al, ah, bl, bh) -> bh >>> 32 | bh & ~0L << 32);
            case MOVSLDUP -> new Lane((al, ah, bl, bh) -> bl & 0xFFFF_FFFFL | bl << 32,
                    (al, ah, bl, bh) -> bh & 0xFFFF_FFFFL | bh << 32);
            default -> null;
        };
    }

    /** Two registers in, one changed: {@code d} and {@code s} index the low halves. */
    @FunctionalInterface
    private interface Move {
        void move(long[] xmm, int d, int s);
    }

    private static Step registers(Instruction i, Move move) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> move.move(cpu.xmm, d, s);
    }

    private static void moveHighToLow(long[] x, int d, int s) {
        x[d] = x[s + 1];
    }

    private static void moveLowToHigh(long[] x, int d, int s) {
        x[d + 1] = x[s];
    }

    private static Step full(Instruction i, @Nullable AddressForm address, boolean aligned) {
        int register = 4 * i.operand(0).register();
        if (address == null) {
            int s = 4 * i.operand(1).register();
            return cpu -> {
                long[] x = cpu.xmm;
                x[register] = x[s];
                x[register + 1] = x[s + 1];
            };
        }
        if (!i.operand(0).isMemory()) {
            return aligned
                    ? cpu -> load(cpu, register, Access.aligned(cpu, address))
                    : cpu -> load(cpu, register, address.of(cpu));
        }
        int s = 4 * i.operand(1).register();
        if (aligned) {
            return cpu -> {
                long a = Access.aligned(cpu, address);
                long[] x = cpu.xmm;
                cpu.mmu.store64(a, x[s]);
                cpu.mmu.store64(a + 8, x[s + 1]);
            };
        }
        return cpu -> Access.store128(cpu, address.of(cpu), cpu.xmm[s], cpu.xmm[s + 1]);
    }

    private static void load(Cpu cpu, int d, long a) {
        long low = cpu.mmu.load64(a);
        long high = cpu.mmu.load64(a + 8);
        cpu.xmm[d] = low;
        cpu.xmm[d + 1] = high;
    }

    private static Step scalar32(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        if (address == null) {
            int s = 4 * i.operand(1).register();
            return cpu -> cpu.xmm[d] = SseFloat.merge(cpu.xmm[d], (int) cpu.xmm[s]);
        }
        if (i.operand(0).isMemory()) {
            int s = 4 * i.operand(1).register();
            return cpu -> cpu.mmu.store32(address.of(cpu), (int) cpu.xmm[s]);
        }
        return cpu -> {
            cpu.xmm[d] = cpu.mmu.load32(address.of(cpu)) & 0xFFFF_FFFFL;
            cpu.xmm[d + 1] = 0;
        };
    }

    private static Step scalar64(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        if (address == null) {
            int s = 4 * i.operand(1).register();
            return cpu -> cpu.xmm[d] = cpu.xmm[s];
        }
        if (i.operand(0).isMemory()) {
            int s = 4 * i.operand(1).register();
            return cpu -> cpu.mmu.store64(address.of(cpu), cpu.xmm[s]);
        }
        return loadZeroing(d, address);
    }

    private static Step loadZeroing(int d, AddressForm address) {
        return cpu -> {
            cpu.xmm[d] = cpu.mmu.load64(address.of(cpu));
            cpu.xmm[d + 1] = 0;
        };
    }

    /** MOVD and MOVQ: between vector register and general-purpose register, memory or vector register. */
    private static Step moveBits(Instruction i, @Nullable AddressForm address) {
        Operand to = i.operand(0);
        Operand from = i.operand(1);
        if (to.kind() == Operand.Kind.MMX || from.kind() == Operand.Kind.MMX) {
            return moveMmx(to, from, address);
        }
        boolean wide = to.bits() == 64 || from.bits() == 64;
        int d = to.register();
        int s = from.register();
        if (to.kind() == Operand.Kind.XMM) {
            int x = 4 * d;
            if (address != null) {
                return wide ? loadZeroing(x, address) : cpu -> {
                    cpu.xmm[x] = cpu.mmu.load32(address.of(cpu)) & 0xFFFF_FFFFL;
                    cpu.xmm[x + 1] = 0;
                };
            }
            if (from.kind() == Operand.Kind.XMM) {
                return cpu -> {
                    cpu.xmm[x] = cpu.xmm[4 * s];
                    cpu.xmm[x + 1] = 0;
                };
            }
            long mask = wide ? -1 : 0xFFFF_FFFFL;
            return cpu -> {
                cpu.xmm[x] = cpu.gpr[s] & mask;
                cpu.xmm[x + 1] = 0;
            };
        }
        int x = 4 * s;
        if (address != null) {
            return wide
                    ? cpu -> cpu.mmu.store64(address.of(cpu), cpu.xmm[x])
                    : cpu -> cpu.mmu.store32(address.of(cpu), (int) cpu.xmm[x]);
        }
        long mask = wide ? -1 : 0xFFFF_FFFFL;
        return cpu -> cpu.gpr[d] = cpu.xmm[x] & mask;
    }

    private static Step moveMmx(Operand to, Operand from, @Nullable AddressForm address) {
        boolean wide = to.kind() == Operand.Kind.MMX ? from.bits() == 64 : to.bits() == 64;
        long mask = wide ? -1 : 0xFFFF_FFFFL;
        int d = to.register();
        int s = from.register();
        if (to.kind() == Operand.Kind.MMX) {
            if (address != null) {
                return cpu -> {
                    MmxFamilies.check(cpu);
                    long value = wide ? cpu.mmu.load64(address.of(cpu)) : cpu.mmu.load32(address.of(cpu)) & mask;
                    cpu.x87.mmx(d, value);
                };
            }
            if (from.kind() == Operand.Kind.MMX) {
                return cpu -> {
                    MmxFamilies.check(cpu);
                    cpu.x87.mmx(d, cpu.x87.significand[s]);
                };
            }
            return cpu -> {
                MmxFamilies.check(cpu);
                cpu.x87.mmx(d, cpu.gpr[s] & mask);
            };
        }
        if (address != null) {
            return cpu -> {
                MmxFamilies.check(cpu);
                long value = cpu.x87.significand[s];
                if (wide) {
                    cpu.mmu.store64(address.of(cpu), value);
                } else {
                    cpu.mmu.store32(address.of(cpu), (int) value);
                }
                cpu.x87.enterMmx();
            };
        }
        return cpu -> {
            MmxFamilies.check(cpu);
            cpu.x87.enterMmx();
            cpu.gpr[d] = cpu.x87.significand[s] & mask;
        };
    }

    private static @Nullable Step half(Instruction i, @Nullable AddressForm address, int which) {
        if (address == null) {
            return null;
        }
        if (i.operand(0).isMemory()) {
            int s = 4 * i.operand(1).register() + which;
            return cpu -> cpu.mmu.store64(address.of(cpu), cpu.xmm[s]);
        }
        int d = 4 * i.operand(0).register() + which;
        return cpu -> cpu.xmm[d] = cpu.mmu.load64(address.of(cpu));
    }

    private static Step duplicate(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        if (address != null) {
            return cpu -> {
                long v = cpu.mmu.load64(address.of(cpu));
                cpu.xmm[d] = v;
                cpu.xmm[d + 1] = v;
            };
        }
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long v = cpu.xmm[s];
            cpu.xmm[d] = v;
            cpu.xmm[d + 1] = v;
        };
    }

    private static Step maskPs(Instruction i) {
        int d = i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> cpu.gpr[d] = signsPs(cpu.xmm, s);
    }

    /** The sign bits of the four elements of 32 bits at {@code s}. */
    static long signsPs(long[] x, int s) {
        return x[s] >>> 31 & 1 | x[s] >>> 62 & 2 | x[s + 1] >>> 29 & 4 | x[s + 1] >>> 60 & 8;
    }

    private static Step maskPd(Instruction i) {
        int d = i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> cpu.gpr[d] = signsPd(cpu.xmm, s);
    }

    /** The sign bits of the two elements of 64 bits at {@code s}. */
    static long signsPd(long[] x, int s) {
        return x[s] >>> 63 | x[s + 1] >>> 62 & 2;
    }

    private static @Nullable Step storeMmx(Instruction i, @Nullable AddressForm address) {
        if (address == null) {
            return null;
        }
        int s = i.operand(1).register();
        return cpu -> {
            MmxFamilies.check(cpu);
            cpu.mmu.store64(address.of(cpu), cpu.x87.significand[s]);
            cpu.x87.enterMmx();
        };
    }

    private static Step toMmx(Instruction i) {
        int d = i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            MmxFamilies.check(cpu);
            cpu.x87.mmx(d, cpu.xmm[s]);
        };
    }

    private static Step fromMmx(Instruction i) {
        int d = 4 * i.operand(0).register();
        int s = i.operand(1).register();
        return cpu -> {
            MmxFamilies.check(cpu);
            cpu.x87.enterMmx();
            cpu.xmm[d] = cpu.x87.significand[s];
            cpu.xmm[d + 1] = 0;
        };
    }

    /** Stores the bytes of low:high whose byte in the mask has its sign bit set. */
    private static void storeBytes(Cpu cpu, long address, long value, long mask) {
        for (int k = 0; k < 8; k++) {
            if ((mask >>> 8 * k + 7 & 1) != 0) {
                cpu.mmu.store8(address + k, (byte) (value >>> 8 * k));
            }
        }
    }

    private static void checkBytes(Cpu cpu, long address, long mask) {
        for (int k = 0; k < 8; k++) {
            if ((mask >>> 8 * k + 7 & 1) != 0) {
                cpu.mmu.checkWrite(address + k, 1);
            }
        }
    }

    static Step maskMove(Instruction i, @Nullable AddressForm address) {
        int count = i.operandCount();
        int value = 4 * i.operand(count - 2).register();
        int mask = 4 * i.operand(count - 1).register();
        AddressForm form = address != null ? address : MmxFamilies.stringDestination(i);
        return cpu -> {
            long a = form.of(cpu);
            long[] x = cpu.xmm;
            checkBytes(cpu, a, x[mask]);
            checkBytes(cpu, a + 8, x[mask + 1]);
            storeBytes(cpu, a, x[value], x[mask]);
            storeBytes(cpu, a + 8, x[value + 1], x[mask + 1]);
        };
    }

    private static Step maskMoveMmx(Instruction i, @Nullable AddressForm address) {
        int count = i.operandCount();
        int value = i.operand(count - 2).register();
        int mask = i.operand(count - 1).register();
        AddressForm form = address != null ? address : MmxFamilies.stringDestination(i);
        return cpu -> {
            MmxFamilies.check(cpu);
            long a = form.of(cpu);
            checkBytes(cpu, a, cpu.x87.significand[mask]);
            storeBytes(cpu, a, cpu.x87.significand[value], cpu.x87.significand[mask]);
            cpu.x87.enterMmx();
        };
    }

    static @Nullable Step loadControl(@Nullable AddressForm address) {
        return address == null ? null : cpu -> {
            int value = cpu.mmu.load32(address.of(cpu));
            SseFloat.checkControl(cpu, value);
            cpu.mxcsr = value;
        };
    }

    static @Nullable Step storeControl(@Nullable AddressForm address) {
        return address == null ? null : cpu -> cpu.mmu.store32(address.of(cpu), cpu.mxcsr);
    }
}
