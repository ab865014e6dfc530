package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.kitten.elf.DynamicSection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code exec} is to its program what a shell is: streams, arguments, environment, exit status. */
class ExecTest {

    private static final String GUESTS = "scenarios/guests/bin/";
    private static final int SIGSEGV = 11;

    @TempDir
    Path folder;

    @Test
    void whatTheProgramWritesComesOutByteForByteAndNothingElse() throws IOException {
        Chronovisor.Result result = exec(GUESTS + "hello");
        assertThat(result.output()).isEqualTo(Files.readString(Path.of("scenarios/guests/expected/hello.txt")));
        assertThat(result.errors()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void theExitStatusIsTheGuests() {
        assertThat(exec(GUESTS + "bare").status()).isEqualTo(7);
        assertThat(exec(GUESTS + "faults", "write").status()).isEqualTo(128 + SIGSEGV);
    }

    @Test
    void standardInputIsTheGuestsUpToItsEnd() throws IOException {
        Chronovisor.Result result = Chronovisor.run(folder, "only\n".getBytes(StandardCharsets.UTF_8), "exec",
                "--no-journal", GUESTS + "echo");
        assertThat(result.output()).isEqualTo(Files.readString(Path.of("scenarios/guests/expected/echo-end.txt")));
    }

    @Test
    void aChaoticScheduleIsChosenBySeedOrBySetting() {
        assertThat(exec(GUESTS + "race").status()).isZero();
        Chronovisor.Result drawn = exec("--chaos", "2", GUESTS + "race");
        assertThat(drawn.status()).isEqualTo(1);
        assertThat(exec("--set", "vm.schedule=chaos", "--set", "vm.chaos_seed=2", GUESTS + "race").output())
                .isEqualTo(drawn.output());
    }

    @Test
    void standardInputMayComeFromAFile() throws IOException {
        Path input = Files.writeString(folder.resolve("input"), "only\n");
        assertThat(exec("--stdin", input.toString(), GUESTS + "echo").output())
                .isEqualTo(Files.readString(Path.of("scenarios/guests/expected/echo-end.txt")));
    }

    @Test
    void aProgramGoesWhereLinksOfTheRootLeadToAndAScriptIsReadByWhatItNames() throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Path usr = Files.createDirectories(root.resolve("usr" + folder));
        Files.copy(Path.of(GUESTS + "arguments"), usr.resolve("reader"));
        Path first = Path.of("/").resolve(folder.getName(0));
        Files.createSymbolicLink(root.resolve(folder.getName(0)), Path.of("usr" + first));
        Path script = Files.writeString(folder.resolve("script"), "#! " + folder + "/reader -x\n");
        Chronovisor.Result result = exec("--root", root.toString(), script.toString(), "last");
        assertThat(result.output()).contains("argc 4", "argv[0] ends in \"reader\"", "argv[1] \"-x\"",
                "argv[2] \"" + script + "\"", "argv[3] \"last\"");
        assertThat(exec(script.toString()).errors()).contains("a script for '" + folder + "/reader'", "--root");
    }

    @Test
    void aDynamicProgramOrAScriptRunsWithWhatTheHostLoadsItWith() throws IOException {
        Path shell = Path.of("/bin/sh");
        assumeTrue(Files.isRegularFile(shell) && DynamicSection.isElf(Files.readAllBytes(shell)),
                "only a Linux host has a shell to run");
        Chronovisor.Result result = exec("--host-libraries", shell.toString(), "-c", "echo $((6 * 7)); exit 5");
        assertThat(result.output()).isEqualTo("42\n");
        assertThat(result.status()).isEqualTo(5);
        Path script = Files.writeString(folder.resolve("script"), "#!/bin/sh\necho read by $0 $1\n");
        assertThat(exec("--host-libraries", script.toString(), "it").output())
                .isEqualTo("read by " + script + " it\n");
    }

    @Test
    void aLibraryThatTheHostDoesNotHaveIsNamed() throws IOException {
        Path shell = Path.of("/bin/sh");
        assumeTrue(Files.isRegularFile(shell), "only a Linux host has a shell to change");
        String text = Files.readString(shell, StandardCharsets.ISO_8859_1);
        assumeTrue(text.contains("\0libc.so.6\0"), "only a shell that needs the C library can be changed");
        Path changed = Files.writeString(folder.resolve("changed"),
                text.replace("\0libc.so.6\0", "\0libx.so.6\0"), StandardCharsets.ISO_8859_1);
        Chronovisor.Result result = exec("--host-libraries", changed.toString());
        assertThat(result.status()).isEqualTo(ExitCode.USAGE);
        assertThat(result.errors()).contains(changed + ": needs the library libx.so.6");
    }

    @Test
    void optionsAfterTheProgramAreTheProgramsAndVariablesAreSet() {
        Chronovisor.Result result = exec("--env", "LANG=C", GUESTS + "arguments", "--help", "-v", "two words");
        assertThat(result.output()).contains("argc 4", "argv[1] \"--help\"", "argv[2] \"-v\"",
                "argv[3] \"two words\"", "envp[0] \"LANG=C\"", "AT_EXECFN is the program: yes");
    }

    @Test
    void onTheConsoleStandardInputIsTypedAsTheProfileHearsIt() {
        byte[] typed = "one\nquit\n".getBytes(StandardCharsets.UTF_8);
        for (String profile : List.of("full", "paper")) {
            Chronovisor.Result result = Chronovisor.run(folder, typed, "exec", "--console", "--no-journal", "--set",
                    "kitten.profile=" + profile, GUESTS + "echo");
            assertThat(result.output()).as(profile).contains("1: one", "2: quit");
            assertThat(result.status()).isEqualTo(3);
        }
    }

    @Test
    void aReplayShowsTheKernelsStateAtItsEnd() {
        assertThat(Chronovisor.run(folder, "exec", "--journal", "state", GUESTS + "hello").status()).isZero();
        Chronovisor.Result result = Chronovisor.run(folder, "replay", "state", "--kernel-state");
        assertThat(result.status()).isZero();
        assertThat(result.output()).contains("identical: ", "\"wait_queues\"",
                "\"program\" : \"/scenarios/guests/bin/hello\"",
                "\"hostName\" : \"kitten\"");
        assertThat(Chronovisor.run(folder, "replay", "state", "--kernel-state", "--json").output())
                .startsWith("{\"identical\":true").contains("\"kernel\":{\"frames\":");
    }

    @Test
    void kernelMessagesAreShownOnlyWhenAskedFor() {
        Chronovisor.Result result = exec("-v", GUESTS + "hello");
        assertThat(result.errors()).contains("Kitten");
        assertThat(result.output()).doesNotContain("Kitten");
    }

    @Test
    void aRecordedProgramIsListedVerifiedAndReplayed() {
        Chronovisor.run(folder, "exec", "--journal", "kept", GUESTS + "hello");
        assertThat(Chronovisor.run(folder, "journals").output()).contains("kept").contains("sealed");
        Chronovisor.Result verified = Chronovisor.run(folder, "verify", "--json", "kept");
        assertThat(verified.status()).isZero();
        assertThat(verified.output()).contains("\"ticks\":", "\"events\":", "\"bytes\":", "\"digest\":\"");
        Chronovisor.Result replayed = Chronovisor.run(folder, "replay", "kept");
        assertThat(replayed.status()).isZero();
        assertThat(replayed.output()).startsWith("identical");
        assertThat(Chronovisor.run(folder, "events", "kept", "--type", "SyscallEntered").output().lines())
                .isNotEmpty().allMatch(line -> line.contains("SyscallEntered"));
        assertThat(Chronovisor.run(folder, "steps", "kept", "--to", "9").output().lines()).hasSize(10);
    }

    @Test
    void aJournalIsNeverWrittenOver() {
        Chronovisor.run(folder, "exec", "--journal", "once", GUESTS + "bare");
        Chronovisor.Result again = Chronovisor.run(folder, "exec", "--journal", "once", GUESTS + "bare");
        assertThat(again.status()).isEqualTo(ExitCode.USAGE);
        assertThat(again.errors()).contains("is there already");
    }

    @Test
    void commandsThatStartTogetherRecordIntoJournalsOfTheirOwn() throws Exception {
        List<Process> together = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            together.add(Chronovisor.start(folder, "exec", GUESTS + "bare"));
        }
        for (Process one : together) {
            assertThat(one.waitFor()).isEqualTo(7);
        }
        assertThat(Chronovisor.run(folder, "journals").output().lines()).hasSize(3)
                .allMatch(line -> line.contains("sealed"));
    }

    @Test
    void aDamagedJournalIsReportedWithExcerptAndPosition() throws IOException {
        Chronovisor.run(folder, "exec", "--journal", "flipped", GUESTS + "hello");
        Path segment;
        try (var files = Files.list(folder.resolve("flipped"))) {
            segment = files.filter(file -> file.toString().endsWith(".cq4")).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length / 2] ^= 0x10;
        Files.write(segment, bytes);
        Chronovisor.Result result = Chronovisor.run(folder, "verify", "flipped");
        assertThat(result.status()).isEqualTo(ExitCode.DAMAGED);
        assertThat(result.output()).contains("DAMAGED").contains("excerpt").contains("position");
    }

    private Chronovisor.Result exec(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "exec";
        all[1] = "--no-journal";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Chronovisor.run(folder, Arrays.copyOf(all, all.length));
    }
}
