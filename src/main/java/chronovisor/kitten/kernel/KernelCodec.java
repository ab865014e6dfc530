package chronovisor.kitten.kernel;

import chronovisor.device.StateReader;
import chronovisor.device.StateWriter;
import chronovisor.kitten.task.Registers;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * The kernel's state as bytes and back: what digests are made of and checkpoints hold, so that the two cannot drift apart.
 *
 * <pre>
 *   version | sum of the schema, 4 bytes | the state: records as their components in order, see {@link Form}
 * </pre>
 *
 * The schema follows from the records' declarations; where a part can be one of several records, {@link KernelTypes} gives
 * each a number. Equal states have equal bytes. A state that another version of these records wrote is refused by the
 * schema's sum, before any of it is read.
 */
public final class KernelCodec {

    private static final int VERSION = 1;

    private static final Map<Class<?>, Form.Structure> STRUCTURES = new LinkedHashMap<>();
    private static final Form.Structure STATE = structure(KernelState.class);
    private static final int SCHEMA = sum(schema());

    private KernelCodec() {}

    /** The bytes of a state. */
    public static byte[] encode(KernelState state) {
        StateWriter out = new StateWriter();
        out.u8(VERSION).i32(SCHEMA);
        STATE.write(out, state);
        return out.toBytes();
    }

    /**
     * The state that was written.
     *
     * @throws IllegalArgumentException
     *             when the bytes are no state, or one of another version of the kernel
     */
    public static KernelState decode(byte[] bytes) {
        StateReader in = new StateReader(bytes);
        int version = in.u8();
        if (version != VERSION || in.i32() != SCHEMA) {
            throw in.broken("the state of another version of the kernel");
        }
        KernelState state = (KernelState) STATE.read(in, 0);
        in.end();
        return state;
    }

    private static int sum(String schema) {
        CRC32C crc = new CRC32C();
        crc.update(schema.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }

    /** Every record of the state with its components, for the sum. */
    static String schema() {
        StringBuilder out = new StringBuilder();
        STRUCTURES.forEach((type, structure) -> {
            out.append(type.getSimpleName()).append('(');
            structure.components().forEach(component -> out.append(component.name()).append(' ')
                    .append(text(component.form())).append(','));
            out.append(")\n");
        });
        return out.toString();
    }

    private static String text(Form form) {
        return switch (form) {
            case Form.Scalar scalar -> scalar.type().getSimpleName();
            case Form.Text words -> "text";
            case Form.Constant constant -> constant.type().getSimpleName();
            case Form.UserRegisters registers -> "registers";
            case Form.Optional(Form some) -> text(some) + "?";
            case Form.Sequence(boolean persistent, Form item) -> "[" + text(item) + "]";
            case Form.Sorted(Form item) -> "{" + text(item) + "}";
            case Form.Table(Form key, Form item) -> "{" + text(key) + ":" + text(item) + "}";
            case Form.Structure structure -> structure.name();
            case Form.Choice(Map<Integer, Form.Structure> alternatives) -> {
                StringBuilder out = new StringBuilder("<");
                alternatives.forEach((number, one) -> out.append(number).append(one.name()).append(' '));
                yield out.append('>').toString();
            }
        };
    }

    private static Form.Structure structure(Class<? extends Record> type) {
        Form.Structure known = STRUCTURES.get(type);
        if (known != null) {
            return known;
        }
        Form.Structure structure = new Form.Structure(type);
        STRUCTURES.put(type, structure);
        List<Class<?>> types = new ArrayList<>();
        List<Form.Structure.Component> components = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            types.add(component.getType());
            Form form = form(component.getGenericType());
            if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                form = new Form.Optional(form);
            }
            component.getAccessor().setAccessible(true);
            components.add(new Form.Structure.Component(component.getName(), component.getAccessor(), form));
        }
        try {
            Constructor<? extends Record> canonical = type.getDeclaredConstructor(types.toArray(new Class<?>[0]));
            canonical.setAccessible(true);
            structure.complete(canonical, components);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("every record has its canonical constructor", e);
        }
        return structure;
    }

    private static Form form(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] of = generic.getActualTypeArguments();
            if (generic.getRawType() == TreePMap.class) {
                return new Form.Table(form(of[0]), form(of[1]));
            }
            if (generic.getRawType() == TreePSet.class) {
                return new Form.Sorted(form(of[0]));
            }
            if (generic.getRawType() == PVector.class || generic.getRawType() == List.class) {
                return new Form.Sequence(generic.getRawType() == PVector.class, form(of[0]));
            }
        } else if (type instanceof Class<?> plain) {
            return form(plain);
        }
        throw new IllegalStateException("the kernel's state cannot hold a " + type);
    }

    @SuppressWarnings("unchecked")
    private static Form form(Class<?> type) {
        if (type == String.class) {
            return new Form.Text();
        }
        if (type == Registers.class) {
            return new Form.UserRegisters();
        }
        if (type.isEnum()) {
            return new Form.Constant((Class<? extends Enum<?>>) type);
        }
        if (type.isRecord()) {
            return structure(type.asSubclass(Record.class));
        }
        if (type.isSealed()) {
            return choice(type);
        }
        if (type.isPrimitive() || type == Long.class || type == Integer.class || type == Boolean.class) {
            return new Form.Scalar(type);
        }
        throw new IllegalStateException("the kernel's state cannot hold a " + type);
    }

    private static Form choice(Class<?> type) {
        Map<Integer, Class<? extends Record>> rows = KernelTypes.of(type);
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            if (!rows.containsValue(permitted)) {
                throw new IllegalStateException("no row in KernelTypes for " + permitted.getName());
            }
        }
        Map<Integer, Form.Structure> alternatives = new LinkedHashMap<>();
        rows.forEach((number, row) -> alternatives.put(number, structure(row)));
        return new Form.Choice(alternatives);
    }
}
