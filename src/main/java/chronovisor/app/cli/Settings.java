package chronovisor.app.cli;

import chronovisor.cpu.CpuModel;
import chronovisor.cpu.CpuModels;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestConfiguration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The {@code --set key=value} switches: {@code kitten.NAME} is an option of the kernel, {@code vm.cores} how many
 * cores there are, {@code vm.slice} the instructions of a slice, {@code vm.cpu} the processor.
 */
final class Settings {

    private static final String KITTEN = "kitten.";

    private final SortedMap<String, String> kernel = new TreeMap<>();
    private final SortedMap<String, String> machine = new TreeMap<>();

    private @Nullable CpuModel cpu;

    private Settings() {}

    /** {@code cpu} is what {@code --cpu} chose, or null; {@code vm.cpu} is the same and wins. */
    static Settings parse(List<String> settings, @Nullable CpuModel cpu) {
        Settings parsed = new Settings();
        parsed.cpu = cpu;
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals <= 0) {
                throw Failure.usage("--set " + setting + ": key=value expected");
            }
            String key = setting.substring(0, equals);
            String value = setting.substring(equals + 1);
            if (key.startsWith(KITTEN)) {
                parsed.kernel.put(key.substring(KITTEN.length()), value);
            } else if (key.equals("vm.cores") || key.equals("vm.slice")) {
                parsed.machine.put(key, value);
            } else if (key.equals("vm.cpu")) {
                parsed.cpu = model(value);
            } else {
                throw Failure.usage(
                        "--set " + setting + ": unknown key; expected kitten.NAME, vm.cores, vm.slice or vm.cpu");
            }
        }
        return parsed;
    }

    /** The kernel's options: these on top of what is given. */
    KittenOptions kernel(Map<String, String> given) {
        SortedMap<String, String> all = new TreeMap<>(given);
        all.putAll(kernel);
        try {
            return KittenOptions.parse(all);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    /** The machine, as far as it is set here. */
    GuestConfiguration machine(GuestConfiguration given) {
        GuestConfiguration configuration = given;
        String cores = machine.get("vm.cores");
        String slice = machine.get("vm.slice");
        try {
            if (cores != null) {
                configuration = configuration
                        .withCores(Math.clamp(number("vm.cores", cores, "a number of cores"), 0, Integer.MAX_VALUE));
            }
            if (slice != null) {
                configuration = configuration.withSlice(number("vm.slice", slice, "a number of instructions"));
            }
        } catch (ConfigurationException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
        if (cpu != null) {
            configuration = configuration.withCpu(cpu);
        }
        return configuration;
    }

    private static long number(String key, String text, String what) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Failure.usage(key + "=" + text + ": " + what + " expected");
        }
    }

    private static CpuModel model(String name) {
        try {
            return CpuModels.named(name);
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--set vm.cpu=" + name + ": " + e.getMessage());
        }
    }
}
