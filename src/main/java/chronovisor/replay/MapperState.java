package chronovisor.replay;

import chronovisor.journal.ByteSink;
import chronovisor.journal.ByteSource;
import chronovisor.journal.Position;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * Where the numbering of events stands.
 *
 * @param next
 *            position of the next event, if it happens at once
 * @param events
 *            events told before
 * @param causes
 *            what they may be the causes of
 * @param probes
 *            what probes remember
 */
record MapperState(Position next, long events, Causes causes, ProbeMemory probes) {

    /** Before the first event. */
    static final MapperState START = new MapperState(Position.START, 0, Causes.NONE, ProbeMemory.NONE);

    byte[] encode() {
        ByteSink out = new ByteSink();
        position(out, next);
        out.varint(events);
        BiConsumer<ByteSink, Integer> number = (to, value) -> to.zigzag(value);
        BiConsumer<ByteSink, Long> key = (to, value) -> to.zigzag(value);
        BiConsumer<ByteSink, Position> place = MapperState::position;
        map(out, causes.syscalls(), number, place);
        map(out, causes.faults(), number, place);
        map(out, causes.exceptions(), number, place);
        map(out, causes.interrupts(), number, place);
        map(out, causes.signals(), key, place);
        map(out, causes.deliveries(), number, place);
        map(out, causes.arrivals(), ByteSink::text, place);
        map(out, causes.pipes(), key, (to, writes) -> map(to, writes, key, place));
        map(out, probes.places(), number, ByteSink::varint);
        map(out, probes.numbers(), number, ByteSink::varint);
        map(out, probes.marks(), ByteSink::text, (to, queue) -> {
            to.varint(queue.size());
            queue.forEach(at -> position(to, at));
        });
        return out.toByteArray();
    }

    /**
     * @throws chronovisor.journal.FormatException
     *             when the bytes are none of ours
     */
    static MapperState decode(byte[] bytes) {
        ByteSource in = new ByteSource(bytes);
        Position next = place(in);
        long events = in.varint();
        Causes causes = new Causes(map(in, ByteSource::zigzag32, MapperState::place),
                map(in, ByteSource::zigzag32, MapperState::place), map(in, ByteSource::zigzag32, MapperState::place),
                map(in, ByteSource::zigzag32, MapperState::place), map(in, ByteSource::zigzag, MapperState::place),
                map(in, ByteSource::zigzag32, MapperState::place), map(in, ByteSource::text, MapperState::place),
                map(in, ByteSource::zigzag, writes -> map(writes, ByteSource::zigzag, MapperState::place)));
        ProbeMemory probes = new ProbeMemory(map(in, ByteSource::zigzag32, ByteSource::varint),
                map(in, ByteSource::zigzag32, ByteSource::varint), map(in, ByteSource::text, MapperState::queue));
        in.end();
        return new MapperState(next, events, causes, probes);
    }

    /** Never empty: a name without positions is not kept. */
    private static PVector<Position> queue(ByteSource in) {
        int count = in.varint(in.remaining());
        if (count == 0) {
            throw in.broken("a name without positions");
        }
        PVector<Position> queue = TreePVector.empty();
        for (int left = count; left > 0; left--) {
            queue = queue.plus(place(in));
        }
        return queue;
    }

    private static void position(ByteSink out, Position at) {
        out.varint(at.tick()).varint(at.sequence());
    }

    private static Position place(ByteSource in) {
        long tick = in.varint();
        if (tick < 0) {
            throw in.broken("a tick below zero");
        }
        return new Position(tick, in.varint(Integer.MAX_VALUE));
    }

    private static <K, V> void map(ByteSink out, Map<K, V> map, BiConsumer<ByteSink, K> key,
            BiConsumer<ByteSink, V> value) {
        out.varint(map.size());
        map.forEach((name, item) -> {
            key.accept(out, name);
            value.accept(out, item);
        });
    }

    private static <K extends Comparable<? super K>, V> TreePMap<K, V> map(ByteSource in, Function<ByteSource, K> key,
            Function<ByteSource, V> value) {
        TreePMap<K, V> map = TreePMap.empty();
        for (int left = in.varint(in.remaining()); left > 0; left--) {
            K name = key.apply(in);
            if (!map.isEmpty() && map.lastKey().compareTo(name) >= 0) {
                throw in.broken("keys out of order");
            }
            map = map.plus(name, value.apply(in));
        }
        return map;
    }
}
