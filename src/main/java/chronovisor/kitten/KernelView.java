package chronovisor.kitten;

import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.WaitKey;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The kernel's state as JSON for people: every part of the value under its own name, in declaration order, maps in key
 * order, so equal states give equal text and a difference of texts is a difference of states. Addresses and masks are
 * hexadecimal strings; a record that is one of several kinds says which in {@code kind}. Beside the parts of the state it
 * has {@code wait_queues}: who waits for what, in the order of waking.
 */
public final class KernelView {

    /** Parts that are addresses, masks or device numbers. */
    private static final Set<String> HEXADECIMAL = Set.of("root", "start", "end", "heapStart", "heapEnd", "mapTop",
            "rip",
            "rflags", "fsBase", "gsBase", "clearOnExit", "robustList", "affinity", "mask", "restoreMask", "stackBase",
            "handler", "restorer", "flags", "argumentStart", "argumentEnd", "environmentStart", "environmentEnd", "a0",
            "a1", "a2", "a3", "a4", "a5", "address", "input", "output", "control", "local", "device");

    private static final String[] GENERAL = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
        "r11", "r12", "r13", "r14", "r15"};

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private KernelView() {}

    /** All of a kernel's state. */
    public static ObjectNode of(KernelState state) {
        ObjectNode view = record(state);
        view.set("wait_queues", waitQueues(state));
        return view;
    }

    private static ObjectNode waitQueues(KernelState state) {
        java.util.TreeMap<WaitKey, java.util.TreeMap<Long, Integer>> queues = new java.util.TreeMap<>();
        for (Task task : state.tasks().values()) {
            if (task.run() instanceof Run.Blocked blocked) {
                for (WaitKey key : blocked.queues()) {
                    queues.computeIfAbsent(key, _ -> new java.util.TreeMap<>()).put(blocked.order(), task.id());
                }
            }
        }
        ObjectNode view = JSON.objectNode();
        queues.forEach((key, waiters) -> {
            ArrayNode tasks = view.putArray(key.toString());
            waiters.values().forEach(tasks::add);
        });
        return view;
    }

    private static JsonNode node(String name, @Nullable Object value) {
        return switch (value) {
            case null -> JSON.nullNode();
            case Boolean b -> JSON.booleanNode(b);
            case Integer i -> HEXADECIMAL.contains(name)
                    ? JSON.stringNode("0x" + Integer.toHexString(i))
                    : JSON.numberNode(i);
            case Long l -> HEXADECIMAL.contains(name)
                    ? JSON.stringNode("0x" + Long.toHexString(l))
                    : JSON.numberNode(l);
            case String s -> JSON.stringNode(s);
            case Enum<?> e -> JSON.stringNode(e.name());
            case WaitKey key -> JSON.stringNode(key.toString());
            case Registers registers -> registers(registers);
            case SortedMap<?, ?> map -> {
                ObjectNode object = JSON.objectNode();
                map.forEach((key, item) -> object.set(key(name, key), node("", item)));
                yield object;
            }
            case Collection<?> items -> {
                ArrayNode array = JSON.arrayNode();
                items.forEach(item -> array.add(node("", item)));
                yield array;
            }
            case Record record -> record(record);
            default -> throw new IllegalArgumentException("not a kernel value: " + value.getClass().getName());
        };
    }

    private static String key(String map, Object key) {
        return map.equals("regions") && key instanceof Long address ? "0x" + Long.toHexString(address) : key.toString();
    }

    private static ObjectNode record(Record record) {
        ObjectNode object = JSON.objectNode();
        boolean oneOfSeveral = List.of(record.getClass().getInterfaces()).stream().anyMatch(Class::isSealed);
        if (oneOfSeveral) {
            object.put("kind", record.getClass().getSimpleName());
        }
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                object.set(component.getName(),
                        node(component.getName(), component.getAccessor().invoke(record)));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("kernel value " + record.getClass().getName() + " is not readable", e);
            }
        }
        return object;
    }

    private static ObjectNode registers(Registers registers) {
        ObjectNode object = JSON.objectNode();
        object.put("rip", "0x" + Long.toHexString(registers.rip()));
        object.put("rflags", "0x" + Long.toHexString(registers.rflags()));
        for (int i = 0; i < GENERAL.length; i++) {
            object.put(GENERAL[i], "0x" + Long.toHexString(registers.general(i)));
        }
        object.put("fs_base", "0x" + Long.toHexString(registers.fsBase()));
        object.put("gs_base", "0x" + Long.toHexString(registers.gsBase()));
        object.put("fpu", HexFormat.of().formatHex(registers.fpu()));
        return object;
    }
}
