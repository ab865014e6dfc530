package chronovisor.replay;

import chronovisor.journal.Blob;
import chronovisor.journal.ByteSink;
import chronovisor.journal.ByteSource;
import java.util.ArrayList;
import java.util.List;

/**
 * What one retired instruction changed. An instruction that enters the kernel includes what the kernel changed before the
 * next one: a system call's result is in RAX. A store of the value that was there already is no change. The x87 stack is
 * not told.
 *
 * @param tick
 *            VM tick before the instruction
 * @param core
 *            the core that retired it
 * @param registers
 *            registers with other values than before, in the order of {@link EffectProbe#REGISTERS}
 * @param memory
 *            runs of bytes that are other than before, by linear address
 */
public record StepEffects(long tick, int core, List<RegisterChange> registers, List<MemoryChange> memory) {

    /** A register and its new value; of a vector register one 64-bit lane, {@code xmm0.0} the lowest, {@code ymm0.3} the highest. */
    public record RegisterChange(String register, long value) {}

    /** New bytes at a linear address. */
    public record MemoryChange(long address, Blob bytes) {}

    /** Keeps unmodifiable copies. */
    public StepEffects {
        registers = List.copyOf(registers);
        memory = List.copyOf(memory);
    }

    /** One line: {@code rax=0x1 [0x7ffe0]=00ff}. */
    public String text() {
        StringBuilder out = new StringBuilder();
        registers.forEach(change -> out.append(out.isEmpty() ? "" : " ").append(change.register).append("=0x")
                .append(Long.toHexString(change.value)));
        memory.forEach(change -> out.append(out.isEmpty() ? "" : " ").append("[0x")
                .append(Long.toHexString(change.address)).append("]=").append(change.bytes.toHex()));
        return out.toString();
    }

    /** The payload of an EFFECTS record: a count, then each step's. */
    static byte[] encode(List<StepEffects> all) {
        ByteSink out = new ByteSink(all.size() * 12);
        out.varint(all.size());
        long tick = 0;
        for (StepEffects step : all) {
            out.varint(step.tick - tick).varint(step.core).varint(step.registers.size());
            tick = step.tick;
            for (RegisterChange change : step.registers) {
                out.varint(EffectProbe.REGISTERS.indexOf(change.register)).varint(change.value);
            }
            out.varint(step.memory.size());
            for (MemoryChange change : step.memory) {
                out.varint(change.address).blob(change.bytes);
            }
        }
        return out.toByteArray();
    }

    /**
     * Reads the payload of an EFFECTS record.
     *
     * @throws chronovisor.journal.FormatException
     *             when the bytes are no such payload
     */
    public static List<StepEffects> decode(byte[] payload) {
        ByteSource in = new ByteSource(payload);
        int count = in.varint(in.remaining() / 4);
        List<StepEffects> all = new ArrayList<>(count);
        long tick = 0;
        for (int i = 0; i < count; i++) {
            tick += in.varint();
            int core = in.varint(0xFFFF);
            List<RegisterChange> registers = new ArrayList<>();
            for (int left = in.varint(EffectProbe.REGISTERS.size()); left > 0; left--) {
                String register = EffectProbe.REGISTERS.get(in.varint(EffectProbe.REGISTERS.size() - 1));
                registers.add(new RegisterChange(register, in.varint()));
            }
            List<MemoryChange> memory = new ArrayList<>();
            for (int left = in.varint(in.remaining()); left > 0; left--) {
                memory.add(new MemoryChange(in.varint(), in.blob()));
            }
            all.add(new StepEffects(tick, core, registers, memory));
        }
        in.end();
        return all;
    }
}
