package chronovisor.app.scenario;

import chronovisor.app.scenario.Scenario.Console;
import chronovisor.app.scenario.Scenario.Events;
import chronovisor.app.scenario.Scenario.Expect;
import chronovisor.app.scenario.Scenario.Input;
import chronovisor.app.scenario.Scenario.Machine;
import chronovisor.app.scenario.Scenario.PlacedFile;
import chronovisor.app.scenario.Scenario.PlacedTree;
import chronovisor.app.scenario.Scenario.Stdio;
import chronovisor.cpu.CpuModels;
import chronovisor.vmm.GuestConfiguration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The YAML document, key by key. A value that makes no sense is refused in the record it belongs to, while the parser
 * still knows the line; {@link ScenarioParser} turns that into a message.
 */
record ScenarioDocument(@Nullable String description, @Nullable VmSection vm, @Nullable Map<String, String> kernel,
        @Nullable Long seed, @Nullable Instant bootTime, @Nullable List<String> fetch, @Nullable List<String> provision,
        @Nullable List<FileSection> files, @Nullable String program, @Nullable List<String> arguments,
        @Nullable Map<String, String> environment, @Nullable Stdio stdio, @Nullable List<InputSection> input,
        @Nullable ExpectSection expect, @Nullable List<StepSection> steps,
        @Nullable ClonesSection clones, @Nullable HostSection host) {

    static final int MEMORY_MB_DEFAULT = 64;
    private static final int MEMORY_MB_MAX = 1 << 20;
    private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.-]{1,100}");
    private static final Pattern STEP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    ScenarioDocument {
        require(description != null && !description.isBlank(), "description is missing");
        require(steps == null || !steps.isEmpty(), "steps is empty");
        require(steps != null || program != null, "program is missing");
        require(clones == null || host == null, "a scenario has both clones and host");
        fetch = orEmpty(fetch, "fetch");
        for (String name : fetch) {
            require(PACKAGE.matcher(name).matches(), "\"" + name + "\" is not the name of a Debian package");
        }
        provision = orEmpty(provision, "provision");
        for (String name : provision) {
            require(PACKAGE.matcher(name).matches(), "\"" + name + "\" is not the name of anything to provision");
            require(!fetch.contains(name), "\"" + name + "\" is under both fetch and provision");
        }
        if (steps != null) {
            List<String> names = new ArrayList<>();
            for (StepSection step : steps) {
                require(step.program != null || program != null, "step " + step.name + " has no program");
                require(!names.contains(step.name), "there are two steps called " + step.name);
                names.add(Objects.requireNonNull(step.name));
            }
        }
    }

    record VmSection(@Nullable String xml, @Nullable Integer memoryMb, @Nullable Integer cores, @Nullable String cpu,
            @Nullable Long chaos) {
        VmSection {
            require(xml == null || (memoryMb == null && cores == null && cpu == null && chaos == null),
                    "vm has both xml and its own size, cpu or chaos");
            require(memoryMb == null || (memoryMb >= 1 && memoryMb <= MEMORY_MB_MAX),
                    "memory_mb must be 1 to " + MEMORY_MB_MAX);
            requireCores(cores);
            requireSeed(chaos);
            require(cpu == null || CpuModels.names().contains(cpu), "cpu must be one of " + CpuModels.names());
        }

        Machine machine() {
            return new Machine(xml, memoryMb == null ? MEMORY_MB_DEFAULT : memoryMb, cores == null ? 1 : cores,
                    cpu == null ? CpuModels.DEFAULT : cpu, chaos);
        }
    }

    record HostSection(@Nullable Integer machines, @Nullable Integer budgetMb, @Nullable List<Boolean> balloons,
            @Nullable Long turnTicks) {

        private static final int MACHINES_MAX = 256;
        private static final long TURN_TICKS = 1_000_000;

        HostSection {
            require(machines != null && machines >= 1 && machines <= MACHINES_MAX,
                    "machines must be 1 to " + MACHINES_MAX);
            require(budgetMb != null && budgetMb >= 1 && budgetMb <= MEMORY_MB_MAX,
                    "budget_mb must be 1 to " + MEMORY_MB_MAX);
            require(turnTicks == null || turnTicks >= 1, "turn_ticks must be 1 or more");
        }

        Scenario.Host host() {
            List<Boolean> chosen = orEmpty(balloons, "balloons");
            return new Scenario.Host(Objects.requireNonNull(machines), Objects.requireNonNull(budgetMb),
                    chosen.isEmpty() ? List.of(true) : chosen, turnTicks == null ? TURN_TICKS : turnTicks);
        }
    }

    record ClonesSection(@Nullable Integer count, @Nullable List<InputSection> input, @Nullable String after,
            @Nullable List<Scenario.Sharing> policies, @Nullable List<String> marked, @Nullable Double sharedPercent) {

        private static final int COUNT_MAX = 4096;
        private static final Pattern RANGE = Pattern.compile("(0x[0-9a-fA-F]{1,15}) to (0x[0-9a-fA-F]{1,15})");

        ClonesSection {
            require(count != null && count >= 1 && count <= COUNT_MAX, "count must be 1 to " + COUNT_MAX);
            require(after != null && !after.isEmpty(),
                    "after is missing: what is printed before the machine is cloned");
            require(sharedPercent == null || sharedPercent >= 0 && sharedPercent <= 100,
                    "shared_percent must be 0 to 100");
            require(orEmpty(input, "input").stream().noneMatch(one -> Boolean.TRUE.equals(one.stop)),
                    "stop has no place before a machine is cloned");
            for (String range : orEmpty(marked, "marked")) {
                require(RANGE.matcher(range).matches(), "\"" + range + "\" is not a range like 0x1000 to 0x2000");
            }
        }

        Scenario.Clones clones() {
            List<Scenario.Sharing> chosen = orEmpty(policies, "policies");
            return new Scenario.Clones(Objects.requireNonNull(count),
                    orEmpty(input, "input").stream().map(InputSection::input).toList(), Objects.requireNonNull(after),
                    chosen.isEmpty() ? List.of(Scenario.Sharing.values()) : chosen,
                    orEmpty(marked, "marked").stream().map(ClonesSection::range).toList(),
                    sharedPercent == null ? 0 : sharedPercent);
        }

        private static Scenario.Clones.Marked range(String text) {
            String[] ends = text.split(" to ", 2);
            return new Scenario.Clones.Marked(Long.decode(ends[0]), Long.decode(ends[1]));
        }
    }

    private static void requireCores(@Nullable Integer cores) {
        require(cores == null || (cores >= 1 && cores <= GuestConfiguration.CORES_MAX),
                "cores must be 1 to " + GuestConfiguration.CORES_MAX);
    }

    private static void requireSeed(@Nullable Long chaos) {
        require(chaos == null || chaos >= 0, "chaos must be a seed, from 0");
    }

    record FileSection(@Nullable String guest, @Nullable String host, @Nullable String text, @Nullable String tree,
            @Nullable String blob, @Nullable String mode) {
        FileSection {
            require(guest != null, "a file has no guest path");
            require(guest != null && guest.startsWith("/") && !List.of(guest.split("/", -1)).contains(".."),
                    "guest path \"" + guest + "\" must be absolute and free of \"..\"");
            int kinds = (host == null ? 0 : 1) + (text == null ? 0 : 1) + (tree == null ? 0 : 1)
                    + (blob == null ? 0 : 1);
            require(kinds == 1, guest + " needs one of host, text, tree and blob");
            require(!isTree(tree, blob) || mode == null, "the files of a tree or blob have their own modes");
            require(mode == null || mode.matches("[0-7]{3,4}"), "mode must be three or four octal digits");
        }

        PlacedFile file() {
            return new PlacedFile(Objects.requireNonNull(guest), host, text,
                    Integer.parseInt(mode == null ? "644" : mode, 8));
        }

        boolean isTree() {
            return isTree(tree, blob);
        }

        private static boolean isTree(@Nullable String tree, @Nullable String blob) {
            return tree != null || blob != null;
        }

        PlacedTree placedTree() {
            return new PlacedTree(Objects.requireNonNull(guest), Objects.requireNonNull(tree != null ? tree : blob),
                    blob != null);
        }
    }

    record InputSection(@Nullable String after, @Nullable Long at, @Nullable String type, @Nullable Boolean end,
            @Nullable Boolean stop) {
        InputSection {
            require(after == null || at == null, "an input has both after and at");
            require(after == null || !after.isEmpty(), "after is empty");
            require(at == null || at >= 0, "at must not be negative");
            boolean types = type != null || Boolean.TRUE.equals(end);
            require(types || Boolean.TRUE.equals(stop), "an input types nothing, does not end it and stops nothing");
            require(!Boolean.TRUE.equals(stop) || (!types && at != null), "stop goes with at, and with nothing else");
        }

        Input input() {
            String typed = type == null ? "" : type;
            boolean last = Boolean.TRUE.equals(end);
            if (Boolean.TRUE.equals(stop)) {
                return new Input.Stop(Objects.requireNonNull(at));
            }
            if (after != null) {
                return new Input.After(after, typed, last);
            }
            return at != null ? new Input.At(at, typed, last) : new Input.Immediately(typed, last);
        }
    }

    record ConsoleSection(@Nullable String exact, @Nullable List<String> contains, @Nullable String matches,
            @Nullable String file, @Nullable String host) {
        ConsoleSection {
            int kinds = 0;
            for (Object kind : new @Nullable Object[]{exact, contains, matches, file, host}) {
                kinds += kind == null ? 0 : 1;
            }
            require(kinds == 1, "console needs one of exact, contains, matches, file and host");
            if (matches != null) {
                compile(matches);
            }
        }

        Console console() {
            if (exact != null) {
                return new Console.Exact(exact);
            } else if (contains != null) {
                return new Console.Contains(List.copyOf(contains));
            } else if (matches != null) {
                return new Console.Matches(compile(matches));
            } else if (file != null) {
                return new Console.File(file);
            }
            return new Console.HostCommand(Objects.requireNonNull(host));
        }

        private static Pattern compile(String pattern) {
            try {
                return Pattern.compile(pattern, Pattern.DOTALL);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("matches: " + e.getDescription() + " in \"" + pattern + "\"", e);
            }
        }
    }

    record EventsSection(@Nullable String type, @Nullable Long min, @Nullable Long max) {
        EventsSection {
            require(type != null, "an event expectation has no type");
            require(min == null || min >= 0, "min must not be negative");
            require(max == null || max >= (min == null ? 0 : min), "max must not be below min");
        }

        Events events() {
            // A maximum alone allows none at all; a type alone asks for one.
            return new Events(Objects.requireNonNull(type), min != null ? min : max != null ? 0 : 1, max);
        }
    }

    record ExpectSection(@Nullable ConsoleSection console, @Nullable Integer status, @Nullable String signal,
            @Nullable List<EventsSection> events) {

        ExpectSection {
            require(status == null || signal == null, "expect has both status and signal");
            require(status == null || (status >= 0 && status <= 255), "status must be 0 to 255");
            require(signal == null || Signals.number(signal) != 0, "there is no signal \"" + signal + "\"");
            events = orEmpty(events, "events");
        }

        Expect expect() {
            int ending = signal != null ? 128 + Signals.number(signal) : status != null ? status : 0;
            return new Expect(console == null ? null : console.console(), ending,
                    orEmpty(events, "events").stream().map(EventsSection::events).toList());
        }
    }

    record StepSection(@Nullable String name, @Nullable Integer cores, @Nullable Long chaos,
            @Nullable Map<String, String> kernel, @Nullable String program, @Nullable List<String> arguments,
            @Nullable Map<String, String> environment,
            @Nullable Stdio stdio, @Nullable List<InputSection> input, @Nullable ExpectSection expect) {

        StepSection {
            require(name != null, "a step has no name");
            require(name != null && STEP.matcher(name).matches(),
                    "step name \"" + name + "\" must be letters, digits, \"_\", \".\" and \"-\"");
            requireCores(cores);
            requireSeed(chaos);
        }

        /** The step, where what it does not say is said by the scenario. */
        Scenario.Step step(ScenarioDocument above) {
            ExpectSection expected = expect != null ? expect : above.expect;
            return new Scenario.Step(Objects.requireNonNull(name), cores, chaos, inOrder(kernel, "kernel"),
                    Objects.requireNonNull(program != null ? program : above.program),
                    orEmpty(arguments != null ? arguments : above.arguments, "arguments"),
                    inOrder(environment != null ? environment : above.environment, "environment"),
                    Objects.requireNonNullElse(stdio != null ? stdio : above.stdio, Stdio.STREAMS),
                    orEmpty(input != null ? input : above.input, "input").stream().map(InputSection::input).toList(),
                    expected == null ? new Expect(null, 0, List.of()) : expected.expect());
        }
    }

    List<Scenario.Step> allSteps(String name) {
        List<StepSection> sections = steps != null
                ? steps
                : List.of(
                        new StepSection(name, null, null, null, program, arguments, environment, stdio, input, expect));
        return sections.stream().map(step -> step.step(this)).toList();
    }

    static void require(boolean condition, String complaint) {
        if (!condition) {
            throw new IllegalArgumentException(complaint);
        }
    }

    static <T> List<T> orEmpty(@Nullable List<T> list, String what) {
        if (list == null) {
            return List.of();
        }
        for (T item : list) {
            require(item != null, what + " has an empty item");
        }
        return List.copyOf(list);
    }

    /** A copy that keeps the order of the document. */
    static Map<String, String> inOrder(@Nullable Map<String, String> map, String what) {
        Map<String, String> copy = new LinkedHashMap<>();
        if (map != null) {
            map.forEach((key, value) -> {
                require(value != null, what + ": " + key + " has no value");
                copy.put(key, value);
            });
        }
        return Collections.unmodifiableMap(copy);
    }
}
