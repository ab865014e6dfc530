package chronovisor.device;

/** All state of one device, immutable. */
public sealed interface DeviceState permits Pic8259.State, Uart16550.State, CharStream.State, LocalApic.State,
        DebugPort.State, Keyboard8042.State, Balloon.State, ShadowState, Pit8254.State, Rtc146818.State,
        IoApic82093.State,
        VgaText.State, PciBus.State, PciFunction.State, VirtioPci.State {

    /** Writes the state in its one canonical form, for digests and checkpoints. */
    void writeTo(StateWriter out);

    /**
     * Reads the state of the device of a name.
     *
     * @throws IllegalArgumentException
     *             for a name or bytes that are not a device's
     */
    static DeviceState read(String device, StateReader in) {
        if (device.equals("pic")) {
            return Pic8259.State.read(in);
        }
        if (device.equals("balloon")) {
            return Balloon.State.read(in);
        }
        if (device.equals("pit")) {
            return Pit8254.State.read(in);
        }
        if (device.equals("ioapic")) {
            return IoApic82093.State.read(in);
        }
        if (device.equals("pci")) {
            return PciBus.State.read(in);
        }
        if (device.startsWith("virtio.")) {
            return VirtioPci.State.read(in);
        }
        if (device.equals("screen")) {
            return VgaText.State.read(in);
        }
        if (device.equals("rtc")) {
            return Rtc146818.State.read(in);
        }
        if (device.startsWith("shadow")) {
            return ShadowState.read(in);
        }
        if (device.startsWith("lapic")) {
            return LocalApic.State.read(in);
        }
        if (device.startsWith("com")) {
            return Uart16550.State.read(in);
        }
        if (device.startsWith("stream.")) {
            return CharStream.State.read(in);
        }
        if (device.startsWith("debug.")) {
            return DebugPort.State.read(in);
        }
        if (device.startsWith("keyboard.")) {
            return Keyboard8042.State.read(in);
        }
        throw new IllegalArgumentException("a saved state of an unknown device '" + device + "'");
    }
}
