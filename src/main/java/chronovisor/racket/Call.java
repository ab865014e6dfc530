package chronovisor.racket;

import chronovisor.cpu.Cpu;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.PageTables;
import chronovisor.vmm.Core;
import java.nio.charset.StandardCharsets;

/**
 * A function of the guest that is about to begin: its arguments by the System V calling convention, and the memory it sees. Only looks:
 * sets no accessed bits, makes no frames.
 */
final class Call {

    private static final int[] ARGUMENTS = {7, 6, 2, 1, 8, 9};
    private static final int RSP = 4;
    private static final int TEXT_MAX = 40;

    final Core core;
    final int task;

    Call(Core core, int task) {
        this.core = core;
        this.task = task;
    }

    /** An argument in a register, from 0, or on the stack behind the return address, from 6. */
    long argument(int index) {
        Cpu cpu = core.cpu();
        return index < ARGUMENTS.length
                ? cpu.gpr[ARGUMENTS[index]]
                : read64(cpu.gpr[RSP] + 8 + 8L * (index - ARGUMENTS.length));
    }

    /** Eight bytes of the task's memory; 0 where nothing is mapped. */
    long read64(long address) {
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | read8(address + i);
        }
        return value;
    }

    /** Four bytes. */
    int read32(long address) {
        return (int) read64(address);
    }

    /** A C string, cut where it is long. */
    String text(long address) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < TEXT_MAX; i++) {
            int c = read8(address + i);
            if (c == 0) {
                break;
            }
            text.append(new String(new byte[]{(byte) c}, StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    private int read8(long address) {
        GuestMemory memory = core.vm().memory();
        Long gpa = PageTables.physical(memory, core.cpu().cr3, address);
        if (gpa == null || gpa >= memory.sizeBytes()) {
            return 0;
        }
        return switch (memory.state(gpa >>> 12)) {
            case FrameState.PRIVATE, FrameState.SHARED, FrameState.ZERO -> memory.read8(gpa) & 0xFF;
            case FrameState.ABSENT, FrameState.BALLOONED -> 0;
        };
    }
}
