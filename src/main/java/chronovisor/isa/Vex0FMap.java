package chronovisor.isa;

/** The VEX.0F map. */
final class Vex0FMap {
    static final OpcodeMap MAP = new OpcodeMap("VEX.0F ").finished();

    private Vex0FMap() {}
}
