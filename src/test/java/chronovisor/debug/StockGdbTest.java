package chronovisor.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.kitten.KittenOptions;
import chronovisor.replay.KittenParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.Replay;
import chronovisor.replay.ReplayResult;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stock GDB drives recorded guests, forwards and backwards. */
final class StockGdbTest {

    private static final Map<String, String> STREAMS = Map.of("init_stdin", "/dev/ttyS1", "init_stdout", "/dev/ttyS1",
            "init_stderr", "/dev/ttyS2");

    @TempDir
    Path temporary;

    @BeforeAll
    static void needsGdb() {
        assumeTrue(StockGdb.isAvailable(), "no gdb on this machine: nothing to connect with");
    }

    private String say(RecordedGuest guest, String... commands) {
        return StockGdb.say(temporary, guest.port(), commands);
    }

    private RecordedGuest guest(MachineSetup setup, String input) {
        return RecordedGuest.of(temporary.resolve("journal"), setup, input);
    }

    /** The journal is what it was, and the run as well. */
    private static void assertUntouched(RecordedGuest guest) {
        ReplayResult result = Replay.of(guest.folder(), new KittenParts()).run();
        assertThat(result.identical()).isTrue();
        assertThat(result.damage()).isNull();
    }

    @Test
    void aWatchpointLeadsBackToTheWriteOfAThread() {
        try (RecordedGuest guest = guest(KittenParts.guest("threads"), "")) {
            String said = say(guest, "break sleeper", "continue", "info threads", "delete",
                    "watch *(int *) ((char *) &slept + 4)", "continue", "continue", "monitor when",
                    "reverse-continue", "monitor when", "x/i $pc", "stepi", "monitor when", "thread 1", "stepi",
                    "info threads");
            assertThat(said).contains("hit Breakpoint 1", "in sleeper ()");
            // The first thread waits, those that compute have not all begun, one sleeper is at the breakpoint.
            assertThat(said).containsPattern("1 +Thread 2 \"threads\" \\(process 2, .*waits in futex\\)");
            assertThat(said)
                    .containsPattern("\\* [0-9]+ +Thread [0-9]+ \"threads\" \\(.*on core 0\\) +0x\\w+ in sleeper");
            assertThat(said).containsPattern("Old value = 0\\s+New value = 1");
            assertThat(said).containsPattern("Old value = 1\\s+New value = 2");
            assertThat(said).containsPattern("Old value = 2\\s+New value = 1");
            // Back at the instruction that wrote; a step does it again.
            assertThat(said).containsPattern("=> 0x\\w+ <sleeper\\+\\d+>:\\s+lock incl");
            List<String> positions = said.lines().filter(line -> line.matches("\\d+:\\d+")).toList();
            assertThat(positions).hasSize(3);
            assertThat(positions.get(2)).isEqualTo(positions.get(0)).isNotEqualTo(positions.get(1));
            assertUntouched(guest);
        }
    }

    @Test
    void aFaultIsSeenWhereItHappensFromBothSides() {
        try (RecordedGuest guest = guest(KittenParts.guest("faults", "write"), "")) {
            String said = say(guest, "continue", "x/i $pc", "print/x $_siginfo._sifields._sigfault.si_addr",
                    "monitor when", "continue", "reverse-stepi", "reverse-stepi", "continue", "monitor when",
                    "break main", "reverse-continue", "backtrace", "reverse-continue");
            assertThat(said).contains("received signal SIGSEGV, Segmentation fault.");
            assertThat(said).containsPattern("=> 0x\\w+ <.*>:\\s+movb");
            assertThat(said).contains("No more reverse-execution history.");
            assertThat(said).contains("The recording ends at");
            assertThat(said).contains("Breakpoint 1, ", "in main ()");
            List<String> positions = said.lines().filter(line -> line.matches("\\d+:\\d+")).toList();
            assertThat(positions).hasSize(2);
            assertThat(positions.get(0)).isEqualTo(positions.get(1));
            assertThat(said.trim()).as("back at the beginning").containsPattern("_start \\(\\)\\s+\\[Inferior 1");
            assertUntouched(guest);
        }
    }

    @Test
    void whatWasTypedIsReadAgain() {
        try (RecordedGuest guest = guest(KittenParts.guest("echo"), "first line\nquit\n")) {
            String said = say(guest, "catch syscall read", "continue", "continue", "x/s $rsi", "reverse-stepi",
                    "monitor events 1", "x/s $rsi");
            assertThat(said).contains("call to syscall read", "returned from syscall read");
            assertThat(said).contains("\"first line\\nquit\\n");
            assertThat(said).contains("SyscallEntered task=2 number=0");
            assertUntouched(guest);
        }
    }

    @Test
    void wholeSourceLinesGoBackwards() throws IOException {
        try (RecordedGuest guest = guest(compiled(), "")) {
            String said = say(guest, "break add", "continue", "continue", "backtrace", "info locals", "delete",
                    "reverse-finish", "next", "print s", "reverse-next", "print s", "step", "reverse-step",
                    "break scale", "continue", "finish", "next", "print d", "break *onstack", "continue",
                    "info registers st0 st1 st2 fctrl fstat ftag",
                    "print $ymm3.v8_int32", "print/x $xmm3.v4_int32", "print/x $mxcsr",
                    "print $fs_base != 0", "print counter");
            assertThat(said).contains("Breakpoint 1, add (a=0, b=1)", "Breakpoint 1, add (a=1, b=2)");
            assertThat(said).contains("#1  0x", "in main () at ");
            assertThat(said).contains("$1 = 3", "$2 = 1");
            assertThat(said).contains("Value returned is");
            assertThat(said).contains("{7, 7, 7, 7, 7, 7, 7, 7}", "{0x7, 0x7, 0x7, 0x7}");
            assertThat(said).contains("0x1f80");
            assertThat(said).contains("= 1\n", "= 15\n");
            assertThat(said).containsPattern("st0 +1 +").containsPattern("st1 +3\\.14159265358979323")
                    .containsPattern("st2 +0 +");
            // Two of eight registers are in use: top is 6, all other tags are 3.
            assertThat(said).containsPattern("fctrl +0x37f").containsPattern("fstat +0x3000")
                    .containsPattern("ftag +0xfff ");
            assertUntouched(guest);
        }
    }

    @Test
    void aShellAndItsChildrenAreSeen() throws IOException {
        Path busybox = Path.of("/bin/busybox");
        assumeTrue(Files.isExecutable(busybox), "no /bin/busybox on this machine (Debian's busybox-static)");
        MachineSetup setup = new MachineSetup(GuestConfiguration.standard(64), "", "",
                KittenOptions.parse(STREAMS).withProgram(
                        List.of("busybox", "sh", "-c", "echo one | cat"),
                        List.of("PATH=/")),
                List.of(GuestFile.initTask("/busybox", Files.readAllBytes(busybox))), "interpreter");
        try (RecordedGuest guest = guest(setup, "")) {
            String said = say(guest, "catch syscall exit_group", "continue", "info threads", "monitor processes",
                    "monitor process 99", "info auxv", "stepi 20", "reverse-stepi 20", "x/2i $pc", "continue",
                    "continue");
            assertThat(said).contains("Reading symbols from target:/busybox");
            assertThat(said).contains("call to syscall exit_group", "* 2  /busybox");
            assertThat(said).contains("there is no process 99 here");
            assertUntouched(guest);
        }
    }

    @Test
    void aChangeBeginsADiversionAndTheRecordingRemains() throws IOException {
        try (RecordedGuest guest = guest(compiled(), "")) {
            String said = say(guest, "break add", "continue", "continue", "monitor when", "set var a = 100",
                    "monitor when", "finish", "reverse-stepi", "set var $rax = 7", "next", "print s",
                    "monitor undo", "maintenance flush register-cache", "monitor when", "print a", "finish",
                    "monitor fork");
            assertThat(said).contains("Value returned is $1 = 102", "This is a diversion from ",
                    "where something was changed; it is not recorded", "a diversion goes forward only");
            assertThat(said).containsSubsequence("back in the recording, at ", "= 1\n", "Value returned is", "= 3\n",
                    "forked at ");
            List<String> positions = said.lines().filter(line -> line.matches("\\d+:\\d+")).toList();
            assertThat(positions).hasSize(3).allMatch(positions.getFirst()::equals);
            assertThat(say(guest, "stepi", "set var $rax = 1", "monitor fork")).contains("there is no 'fork'");
            assertThat(say(guest, "monitor undo")).contains("nothing was changed: this is the recording");
            assertUntouched(guest);
        }
    }

    @Test
    void runningAgainBeginsAtAPosition() {
        try (RecordedGuest guest = guest(KittenParts.guest("threads"), "")) {
            String said = say(guest, "disconnect", "target extended-remote 127.0.0.1:" + guest.port(), "break sleeper",
                    "continue", "monitor when", "starti 1500", "monitor when", "info threads", "continue",
                    "starti start",
                    "monitor when", "kill");
            assertThat(said).contains("hit Breakpoint 1").containsPattern("\\n1500:\\d+\\n");
            assertThat(said.lines().filter(line -> line.contains("Breakpoint 1, 0x"))).hasSize(2);
            assertThat(said).containsPattern("\\n0:\\d+\\n");
            assertUntouched(guest);
        }
    }

    /** A program with symbols, built here. */
    private MachineSetup compiled() throws IOException {
        assumeTrue(StockGdb.runs("gcc", "--version"), "no gcc on this machine: no program with source lines");
        Path source = temporary.resolve("lines.c");
        Files.writeString(source, """
                volatile int counter;
                static int add(int a, int b) {
                    int sum = a + b;
                    counter = sum;
                    return sum;
                }
                static double scale(double x) {
                    volatile long double y = x * 1.5L;
                    return (double) y;
                }
                int main(void) {
                    int s = 0;
                    for (int i = 1; i <= 5; i++) {
                        s = add(s, i);
                    }
                    int seven = 7;
                    __asm__ volatile("vpbroadcastd %0, %%ymm3" : : "m"(seven) : "xmm3");
                    double d = scale(s);
                    __asm__ volatile("fldpi; fld1; .globl onstack; onstack: nop; fninit");
                    return d > 100;
                }
                """);
        Path program = temporary.resolve("lines");
        boolean built = StockGdb.runs("gcc", "-g", "-O0", "-static", "-o", program.toString(), source.toString());
        assumeTrue(built, "gcc cannot build static programs here");
        return new MachineSetup(GuestConfiguration.standard(64), "", "",
                KittenOptions.parse(STREAMS).withProgram(List.of("lines"), List.of()),
                List.of(GuestFile.initTask("/lines", Files.readAllBytes(program))), "interpreter");
    }
}
