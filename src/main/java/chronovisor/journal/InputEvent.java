package chronovisor.journal;

/** What came through the door from outside the machine: the causes of a run. */
public sealed interface InputEvent extends GuestEvent {

    /** The boot clock was read: nanoseconds since the Unix epoch at power-on. */
    record BootTimeRead(Stamp stamp, long time_ns) implements InputEvent {}

    /** Random bytes were drawn. */
    record EntropyDrawn(Stamp stamp, Blob bytes) implements InputEvent {}

    /** Bytes arrived on a character stream. */
    record StreamBytesReceived(Stamp stamp, String stream, Blob bytes) implements InputEvent {}

    /** A character stream ended; nothing more will arrive on it. */
    record StreamEnded(Stamp stamp, String stream) implements InputEvent {}

    /** The operator gave a command. */
    record OperatorCommanded(Stamp stamp, String command) implements InputEvent {}

    /** The idle machine asked for input and was told that none will ever come. */
    record InputsExhausted(Stamp stamp) implements InputEvent {}
}
