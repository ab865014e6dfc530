package chronovisor.app.cli;

import chronovisor.environment.Input;
import chronovisor.journal.Blob;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.KittenOptions;
import chronovisor.replay.Fork;
import chronovisor.replay.MachineSetup;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.DeviceConfiguration;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a fork changes, as options. */
final class ForkOptions {

    @Option(names = "--patch", paramLabel = "NAME=on|off", description = "Turn one switch of the kernel on or off. May be repeated.")
    private List<String> patches = new ArrayList<>();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set vm.slice, vm.schedule, vm.chaos_seed or kitten.patches. May be repeated.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--type", paramLabel = "TEXT", description = "Type this at the position; \\n is a new line.")
    private @Nullable String typed;

    @Option(names = "--stream", paramLabel = "NAME", description = "Where it is typed: com1 to com4 or keyboard (default: the program's standard input).")
    private @Nullable String stream;

    @Option(names = "--input", paramLabel = "P=TEXT", description = "Let the input that came at P be this text instead. May be repeated.")
    private List<String> inputs = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "Draw entropy from this seed from here on.")
    private @Nullable Long seed;

    /** Whether anything is different. */
    boolean any() {
        return !patches.isEmpty() || !settings.isEmpty() || typed != null || !inputs.isEmpty() || seed != null;
    }

    /** In words, for the journal's header. */
    Map<String, String> properties() {
        Map<String, String> all = new TreeMap<>();
        if (any()) {
            List<String> words = new ArrayList<>();
            patches.forEach(patch -> words.add("patch " + patch));
            settings.forEach(setting -> words.add("set " + setting));
            if (typed != null) {
                words.add("typed");
            }
            inputs.forEach(input -> words.add("input " + input));
            if (seed != null) {
                words.add("seed " + seed);
            }
            all.put("fork", String.join(", ", words));
        }
        return all;
    }

    /** The first position that an input is edited at; null when none is. */
    @Nullable
    Position firstEdit() {
        return inputs.stream().map(ForkOptions::position).min(Position::compareTo).orElse(null);
    }

    private static Position position(String edit) {
        int equals = edit.indexOf('=');
        if (equals <= 0) {
            throw Failure.usage("--input " + edit + ": P=TEXT expected");
        }
        try {
            return Position.parse(edit.substring(0, equals));
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--input " + edit + ": " + e.getMessage());
        }
    }

    /** The changes for one of several clones, by number. */
    Fork.Changes changes(Timeline timeline, int clone, int clones) {
        MachineSetup setup = timeline.setup();
        Long entropy = seed != null ? Long.valueOf(seed + clone) : clones > 1 ? Long.valueOf(clone + 1L) : null;
        List<Input> first = new ArrayList<>();
        if (typed != null) {
            first.add(new Input.StreamBytes(stream == null ? standardInput(setup) : stream(setup, stream),
                    unescaped(typed).getBytes(StandardCharsets.UTF_8)));
        }
        return new Fork.Changes(machine(setup), entropy, first, edits(timeline));
    }

    private static String standardInput(MachineSetup setup) {
        String device = setup.kernel().stdin();
        String keyboard = setup.configuration().keyboard();
        if (keyboard != null && !device.startsWith("/dev/ttyS")) {
            return keyboard;
        }
        int port = device.startsWith("/dev/ttyS") ? device.charAt(device.length() - 1) - '0' + 1 : 1;
        String stream = setup.configuration().streamAt(port);
        if (stream == null) {
            throw Failure.usage("--type: nothing is connected to the guest's standard input; --stream says where else");
        }
        return stream;
    }

    private static String stream(MachineSetup setup, String name) {
        boolean there = name.equals(setup.configuration().keyboard())
                || setup.configuration().devices().stream().anyMatch(
                        device -> device instanceof DeviceConfiguration.Stream one && one.name().equals(name));
        if (!there) {
            throw Failure.usage("--stream " + name + ": the guest has no such stream");
        }
        return name;
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\t", "\t");
    }

    private MachineSetup machine(MachineSetup setup) {
        KittenOptions kernel = setup.kernel();
        List<String> machine = new ArrayList<>();
        try {
            for (String setting : settings) {
                if (setting.startsWith("kitten.patches=")) {
                    for (String each : setting.substring("kitten.patches=".length()).split(",", -1)) {
                        if (!each.startsWith("+") && !each.startsWith("-")) {
                            throw Failure.usage("--set " + setting + ": +NAME and -NAME expected");
                        }
                        kernel = kernel.withPatch(each.substring(1), each.startsWith("+"));
                    }
                } else if (setting.startsWith("vm.slice=") || setting.startsWith("vm.schedule=")
                        || setting.startsWith("vm.chaos_seed=")) {
                    machine.add(setting);
                } else {
                    throw Failure.usage("--set " + setting
                            + ": a running machine has kitten.patches, vm.slice, vm.schedule and vm.chaos_seed to set");
                }
            }
            for (String patch : patches) {
                if (!patch.matches("[a-z_0-9]+=(on|off)")) {
                    throw Failure.usage("--patch " + patch + ": NAME=on or NAME=off expected");
                }
                kernel = kernel.withPatch(patch.substring(0, patch.indexOf('=')), patch.endsWith("=on"));
            }
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
        return machine.isEmpty() && kernel.equals(setup.kernel())
                ? setup
                : setup.with(kernel, machine.isEmpty()
                        ? setup.configuration()
                        : Settings.parse(machine, null, null).machine(setup.configuration()));
    }

    private Map<Position, InputEvent> edits(Timeline timeline) {
        Map<Position, InputEvent> edits = new TreeMap<>();
        for (String input : inputs) {
            Position at = position(input);
            GuestEvent event = timeline.nextEvent(at, new Condition.Event("input", any -> true))
                    .filter(found -> found.at().equals(at)).orElse(null);
            if (!(event instanceof InputEvent.StreamBytesReceived received)) {
                throw Failure.usage("--input " + input + ": no bytes came in at " + at
                        + " ('events --type StreamBytesReceived' lists where they did)");
            }
            edits.put(at, new InputEvent.StreamBytesReceived(received.stamp(), received.stream(),
                    Blob.of(unescaped(input.substring(input.indexOf('=') + 1)))));
        }
        return edits;
    }
}
