package chronovisor.cpu;

import chronovisor.isa.Operand;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;

/**
 * Delivery of exceptions and interrupts through the IDT in 64-bit mode (SDM vol. 3, 6.12 to 6.15), for a guest that is its own ring 0. A
 * nested page fault leaves everything as it was: the delivery is made again.
 */
public final class Gates {

    /** Where an event comes from. */
    public enum Source {
        /** An exception of an instruction: it has an error code if its vector does. */
        EXCEPTION,
        /** INT n, INT3, INTO: the gate must be allowed to the running ring, and RIP is after the instruction. */
        SOFTWARE,
        /** From outside of the processor. */
        EXTERNAL
    }

    private static final int INTERRUPT_GATE = 0xE;
    private static final int TRAP_GATE = 0xF;
    private static final int GATE_BYTES = 16;
    private static final int IDT_BIT = 2;
    private static final int TS = 10;
    private static final int CONTROL_PROTECTION = 21;
    /** The TSS of 64-bit mode: stack pointers of rings 0 to 2, then seven of the interrupt stack table. */
    private static final int TSS_RSP0 = 4;
    private static final int TSS_IST1 = 36;

    private Gates() {}

    /**
     * Enters the handler of an event. What goes wrong on the way is the next event, a double fault or the end.
     *
     * @param length
     *            of the instruction that makes a software interrupt, which retires here; else 0
     * @return whether a handler was entered; false is shutdown, a triple fault
     */
    public static boolean deliver(Cpu cpu, int vector, long errorCode, Source source, int length) {
        int now = vector;
        long error = errorCode;
        Source from = source;
        while (true) {
            try {
                enter(cpu, now, error, from, length);
                return true;
            } catch (GuestPageFault e) {
                cpu.cr2 = e.address;
                error = e.errorCode;
                now = after(now, from, Vector.PF);
            } catch (GuestException e) {
                error = e.errorCode;
                now = after(now, from, e.vector);
            } catch (GuestCanonicalFault e) {
                error = 0;
                now = after(now, from, Vector.GP);
            }
            if (now < 0) {
                return false;
            }
            if (now == Vector.DF) {
                error = 0;
            }
            if (from == Source.SOFTWARE) {
                cpu.flagsOther |= Flags.RF;
            }
            from = Source.EXCEPTION;
        }
    }

    /** Which event follows when one is met while another is delivered (SDM vol. 3, table 6-5); -1 is shutdown. */
    private static int after(int first, Source source, int second) {
        if (source != Source.EXCEPTION) {
            return second;
        }
        if (first == Vector.DF) {
            return -1;
        }
        boolean doubled = first == Vector.PF
                ? contributes(second) || second == Vector.PF
                : contributes(first) && contributes(second);
        return doubled ? Vector.DF : second;
    }

    private static boolean contributes(int vector) {
        return vector == Vector.DE || vector >= TS && vector <= Vector.GP || vector == CONTROL_PROTECTION;
    }

    private static boolean hasErrorCode(int vector) {
        return vector == Vector.DF || vector >= TS && vector <= Vector.PF || vector == Vector.AC
                || vector == CONTROL_PROTECTION;
    }

    private static void enter(Cpu cpu, int vector, long errorCode, Source source, int length) {
        int external = source == Source.SOFTWARE ? 0 : 1;
        long gateError = vector * 8L | IDT_BIT | external;
        SystemState s = cpu.system;
        if (vector * GATE_BYTES + GATE_BYTES - 1 > s.idtLimit) {
            throw cpu.raise(Vector.GP, gateError);
        }
        long low = cpu.mmu.loadSystem(s.idtBase + (long) vector * GATE_BYTES, 8);
        long high = cpu.mmu.loadSystem(s.idtBase + (long) vector * GATE_BYTES + 8, 8);
        int type = Descriptor.type(low);
        boolean gate = !Descriptor.isSegment(low) && (type == INTERRUPT_GATE || type == TRAP_GATE);
        if (!gate || source == Source.SOFTWARE && Descriptor.dpl(low) < cpu.cpl) {
            throw cpu.raise(Vector.GP, gateError);
        }
        if (!Descriptor.isPresent(low)) {
            throw cpu.raise(Vector.NP, gateError);
        }
        int selector = (int) (low >>> 16) & 0xFFFF;
        int ring = ring(cpu, selector, external);
        long handler = low & 0xFFFF | low >>> 32 & 0xFFFF_0000L | high << 32;
        if (handler << 16 >> 16 != handler) {
            throw cpu.raise(Vector.GP, external);
        }
        long stack = stack(cpu, (int) (low >>> 32) & 7, ring, external) & -16L;
        boolean pushes = source == Source.EXCEPTION && hasErrorCode(vector);
        push(cpu, stack, pushes, errorCode, length, external);
        if (length > 0) {
            cpu.retire(length);
            cpu.pendingDebug = 0;
        }
        cpu.flagsOther &= ~(long) (Flags.TF | Flags.NT | Flags.RF | Flags.VM);
        if (type == INTERRUPT_GATE) {
            cpu.flagsOther &= ~(long) Flags.IF;
        }
        if (ring != cpu.cpl) {
            cpu.selectors[Operand.SS] = ring;
        }
        cpu.cpl = ring;
        cpu.selectors[Operand.CS] = selector & ~3 | ring;
        cpu.gpr[Cpu.RSP] = stack - (pushes ? 48 : 40);
        cpu.rip = handler;
        s.shadow = SystemState.SHADOW_NONE;
        cpu.context();
    }

    /** The ring of the handler, whose code segment is looked at. */
    private static int ring(Cpu cpu, int selector, int external) {
        if (Descriptor.isNull(selector)) {
            throw cpu.raise(Vector.GP, external);
        }
        long error = selector & ~3 | external;
        if (!Descriptor.exists(cpu, selector)) {
            throw cpu.raise(Vector.GP, error);
        }
        long d = Descriptor.read(cpu, selector);
        if (!Descriptor.isCode(d) || Descriptor.dpl(d) > cpu.cpl || !Descriptor.isLong(d) || Descriptor.isBig(d)) {
            throw cpu.raise(Vector.GP, error);
        }
        if (!Descriptor.isPresent(d)) {
            throw cpu.raise(Vector.NP, error);
        }
        return Descriptor.isConforming(d) ? cpu.cpl : Descriptor.dpl(d);
    }

    private static long stack(Cpu cpu, int table, int ring, int external) {
        if (table == 0 && ring == cpu.cpl) {
            return cpu.gpr[Cpu.RSP];
        }
        SystemState s = cpu.system;
        int offset = table == 0 ? TSS_RSP0 + 8 * ring : TSS_IST1 + 8 * (table - 1);
        if (offset + 7 > s.trLimit) {
            throw cpu.raise(TS, s.tr & ~3 | external);
        }
        return cpu.mmu.loadSystem(s.trBase + offset, 8);
    }

    /** A push that faults may leave words below the stack pointer, where nothing is kept. */
    private static void push(Cpu cpu, long stack, boolean pushes, long errorCode, int length, int external) {
        long[] words = {cpu.selectors[Operand.SS], cpu.gpr[Cpu.RSP], cpu.rflags(), cpu.selectors[Operand.CS],
            cpu.rip + length, errorCode};
        int count = pushes ? words.length : words.length - 1;
        long lowest = stack - 8L * count;
        if (stack - 8 << 16 >> 16 != stack - 8 || lowest << 16 >> 16 != lowest) {
            throw cpu.raise(Vector.SS, external);
        }
        for (int i = 0; i < count; i++) {
            cpu.mmu.storeSystem(stack - 8L * (i + 1), words[i], 8);
        }
    }
}
