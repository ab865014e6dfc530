package chronovisor.journal;

/**
 * A row of {@link EventTypes}: one type of event and how it becomes bytes.
 *
 * @param id
 *            its number in journals; never reused
 * @param name
 *            its name on the command line and in JSON
 * @param family
 *            the sealed family it belongs to
 * @param type
 *            the record
 * @param codec
 *            writes and reads what is in it besides the stamp
 * @param <E>
 *            the record
 */
public record EventType<E extends GuestEvent>(int id, String name, Family family, Class<E> type, Codec<E> codec) {

    /** The families of events. */
    public enum Family {
        /** Inputs: causes. */
        INPUT,
        /** The processor. */
        CPU,
        /** Exits and the VMM. */
        VMM,
        /** The kernel. */
        KITTEN,
        /** The Racket runtime. */
        RACKET,
        /** Probes that a person asked for. */
        PROBE
    }

    /** Writes an event's own components in order. */
    @FunctionalInterface
    interface Writer<E> {
        void write(E event, ByteSink out);
    }

    /** Reads what the writer wrote, in the same order. */
    @FunctionalInterface
    interface Reader<E> {
        E read(Stamp stamp, ByteSource in);
    }

    /** Both directions. */
    record Codec<E>(Writer<E> writer, Reader<E> reader) {}

    @Override
    public String toString() {
        return name;
    }

    void write(GuestEvent event, ByteSink out) {
        codec.writer.write(type.cast(event), out);
    }
}
