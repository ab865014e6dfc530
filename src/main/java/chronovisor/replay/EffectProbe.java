package chronovisor.replay;

import chronovisor.cpu.Cpu;
import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Family;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Repeat;
import chronovisor.journal.Blob;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.memory.PageTables;
import chronovisor.vmm.Core;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs a session one instruction at a time and tells what each changed, by looking before and after. It reads the guest's
 * memory behind the MMU's back, so nothing of the guest changes by being watched. Slow.
 */
final class EffectProbe {

    /** Names of what is compared; their indexes are part of the journal's format, so new ones come last. */
    static final List<String> REGISTERS = registers();

    private static final int INSTRUCTION_BYTES_MAX = 15;
    /** The largest single operand: the XSAVE area of x87, SSE and AVX state. */
    private static final int OPERAND_BYTES_MAX = 832;
    private static final int STRING_BYTES_MAX = 1 << 16;
    private static final int STACK_BYTES = 64;
    private static final long DIRECTION_FLAG = 1 << 10;

    private final Session session;
    private final VirtualMachine vm;

    EffectProbe(Session session) {
        this.session = session;
        this.vm = session.vm();
    }

    private static List<String> registers() {
        List<String> names = new ArrayList<>();
        for (String name : new String[]{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"}) {
            names.add(name);
        }
        for (int i = 8; i < 16; i++) {
            names.add("r" + i);
        }
        names.addAll(List.of("rflags", "fs.base", "gs.base", "mxcsr", "cr2", "cr3"));
        for (int i = 0; i < 16; i++) {
            names.add("xmm" + i + ".0");
            names.add("xmm" + i + ".1");
        }
        for (int i = 0; i < 16; i++) {
            names.add("ymm" + i + ".2");
            names.add("ymm" + i + ".3");
        }
        return Collections.unmodifiableList(names);
    }

    /** The values, in the order of the names. */
    private static long[] values(Cpu cpu) {
        long[] values = new long[REGISTERS.size()];
        System.arraycopy(cpu.gpr, 0, values, 0, 16);
        values[16] = cpu.rflags();
        values[17] = cpu.fsBase;
        values[18] = cpu.gsBase;
        values[19] = Integer.toUnsignedLong(cpu.mxcsr);
        values[20] = cpu.cr2;
        values[21] = cpu.cr3;
        for (int i = 0; i < 16; i++) {
            values[22 + 2 * i] = cpu.xmm[4 * i];
            values[23 + 2 * i] = cpu.xmm[4 * i + 1];
            values[54 + 2 * i] = cpu.xmm[4 * i + 2];
            values[55 + 2 * i] = cpu.xmm[4 * i + 3];
        }
        return values;
    }

    /** The effects of the next instruction, or null when the machine stopped before it retired. */
    @Nullable
    StepEffects next(Outcome outcome) {
        long tick = vm.tick();
        List<long[]> before = vm.allCores().stream().map(core -> values(core.cpu())).toList();
        Core expected = vm.currentCore();
        long space = expected.cpu().cr3;
        SortedMap<Long, Byte> watched = watch(expected.cpu());
        outcome.result = session.run(tick + 1);
        if (vm.tick() == tick) {
            return null;
        }
        Core core = vm.currentCore();
        long[] old = before.get(core.index());
        long[] now = values(core.cpu());
        List<StepEffects.RegisterChange> registers = new ArrayList<>();
        for (int i = 0; i < now.length; i++) {
            if (now[i] != old[i]) {
                registers.add(new StepEffects.RegisterChange(REGISTERS.get(i), now[i]));
            }
        }
        return new StepEffects(tick, core.index(), registers, core == expected ? changes(space, watched) : List.of());
    }

    /** How the run stands after a step. */
    static final class Outcome {
        @Nullable
        RunResult result;
    }

    /** The bytes that the next instruction may write, as they are. */
    private SortedMap<Long, Byte> watch(Cpu cpu) {
        SortedMap<Long, Byte> bytes = new TreeMap<>();
        byte[] code = new byte[INSTRUCTION_BYTES_MAX];
        int length = 0;
        while (length < code.length) {
            Byte value = peek(cpu.cr3, cpu.rip + length);
            if (value == null) {
                break;
            }
            code[length++] = value;
        }
        Decoded decoded = Decoder.decode(code, 0, length);
        if (!(decoded instanceof Instruction instruction)) {
            return bytes;
        }
        for (int i = 0; i < instruction.operandCount(); i++) {
            Operand operand = instruction.operand(i);
            if (operand.isMemory()) {
                add(bytes, cpu.cr3, address(cpu, instruction, operand),
                        operand.bits() == 0 ? OPERAND_BYTES_MAX : (operand.bits() + 7) / 8);
            }
        }
        add(bytes, cpu.cr3, cpu.gpr[Cpu.RSP] - STACK_BYTES, STACK_BYTES);
        if (instruction.family() == Family.STRING) {
            addString(bytes, cpu, instruction);
        }
        return bytes;
    }

    private void addString(Map<Long, Byte> bytes, Cpu cpu, Instruction instruction) {
        int size = Math.max(1, instruction.operandSize() / 8);
        long count = instruction.repeat() == Repeat.NONE ? 1 : cpu.gpr[1];
        long length = Long.compareUnsigned(count, STRING_BYTES_MAX / size) > 0 ? STRING_BYTES_MAX : count * size;
        boolean down = (cpu.rflags() & DIRECTION_FLAG) != 0;
        add(bytes, cpu.cr3, down ? cpu.gpr[7] - length + size : cpu.gpr[7], (int) length);
    }

    private static long address(Cpu cpu, Instruction instruction, Operand operand) {
        long address = operand.displacement();
        if (operand.base() == Operand.RIP) {
            address += cpu.rip + instruction.length();
        } else if (operand.base() != Operand.NONE) {
            address += cpu.gpr[operand.base()];
        }
        if (operand.index() != Operand.NONE) {
            address += cpu.gpr[operand.index()] * operand.scale();
        }
        if (instruction.addressSize() == 32) {
            address &= 0xFFFF_FFFFL;
        }
        return switch (operand.segment()) {
            case Operand.FS -> address + cpu.fsBase;
            case Operand.GS -> address + cpu.gsBase;
            default -> address;
        };
    }

    /** A page that is not there yet may come during the instruction: its bytes count as zero before. */
    private void add(Map<Long, Byte> bytes, long space, long from, int length) {
        for (long address = from; address - from < length; address++) {
            Byte value = peek(space, address);
            bytes.put(address, value == null ? 0 : value);
        }
    }

    private @Nullable Byte peek(long space, long address) {
        GuestMemory memory = vm.memory();
        Long physical = PageTables.physical(memory, space, address);
        if (physical == null || physical < 0 || physical >= memory.sizeBytes()) {
            return null;
        }
        long host = memory.hostForRead(physical >>> 12);
        return host == 0 ? (Byte) (byte) 0 : (Byte) HostMemory.get8(host + (physical & 0xFFF));
    }

    private List<StepEffects.MemoryChange> changes(long space, SortedMap<Long, Byte> watched) {
        List<StepEffects.MemoryChange> changes = new ArrayList<>();
        List<Byte> run = new ArrayList<>();
        long start = 0;
        for (var entry : watched.entrySet()) {
            Byte now = peek(space, entry.getKey());
            boolean changed = now != null && !now.equals(entry.getValue());
            if (!run.isEmpty() && (!changed || entry.getKey() != start + run.size())) {
                changes.add(change(start, run));
                run.clear();
            }
            if (changed) {
                if (run.isEmpty()) {
                    start = entry.getKey();
                }
                run.add(now);
            }
        }
        if (!run.isEmpty()) {
            changes.add(change(start, run));
        }
        return changes;
    }

    private static StepEffects.MemoryChange change(long start, List<Byte> run) {
        byte[] bytes = new byte[run.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = run.get(i);
        }
        return new StepEffects.MemoryChange(start, Blob.of(bytes));
    }
}
