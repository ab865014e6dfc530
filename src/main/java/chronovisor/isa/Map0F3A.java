package chronovisor.isa;

/** The 0F 3A map. */
final class Map0F3A {
    static final OpcodeMap MAP = new OpcodeMap("0F 3A ").finished();

    private Map0F3A() {}
}
