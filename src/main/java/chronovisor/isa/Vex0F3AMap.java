package chronovisor.isa;

/** The VEX.0F3A map. */
final class Vex0F3AMap {
    static final OpcodeMap MAP = new OpcodeMap("VEX.0F3A ").finished();

    private Vex0F3AMap() {}
}
