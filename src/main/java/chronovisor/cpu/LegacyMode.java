package chronovisor.cpu;

import chronovisor.isa.Operand;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.NestedFault;

/**
 * What a processor does before it is in 64-bit mode: real mode, protected mode without paging, and compatibility mode for the few
 * instructions until the far jump, all in ring 0 (SDM vol. 3, 9.8 and 9.9). It is there to start processors, so it knows what such code is
 * made of and leaves the machine with {@link Exit#UNSUPPORTED} where it does not. Its instructions are ticks like others, but no steps of a
 * trace: those are of 64-bit code.
 */
final class LegacyMode {

    private static final int EAX = 0;
    private static final int ECX = 1;
    private static final int ESI = 6;
    private static final int EDI = 7;

    /** Not an {@link Exit}: an instruction that is not among those of start-up code. */
    static final int UNKNOWN = -3;

    /** {@link Cpu#target} of an instruction that goes on with the next one. */
    private static final long NO_TARGET = -1;

    private static final int COMPARE = 7;

    private LegacyMode() {}

    /** Runs until the processor is in 64-bit mode, something else is to be done, or so many instructions have retired. */
    static int run(Cpu cpu, long ticksMax) {
        long end = cpu.retired + Math.min(ticksMax, Long.MAX_VALUE / 4);
        int exit = Dispatch.NEXT;
        while (exit == Dispatch.NEXT && cpu.retired < end && cpu.system.codeBits != SystemState.CODE_64) {
            exit = step(cpu);
        }
        return exit == Dispatch.NEXT ? Exit.SLICE : exit;
    }

    private static int step(Cpu cpu) {
        LegacyCode code = new LegacyCode(cpu);
        cpu.target = NO_TARGET;
        try {
            if ((cpu.cr0 & Control.CR0_PG) != 0 && (cpu.efer & 1 << 10) == 0) {
                return unsupported(cpu, code, "32-bit paging");
            }
            cpu.system.shadow = SystemState.SHADOW_NONE;
            int opcode = code.opcode();
            int exit = opcode == 0x0F
                    ? LegacySystem.execute(cpu, code, code.next8())
                    : execute(cpu, code, opcode);
            if (exit == Dispatch.NEXT) {
                cpu.retired++;
                cpu.rip = cpu.target == NO_TARGET ? code.nextIp() : cpu.target;
            }
            cpu.exitLength = code.length();
            return exit == UNKNOWN ? unsupported(cpu, code, "") : exit;
        } catch (GuestPageFault e) {
            return Faults.page(cpu, e);
        } catch (NestedFault e) {
            return Faults.nested(cpu, e);
        } catch (GuestException e) {
            return Faults.exception(cpu, e);
        } catch (GuestExit e) {
            return unsupported(cpu, code, cpu.exitWhat);
        } catch (GuestCanonicalFault e) {
            return Faults.vector(cpu, Vector.GP, 0);
        }
    }

    private static int unsupported(Cpu cpu, LegacyCode code, String what) {
        byte[] bytes = new byte[Math.max(1, code.length())];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = cpu.mmu.load8(code.base(Operand.CS) + cpu.rip + i & 0xFFFF_FFFFL);
        }
        cpu.exitBytes = bytes;
        cpu.exitWhat = (what.isEmpty() ? "" : what + " in ") + cpu.system.codeBits + "-bit code";
        return Exit.UNSUPPORTED;
    }

    private static int execute(Cpu cpu, LegacyCode c, int opcode) {
        if (opcode < 0x40) {
            return (opcode & 7) < 6 ? arithmetic(cpu, c, opcode) : segmentOnStack(cpu, c, opcode);
        }
        return switch (opcode >>> 4) {
            case 0x4 -> {
                int register = opcode & 7;
                c.register(register, c.bits, step(cpu, c.bits, c.register(register, c.bits), (opcode & 8) == 0));
                yield Dispatch.NEXT;
            }
            case 0x5 -> {
                if (opcode < 0x58) {
                    c.push(c.bits, cpu.gpr[opcode & 7]);
                } else {
                    c.register(opcode & 7, c.bits, c.pop(c.bits));
                }
                yield Dispatch.NEXT;
            }
            case 0x7 -> {
                branch(cpu, c, c.nextSigned8(), Flags.condition(opcode & 15, cpu.flagResult, cpu.flagAux));
                yield Dispatch.NEXT;
            }
            case 0xB -> {
                int width = opcode < 0xB8 ? 8 : c.bits;
                c.register(opcode & 7, width, c.next(width));
                yield Dispatch.NEXT;
            }
            default -> other(cpu, c, opcode);
        };
    }

    private static int other(Cpu cpu, LegacyCode c, int opcode) {
        int width = (opcode & 1) == 0 ? 8 : c.bits;
        switch (opcode) {
            case 0x68 -> c.push(c.bits, c.next(c.bits));
            case 0x6A -> c.push(c.bits, c.nextSigned8());
            case 0x80, 0x81, 0x83 -> immediate(cpu, c, opcode, width);
            case 0x84, 0x85 -> {
                c.modrm();
                flags(cpu, width, c.get(width) & c.register(c.reg, width), 0);
            }
            case 0x86, 0x87 -> {
                c.modrm();
                long old = c.get(width);
                c.set(width, c.register(c.reg, width));
                c.register(c.reg, width, old);
            }
            case 0x88, 0x89 -> {
                c.modrm();
                c.set(width, c.register(c.reg, width));
            }
            case 0x8A, 0x8B -> {
                c.modrm();
                c.register(c.reg, width, c.get(width));
            }
            case 0x8C -> {
                c.modrm();
                c.set(c.isMemory() ? 16 : c.bits, cpu.selectors[c.reg]);
            }
            case 0x8D -> {
                c.modrm();
                c.register(c.reg, c.bits, c.effective());
            }
            case 0x8E -> {
                c.modrm();
                LegacySystem.loadSegment(cpu, c.reg, (int) c.get(16));
            }
            case 0x90 -> {
                // NOP, and PAUSE.
            }
            case 0x9C -> c.push(c.bits, cpu.rflags());
            case 0x9D -> {
                long value = c.pop(c.bits);
                cpu.rflags(c.bits == 16 ? cpu.rflags() & ~0xFFFFL | value : value);
            }
            case 0xA0, 0xA1 ->
                c.register(EAX, width, c.load(c.dataSegment(), c.next(c.addressBits), width));
            case 0xA2, 0xA3 ->
                c.store(c.dataSegment(), c.next(c.addressBits), width, c.register(EAX, width));
            case 0xA4, 0xA5, 0xAA, 0xAB, 0xAC, 0xAD -> string(cpu, c, opcode, width);
            case 0xA8, 0xA9 -> flags(cpu, width, c.register(EAX, width) & c.next(width), 0);
            case 0xC0, 0xC1, 0xD0, 0xD1, 0xD2, 0xD3 -> {
                return shift(cpu, c, opcode, width);
            }
            case 0xC6, 0xC7 -> {
                c.modrm();
                c.set(width, c.next(width));
            }
            case 0xF6, 0xF7 -> {
                return unary(cpu, c, width);
            }
            case 0xFE, 0xFF -> {
                return increments(cpu, c, width);
            }
            default -> {
                return transfer(cpu, c, opcode);
            }
        }
        return Dispatch.NEXT;
    }

    // Transfers and flags.

    private static int transfer(Cpu cpu, LegacyCode c, int opcode) {
        switch (opcode) {
            case 0xC2 -> {
                long released = c.next(16);
                cpu.target = c.pop(c.bits);
                c.drop(released);
            }
            case 0xC3 -> cpu.target = c.pop(c.bits);
            case 0xCB -> {
                long ip = c.peek(c.bits, 0);
                int selector = (int) c.peek(c.bits, c.bits / 8) & 0xFFFF;
                LegacySystem.farJump(cpu, selector, ip);
                c.drop(2L * c.bits / 8);
            }
            case 0xE0, 0xE1, 0xE2, 0xE3 -> loop(cpu, c, opcode);
            case 0xE8 -> {
                long distance = Flags.extend(c.bits, c.next(c.bits));
                c.push(c.bits, c.nextIp());
                branch(cpu, c, distance, true);
            }
            case 0xE9 -> branch(cpu, c, Flags.extend(c.bits, c.next(c.bits)), true);
            case 0xEA -> {
                long ip = c.next(c.bits);
                LegacySystem.farJump(cpu, (int) c.next(16), ip);
            }
            case 0xEB -> branch(cpu, c, c.nextSigned8(), true);
            case 0xF5 -> cpu.carry(!Flags.carry(cpu.flagAux));
            case 0xF8, 0xF9 -> cpu.carry(opcode == 0xF9);
            case 0xFA -> cpu.flagsOther &= ~(long) Flags.IF;
            case 0xFB -> {
                cpu.system.shadow = SystemState.SHADOW_STI;
                cpu.flagsOther |= Flags.IF;
            }
            case 0xFC -> cpu.flagsOther &= ~(long) Flags.DF;
            case 0xFD -> cpu.flagsOther |= Flags.DF;
            default -> {
                return LegacySystem.exit(cpu, c, opcode);
            }
        }
        return Dispatch.NEXT;
    }

    static void branch(Cpu cpu, LegacyCode c, long distance, boolean taken) {
        if (taken) {
            cpu.target = Flags.mask(c.bits, c.nextIp() + distance);
        }
    }

    private static void loop(Cpu cpu, LegacyCode c, int opcode) {
        long distance = c.nextSigned8();
        long count = c.register(ECX, c.addressBits);
        boolean zero = cpu.flagResult == 0;
        if (opcode == 0xE3) {
            branch(cpu, c, distance, count == 0);
            return;
        }
        long left = Flags.mask(c.addressBits, count - 1);
        c.register(ECX, c.addressBits, left);
        branch(cpu, c, distance, left != 0 && (opcode == 0xE2 || zero == (opcode == 0xE1)));
    }

    // Arithmetic.

    private static void flags(Cpu cpu, int bits, long result, long aux) {
        cpu.flagResult = Flags.extend(bits, result);
        cpu.flagAux = aux;
    }

    /** ADD OR ADC SBB AND SUB XOR CMP by number; the flags are set, and the result given. */
    private static long operate(Cpu cpu, int operation, int bits, long a, long b) {
        long carry = cpu.flagAux >>> 63;
        long r = switch (operation) {
            case 0 -> a + b;
            case 1 -> a | b;
            case 2 -> a + b + carry;
            case 3 -> a - b - carry;
            case 4 -> a & b;
            case 6 -> a ^ b;
            default -> a - b; // SUB and CMP
        };
        long aux = switch (operation) {
            case 0, 2 -> Flags.addAux(bits, a, b, r);
            case 1, 4, 6 -> 0;
            default -> Flags.subAux(bits, a, b, r); // SUB, SBB and CMP
        };
        flags(cpu, bits, r, aux);
        return r;
    }

    private static int arithmetic(Cpu cpu, LegacyCode c, int opcode) {
        int operation = opcode >>> 3;
        int bits = (opcode & 1) == 0 ? 8 : c.bits;
        if ((opcode & 4) != 0) {
            long r = operate(cpu, operation, bits, c.register(EAX, bits), c.next(bits));
            if (operation != COMPARE) {
                c.register(EAX, bits, r);
            }
            return Dispatch.NEXT;
        }
        c.modrm();
        boolean toRegister = (opcode & 2) != 0;
        if (toRegister) {
            long r = operate(cpu, operation, bits, c.register(c.reg, bits), c.get(bits));
            if (operation != COMPARE) {
                c.register(c.reg, bits, r);
            }
        } else {
            intoOperand(cpu, c, operation, bits, c.register(c.reg, bits));
        }
        return Dispatch.NEXT;
    }

    private static void immediate(Cpu cpu, LegacyCode c, int opcode, int bits) {
        c.modrm();
        long b = opcode == 0x83 ? Flags.mask(bits, c.nextSigned8()) : c.next(bits);
        intoOperand(cpu, c, c.reg, bits, b);
    }

    private static void intoOperand(Cpu cpu, LegacyCode c, int operation, int bits, long b) {
        long a = c.get(bits);
        if (operation != COMPARE) {
            c.checkWrite(bits);
        }
        long r = operate(cpu, operation, bits, a, b);
        if (operation != COMPARE) {
            c.set(bits, r);
        }
    }

    private static long step(Cpu cpu, int bits, long a, boolean up) {
        long r = up ? a + 1 : a - 1;
        long aux = up ? Flags.addAux(bits, a, 1, r) : Flags.subAux(bits, a, 1, r);
        flags(cpu, bits, r, Flags.keepCarry(aux, cpu.flagAux));
        return r;
    }

    private static int increments(Cpu cpu, LegacyCode c, int bits) {
        c.modrm();
        if (c.reg < 2) {
            long a = c.get(bits);
            c.checkWrite(bits);
            c.set(bits, step(cpu, bits, a, c.reg == 0));
            return Dispatch.NEXT;
        }
        if (bits == 8) {
            return UNKNOWN;
        }
        switch (c.reg) {
            case 2 -> {
                long to = c.get(bits);
                c.push(bits, c.nextIp());
                cpu.target = to;
            }
            case 4 -> cpu.target = c.get(bits);
            case 5 -> LegacySystem.farJump(cpu, c);
            case 6 -> c.push(bits, c.get(bits));
            default -> {
                return UNKNOWN;
            }
        }
        return Dispatch.NEXT;
    }

    private static int unary(Cpu cpu, LegacyCode c, int bits) {
        c.modrm();
        long a = c.get(bits);
        switch (c.reg) {
            case 0, 1 -> flags(cpu, bits, a & c.next(bits), 0);
            case 2 -> c.set(bits, ~a);
            case 3 -> {
                c.checkWrite(bits);
                c.set(bits, operate(cpu, 5, bits, 0, a));
            }
            default -> {
                return UNKNOWN;
            }
        }
        return Dispatch.NEXT;
    }

    private static int shift(Cpu cpu, LegacyCode c, int opcode, int bits) {
        c.modrm();
        int count = opcode < 0xD0 ? c.next8() : opcode < 0xD2 ? 1 : (int) c.register(ECX, 8);
        int n = Shifts.count(bits, count);
        long v = c.get(bits);
        if (c.reg < 4 || c.reg == 6) {
            return UNKNOWN;
        }
        if (n == 0) {
            return Dispatch.NEXT;
        }
        c.checkWrite(bits);
        long signed = Flags.extend(bits, v);
        long r = c.reg == 4
                ? Shifts.shl(bits, v, n)
                : c.reg == 5 ? Shifts.shr(bits, v, n) : Shifts.sar(bits, signed, n);
        flags(cpu, bits, r, c.reg == 4
                ? Shifts.shlAux(bits, v, n)
                : c.reg == 5 ? Shifts.shrAux(bits, v, n) : Shifts.sarAux(bits, signed, n));
        c.set(bits, r);
        return Dispatch.NEXT;
    }

    // Segment registers on the stack, and strings.

    private static int segmentOnStack(Cpu cpu, LegacyCode c, int opcode) {
        int segment = opcode >>> 3;
        if (segment > Operand.DS || opcode == 0x0F) {
            return UNKNOWN;
        }
        if ((opcode & 1) == 0) {
            c.push(c.bits, cpu.selectors[segment]);
        } else {
            LegacySystem.loadSegment(cpu, segment, (int) c.peek(16, 0));
            c.drop(c.bits / 8);
        }
        return Dispatch.NEXT;
    }

    /** MOVS, STOS, LODS. */
    private static void string(Cpu cpu, LegacyCode c, int opcode, int bits) {
        long step = (cpu.flagsOther & Flags.DF) != 0 ? -bits / 8 : bits / 8;
        int width = c.addressBits;
        while (!c.repeats || c.register(ECX, width) != 0) {
            boolean stores = opcode < 0xAC;
            boolean loads = opcode < 0xAA || !stores;
            long value = loads
                    ? c.load(c.dataSegment(), c.register(ESI, width), bits)
                    : c.register(EAX, bits);
            if (stores) {
                c.store(Operand.ES, c.register(EDI, width), bits, value);
                c.register(EDI, width, c.register(EDI, width) + step);
            } else {
                c.register(EAX, bits, value);
            }
            if (loads) {
                c.register(ESI, width, c.register(ESI, width) + step);
            }
            if (!c.repeats) {
                return;
            }
            c.register(ECX, width, c.register(ECX, width) - 1);
        }
    }
}
