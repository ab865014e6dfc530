package chronovisor.isa;

/** Instructions as text, as binutils objdump prints them, less the prefixes that have no effect. */
public final class Disassembler {
    private Disassembler() {}

    /**
     * Intel syntax, as {@code objdump -d -M intel,intel64}.
     *
     * @param address linear address of the instruction, for branch targets and RIP-relative operands
     */
    public static String intel(Instruction instruction, long address) {
        return new IntelText(instruction, address).toString();
    }

    /**
     * AT&amp;T syntax, as {@code objdump -d -M intel64}.
     *
     * @param address linear address of the instruction, for branch targets and RIP-relative operands
     */
    public static String att(Instruction instruction, long address) {
        return new AttText(instruction, address).toString();
    }
}
