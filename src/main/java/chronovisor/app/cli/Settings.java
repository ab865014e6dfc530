package chronovisor.app.cli;

import chronovisor.cpu.CpuModel;
import chronovisor.cpu.CpuModels;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.Schedule;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The {@code --set key=value} switches: {@code kitten.NAME} is an option of the kernel, {@code vm.cores} how many
 * cores there are, {@code vm.slice} the instructions of a slice, {@code vm.schedule} round-robin or chaos,
 * {@code vm.chaos_seed} what chaos draws, {@code vm.cpu} the processor.
 */
final class Settings {

    private static final String KITTEN = "kitten.";
    private static final Set<String> MACHINE = Set.of("vm.cores", "vm.slice", "vm.schedule", "vm.chaos_seed");

    /** What {@code --help} tells about the keys. */
    static final String KEYS = "kitten.NAME, vm.cores, vm.slice, vm.schedule, vm.chaos_seed or vm.cpu";

    /** What chaos draws from when nobody says. */
    private static final long SEED = 1;

    private final SortedMap<String, String> kernel = new TreeMap<>();
    private final SortedMap<String, String> machine = new TreeMap<>();

    private @Nullable CpuModel cpu;

    private Settings() {}

    /**
     * {@code cpu} is what {@code --cpu} chose and {@code chaos} the seed of {@code --chaos}, or null; what is set by its key wins.
     */
    static Settings parse(List<String> settings, @Nullable CpuModel cpu, @Nullable Long chaos) {
        Settings parsed = new Settings();
        parsed.cpu = cpu;
        if (chaos != null) {
            parsed.machine.put("vm.schedule", "chaos");
            parsed.machine.put("vm.chaos_seed", Long.toString(chaos));
        }
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals <= 0) {
                throw Failure.usage("--set " + setting + ": key=value expected");
            }
            String key = setting.substring(0, equals);
            String value = setting.substring(equals + 1);
            if (key.startsWith(KITTEN)) {
                parsed.kernel.put(key.substring(KITTEN.length()), value);
            } else if (MACHINE.contains(key)) {
                parsed.machine.put(key, value);
            } else if (key.equals("vm.cpu")) {
                parsed.cpu = model(value);
            } else {
                throw Failure.usage(
                        "--set " + setting + ": unknown key; expected " + KEYS);
            }
        }
        return parsed;
    }

    /** The kernel's options that are set here, by name. */
    SortedMap<String, String> kernelSettings() {
        return Collections.unmodifiableSortedMap(kernel);
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
            configuration = schedule(configuration);
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

    private GuestConfiguration schedule(GuestConfiguration given) {
        String schedule = machine.get("vm.schedule");
        String seed = machine.get("vm.chaos_seed");
        boolean chaos = schedule == null ? given.schedule() instanceof Schedule.Chaos : schedule.equals("chaos");
        if (schedule != null && !chaos && !schedule.equals("round-robin")) {
            throw Failure.usage("vm.schedule=" + schedule + ": round-robin or chaos expected");
        }
        if (!chaos) {
            if (seed != null) {
                throw Failure.usage("vm.chaos_seed=" + seed + ": there is no chaos without vm.schedule=chaos");
            }
            return given.withSchedule(new Schedule.RoundRobin(given.schedule().sliceTicks()));
        }
        if (seed == null) {
            return given.schedule() instanceof Schedule.Chaos ? given : given.withChaos(SEED);
        }
        long drawn = number("vm.chaos_seed", seed, "a number");
        if (drawn < 0) {
            throw Failure.usage("vm.chaos_seed=" + seed + ": a number from 0 expected");
        }
        return given.withChaos(drawn);
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
