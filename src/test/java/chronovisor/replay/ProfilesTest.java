package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the kernel of 2012 answers, what each of the paper's patches brought, and that every subset of patches boots. The
 * guest {@code profile} asks; its answers come on a stream, what the kernel says on its console.
 */
final class ProfilesTest {

    /** Enough for the paper's kernel memory and heap; what is not touched costs nothing. */
    private static final int MEMORY_MB = 2048;

    @TempDir
    Path temporary;

    private static MachineSetup setup(String patches, String guest, String... arguments) {
        Map<String, String> settings = new TreeMap<>(Map.of("init_stdin", "/dev/ttyS1", "init_stdout", "/dev/ttyS1",
                "init_stderr", "/dev/ttyS2"));
        settings.put(patches.equals("paper") || patches.equals("full") ? "profile" : "patches", patches);
        MachineSetup guestOnly = KittenParts.guest(guest, arguments);
        return new MachineSetup(GuestConfiguration.standard(MEMORY_MB), "", "",
                KittenOptions.parse(settings).withProgram(guestOnly.kernel().argv(), guestOnly.kernel().envp()),
                guestOnly.files(), guestOnly.engine());
    }

    private static SeededEnvironment silence() {
        return new SeededEnvironment(1_700_000_000_000_000_000L, 1,
                List.of(new Step(new Condition.Now(), new Input.StreamEnd("com2"))));
    }

    private GuestRuns.Outcome run(String patches, String guest, String... arguments) {
        return GuestRuns.check(temporary.resolve("journal"), setup(patches, guest, arguments), new KittenParts(),
                ProfilesTest::silence);
    }

    /** What the console says when the kernel does not even start its program. */
    private static List<String> refusal(String guest, String... arguments) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        try (Session session = Session.live(setup("", guest, arguments), new KittenParts(), silence(),
                (stream, bytes, tick) -> console.writeBytes(bytes))) {
            assertThat(session.run().status()).isEqualTo(127);
        }
        return console.toString(StandardCharsets.ISO_8859_1).lines().skip(2).toList();
    }

    private static List<String> console(GuestRuns.Outcome outcome) {
        return outcome.output("com1").lines().skip(2).toList();
    }

    /** Runs the guest with a keyboard that is typed on as soon as a stream shows a text; without one, at once. */
    private GuestRuns.Outcome typing(String patches, String kind, String stream, String shown, String typed) {
        MachineSetup without = setup(patches, "profile", kind);
        MachineSetup setup = new MachineSetup(without.configuration().withKeyboard(), "", "", without.kernel(),
                without.files(), without.engine());
        Condition when = shown.isEmpty()
                ? new Condition.Now()
                : new Condition.After(stream, Pattern.compile(Pattern.quote(shown)));
        List<Step> script = List.of(new Step(new Condition.Now(), new Input.StreamEnd("com2")), new Step(when,
                new Input.StreamBytes("keyboard", typed.getBytes(StandardCharsets.ISO_8859_1))));
        return GuestRuns.check(temporary.resolve("journal"), setup, new KittenParts(),
                () -> new SeededEnvironment(1_700_000_000_000_000_000L, 1, script));
    }

    @Test
    void keysReachAReaderOfTheConsoleByThePapersBuffer() {
        GuestRuns.Outcome outcome = typing("paper", "console", "com1", "(init_task) hi", "abcDx\b\nxyz\n");
        assertThat(outcome.output("com2")).isEqualTo("""
                write 600 511
                write 3 3
                ioctl -25
                read 5
                abcD
                read 3 3
                the rest 1
                """);
        assertThat(console(outcome)).contains("(init_task) " + "x".repeat(511) + "<TRUNC>(init_task) hi",
                "sys_ioctl console : no ioctl!", "abcDx\b");
    }

    @Test
    void withoutTheConsoleReadPatchKeysAreOnlyTold() {
        GuestRuns.Outcome outcome = typing("pipes", "console", "", "", "a");
        assertThat(outcome.output("com2")).endsWith("read -9\n");
        assertThat(console(outcome)).contains("Keyboard Interrupt: status=21, key=30",
                "Keyboard Interrupt: status=21, key=158", "sys_read: fd 3 (console) has no read operation");
    }

    @Test
    void inTheFullKernelKeysGoThroughTheTerminalAndItsModes() {
        GuestRuns.Outcome outcome = typing("full", "raw", "com2", "TCSETS 0", "a\u0003\b\n\u001b[A\"q");
        assertThat(outcome.output("com2")).startsWith("TCGETS 0\nTCSETS 0\n").endsWith("key 113\n");
        assertThat(outcome.output("com2")).contains("key 97\nkey 3\nkey 127\nkey 13\nkey 27\nkey 91\nkey 65\nkey 34\n");
    }

    @Test
    void theFileSystemIsKfs() {
        GuestRuns.Outcome outcome = run("", "profile", "files");
        assertThat(outcome.output("com2")).isEqualTo("""
                open makes parents 3
                write 4096 4096
                write one more -27
                seek back 4000
                write across -27
                write up to 96
                size by seek 4096
                fstat 0
                its size 0
                stat of nothing -9
                mkdir 0
                mkdir again 0
                unlink of nothing 2
                unlink of a directory -21
                rmdir 0
                open of nothing -2
                size after O_TRUNC 4096
                getcwd -38
                access -38
                """);
        assertThat(console(outcome)).containsExactly("kfs_mkdirent: 'd' already exists",
                "System call not implemented! (syscall_number=79)",
                "System call not implemented! (syscall_number=21)");
    }

    @ParameterizedTest
    @CsvSource({"'', -27, 1", "limits, 409600, -27", "more_limits, -27, 1", "vfs, 409600, 1"})
    void aFileCanBeAsLargeAsThePatchAllowsAndAWritePastThatFailsWhole(String patches, int write, int more) {
        assertThat(run(patches, "profile", "big").output("com2"))
                .isEqualTo("write 409600 " + write + "\nwrite one more " + more + "\n");
    }

    /** A little of the pool is taken by the program itself and the buffers of streams. */
    @ParameterizedTest
    @CsvSource({"'', 8192", "limits, 2048"})
    void everyFileTakesItsLargestSizeOfTheKernelMemoryPool(String patches, int files) {
        String output = run(patches, "profile", "pool").output("com2");
        assertThat(output).endsWith("\nthen -28\n");
        assertThat(Integer.parseInt(output.substring(6, output.indexOf('\n')))).isBetween(files - 40, files);
    }

    @Test
    void namesHave127BytesAndTasksHave32Descriptors() {
        assertThat(run("", "profile", "names").output("com2"))
                .isEqualTo("open 3\nits first 127 bytes 4\nlast descriptor 31\nthen -24\n");
    }

    @Test
    void limitsAreInfiniteOrUnknown() {
        GuestRuns.Outcome base = run("", "profile", "limits");
        assertThat(base.output("com2")).isEqualTo("infinite 3\ninfinite 8\n");
        assertThat(console(base)).hasSize(14).contains("Unsupported rlimit (resource=9).");
    }

    @Test
    void theSyscallsPatchMakesTheAddressSpaceInfinite() {
        assertThat(run("syscalls", "profile", "limits").output("com2"))
                .isEqualTo("infinite 3\ninfinite 8\ninfinite 9\n");
    }

    @ParameterizedTest
    @CsvSource({"'', 32", "limits, 32", "more_limits, 200"})
    void theHeapIsOnePieceThatAnonymousMemoryNeverComesBackTo(String patches, int megabytes) {
        assertThat(run(patches, "profile", "heap").output("com2")).isEqualTo("heap megabytes " + megabytes + """

                second map lies below the first by 4096
                above brk 1
                munmap 0
                given back 0
                odd length 0
                mprotect 0
                stack ends at 512 GB 1
                """);
    }

    @Test
    void processesAreAloneAndHaveThreadsOnly() {
        GuestRuns.Outcome outcome = run("", "profile", "processes");
        assertThat(outcome.output("com2")).isEqualTo("""
                getpid 1
                wait4 any -10
                wait4 0 -22
                kill 0 -1
                clone without CLONE_VM -38
                fork -38
                getppid 0
                set_robust_list -38
                futex wait, changed -11
                futex wait, timeout -110
                futex requeue -38
                clock realtime 0
                clock monotonic -22
                madvise 0
                prlimit64 -14
                pipe2 1
                getgroups 0
                """);
        assertThat(console(outcome)).containsExactly("Unsupported clone() flags 0x10000.",
                "sys_fork: Attempting to fork!", "System call not implemented! (syscall_number=110)",
                "sys_futex() op=3 not supported (task=1.1, init_task)",
                "sys_madvise() advice=3 not supported (task=1.1, init_task)");
    }

    @Test
    void theSyscallsPatchWaitsForAnyChildOfProcessZero() {
        assertThat(run("syscalls", "profile", "processes").output("com2")).contains("wait4 0 -10\n");
    }

    @Test
    void withoutThePipesPatchThereIsNoPipe() {
        GuestRuns.Outcome outcome = run("console_read,syscalls", "profile", "pipes");
        assertThat(outcome.output("com2")).isEqualTo("pipe -38\n");
        assertThat(console(outcome)).containsExactly("System call not implemented! (syscall_number=22)");
    }

    @Test
    void thePipesPatchHasBuffersOf1024BytesAndFilesInProc() {
        GuestRuns.Outcome outcome = run("pipes", "profile", "pipes");
        assertThat(outcome.output("com2")).isEqualTo("""
                pipe 0
                write 5 with a NUL 5
                read 5
                the NUL is there 1
                write 3000 1024
                read 3000 1024
                file in /proc 0
                close 0
                read at the end 0
                """);
        assertThat(console(outcome)).containsExactly("kfs_init_stdio(): task_id=1, user_id=0",
                "sys_pipe(): created pipe (3) <- (4)");
    }

    @ParameterizedTest
    @CsvSource({"fault, Page Fault Exception: 0000123456789000", "undefined, Invalid Op Exception",
        "privileged, General Protection Exception", "stack, Page Fault Exception: 0000007ffffbfe60"})
    void anExceptionPrintsRegistersAndTheKernelLoops(String kind, String message) {
        GuestRuns.Outcome outcome = run("", "profile", kind);
        assertThat(outcome.result().status()).isEqualTo(255);
        assertThat(outcome.result().reason()).isEqualTo("the kernel loops for ever after \"" + message + "\"");
        assertThat(console(outcome)).contains(message).anyMatch(line -> line.startsWith("RIP: 0033:0000000000401"))
                .anyMatch(line -> line.startsWith("R13: ")).anyMatch(line -> line.startsWith("CR2: "));
    }

    @Test
    void thePaperSendsASignalForAPageFault() {
        GuestRuns.Outcome outcome = run("paper", "profile", "handler");
        assertThat(outcome.output("com2"))
                .isEqualTo("sigaction 0\nsignal 11\ncode 2\naddress " + 0x123456789000L + "\n");
        assertThat(outcome.result().status()).isEqualTo(7);
        assertThat(console(outcome)).contains(">> PAGE FAULT! Sent signal 0: CR2 is 0000123456789000");
    }

    @Test
    void thePaperStillLoopsAfterOtherExceptions() {
        assertThat(run("paper", "profile", "undefined").result().reason()).contains("Invalid Op Exception");
    }

    @Test
    void aPositionIndependentProgramIsRefusedInKittensWords() {
        assertThat(refusal("hello-pie")).containsExactly("bad e_type 0x3", "Failed to load init_task (status=-22).");
    }

    @Test
    void initTaskHasItsOwnNameAndItsArgumentsAreSplitAtBlanks() {
        assertThat(run("", "arguments", "one", "two three").output("com2")).contains("argc 4")
                .contains("argv[0] ends in \"init_task\"").contains("argv[3] \"three\"");
    }

    @Test
    void tooManyArgumentsAreRefusedInKittensWords() {
        String[] many = Stream.generate(() -> "x").limit(31).toArray(String[]::new);
        assertThat(refusal("arguments", many)).contains("Too many ARGV strings.");
    }

    static Stream<String> subsets() {
        List<String> all = KittenOptions.allPatches();
        Stream<String> single = all.stream();
        Stream<String> allButOne = all.stream()
                .map(left -> String.join(",", all.stream().filter(patch -> !patch.equals(left)).toList()));
        return Stream.concat(Stream.of("", "console_read,pipes,limits"), Stream.concat(single, allButOne));
    }

    @ParameterizedTest
    @MethodSource("subsets")
    void everySubsetOfPatchesBoots(String patches) {
        GuestRuns.Outcome outcome = run(patches, "hello");
        assertThat(outcome.result().kind()).isEqualTo(RunResult.Kind.SHUTDOWN);
        assertThat(outcome.output("com2")).isEqualTo("Hello from the guest.\n");
    }
}
