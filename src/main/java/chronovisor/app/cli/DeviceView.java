package chronovisor.app.cli;

import chronovisor.device.DeviceState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device's state for people: every part of it under its own name, in declaration order, so that equal states give equal text. Bytes are
 * hexadecimal, and so are numbers in lines, as registers are, but for times.
 */
final class DeviceView {

    private static final int DIGIT_MAX = 9;

    private DeviceView() {}

    /** The state as maps, lists and plain values. */
    static Map<String, @Nullable Object> of(DeviceState state) {
        return parts((Record) state);
    }

    /** The same as one line. */
    static String line(Map<?, ?> parts) {
        return parts.entrySet().stream().map(part -> part.getKey() + "=" + text(part.getKey(), part.getValue()))
                .collect(Collectors.joining(" "));
    }

    private static String text(Object name, @Nullable Object value) {
        return switch (value) {
            case null -> "none";
            case Map<?, ?> parts -> "{" + line(parts) + "}";
            case List<?> items -> items.stream().map(item -> text(name, item))
                    .collect(Collectors.joining(" ", "[", "]"));
            case Integer number when number < 0 || number > DIGIT_MAX -> "0x" + Integer.toHexString(number);
            case Long number when !name.toString().endsWith("_ns") && (number < 0 || number > DIGIT_MAX) ->
                "0x" + Long.toHexString(number);
            case Object plain -> plain.toString();
        };
    }

    private static @Nullable Object object(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case byte[] bytes -> HexFormat.of().formatHex(bytes);
            case int[] numbers -> Arrays.stream(numbers).boxed().toList();
            case long[] numbers -> Arrays.stream(numbers).boxed().toList();
            case Enum<?> name -> name.name();
            case Record record -> parts(record);
            case Collection<?> items -> items.stream().map(DeviceView::object).toList();
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((key, item) -> copy.put(String.valueOf(key), object(item)));
                yield copy;
            }
            case Number number -> number;
            case Boolean bool -> bool;
            case String text -> text;
            case Object other -> throw new IllegalArgumentException(
                    "not a part of a device's state: " + other.getClass().getName());
        };
    }

    private static Map<String, @Nullable Object> parts(Record record) {
        Map<String, @Nullable Object> parts = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                // Some parts of devices are known to their package only.
                Method accessor = component.getAccessor();
                accessor.setAccessible(true);
                parts.put(component.getName(), object(accessor.invoke(record)));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("state " + record.getClass().getName() + " is not readable", e);
            }
        }
        return parts;
    }
}
