package chronovisor.isa;

/** The 0F 38 map. */
final class Map0F38 {
    static final OpcodeMap MAP = new OpcodeMap("0F 38 ").finished();

    private Map0F38() {}
}
