package chronovisor.kitten.kernel;

import chronovisor.device.StateReader;
import chronovisor.device.StateWriter;
import chronovisor.kitten.task.Registers;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/** How one type of kernel value is written and read. A value has exactly one written form. */
sealed interface Form {

    /** Records nested deeper than any state is: only forged bytes are. */
    int DEPTH_MAX = 64;

    void write(StateWriter out, Object value);

    /**
     * @throws IllegalArgumentException
     *             when the bytes are not the one form of a value
     */
    Object read(StateReader in, int depth);

    /** A whole number, or a truth value. */
    record Scalar(Class<?> type) implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            switch (value) {
                case Long l -> out.zigzag(l);
                case Integer i -> out.zigzag(i);
                case Boolean b -> out.u8(b ? 1 : 0);
                default -> throw new IllegalArgumentException("not a scalar: " + value);
            }
        }

        @Override
        public Object read(StateReader in, int depth) {
            if (type == boolean.class || type == Boolean.class) {
                int value = in.u8();
                if (value > 1) {
                    throw in.broken("a truth value of " + value);
                }
                return value == 1;
            }
            long value = in.zigzag();
            if (type == int.class || type == Integer.class) {
                if (value != (int) value) {
                    throw in.broken("a number of more than 32 bits");
                }
                return (int) value;
            }
            return value;
        }
    }

    /** Text, any sequence of 16-bit characters: file names are bytes, one a character. */
    record Text() implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            String text = (String) value;
            out.varint(text.length());
            for (int i = 0; i < text.length(); i++) {
                out.varint(text.charAt(i));
            }
        }

        @Override
        public Object read(StateReader in, int depth) {
            char[] text = new char[in.count()];
            for (int i = 0; i < text.length; i++) {
                long c = in.varint();
                if (c < 0 || c > Character.MAX_VALUE) {
                    throw in.broken("a character of more than 16 bits");
                }
                text[i] = (char) c;
            }
            return new String(text);
        }
    }

    /** One of a fixed set of constants, by name: their order may change. */
    record Constant(Class<? extends Enum<?>> type) implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            out.text(((Enum<?>) value).name());
        }

        @Override
        public Object read(StateReader in, int depth) {
            String name = in.text();
            for (Enum<?> constant : type.getEnumConstants()) {
                if (constant.name().equals(name)) {
                    return constant;
                }
            }
            throw in.broken("no constant '" + name + "'");
        }
    }

    /** The registers of a task. */
    record UserRegisters() implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            Registers r = (Registers) value;
            for (long general : r.general()) {
                out.i64(general);
            }
            out.i64(r.rip()).i64(r.rflags()).i64(r.fsBase()).i64(r.gsBase()).i64(r.selectors()).bytes(r.fpu());
        }

        @Override
        public Object read(StateReader in, int depth) {
            long[] general = new long[16];
            for (int i = 0; i < general.length; i++) {
                general[i] = in.i64();
            }
            return new Registers(general, in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.bytes());
        }
    }

    /** A value or none. */
    record Optional(Form form) implements Form {
        /** Stands for none, where null cannot. */
        static final Object NONE = new Object();

        @Override
        public void write(StateWriter out, Object value) {
            out.u8(value.equals(NONE) ? 0 : 1);
            if (!value.equals(NONE)) {
                form.write(out, value);
            }
        }

        @Override
        public Object read(StateReader in, int depth) {
            int there = in.u8();
            if (there > 1) {
                throw in.broken("a presence of " + there);
            }
            return there == 0 ? NONE : form.read(in, depth);
        }
    }

    /** A list: the interface it has in its record tells which collection it becomes. */
    record Sequence(boolean persistent, Form item) implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            Collection<?> items = (Collection<?>) value;
            out.varint(items.size());
            items.forEach(one -> item.write(out, one));
        }

        @Override
        public Object read(StateReader in, int depth) {
            int count = in.count();
            List<Object> items = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                items.add(item.read(in, depth));
            }
            return persistent ? TreePVector.from(items) : List.copyOf(items);
        }
    }

    /** A sorted set. */
    record Sorted(Form item) implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            SortedSet<?> items = (SortedSet<?>) value;
            out.varint(items.size());
            items.forEach(one -> item.write(out, one));
        }

        @Override
        public Object read(StateReader in, int depth) {
            int count = in.count();
            TreePSet<Comparable<Object>> items = TreePSet.empty();
            for (int i = 0; i < count; i++) {
                Comparable<Object> next = comparable(item.read(in, depth));
                if (!items.isEmpty() && items.last().compareTo(next) >= 0) {
                    throw in.broken("members out of order");
                }
                items = items.plus(next);
            }
            return items;
        }
    }

    /** A sorted map. */
    record Table(Form key, Form item) implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            SortedMap<?, ?> entries = (SortedMap<?, ?>) value;
            out.varint(entries.size());
            entries.forEach((one, other) -> {
                key.write(out, one);
                item.write(out, other);
            });
        }

        @Override
        public Object read(StateReader in, int depth) {
            int count = in.count();
            TreePMap<Comparable<Object>, Object> entries = TreePMap.empty();
            for (int i = 0; i < count; i++) {
                Comparable<Object> next = comparable(key.read(in, depth));
                if (!entries.isEmpty() && entries.lastKey().compareTo(next) >= 0) {
                    throw in.broken("keys out of order");
                }
                entries = entries.plus(next, item.read(in, depth));
            }
            return entries;
        }
    }

    @SuppressWarnings("unchecked")
    private static Comparable<Object> comparable(Object key) {
        return (Comparable<Object>) key;
    }

    /** One of several records, by its number in {@link KernelTypes}. */
    record Choice(Map<Integer, Structure> alternatives) implements Form {
        @Override
        public void write(StateWriter out, Object value) {
            for (Map.Entry<Integer, Structure> alternative : alternatives.entrySet()) {
                if (alternative.getValue().type.isInstance(value)) {
                    out.u8(alternative.getKey());
                    alternative.getValue().write(out, value);
                    return;
                }
            }
            throw new IllegalStateException("no row for " + value.getClass().getSimpleName());
        }

        @Override
        public Object read(StateReader in, int depth) {
            int number = in.u8();
            Structure alternative = alternatives.get(number);
            if (alternative == null) {
                throw in.broken("an unknown kind " + number);
            }
            return alternative.read(in, depth);
        }
    }

    /** A record: its components in order. They are filled in later, as records may contain themselves. */
    final class Structure implements Form {
        private final Class<? extends Record> type;
        private final List<Component> components = new ArrayList<>();
        private @Nullable Constructor<? extends Record> constructor;

        /** A component: how it is got and written. */
        record Component(String name, Method accessor, Form form) {}

        Structure(Class<? extends Record> type) {
            this.type = type;
        }

        void complete(Constructor<? extends Record> canonical, List<Component> all) {
            constructor = canonical;
            components.addAll(all);
        }

        String name() {
            return type.getSimpleName();
        }

        List<Component> components() {
            return components;
        }

        @Override
        public void write(StateWriter out, Object value) {
            for (Component component : components) {
                try {
                    Object part = component.accessor.invoke(value);
                    component.form.write(out, part == null ? Optional.NONE : part);
                } catch (IllegalAccessException | InvocationTargetException e) {
                    throw new IllegalStateException("kernel value " + type.getSimpleName() + " is not readable", e);
                }
            }
        }

        @Override
        public Object read(StateReader in, int depth) {
            if (depth >= DEPTH_MAX) {
                throw in.broken("values nested too deep");
            }
            @Nullable
            Object[] parts = new @Nullable Object[components.size()];
            for (int i = 0; i < parts.length; i++) {
                Object part = components.get(i).form.read(in, depth + 1);
                parts[i] = part.equals(Optional.NONE) ? null : part;
            }
            try {
                return Objects.requireNonNull(constructor).newInstance(parts);
            } catch (InvocationTargetException e) {
                IllegalArgumentException refused = in.broken("parts that make no " + type.getSimpleName());
                refused.initCause(e);
                throw refused;
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("kernel value " + type.getSimpleName() + " cannot be made", e);
            }
        }
    }
}
