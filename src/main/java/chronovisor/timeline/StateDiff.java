package chronovisor.timeline;

import chronovisor.cpu.CpuImage;
import chronovisor.kitten.KernelView;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.vmm.MachineState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** What is other in one state of a machine than in another one of the same timeline: registers, kernel, memory. */
public final class StateDiff {

    private static final int PAGE = 4096;
    private static final String[] GENERAL = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
        "r11", "r12", "r13", "r14", "r15"};

    /** A value that is another one: by its path, and as text; empty where it is not there. */
    public record Change(String path, String before, String after) {}

    /**
     * Bytes that are other.
     *
     * @param physical
     *            guest-physical address of the first one
     * @param places
     *            where that is in address spaces: {@code process N 0xADDRESS}
     * @param bytes
     *            from the first to the last that is other within the page
     */
    public record MemoryChange(long physical, List<String> places, int bytes) {}

    /** Everything. */
    public record Result(List<Change> registers, List<Change> kernel, List<MemoryChange> memory) {

        /** Whether nothing is other. */
        public boolean same() {
            return registers.isEmpty() && kernel.isEmpty() && memory.isEmpty();
        }
    }

    private StateDiff() {}

    /** Compares two states; both stay open. */
    public static Result of(MachineState before, MachineState after) {
        return new Result(changes(registers(before), registers(after)), changes(kernel(before), kernel(after)),
                memory(before, after));
    }

    private static SortedMap<String, String> registers(MachineState state) {
        SortedMap<String, String> values = new TreeMap<>();
        for (int core = 0; core < state.cpus().size(); core++) {
            CpuImage cpu = state.cpus().get(core);
            String prefix = "core " + core + " ";
            for (int r = 0; r < GENERAL.length; r++) {
                values.put(prefix + GENERAL[r], "0x" + Long.toHexString(cpu.gpr(r)));
                for (int lane = 0; lane < 4; lane++) {
                    values.put(prefix + "ymm" + r + "." + lane, "0x" + Long.toHexString(cpu.xmm(r, lane)));
                }
            }
            values.put(prefix + "rip", "0x" + Long.toHexString(cpu.rip()));
            values.put(prefix + "rflags", "0x" + Long.toHexString(cpu.rflags()));
        }
        return values;
    }

    private static SortedMap<String, String> kernel(MachineState state) {
        SortedMap<String, String> values = new TreeMap<>();
        if (state.kernel() instanceof KernelState kernel) {
            flatten("", KernelView.of(kernel), values);
        }
        return values;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> into) {
        if (node.isObject()) {
            node.properties().forEach(entry -> flatten(path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                    entry.getValue(), into));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(path + "[" + i + "]", node.get(i), into);
            }
        } else {
            into.put(path, node.asString(""));
        }
    }

    private static List<Change> changes(SortedMap<String, String> before, SortedMap<String, String> after) {
        SortedMap<String, Change> changes = new TreeMap<>();
        before.forEach((path, value) -> {
            String now = after.getOrDefault(path, "");
            if (!now.equals(value)) {
                changes.put(path, new Change(path, value, now));
            }
        });
        after.forEach((path, value) -> {
            if (!before.containsKey(path)) {
                changes.put(path, new Change(path, "", value));
            }
        });
        return List.copyOf(changes.values());
    }

    private static List<MemoryChange> memory(MachineState before, MachineState after) {
        Map<Long, List<String>> places = places(after);
        List<MemoryChange> changes = new ArrayList<>();
        GuestMemory old = before.memory();
        after.memory().forEachChange(old, (frame, host) -> {
            byte[] was = page(old.hostOf(frame));
            byte[] is = page(host);
            int first = Arrays.mismatch(was, is);
            if (first >= 0) {
                int last = PAGE - 1;
                while (was[last] == is[last]) {
                    last--;
                }
                int offset = first;
                changes.add(new MemoryChange(frame * PAGE + first, places.getOrDefault(frame, List.of()).stream()
                        .map(place -> place + Long.toHexString(offset | 0x1000).substring(1)).toList(),
                        last - first + 1));
            }
        });
        return changes;
    }

    private static byte[] page(long host) {
        byte[] bytes = new byte[PAGE];
        if (host != 0) {
            HostMemory.read(host, bytes, 0, PAGE);
        }
        return bytes;
    }

    /** Frame number to the pages of processes that it is; without the three digits of the place in the page. */
    private static Map<Long, List<String>> places(MachineState state) {
        Map<Long, List<String>> places = new HashMap<>();
        if (state.kernel() instanceof KernelState kernel) {
            kernel.processes().values().forEach(process -> {
                AddressSpace space = kernel.spaces().get(process.addressSpace());
                if (space != null) {
                    chronovisor.memory.PageTables.forEachMapping(state.memory(), space.root(), (address, walk) -> {
                        for (long at = 0; at < walk.pageBytes(); at += PAGE) {
                            places.computeIfAbsent(walk.physical(address + at) >>> 12, _ -> new ArrayList<>())
                                    .add("process " + process.id() + " 0x" + hex(address + at));
                        }
                    });
                }
            });
        }
        return places;
    }

    private static String hex(long page) {
        return page >>> 12 == 0 ? "" : Long.toHexString(page >>> 12);
    }
}
