package chronovisor.isa;

/** Instructions as text, as binutils objdump prints them. */
public final class Disassembler {
    private Disassembler() {}

    /**
     * Intel syntax, as {@code objdump -d -M intel}.
     *
     * @param address linear address of the instruction, for branch targets
     */
    public static String intel(Instruction instruction, long address) {
        return instruction.operation().mnemonic();
    }

    /** AT&amp;T syntax, as {@code objdump -d}. */
    public static String att(Instruction instruction, long address) {
        return instruction.operation().mnemonic();
    }
}
