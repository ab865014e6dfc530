package chronovisor.app.scenario;

import chronovisor.app.scenario.Scenario.Console;
import chronovisor.app.scenario.Scenario.Events;
import chronovisor.app.scenario.Scenario.Expect;
import chronovisor.app.scenario.Scenario.Step;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares what came of a run with what was expected of it. */
public final class Expectations {

    private static final int SHOWN_MAX = 100;

    private Expectations() {}

    /**
     * Everything that is not as expected, a sentence each; empty when all is well.
     *
     * @throws UnavailableException when what the host prints is needed and cannot be had
     * @throws ScenarioException when a file or a command of the host fails
     */
    public static List<String> unmet(Step step, Outcome outcome, ScenarioFiles files, HostCommands host)
            throws ScenarioException {
        Expect expect = step.expect();
        List<String> unmet = new ArrayList<>();
        if (expect.console() != null) {
            String complaint = console(step, expect.console(), outcome.console(), files, host);
            if (complaint != null) {
                unmet.add(complaint);
            }
        }
        if (expect.status() != outcome.status()) {
            unmet.add("exit status is " + outcome.status() + ", expected " + expect.status());
        }
        for (Events events : expect.events()) {
            long count = outcome.events().getOrDefault(events.type(), 0L);
            if (count < events.min() || (events.max() != null && count > events.max())) {
                unmet.add(count + " events of type " + events.type() + ", expected " + (events.max() == null
                        ? "at least " + events.min()
                        : events.min() + " to " + events.max()));
            }
        }
        return List.copyOf(unmet);
    }

    private static @Nullable String console(Step step, Console expected, byte[] actual, ScenarioFiles files,
            HostCommands host)
            throws ScenarioException {
        return switch (expected) {
            case Console.Exact exact -> difference(exact.text().getBytes(StandardCharsets.UTF_8), actual);
            case Console.File file -> difference(files.bytes(file.host()), actual);
            case Console.HostCommand command -> difference(host.output(step, command.command()), actual);
            case Console.Contains contains -> missing(contains.texts(), text(actual));
            case Console.Matches matches -> matches.pattern().matcher(text(actual)).matches()
                    ? null
                    : "console does not match " + matches.pattern() + ": " + shown(text(actual));
        };
    }

    private static @Nullable String missing(List<String> texts, String actual) {
        int from = 0;
        for (String text : texts) {
            int at = actual.indexOf(text, from);
            if (at < 0) {
                return "console lacks " + shown(text) + (from == 0 ? "" : " after what came before it");
            }
            from = at + text.length();
        }
        return null;
    }

    private static @Nullable String difference(byte[] expected, byte[] actual) {
        int at = Arrays.mismatch(expected, actual);
        if (at < 0) {
            return null;
        }
        int line = 1;
        int start = 0;
        for (int i = 0; i < at; i++) {
            if (expected[i] == '\n') {
                line++;
                start = i + 1;
            }
        }
        return "console differs at byte " + at + ", line " + line + ": expected " + line(expected, start) + ", actual "
                + line(actual, start);
    }

    private static String line(byte[] bytes, int start) {
        if (start >= bytes.length) {
            return "the end";
        }
        int end = start;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return shown(text(Arrays.copyOfRange(bytes, start, Math.min(end + 1, bytes.length))));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** In quotes, with control characters visible, not too long. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (i == SHOWN_MAX) {
                return shown.append("\" ...").toString();
            } else if (c == '\n') {
                shown.append("\\n");
            } else if (c == '"' || c == '\\') {
                shown.append('\\').append(c);
            } else if (c < ' ' || c == 127) {
                shown.append(String.format("\\x%02x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.append('"').toString();
    }
}
