package chronovisor.cpu.vector;

import chronovisor.isa.Operation;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The SSE operation with whose meaning a VEX-encoded one works on each lane of 128 bits. Manual and table name them alike: V and the
 * older mnemonic.
 */
final class VexTwin {

    private static final Map<Operation, Operation> TWINS = twins();

    private VexTwin() {}

    private static Map<Operation, Operation> twins() {
        var older = new HashMap<String, Operation>();
        for (Operation operation : Operation.values()) {
            older.put("V" + operation.name(), operation);
        }
        Map<Operation, Operation> twins = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            Operation twin = older.get(operation.name());
            if (twin != null) {
                twins.put(operation, twin);
            }
        }
        twins.put(Operation.VPBLENDD, Operation.BLENDPS);
        return twins;
    }

    /** The twin; null when the operation came with AVX or later, or is not VEX-encoded. */
    static @Nullable Operation of(Operation operation) {
        return TWINS.get(operation);
    }

    /** The twin, or the operation itself when it has none. */
    static Operation meaning(Operation operation) {
        return TWINS.getOrDefault(operation, operation);
    }
}
