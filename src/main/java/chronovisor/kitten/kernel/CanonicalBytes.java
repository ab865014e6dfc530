package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.task.Registers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Canonical bytes of a kernel value, for digests: a tag and the parts in declaration order; equal values give equal
 * bytes. Only what kernel values are made of is accepted; anything else is an error, so nothing unordered slips in.
 */
public final class CanonicalBytes {

    private CanonicalBytes() {}

    /** The bytes of a record or collection of kernel values. */
    public static byte[] of(Object value) {
        Bytes out = new Bytes(1 << 16);
        put(out, value);
        return out.toArray();
    }

    private static void put(Bytes out, @Nullable Object value) {
        switch (value) {
            case null -> out.put8(0);
            case Boolean b -> out.put8(1).put8(b ? 1 : 0);
            case Integer i -> out.put8(2).put32(i);
            case Long l -> out.put8(3).put64(l);
            case String s -> {
                out.put8(4).put32(s.length());
                for (int i = 0; i < s.length(); i++) {
                    out.put16(s.charAt(i));
                }
            }
            case Enum<?> e -> out.put8(5).putString(e.name());
            case Registers r -> putRegisters(out, r);
            case SortedMap<?, ?> map -> {
                out.put8(7).put32(map.size());
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    put(out, entry.getKey());
                    put(out, entry.getValue());
                }
            }
            case Collection<?> items -> {
                out.put8(8).put32(items.size());
                for (Object item : items) {
                    put(out, item);
                }
            }
            case Record record -> putRecord(out, record);
            default -> throw new IllegalArgumentException("not a kernel value: " + value.getClass().getName());
        }
    }

    private static void putRegisters(Bytes out, Registers r) {
        out.put8(6);
        for (long general : r.general()) {
            out.put64(general);
        }
        out.put64(r.rip()).put64(r.rflags()).put64(r.fsBase()).put64(r.gsBase()).put64(r.selectors()).put(r.fpu());
    }

    private static void putRecord(Bytes out, Record record) {
        out.put8(9).putString(record.getClass().getSimpleName());
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                put(out, component.getAccessor().invoke(record));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("kernel value " + record.getClass().getName() + " is not readable", e);
            }
        }
    }
}
