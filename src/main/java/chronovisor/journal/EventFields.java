package chronovisor.journal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in the events of one type besides the stamp: the record's own components, by name and kind, read and put together again. It
 * is derived from the records, so JSON, tables and whoever else shows events agree in names and types without a second list.
 */
public final class EventFields {

    /** The kinds of components that events have. */
    public enum Kind {
        /** {@code long}. */
        LONG,
        /** {@code int}. */
        INT,
        /** {@code boolean}. */
        BOOLEAN,
        /** {@code String}. */
        TEXT,
        /** {@link Blob}. */
        BYTES
    }

    /** One component. */
    public static final class Field {
        private final RecordComponent component;
        private final Kind kind;
        /**
         * (GuestEvent)long for integers and flags, else (GuestEvent)Object. Made when it is first wanted: all of them take longer than
         * most questions, which read few types or only ask for names. Two threads that make it make the same.
         */
        private @Nullable MethodHandle getter;

        private Field(RecordComponent component) {
            this.component = component;
            this.kind = EventFields.kind(component);
        }

        /** The component's name. */
        public String name() {
            return component.getName();
        }

        /** What it is. */
        public Kind kind() {
            return kind;
        }

        /** A number, or 1 and 0 for true and false; only of {@code LONG}, {@code INT} and {@code BOOLEAN}. */
        public long number(GuestEvent event) {
            try {
                return (long) getter().invokeExact(event);
            } catch (Throwable e) {
                throw unreadable(e);
            }
        }

        /** A text or bytes; only of {@code TEXT} and {@code BYTES}. */
        public Object value(GuestEvent event) {
            try {
                return (Object) getter().invokeExact(event);
            } catch (Throwable e) {
                throw unreadable(e);
            }
        }

        private MethodHandle getter() throws IllegalAccessException {
            MethodHandle made = getter;
            if (made == null) {
                MethodHandle accessor = MethodHandles.publicLookup().unreflect(component.getAccessor());
                Class<?> event = component.getDeclaringRecord();
                boolean numeric = kind != Kind.TEXT && kind != Kind.BYTES;
                made = (kind == Kind.BOOLEAN
                        ? MethodHandles.explicitCastArguments(accessor, MethodType.methodType(long.class, event))
                        : accessor)
                        .asType(MethodType.methodType(numeric ? long.class : Object.class, GuestEvent.class));
                getter = made;
            }
            return made;
        }

        private static IllegalStateException unreadable(Throwable e) {
            return new IllegalStateException("events are public records", e);
        }
    }

    /** By the types' numbers. */
    private static final @Nullable EventFields[] ALL = deriveAll();

    private final EventType<?> type;
    private final List<Field> fields;
    /** (Object[])GuestEvent; made when it is first wanted. */
    private @Nullable MethodHandle constructor;

    private EventFields(EventType<?> type, List<Field> fields) {
        this.type = type;
        this.fields = fields;
    }

    /** The fields of a type. */
    public static EventFields of(EventType<?> type) {
        EventFields fields = ALL[type.id()];
        if (fields == null) {
            throw new IllegalArgumentException(type + " is not in the table of events");
        }
        return fields;
    }

    /** In the order of the record. */
    public List<Field> all() {
        return fields;
    }

    /** The field of that name, or null. */
    public @Nullable Field named(String name) {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return field;
            }
        }
        return null;
    }

    /**
     * Puts an event together.
     *
     * @param values
     *            one for each field: {@link Long}, {@link Integer}, {@link Boolean}, {@link String} or {@link Blob}
     */
    public GuestEvent event(Stamp stamp, Object... values) {
        Object[] arguments = new Object[values.length + 1];
        arguments[0] = stamp;
        System.arraycopy(values, 0, arguments, 1, values.length);
        try {
            return (GuestEvent) constructor().invokeExact(arguments);
        } catch (Throwable e) {
            throw new IllegalArgumentException("no " + type + " can be made of " + Arrays.toString(values), e);
        }
    }

    /** Whether a machine did what a journal tells. Journals of before format 3 do not tell where exits happened. */
    public static boolean agrees(GuestEvent told, GuestEvent actual) {
        return told.equals(actual) || told instanceof VmmEvent.Exit exit && exit.rip() == 0
                && actual instanceof VmmEvent.Exit other && told.equals(of(EventTypes.of(actual)).withoutRip(other));
    }

    private GuestEvent withoutRip(VmmEvent.Exit exit) {
        Object[] values = new Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            Field field = fields.get(i);
            values[i] = switch (field.kind) {
                case LONG -> field.name().equals("rip") ? 0L : field.number(exit);
                case INT -> (int) field.number(exit);
                case BOOLEAN -> field.number(exit) != 0;
                case TEXT, BYTES -> field.value(exit);
            };
        }
        return event(exit.stamp(), values);
    }

    private MethodHandle constructor() throws ReflectiveOperationException {
        MethodHandle made = constructor;
        if (made == null) {
            List<Class<?>> types = new ArrayList<>();
            for (RecordComponent component : type.type().getRecordComponents()) {
                types.add(component.getType());
            }
            made = MethodHandles.publicLookup()
                    .findConstructor(type.type(), MethodType.methodType(void.class, types))
                    .asSpreader(Object[].class, types.size())
                    .asType(MethodType.methodType(GuestEvent.class, Object[].class));
            constructor = made;
        }
        return made;
    }

    private static @Nullable EventFields[] deriveAll() {
        EventFields[] all = new EventFields[EventTypes.IDS];
        for (EventType<?> type : EventTypes.all()) {
            List<Field> fields = new ArrayList<>();
            for (RecordComponent component : type.type().getRecordComponents()) {
                if (component.getType() != Stamp.class) {
                    fields.add(new Field(component));
                }
            }
            all[type.id()] = new EventFields(type, List.copyOf(fields));
        }
        return all;
    }

    private static Kind kind(RecordComponent component) {
        Class<?> type = component.getType();
        if (type == long.class) {
            return Kind.LONG;
        }
        if (type == int.class) {
            return Kind.INT;
        }
        if (type == boolean.class) {
            return Kind.BOOLEAN;
        }
        if (type == String.class) {
            return Kind.TEXT;
        }
        if (type == Blob.class) {
            return Kind.BYTES;
        }
        throw new IllegalStateException(component.getDeclaringRecord().getSimpleName() + "." + component.getName()
                + " is of no kind that events have: " + type.getName());
    }
}
