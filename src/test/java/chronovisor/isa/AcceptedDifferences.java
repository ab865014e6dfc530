package chronovisor.isa;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every difference between us and objdump 2.40 that is as it should be, with its reason. Differences outside this list fail the
 * comparison.
 */
final class AcceptedDifferences {
    private interface Rule {
        boolean covers(ObjdumpListing.Line theirs, Decoded ours);
    }

    private record Accepted(String reason, Rule rule) {}

    private static final List<Accepted> ACCEPTED = List.of(
            new Accepted("LOCK is legal only with a memory destination of some operations: #UD where objdump prints it",
                    (theirs, ours) -> invalid(ours) && theirs.prefixes().contains("lock")),
            new Accepted(
                    "VEX and EVEX after REX, 66, F2, F3 or LOCK are #UD (SDM vol. 2, 2.3.2): objdump prints the rest",
                    (theirs, ours) -> invalid(ours) && afterPrefix(theirs) && isVexByte(theirs)),
            new Accepted(
                    "objdump splits a line where REX is not the last prefix and then forgets the prefixes before it",
                    (theirs, ours) -> rexBeforePrefix(theirs.bytes())),
            new Accepted("control registers other than 0, 2, 3, 4, 8 and debug registers from 8 do not exist: #UD",
                    (theirs, ours) -> invalid(ours) && theirs.text().startsWith("mov ")
                            && theirs.text().matches(".*[cd][rb]\\d+.*")),
            new Accepted("CS is no destination of MOV: #UD",
                    (theirs, ours) -> invalid(ours) && theirs.text().matches("mov (cs,.*|.*,%cs)")),
            new Accepted("segment registers 6 and 7 do not exist: #UD",
                    (theirs, ours) -> invalid(ours) && theirs.text().startsWith("mov ") && theirs.text().contains("?")),
            new Accepted("MPX never was in a processor of ours: 0F 1A and 0F 1B are no operations",
                    (theirs, ours) -> theirs.text().startsWith("bnd") && is(ours, Operation.NOP)),
            new Accepted("the register form of 0F 0D, and NOP's whole hint space, are no operations",
                    (theirs, ours) -> is(ours, Operation.NOP) && bad(theirs)),
            new Accepted("PREFETCHIT is newer than our processors: a no-operation",
                    (theirs, ours) -> is(ours, Operation.NOP) && theirs.text().startsWith("prefetchit")),
            new Accepted("undocumented doubles of x87 instructions, which processors execute",
                    (theirs, ours) -> bad(theirs) && ours instanceof Instruction i && i.family() == Family.X87),
            new Accepted("objdump says which old coprocessor an operation was for",
                    (theirs, ours) -> theirs.text().endsWith("87 only)")),
            new Accepted("objdump joins FWAIT and the instruction after it, which hardware does not",
                    (theirs, ours) -> is(ours, Operation.WAIT)),
            new Accepted("BSF, BSR, WBINVD and others ignore F2, F3 or 66 where these select nothing",
                    (theirs, ours) -> bad(theirs)
                            && is(ours, Operation.BSF, Operation.BSR, Operation.WBINVD, Operation.RDPRU,
                                    Operation.LFENCE, Operation.MFENCE, Operation.SFENCE, Operation.SYSRET)),
            new Accepted("far pointers with REX.W are 80 bits on Intel's processors",
                    (theirs, ours) -> theirs.text().contains("FWORD PTR")
                            && is(ours, Operation.LSS, Operation.LFS, Operation.LGS, Operation.JMP_FAR,
                                    Operation.CALL_FAR)),
            new Accepted("objdump leaves out the implied RAX of virtualization instructions, depending on prefixes",
                    (theirs, ours) -> is(ours, Operation.VMRUN, Operation.VMSAVE, Operation.INVLPGA, Operation.CLZERO)),
            new Accepted("REX.W wins over 66 (SDM vol. 1, 3.6.1): objdump lets 66 win in some encodings",
                    (theirs, ours) -> ours instanceof Instruction i && i.operandSize() == 64
                            && (i.prefixes() & Instruction.OPERAND_SIZE) != 0
                            && is(ours, Operation.LSS, Operation.LFS, Operation.LGS, Operation.MOVSXD,
                                    Operation.JMP_FAR, Operation.CALL_FAR, Operation.FLDENV, Operation.FNSTENV,
                                    Operation.FRSTOR, Operation.FNSAVE, Operation.XBEGIN, Operation.PUSH,
                                    Operation.RET_FAR)),
            new Accepted("objdump takes PCLMULQDQ's selectors 2 and 3, which mean 0 and 1, for 0x10 and 0x11",
                    (theirs, ours) -> is(ours, Operation.PCLMULQDQ, Operation.VPCLMULQDQ)
                            && theirs.text().matches("v?pclmul[lh]qhqdq .*")),
            new Accepted(
                    "VMGEXIT is a form of VMMCALL, RMPQUERY one of RDPRU's encodings, both for guests of AMD's SEV",
                    (theirs, ours) -> is(ours, Operation.VMMCALL, Operation.RDPRU)),
            new Accepted("no mandatory prefix (NP in the manual) means that 66, F2 and F3 are #UD",
                    (theirs, ours) -> invalid(ours) && hasUnusedMandatoryPrefix(theirs)),
            new Accepted("3DNow! is in no processor of ours: #UD",
                    (theirs, ours) -> invalid(ours) && isAmd3dNow(theirs)),
            new Accepted("extensions newer than the processors we are: #UD",
                    (theirs, ours) -> invalid(ours) && isNewer(theirs.text())),
            new Accepted("256-bit VAES and VPCLMULQDQ are in no processor of ours: #UD",
                    (theirs, ours) -> invalid(ours) && theirs.text().matches("v(aes|pclmul).*ymm.*")),
            new Accepted("AMD's VPERMIL2 is in no processor of ours: #UD",
                    (theirs, ours) -> invalid(ours) && theirs.text().startsWith("vpermil2")),
            new Accepted("EXTRQ with an immediate needs ModRM.reg = 0",
                    (theirs, ours) -> invalid(ours) && theirs.text().startsWith("extrq")),
            new Accepted("VEX.L, VEX.vvvv or VEX.pp is reserved here and #UD: objdump does not look",
                    (theirs, ours) -> invalid(ours) && isVexByte(theirs) && theirs.text().matches("(v|\\{vex).*")),
            new Accepted("VEX.L is ignored by scalar operations; objdump names YMM registers",
                    (theirs, ours) -> ours instanceof Instruction i && i.vectorLength() == 256
                            && theirs.text().contains("ymm")
                            && i.operation().mnemonic().matches("v.*s[sd](2[sd]i)?")),
            new Accepted("only the length of EVEX and XOP encodings is known to us, not what is reserved in them",
                    (theirs, ours) -> ours instanceof Undecoded u && u.reason() == Undecoded.Reason.UNSUPPORTED
                            && (bad(theirs) || theirs.text().startsWith("pop") || u.length() == theirs.bytes().length)),
            new Accepted("POP with ModRM.reg other than 0 is #UD, or AMD's XOP",
                    (theirs, ours) -> invalid(ours) && opcode(theirs) == 0x8F));

    private AcceptedDifferences() {}

    /** Why a difference is accepted; null when it is not. */
    static @Nullable String reason(ObjdumpListing.Line theirs, Decoded ours) {
        for (Accepted accepted : ACCEPTED) {
            if (accepted.rule.covers(theirs, ours)) {
                return accepted.reason;
            }
        }
        return null;
    }

    private static boolean invalid(Decoded ours) {
        return ours instanceof Undecoded u && u.reason() == Undecoded.Reason.INVALID;
    }

    private static boolean bad(ObjdumpListing.Line theirs) {
        return theirs.text().contains("(bad)");
    }

    private static boolean is(Decoded ours, Operation... operations) {
        return ours instanceof Instruction i && List.of(operations).contains(i.operation());
    }

    private static boolean isPrefix(int value) {
        return switch (value) {
            case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
            default -> false;
        };
    }

    private static int opcodeIndex(byte[] bytes) {
        int at = 0;
        while (at < bytes.length - 1 && (isPrefix(bytes[at] & 0xFF) || (bytes[at] & 0xF0) == 0x40)) {
            at++;
        }
        return at;
    }

    private static int opcode(ObjdumpListing.Line theirs) {
        return theirs.bytes()[opcodeIndex(theirs.bytes())] & 0xFF;
    }

    private static boolean isVexByte(ObjdumpListing.Line theirs) {
        int opcode = opcode(theirs);
        return opcode == 0xC4 || opcode == 0xC5 || opcode == 0x62;
    }

    private static boolean afterPrefix(ObjdumpListing.Line theirs) {
        return opcodeIndex(theirs.bytes()) > 0;
    }

    private static boolean rexBeforePrefix(byte[] bytes) {
        int at = opcodeIndex(bytes);
        for (int i = 0; i + 1 < at; i++) {
            if ((bytes[i] & 0xF0) == 0x40) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasUnusedMandatoryPrefix(ObjdumpListing.Line theirs) {
        return opcode(theirs) == 0x0F
                && (theirs.prefixes().contains("data16") || theirs.prefixes().contains("repz")
                        || theirs.prefixes().contains("repnz"));
    }

    private static boolean isAmd3dNow(ObjdumpListing.Line theirs) {
        byte[] bytes = theirs.bytes();
        int at = opcodeIndex(bytes);
        return at + 1 < bytes.length && bytes[at] == 0x0F && (bytes[at + 1] == 0x0E || bytes[at + 1] == 0x0F);
    }

    private static final Set<String> NEWER = Set.of("aadd", "aor", "axor", "aand", "hreset", "rdmsrlist", "wrmsrlist",
            "wrmsrns",
            "seamcall", "seamret", "seamops", "tdcall", "xresldtrk", "xsusldtrk", "rdudbg", "wrudbg", "encodekey128",
            "encodekey256",
            "loadiwkey", "montmul", "pconfig", "ldtilecfg", "sttilecfg", "tilerelease", "tilezero", "pbndkb");

    private static boolean isNewer(String text) {
        String mnemonic = text.split(" ", 2)[0].toLowerCase(Locale.ROOT);
        return NEWER.contains(mnemonic)
                || mnemonic.matches("aes(enc|dec)(wide)?\\d+kl|xcrypt.*|xsha\\d+|xstore.*|t(dp|ile).*"
                        + "|\\{vex\\}|vpdp.*|vcvtne.*|vbcstne.*|vpmadd52.*|cmp.*xadd|.*\\(bad\\).*");
    }
}
