package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** IN, OUT, INS and OUTS of a guest's own kernel. String instructions exit once for a part of at most a page. */
final class PortExits {

    private static final int RCX = 1;
    private static final int RSI = 6;
    private static final int RDI = 7;
    private static final long DIRECTION = 1 << 10;
    private static final int STRING_BYTES_MAX = 4096;

    private PortExits() {}

    static void handle(VirtualMachine vm, Core core) {
        Cpu cpu = core.cpu();
        if (cpu.exitString) {
            string(vm, core);
            return;
        }
        int size = cpu.exitSize;
        if (cpu.exitIn) {
            int value = core.in(cpu.exitPort, size);
            long mask = size == 1 ? 0xFF : 0xFFFF;
            cpu.gpr[0] = size == 4 ? Integer.toUnsignedLong(value) : cpu.gpr[0] & ~mask | value & mask;
        } else {
            int mask = size == 4 ? -1 : (1 << 8 * size) - 1;
            core.out(cpu.exitPort, size, (int) cpu.gpr[0] & mask);
        }
        cpu.retire(cpu.exitLength);
    }

    /** A fault in the middle leaves the registers at the item that faulted, as hardware does. */
    private static void string(VirtualMachine vm, Core core) {
        Cpu cpu = core.cpu();
        int size = cpu.exitSize;
        long step = (cpu.rflags() & DIRECTION) != 0 ? -size : size;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            while ((!cpu.exitRepeat || cpu.gpr[RCX] != 0) && bytes.size() < STRING_BYTES_MAX) {
                if (cpu.exitIn) {
                    cpu.mmu.checkWrite(cpu.gpr[RDI], size);
                    item(bytes, vm.platform().ports.in(cpu.exitPort, size), size);
                    store(cpu, cpu.gpr[RDI], bytes.toByteArray(), size);
                    cpu.gpr[RDI] += step;
                } else {
                    int value = load(cpu, cpu.gpr[RSI], size);
                    item(bytes, value, size);
                    vm.platform().ports.out(cpu.exitPort, size, value);
                    cpu.gpr[RSI] += step;
                }
                if (!cpu.exitRepeat) {
                    break;
                }
                cpu.gpr[RCX]--;
            }
        } finally {
            if (bytes.size() > 0) {
                vm.tell(core, cpu.exitIn
                        ? new VmExit.IoIns(cpu.exitPort, size, bytes.toByteArray())
                        : new VmExit.IoOuts(cpu.exitPort, size, bytes.toByteArray()));
            }
        }
        if (!cpu.exitRepeat || cpu.gpr[RCX] == 0) {
            cpu.retire(cpu.exitLength);
        }
    }

    private static void item(ByteArrayOutputStream bytes, int value, int size) {
        for (int i = 0; i < size; i++) {
            bytes.write(value >>> 8 * i);
        }
    }

    private static void store(Cpu cpu, long va, byte[] bytes, int size) {
        byte[] last = Arrays.copyOfRange(bytes, bytes.length - size, bytes.length);
        for (int i = 0; i < size; i++) {
            cpu.mmu.store8(va + i, last[i]);
        }
    }

    private static int load(Cpu cpu, long va, int size) {
        return switch (size) {
            case 1 -> cpu.mmu.load8(va) & 0xFF;
            case 2 -> cpu.mmu.load16(va) & 0xFFFF;
            default -> cpu.mmu.load32(va);
        };
    }
}
