package chronovisor.device;

/** All state of one device, immutable. */
public sealed interface DeviceState permits Pic8259.State, Uart16550.State, CharStream.State, LocalApic.State,
        DebugPort.State {

    /** Writes the state in its one canonical form, for digests and checkpoints. */
    void writeTo(StateWriter out);
}
