package chronovisor.isa;

/** The VEX.0F38 map. */
final class Vex0F38Map {
    static final OpcodeMap MAP = new OpcodeMap("VEX.0F38 ").finished();

    private Vex0F38Map() {}
}
