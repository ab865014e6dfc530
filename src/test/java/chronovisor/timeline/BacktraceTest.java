package chronovisor.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.environment.SeededEnvironment;
import chronovisor.kitten.KittenOptions;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stacks of a program with call frame information, through a signal handler. Needs gcc with a static C library. */
final class BacktraceTest {

    private static final String PROGRAM = """
            #include <signal.h>
            #include <unistd.h>
            __attribute__((noinline)) void inner(int s) { char b = s; write(1, &b, 1); }
            __attribute__((noinline)) void handler(int s) { inner(s); __asm__ volatile(""); }
            __attribute__((noinline)) void deep(int n) {
                volatile int x = n;
                if (n) deep(n - 1); else raise(SIGUSR1);
                x++;
            }
            int main() { signal(SIGUSR1, handler); deep(2); return 0; }
            """;

    @TempDir
    Path temporary;

    private Path compiled() throws IOException, InterruptedException {
        Path source = Files.writeString(temporary.resolve("program.c"), PROGRAM);
        Path program = temporary.resolve("program");
        int status = -1;
        try {
            Process gcc = new ProcessBuilder("gcc", "-O2", "-static", "-fomit-frame-pointer", "-o", program.toString(),
                    source.toString()).inheritIO().start();
            assertThat(gcc.waitFor(60, TimeUnit.SECONDS)).isTrue();
            status = gcc.exitValue();
        } catch (IOException e) {
            abort("there is no gcc: " + e.getMessage());
        }
        assumeTrue(status == 0, "gcc cannot link statically here");
        return program;
    }

    @Test
    void framesAreFoundByFrameInformationThroughASignal() throws IOException, InterruptedException {
        byte[] elf = Files.readAllBytes(compiled());
        Path folder = temporary.resolve("journal");
        MachineSetup setup = new MachineSetup(GuestConfiguration.standard(64), "", "",
                KittenOptions.parse(Map.of()).withProgram(List.of("program"), List.of()),
                List.of(GuestFile.initTask("/program", elf)), "interpreter");
        try (Recording recording = Recording.start(folder, setup, new KittenParts(), Fidelity.STEPS,
                new SeededEnvironment(0, 1, List.of()), OutputListener.NONE)) {
            recording.run();
        }
        try (Timeline timeline = Timeline.open(folder, new KittenParts())) {
            timeline.forward(Condition.event("SignalDelivered"));
            assertThat(timeline.forward(Condition.syscall("write")).met()).isTrue();
            View view = timeline.view();
            int task = view.taskOn(0);
            Symbols symbols = Symbols.of(view, task);
            List<Backtrace.Frame> frames = Backtrace.of(view, task, symbols);
            assertThat(frames.stream().skip(1)).allMatch(frame -> frame.by() == Backtrace.By.FRAME_INFORMATION);
            assertThat(frames.stream().map(frame -> symbols.at(frame.symbolAddress()).map(Symbols.Place::name)
                    .orElse("?")).toList())
                    .containsSubsequence("inner", "handler", "deep", "deep", "deep", "main", "_start");
            assertThat(frames.stream().filter(Backtrace.Frame::signal)).hasSize(1);
        }
    }
}
