package chronovisor.isa;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.isa.Operand.Kind;
import chronovisor.isa.Undecoded.Reason;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of decoding that are not in a row. */
final class DecoderTest {
    private static Decoded decode(String hex) {
        byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
        return Decoder.decode(code, 0, code.length);
    }

    private static Instruction instruction(String hex) {
        return (Instruction) decode(hex);
    }

    private static Reason reason(String hex) {
        return ((Undecoded) decode(hex)).reason();
    }

    @Test
    void everyRowDecodesItsOwnSamples() {
        var random = new Random(4);
        Set<String> lost = new HashSet<>();
        for (OpcodeRow row : OpcodeTable.rows()) {
            boolean found = false;
            for (int i = 0; i < 64 && !found; i++) {
                found = Decoder.decode(RowSamples.of(row, random), 0, 15) instanceof Instruction decoded
                        && decoded.row() == row;
            }
            if (!found) {
                lost.add(row.toString());
            }
        }
        assertThat(lost).isEmpty();
    }

    @Test
    void everyTruncationOfAnInstructionIsTruncated() {
        var random = new Random(5);
        for (OpcodeRow row : OpcodeTable.rows()) {
            byte[] code = RowSamples.of(row, random);
            if (Decoder.decode(code, 0, 15) instanceof Instruction whole) {
                for (int limit = 0; limit < whole.length(); limit++) {
                    assertThat(Decoder.decode(code, 0, limit)).as("%s cut to %d", whole, limit).isInstanceOfSatisfying(
                            Undecoded.class,
                            cut -> assertThat(cut.reason()).isEqualTo(Reason.TRUNCATED));
                }
            }
        }
    }

    @Test
    void offsetAndLimitAreHonoured() {
        byte[] code = HexFormat.of().parseHex("cccc4801d8cccc");
        assertThat(Decoder.decode(code, 2, 5)).hasToString("add    rax,rbx");
        assertThat(Decoder.decode(code, 2, 4)).isEqualTo(new Undecoded(Reason.TRUNCATED, 2, Family.SYSTEM));
    }

    @Test
    void lockIsLegalOnlyWithAMemoryDestinationOfLockableOperations() {
        assertThat(instruction("f0 48 01 03").lock()).isTrue();
        assertThat(reason("f0 48 01 d8")).isEqualTo(Reason.INVALID);
        assertThat(reason("f0 48 03 03")).isEqualTo(Reason.INVALID);
        assertThat(reason("f0 48 39 03")).isEqualTo(Reason.INVALID);
        assertThat(reason("f0 48 89 03")).isEqualTo(Reason.INVALID);
        assertThat(reason("f0 90")).isEqualTo(Reason.INVALID);
        assertThat(instruction("f0 48 0f c7 0f").operation()).isEqualTo(Operation.CMPXCHG16B);
        assertThat(instruction("f0 0f ba 2b 05").operation()).isEqualTo(Operation.BTS);
        assertThat(reason("f0 0f ba 23 05")).isEqualTo(Reason.INVALID);
    }

    @Test
    void rexCountsOnlyAsTheLastPrefix() {
        assertThat(instruction("66 48 01 d8").operandSize()).isEqualTo(64);
        assertThat(instruction("48 66 01 d8").operandSize()).isEqualTo(16);
        assertThat(instruction("48 41 01 d8").operandSize()).isEqualTo(32);
        assertThat(instruction("48 41 01 d8").operand(0).register()).isEqualTo(8);
    }

    @Test
    void fifteenBytesAreTheMost() {
        assertThat(instruction("66 66 66 66 66 66 66 66 66 66 66 66 66 01 d8").length()).isEqualTo(15);
        assertThat(reason("66 66 66 66 66 66 66 66 66 66 66 66 66 66 01 d8")).isEqualTo(Reason.TOO_LONG);
        assertThat(reason("66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 66")).isEqualTo(Reason.TOO_LONG);
        assertThat(reason("66 66 66 66 66 66 66 66 66 66 66 66 66 66")).isEqualTo(Reason.TRUNCATED);
    }

    @Test
    void repeatPrefixesWinOver66AndTheLastOfThemCounts() {
        assertThat(instruction("66 f2 0f 58 c1").operation()).isEqualTo(Operation.ADDSD);
        assertThat(instruction("f2 66 0f 58 c1").operation()).isEqualTo(Operation.ADDSD);
        assertThat(instruction("f3 f2 0f 58 c1").operation()).isEqualTo(Operation.ADDSD);
        assertThat(instruction("f2 f3 0f 58 c1").operation()).isEqualTo(Operation.ADDSS);
        assertThat(instruction("66 f3 0f b8 c1").operandSize()).isEqualTo(16);
    }

    @Test
    void byteRegistersDependOnTheMerePresenceOfRex() {
        assertThat(instruction("88 e0").operand(1)).isEqualTo(Operand.ofRegister(Kind.HIGH_BYTE, 0, 8));
        assertThat(instruction("40 88 e0").operand(1)).isEqualTo(Operand.ofRegister(Kind.GPR, 4, 8));
        assertThat(instruction("b7 01").operand(0)).isEqualTo(Operand.ofRegister(Kind.HIGH_BYTE, 3, 8));
    }

    @Test
    void memoryOperandsHaveEveryForm() {
        assertThat(instruction("8b 04 25 78 56 34 92").operand(1))
                .isEqualTo(Operand.ofMemory(32, Operand.NONE, Operand.NONE, 1, Operand.NONE, 0xFFFFFFFF92345678L));
        assertThat(instruction("8b 05 fc ff ff ff").operand(1))
                .isEqualTo(Operand.ofMemory(32, Operand.RIP, Operand.NONE, 1, Operand.NONE, -4));
        assertThat(instruction("43 8b 44 a5 80").operand(1))
                .isEqualTo(Operand.ofMemory(32, 13, 12, 4, Operand.NONE, -128));
        assertThat(instruction("64 48 8b 04 25 28 00 00 00").operand(1).segment()).isEqualTo(Operand.FS);
        assertThat(instruction("64 3e 8b 00").operand(1).segment()).isEqualTo(Operand.FS);
        assertThat(instruction("67 8b 00").addressSize()).isEqualTo(32);
    }

    @Test
    void immediatesAreExtendedAsTheInstructionUsesThem() {
        assertThat(instruction("48 83 c0 ff").operand(1)).isEqualTo(Operand.ofImmediate(64, -1));
        assertThat(instruction("48 05 00 00 00 80").operand(1)).isEqualTo(Operand.ofImmediate(64, -0x80000000L));
        assertThat(instruction("48 b8 88 77 66 55 44 33 22 11").operand(1))
                .isEqualTo(Operand.ofImmediate(64, 0x1122334455667788L));
        assertThat(instruction("04 ff").operand(1)).isEqualTo(Operand.ofImmediate(8, 0xFF));
        assertThat(instruction("68 ff ff ff ff").operand(0).value()).isEqualTo(-1);
        assertThat(instruction("66 e9 00 01 00 00").operand(0).value()).isEqualTo(0x100);
    }

    @Test
    void conditionsComeFromTheOpcode() {
        assertThat(instruction("0f 8c 00 00 00 00").condition()).isEqualTo(Condition.L);
        assertThat(instruction("74 00").condition()).isEqualTo(Condition.E);
        assertThat(instruction("90").condition()).isNull();
    }

    @Test
    void repeatIsToldOfStringInstructionsOnly() {
        assertThat(instruction("f3 a4").repeat()).isEqualTo(Repeat.REP);
        assertThat(instruction("f2 ae").repeat()).isEqualTo(Repeat.REPNE);
        assertThat(instruction("f3 c3").repeat()).isEqualTo(Repeat.NONE);
        assertThat(instruction("f3 0f 10 00").repeat()).isEqualTo(Repeat.NONE);
    }

    @Test
    void encodingsThatLeftWith64BitModeAreInvalid() {
        for (String opcode : new String[]{"06", "0e", "16", "27", "37", "3f", "60", "61", "9a", "ce", "d4", "d5", "d6",
            "ea", "82"}) {
            assertThat(reason(opcode + "00000000000000000000")).as(opcode).isEqualTo(Reason.INVALID);
        }
    }

    @Test
    void evexIsUnsupportedWithItsLength() {
        assertThat(decode("62 f1 7c 48 10 44 24 01 cc")).isEqualTo(new Undecoded(Reason.UNSUPPORTED, 8, Family.AVX512));
        assertThat(reason("66 62 f1 7c 48 10 44 24 01")).isEqualTo(Reason.INVALID);
    }

    @Test
    void vexAfterALegacyPrefixIsInvalid() {
        assertThat(instruction("c5 f8 77").operation()).isEqualTo(Operation.VZEROUPPER);
        assertThat(reason("66 c5 f8 77")).isEqualTo(Reason.INVALID);
        assertThat(reason("48 c5 f8 77")).isEqualTo(Reason.INVALID);
        assertThat(reason("c5 f0 28 c1")).isEqualTo(Reason.INVALID);
    }

    @Test
    void nopIsNotAnExchangeUnlessRexSaysSo() {
        assertThat(instruction("90").operation()).isEqualTo(Operation.NOP);
        assertThat(instruction("f3 90").operation()).isEqualTo(Operation.PAUSE);
        assertThat(instruction("41 90").operation()).isEqualTo(Operation.XCHG);
    }

    @Test
    void anyBytesDecodeToSomethingWithinFifteenBytes() {
        var random = new Random(6);
        byte[] code = new byte[40];
        for (int i = 0; i < 200_000; i++) {
            random.nextBytes(code);
            assertThat(Decoder.decode(code, 3, 40).length()).isBetween(1, 15);
        }
    }
}
