package chronovisor.debug;

import java.util.ArrayList;
import java.util.List;

/**
 * The registers that the client is told about, in the order of their numbers, and the XML that says so. Features and names are
 * GDB's standard ones for amd64 (Debugging with GDB, G.5.15), so that it knows what they are for.
 */
final class TargetDescription {

    /**
     * A register.
     *
     * @param type
     *            GDB's name of its type
     */
    record Register(String feature, String name, int bits, String type) {
        int bytes() {
            return bits / 8;
        }
    }

    /** First numbers of the groups of registers. */
    static final int RIP = 16;
    static final int EFLAGS = 17;
    static final int SEGMENTS = 18;
    static final int X87 = 24;
    static final int X87_CONTROL = 32;
    static final int XMM = 40;
    static final int MXCSR = 56;
    static final int ORIG_RAX = 57;
    static final int BASES = 58;
    static final int YMM_UPPER = 60;

    /** All of them. */
    static final List<Register> REGISTERS = registers();

    private static final String CORE = "org.gnu.gdb.i386.core";
    private static final String SSE = "org.gnu.gdb.i386.sse";
    private static final String LINUX = "org.gnu.gdb.i386.linux";
    private static final String SEGMENT_BASES = "org.gnu.gdb.i386.segments";
    private static final String AVX = "org.gnu.gdb.i386.avx";

    private static final String HEAD = """
            <?xml version="1.0"?>
            <!DOCTYPE target SYSTEM "gdb-target.dtd">
            <target>
            <architecture>i386:x86-64</architecture>
            <osabi>GNU/Linux</osabi>
            """;
    private static final String FLAGS_TYPE = """
            <flags id="i386_eflags" size="4">
            <field name="CF" start="0" end="0"/><field name="" start="1" end="1"/><field name="PF" start="2" end="2"/>
            <field name="AF" start="4" end="4"/><field name="ZF" start="6" end="6"/><field name="SF" start="7" end="7"/>
            <field name="TF" start="8" end="8"/><field name="IF" start="9" end="9"/><field name="DF" start="10" end="10"/>
            <field name="OF" start="11" end="11"/><field name="NT" start="14" end="14"/><field name="RF" start="16" end="16"/>
            <field name="VM" start="17" end="17"/><field name="AC" start="18" end="18"/><field name="VIF" start="19" end="19"/>
            <field name="VIP" start="20" end="20"/><field name="ID" start="21" end="21"/>
            </flags>
            """;
    private static final String VECTOR_TYPES = """
            <vector id="v4f" type="ieee_single" count="4"/><vector id="v2d" type="ieee_double" count="2"/>
            <vector id="v16i8" type="int8" count="16"/><vector id="v8i16" type="int16" count="8"/>
            <vector id="v4i32" type="int32" count="4"/><vector id="v2i64" type="int64" count="2"/>
            <union id="vec128"><field name="v4_float" type="v4f"/><field name="v2_double" type="v2d"/>
            <field name="v16_int8" type="v16i8"/><field name="v8_int16" type="v8i16"/><field name="v4_int32" type="v4i32"/>
            <field name="v2_int64" type="v2i64"/><field name="uint128" type="uint128"/></union>
            <flags id="i386_mxcsr" size="4">
            <field name="IE" start="0" end="0"/><field name="DE" start="1" end="1"/><field name="ZE" start="2" end="2"/>
            <field name="OE" start="3" end="3"/><field name="UE" start="4" end="4"/><field name="PE" start="5" end="5"/>
            <field name="DAZ" start="6" end="6"/><field name="IM" start="7" end="7"/><field name="DM" start="8" end="8"/>
            <field name="ZM" start="9" end="9"/><field name="OM" start="10" end="10"/><field name="UM" start="11" end="11"/>
            <field name="PM" start="12" end="12"/><field name="FZ" start="15" end="15"/>
            </flags>
            """;

    private TargetDescription() {}

    private static List<Register> registers() {
        List<Register> all = new ArrayList<>();
        for (String name : List.of("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11",
                "r12", "r13", "r14", "r15")) {
            boolean pointer = name.equals("rbp") || name.equals("rsp");
            all.add(new Register(CORE, name, 64, pointer ? "data_ptr" : "int64"));
        }
        all.add(new Register(CORE, "rip", 64, "code_ptr"));
        all.add(new Register(CORE, "eflags", 32, "i386_eflags"));
        for (String name : List.of("cs", "ss", "ds", "es", "fs", "gs")) {
            all.add(new Register(CORE, name, 32, "int32"));
        }
        for (int i = 0; i < 8; i++) {
            all.add(new Register(CORE, "st" + i, 80, "i387_ext"));
        }
        for (String name : List.of("fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop")) {
            all.add(new Register(CORE, name, 32, "int"));
        }
        for (int i = 0; i < 16; i++) {
            all.add(new Register(SSE, "xmm" + i, 128, "vec128"));
        }
        all.add(new Register(SSE, "mxcsr", 32, "i386_mxcsr"));
        all.add(new Register(LINUX, "orig_rax", 64, "int"));
        all.add(new Register(SEGMENT_BASES, "fs_base", 64, "int"));
        all.add(new Register(SEGMENT_BASES, "gs_base", 64, "int"));
        for (int i = 0; i < 16; i++) {
            all.add(new Register(AVX, "ymm" + i + "h", 128, "uint128"));
        }
        return List.copyOf(all);
    }

    /** The document {@code target.xml}. */
    static String xml() {
        StringBuilder xml = new StringBuilder(HEAD);
        String feature = "";
        for (int number = 0; number < REGISTERS.size(); number++) {
            Register register = REGISTERS.get(number);
            if (!register.feature.equals(feature)) {
                xml.append(feature.isEmpty() ? "" : "</feature>\n");
                feature = register.feature;
                xml.append("<feature name=\"").append(feature).append("\">\n");
                xml.append(feature.equals(CORE) ? FLAGS_TYPE : feature.equals(SSE) ? VECTOR_TYPES : "");
            }
            xml.append("<reg name=\"").append(register.name).append("\" bitsize=\"").append(register.bits)
                    .append("\" type=\"").append(register.type).append("\" regnum=\"").append(number).append('"');
            if (number >= X87_CONTROL && number < XMM) {
                xml.append(" group=\"float\"");
            } else if (number == ORIG_RAX) {
                xml.append(" group=\"system\"");
            } else if (number == MXCSR) {
                xml.append(" group=\"vector\"");
            }
            xml.append("/>\n");
        }
        return xml.append("</feature>\n</target>\n").toString();
    }
}
