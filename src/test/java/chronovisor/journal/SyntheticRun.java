package chronovisor.journal;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** Makes journals without a machine: every event type, from a seed. */
public final class SyntheticRun {

    private final Random random;
    private long tick;
    private int sequence;

    /** From a seed. */
    public SyntheticRun(long seed) {
        random = new Random(seed);
    }

    static JournalHeader header() {
        TreeMap<String, String> properties = new TreeMap<>();
        properties.put("engine", "interpreter");
        properties.put("fidelity", "steps");
        return new JournalHeader(properties, "<vm/>\n", List.of(new JournalHeader.Image("hello", 5, Blob.of("sum"))),
                new JournalHeader.Parent("parent", new Position(3, 4), Blob.of(new byte[32])));
    }

    Checkpoint checkpoint(int bytes) {
        TreeMap<String, Blob> sections = new TreeMap<>();
        byte[] memory = new byte[bytes];
        random.nextBytes(memory);
        Arrays.fill(memory, bytes / 4, bytes / 2, (byte) 0);
        System.arraycopy(memory, 0, memory, bytes / 2, bytes / 4);
        sections.put("memory", Blob.of(memory));
        sections.put("empty", Blob.EMPTY);
        sections.put("short", Blob.of("abc"));
        return new Checkpoint(Position.START, sections);
    }

    /** One event of that type with arbitrary components. */
    <E extends GuestEvent> GuestEvent event(EventType<E> type) {
        if (random.nextInt(3) == 0) {
            tick += random.nextInt(10_000);
        }
        Position at = new Position(tick, sequence++);
        Position cause = random.nextInt(3) == 0 ? new Position(random.nextLong(tick + 1), random.nextInt(50)) : null;
        Stamp stamp = new Stamp(at, random.nextInt(4) == 0 ? random.nextInt(8) : 0, cause);
        RecordComponent[] components = type.type().getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = components[i].getName().equals("stamp") ? stamp : value(components[i]);
        }
        try {
            return type.type().getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object value(RecordComponent component) {
        Class<?> type = component.getType();
        if (type == boolean.class) {
            return random.nextBoolean();
        }
        if (type == long.class) {
            return random.nextLong() >>> random.nextInt(64);
        }
        if (type == int.class) {
            return switch (component.getName()) {
                case "port" -> random.nextInt(0x10000);
                case "size" -> 1 << random.nextInt(3);
                case "vector" -> random.nextInt(256);
                case "leaf", "subleaf", "eax", "ebx", "ecx", "edx" -> random.nextInt();
                case "register" -> random.nextInt(16);
                default -> random.nextInt() >> random.nextInt(32);
            };
        }
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        if (type == Blob.class) {
            return random.nextBoolean() ? Blob.of(bytes) : Blob.of("text \"quoted\"\n");
        }
        return "text " + bytes.length + " ä€😀 \" \\ \n";
    }

    /** A batch with every type in it. */
    public List<GuestEvent> batch() {
        List<GuestEvent> events = new ArrayList<>();
        for (EventType<?> type : EventTypes.all()) {
            events.add(event(type));
        }
        return events;
    }

    List<StepRun> steps(int bytes) {
        byte[] packets = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            packets[i] = (byte) (random.nextInt(8) == 0 ? random.nextInt() : 0x55);
        }
        long first = tick + 1;
        tick += bytes * 20L;
        return List.of(new StepRun(0, first, tick, first == 1, Blob.of(packets)));
    }

    /** Writes a whole journal: batches of events and steps by turns. */
    public static JournalEnd write(Path folder, long seed, int rounds) {
        SyntheticRun run = new SyntheticRun(seed);
        long events = 0;
        try (JournalWriter writer = JournalWriter.create(folder, header())) {
            writer.checkpoint(run.checkpoint(64 << 10));
            for (int i = 0; i < rounds; i++) {
                List<GuestEvent> batch = run.batch();
                events += batch.size();
                writer.events(batch);
                writer.steps(run.steps(2000));
            }
            JournalEnd end = new JournalEnd(new Position(run.tick, run.sequence), Blob.of(new byte[32]), events, 7,
                    "shut down", 0);
            writer.end(end);
            return end;
        }
    }
}
