package chronovisor.isa;

/** The x87 escapes D8 to DF. */
final class X87Map {
    private static final OpcodeMap[] MAPS = new OpcodeMap[8];

    static {
        for (int i = 0; i < 8; i++) {
            MAPS[i] = new OpcodeMap("").finished();
        }
    }

    private X87Map() {}

    static OpcodeMap of(int escape) {
        return MAPS[escape & 7];
    }
}
