package chronovisor.cpu.trace;

import chronovisor.isa.Instruction;

/**
 * One retired instruction.
 *
 * @param tick VM tick before it: how many instructions had retired
 * @param core the core
 * @param addressSpace CR3 at that moment
 * @param rip its linear address
 * @param bytes its encoding
 * @param instruction decoded
 */
@SuppressWarnings("ArrayRecordComponent") // bytes at an edge
public record CpuStep(long tick, int core, long addressSpace, long rip, byte[] bytes, Instruction instruction) {
    /** The mnemonic in lower case. */
    public String mnemonic() {
        return instruction.operation().mnemonic();
    }
}
