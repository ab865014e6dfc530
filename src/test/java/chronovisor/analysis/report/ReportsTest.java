package chronovisor.analysis.report;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Browser;
import chronovisor.analysis.Runs;
import chronovisor.analysis.Words;
import chronovisor.analysis.steps.GuestPrograms;
import chronovisor.analysis.steps.TaskSteps;
import chronovisor.analysis.table.JournalTables;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.replay.EmbeddedGuests;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.StepQuery;
import chronovisor.timeline.Symbols;
import chronovisor.timeline.Timeline;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reports count everything once, and count what events and tables count. */
class ReportsTest {

    @TempDir
    Path folder;

    static List<EmbeddedGuests.Guest> guests() {
        return EmbeddedGuests.all().stream().filter(guest -> !guest.name().startsWith("rows-")
                || guest.name().equals("rows-signals") || guest.name().equals("rows-process")).toList();
    }

    @ParameterizedTest
    @MethodSource("guests")
    void everyInstructionIsCountedOnce(EmbeddedGuests.Guest guest) throws Exception {
        Path journal = Runs.record(folder, guest, Fidelity.STEPS);
        long ticks = StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> {});
        Profile profile = Profile.of(journal, new KittenParts(), progress -> {});
        assertThat(profile.trouble()).isEmpty();
        assertThat(profile.steps()).isEqualTo(ticks);
        assertThat(profile.functions().stream().mapToLong(Profile.Function::self).sum()).isEqualTo(ticks);
        assertThat(profile.lines(0).getFirst().total()).isEqualTo(ticks);
        long collapsed = 0;
        for (String line : collapsed(profile).lines().toList()) {
            collapsed += Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
        }
        assertThat(collapsed).isEqualTo(ticks);
    }

    /** In the middle of a thread, before a process that goes on, behind one that runs another program. */
    @ParameterizedTest
    @CsvSource({"posix-threads,30000", "rows-process,20000", "ipc,20000", "rows-signals,5000"})
    void aForkHasTheFunctionsThatItsParentHasFromThereOn(String guest, long tick) throws IOException {
        Path journal = Runs.record(folder,
                EmbeddedGuests.all().stream().filter(one -> one.name().equals(guest)).findFirst()
                        .orElseGet(() -> new EmbeddedGuests.Guest(guest, guest, List.of(), "")),
                Fidelity.STEPS);
        Path fork = Runs.fork(journal, new Position(tick, 0));
        Map<String, Long> before = self(journal, tick);
        Map<String, Long> after = self(fork, Long.MAX_VALUE);
        Map<String, Long> whole = self(journal, Long.MAX_VALUE);
        after.forEach((name, steps) -> before.merge(name, steps, Long::sum));
        assertThat(before).isEqualTo(whole);
    }

    /** Instructions by program and function up to a tick. */
    private static Map<String, Long> self(Path journal, long end) {
        Map<String, Long> self = new TreeMap<>();
        GuestPrograms programs = GuestPrograms.of(journal, new KittenParts());
        assertThat(programs.trouble()).isEmpty();
        TaskSteps.forEach(journal, (task, tick, core, rip, instruction) -> {
            if (tick < end) {
                GuestPrograms.Program program = Objects.requireNonNull(
                        programs.from(programs.processOf(task), new Position(tick, Integer.MAX_VALUE)),
                        () -> task + " at " + tick);
                int function = program.functions().find(rip);
                self.merge(function < 0 ? "none" : program.functions().get(function).name(), 1L, Long::sum);
            }
        }, progress -> {});
        return self;
    }

    @ParameterizedTest
    @MethodSource("guests")
    void statisticsTablesAndEventsAgree(EmbeddedGuests.Guest guest) {
        Path journal = Runs.record(folder, guest, Fidelity.STEPS);
        List<GuestEvent> events = Runs.events(journal);
        Statistics statistics = new Statistics();
        events.forEach(statistics::accept);
        Map<String, Long> types = new TreeMap<>();
        Map<String, Long> entered = new TreeMap<>();
        for (GuestEvent event : events) {
            types.merge(EventTypes.of(event).name(), 1L, Long::sum);
            if (event instanceof KittenEvent.SyscallEntered call) {
                entered.merge(Words.call(call.number()), 1L, Long::sum);
            }
        }
        assertThat(statistics.events()).isEqualTo(events.size());
        assertThat(statistics.types()).isEqualTo(types);
        Map<String, Long> calls = new TreeMap<>();
        statistics.calls().forEach((name, use) -> calls.put(name, use.count()));
        assertThat(calls).isEqualTo(entered);
        try (JournalTables tables = JournalTables.open(List.of(journal), progress -> {})) {
            List<List<@Nullable Object>> asked = ask(tables, "SELECT name, count(*), count(error), "
                    + "coalesce(sum(bytes), 0)::BIGINT, coalesce(sum(duration_ticks), 0)::BIGINT, "
                    + "coalesce(max(duration_ticks), 0) FROM syscalls GROUP BY name ORDER BY name COLLATE \"C\"");
            List<List<Object>> counted = new ArrayList<>();
            statistics.calls()
                    .forEach((name, use) -> counted.add(List.of(name, use.count(), use.failures(), use.bytes(),
                            use.ticks().sum(), use.ticks().max())));
            assertThat(asked).isEqualTo(counted);
            List<List<Object>> exits = new ArrayList<>();
            statistics.exits().forEach((reason, use) -> exits.add(List.of(reason, use.count())));
            assertThat(ask(tables, "SELECT reason, count(*) FROM exits GROUP BY reason ORDER BY reason COLLATE \"C\""))
                    .isEqualTo(exits);
            assertThat(ask(tables, "SELECT coalesce(sum(idle_ns), 0)::BIGINT FROM exits"))
                    .isEqualTo(List.of(List.of(statistics.idle_ns())));
            assertThat(ask(tables, "SELECT coalesce(sum(length), 0)::BIGINT FROM PipeWritten"))
                    .isEqualTo(List.of(List.of(statistics.pipes().written_bytes())));
        }
    }

    private static List<List<@Nullable Object>> ask(JournalTables tables, String query) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        tables.query(query, new JournalTables.Answer() {
            @Override
            public void columns(List<String> names) {
                // Known.
            }

            @Override
            public void row(List<@Nullable Object> values) {
                rows.add(values);
            }
        });
        return rows;
    }

    @Test
    void functionsHaveTheInstructionsThatLieInThem() {
        Path journal = Runs.record(folder, "files");
        Map<String, Long> counted = new HashMap<>();
        try (Timeline timeline = Timeline.open(journal, new KittenParts())) {
            timeline.seek(new chronovisor.journal.Position(1000, 0));
            Symbols symbols = Symbols.of(timeline.view(), timeline.view().taskOn(0));
            StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> counted
                    .merge(symbols.at(rip).map(Symbols.Place::name).orElseThrow(), 1L, Long::sum));
        }
        Map<String, Long> profiled = new HashMap<>();
        Profile profile = Profile.of(journal, new KittenParts(), progress -> {});
        profile.functions().forEach(function -> profiled.put(function.name(), function.self()));
        assertThat(profiled).isEqualTo(counted);
        assertThat(profile.functions()).filteredOn(function -> function.name().equals("main")).hasSize(1)
                .allSatisfy(main -> {
                    assertThat(main.calls()).isEqualTo(1);
                    assertThat(main.total()).isGreaterThan(profile.steps() * 99 / 100);
                });
    }

    @Test
    void aHandlerLiesAboveWhatItInterruptsAndIsGoneAfterwards() throws Exception {
        Path journal = Runs.record(folder, "rows-signals");
        List<String> stacks = collapsed(Profile.of(journal, new KittenParts(), progress -> {})).lines().toList();
        assertThat(stacks).anySatisfy(stack -> assertThat(stack).contains(";main;"));
        // Were a handler's frame left behind, what follows would lie in it, deeper with every signal.
        assertThat(stacks).allSatisfy(stack -> assertThat(stack.split(";", -1).length).isLessThan(40));
    }

    @Test
    void withoutNamesThereAreAddresses() {
        Path journal = Runs.record(folder, "hello");
        Profile profile = Profile.of(journal, null, progress -> {});
        assertThat(profile.trouble()).isNotEmpty();
        assertThat(profile.functions())
                .allSatisfy(function -> assertThat(function.name()).matches("\\[0x[0-9a-f]+\\]"));
    }

    @Test
    void speedscopeGetsItsFormat() {
        Path journal = Runs.record(folder, "echo");
        Profile profile = Profile.of(journal, new KittenParts(), progress -> {});
        StringWriter out = new StringWriter();
        ProfileFormats.speedscope(profile, "echo", out);
        JsonNode file = JsonMapper.shared().readTree(out.toString());
        assertThat(file.path("$schema").asString()).isEqualTo("https://www.speedscope.app/file-format-schema.json");
        int frames = file.path("shared").path("frames").size();
        JsonNode samples = file.path("profiles").path(0);
        assertThat(samples.path("type").asString()).isEqualTo("sampled");
        assertThat(samples.path("samples").size()).isEqualTo(samples.path("weights").size()).isPositive();
        samples.path("samples")
                .forEach(stack -> stack.forEach(frame -> assertThat(frame.asInt()).isBetween(0, frames - 1)));
        long sum = 0;
        for (JsonNode weight : samples.path("weights")) {
            sum += weight.asLong();
        }
        assertThat(sum).isEqualTo(profile.steps()).isEqualTo(samples.path("endValue").asLong());
    }

    @Test
    void theFlameGraphIsOneDocumentThatNeedsNoOther() throws Exception {
        Path journal = Runs.record(folder, "echo");
        Profile profile = Profile.of(journal, new KittenParts(), progress -> {});
        StringWriter out = new StringWriter();
        FlameGraph.svg(profile, "<echo> & \"more\"", out);
        String svg = out.toString();
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(svg.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http:").doesNotContain("https:")
                .doesNotContain("src=").contains("main");
        StringWriter again = new StringWriter();
        FlameGraph.svg(Profile.of(journal, new KittenParts(), progress -> {}), "<echo> & \"more\"", again);
        assertThat(again.toString()).isEqualTo(svg);
    }

    @Test
    void aBrowserZoomsAndSearchesTheFlameGraph() throws Exception {
        Profile profile = Profile.of(Runs.record(folder, "echo"), new KittenParts(), progress -> {});
        StringWriter out = new StringWriter();
        FlameGraph.html(profile, "echo", out);
        Path page = Files.writeString(folder.resolve("page.html"), out.toString());
        try (Browser browser = Browser.open(page, Files.createDirectory(folder.resolve("browser")))) {
            assertThat(browser.value("document.querySelectorAll('g.f').length").asInt()).isGreaterThan(10);
            assertThat(browser.value("flameGraph.search('main')").asInt()).isPositive();
            browser.click("g[data-n=\"main\"]");
            assertThat(browser.value("document.querySelectorAll('g.off').length").asInt()).isPositive();
            assertThat(
                    browser.value("Math.round(document.querySelector('g[data-n=\"main\"] rect').getAttribute('width'))")
                            .asInt())
                    .isEqualTo(1200);
            assertThat(browser.text("detail")).matches("main: [\\d,]+ instr.*");
            browser.click("#reset");
            assertThat(browser.value("document.querySelectorAll('g.off').length").asInt()).isZero();
            assertThat(browser.requests()).containsExactly(page.toUri().toString());
        }
    }

    private static String collapsed(Profile profile) throws IOException {
        StringWriter out = new StringWriter();
        ProfileFormats.collapsed(profile, out);
        return out.toString();
    }
}
