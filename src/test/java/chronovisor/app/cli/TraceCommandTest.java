package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.app.cli.Chronovisor.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code trace} and the option {@code --probe}. */
class TraceCommandTest {

    @TempDir
    Path folder;

    private Result run(String... arguments) {
        return Chronovisor.run(folder, arguments);
    }

    @Test
    void aTraceOfARunIsWhatTheSameProbeOnItsRecordingTold() {
        assertThat(run("exec", "--seed", "1", "--journal", "run", "--checkpoint-ticks", "400", "--probe",
                "function twice", "--probe", "exit main", "scenarios/guests/bin/lines").output()).isEqualTo("40\n");
        Result trace = run("trace", "run", "--probe", "function twice", "--probe", "exit main", "--out", "later");
        assertThat(trace.errors()).isEmpty();
        assertThat(trace.output()).contains("11 events from 5 segments, journal ");
        String live = run("events", "run-probes").output();
        assertThat(live).isNotEmpty().isEqualTo(run("events", "later").output());
        assertThat(live).contains("FunctionEntered task=2 function=\"twice\"", "function=\"main\" address=",
                "result=16 cause=");
        assertThat(run("sql", "--csv", "later", "SELECT count(*) FROM FunctionReturned").output()).endsWith("6\r\n");
        assertThat(run("verify", "later").status()).isZero();
    }

    @Test
    void eventsCanBePrinted() {
        run("exec", "--seed", "1", "--journal", "run", "scenarios/guests/bin/lines");
        Result json = run("trace", "run", "--probe", "entry twice", "--print", "--json");
        assertThat(json.output().lines().toList()).hasSize(6)
                .first().asString().contains("\"type\":\"FunctionEntered\"");
        assertThat(json.output()).contains("\"events\":5,");
    }

    @Test
    void whatCannotBeProbedIsRefused() {
        run("exec", "--seed", "1", "--journal", "run", "scenarios/guests/bin/lines");
        assertThat(run("trace", "run").errors()).contains("no probe");
        assertThat(run("trace", "run", "--probe", "main").errors()).contains("expected function NAME");
        assertThat(run("exec", "--no-journal", "--probe", "entry main", "scenarios/guests/bin/lines").status())
                .isEqualTo(ExitCode.USAGE);
    }
}
