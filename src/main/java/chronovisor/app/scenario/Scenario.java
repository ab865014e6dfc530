package chronovisor.app.scenario;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A scenario as parsed and checked. The format is described in {@code scenarios/README.md}.
 *
 * @param name the folder's name
 * @param folder where it is; host paths are relative to it
 * @param description a sentence for lists
 * @param machine the virtual machine
 * @param kernel options of the guest's kernel, by name
 * @param seed where the guest's entropy comes from
 * @param bootTime the wall clock at power-on
 * @param packages Debian packages whose files it uses
 * @param provisions what it uses that {@code replay-tools/provision} makes
 * @param files what is in the guest's file system before it starts
 * @param trees whole folders that are in it, too
 * @param steps the runs, one machine each; at least one
 * @param clones has each step run by clones; null when each step is one machine
 * @param host has each step run by several machines of one host; null when each step is one machine
 */
public record Scenario(String name, Path folder, String description, Machine machine, Map<String, String> kernel,
        long seed, Instant bootTime, List<String> packages, List<String> provisions, List<PlacedFile> files,
        List<PlacedTree> trees, List<Step> steps, @Nullable Clones clones, @Nullable Host host) {

    /**
     * The virtual machine: a Palacios configuration, or a size.
     *
     * @param xml the configuration file, relative to the scenario; null when the size stands for itself
     * @param memoryMb guest-physical memory in MiB; without meaning when there is an XML file
     * @param cores virtual cores; without meaning when there is an XML file
     * @param cpu the processor's model, by its name; without meaning when there is an XML file
     * @param chaos the seed of a chaotic schedule; null for round robin or the XML file's
     */
    public record Machine(@Nullable String xml, int memoryMb, int cores, String cpu,
            @Nullable Long chaos) {}

    /**
     * A file in the guest.
     *
     * @param guest absolute path in the guest
     * @param host where its bytes come from on the host, see {@link ScenarioFiles}; null when {@code text} holds them
     * @param text its contents
     * @param mode permission bits
     */
    public record PlacedFile(String guest, @Nullable String host, @Nullable String text, int mode) {}

    /**
     * A folder of the host with everything below it.
     *
     * @param guest absolute path in the guest
     * @param host the folder, see {@link ScenarioFiles}
     * @param blob whether it comes as one blob, in the paper's format, that the kernel expands at boot
     */
    public record PlacedTree(String guest, String host, boolean blob) {}

    /**
     * How many machines each step is run by: clones of one that has run so far as to print a text. What a step types and
     * expects may contain {@code {clone}}, the clone's number from 0.
     *
     * @param count how many
     * @param input what is typed to the machine before
     * @param after what the machine prints then, before it is cloned
     * @param policies how the clones share memory, one fleet after the other
     * @param marked guest-physical ranges that the policy {@code MARKED} shares
     * @param sharedPercent how much of the clones' memory must be shared at the end, in percent, under every policy that shares all
     *            memory
     */
    public record Clones(int count, List<Input> input, String after, List<Sharing> policies, List<Marked> marked,
            double sharedPercent) {

        /** A guest-physical range; its end is not included. */
        public record Marked(long start, long end) {}
    }

    /**
     * How many machines run each step by turns, all of it on one host.
     *
     * @param machines how many
     * @param budgetMb what they may have of the host's memory together, in MiB
     * @param balloons whether they have balloons, one fleet after the other; without, some machine must fail for lack of memory
     * @param turnTicks how long a turn is, in instructions
     */
    public record Host(int machines, int budgetMb, List<Boolean> balloons, long turnTicks) {}

    /** Which memory clones share. */
    public enum Sharing {
        /** All of it. */
        ALL,
        /** What is marked by hand. */
        MARKED,
        /** What the guest's page tables map read-only. */
        PAGE_TABLES
    }

    /** Where the program's standard streams go. */
    public enum Stdio {
        /** Serial ports of its own, not terminals: its output alone, byte for byte. */
        STREAMS,
        /** The kernel's console, a terminal, together with the kernel's messages. */
        CONSOLE
    }

    /**
     * One run.
     *
     * @param name what it is called in reports; unique in the scenario, fit for a file name
     * @param cores virtual cores; null when the scenario's machine says
     * @param chaos the seed of a chaotic schedule; null when the scenario's machine says
     * @param kernel options of the guest's kernel, on top of the scenario's
     * @param program the program on the host, see {@link ScenarioFiles}
     * @param arguments what follows the program's name
     * @param environment the program's environment, in this order
     * @param stdio where its standard streams go
     * @param input what is typed, in this order
     * @param expect what must come of it
     */
    public record Step(String name, @Nullable Integer cores, @Nullable Long chaos, Map<String, String> kernel,
            String program, List<String> arguments, Map<String, String> environment, Stdio stdio, List<Input> input,
            Expect expect) {

        /** The same, expecting something else. */
        public Step withExpect(Expect expected) {
            return new Step(name, cores, chaos, kernel, program, arguments, environment, stdio, input, expected);
        }
    }

    /** One thing typed, or the operator's stop; each waits for the ones before it. */
    public sealed interface Input {

        /** What is typed; empty when nothing is. */
        String type();

        /** Whether the input ends after this. */
        boolean end();

        /** Typed at once when its turn comes. */
        record Immediately(String type, boolean end) implements Input {}

        /** Typed when the program has printed this text since the last thing was typed. */
        record After(String text, String type, boolean end) implements Input {}

        /** Typed when so many instructions have retired. */
        record At(long tick, String type, boolean end) implements Input {}

        /** The operator stops the machine when so many instructions have retired, or when it is idle before that. */
        record Stop(long tick) implements Input {

            @Override
            public String type() {
                return "";
            }

            @Override
            public boolean end() {
                return false;
            }
        }
    }

    /**
     * What must come of a run.
     *
     * @param console what it prints; null means anything
     * @param status its exit status; 128 + the signal's number when a signal kills it
     * @param events how many events of which types must be in the journal
     */
    public record Expect(@Nullable Console console, int status, List<Events> events) {}

    /** What a program must print. */
    public sealed interface Console {

        /** Exactly this text. */
        record Exact(String text) implements Console {}

        /** Each of these texts, in this order. */
        record Contains(List<String> texts) implements Console {}

        /** A regular expression that matches all of it. */
        record Matches(java.util.regex.Pattern pattern) implements Console {}

        /** Exactly the contents of this file of the host. */
        record File(String host) implements Console {}

        /** Exactly what this command prints on the host; see {@link HostCommands}. */
        record HostCommand(String command) implements Console {}
    }

    /**
     * How many events of a type there must be.
     *
     * @param max null when there is no limit
     */
    public record Events(String type, long min, @Nullable Long max) {}
}
