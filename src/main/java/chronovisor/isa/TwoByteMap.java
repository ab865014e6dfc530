package chronovisor.isa;

/** The 0F map. */
final class TwoByteMap {
    static final OpcodeMap MAP = new OpcodeMap("0F ").finished();

    private TwoByteMap() {}
}
