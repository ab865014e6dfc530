package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with what a person gives, they get one clear line, a non-zero exit code, and no stack trace. */
class BadInputTest {

    private static final Path HELLO = Path.of("scenarios/guests/bin/hello");
    private static final int PROGRAM_HEADERS = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;

    @TempDir
    Path folder;

    @Test
    void aMissingProgramIsNamed() {
        refuses("nowhere/program: no such file", "exec", "nowhere/program");
    }

    @Test
    void aFolderIsNoProgram() {
        refuses("not a file", "exec", folder.toString());
    }

    @Test
    void aTextFileIsNoElf() throws IOException {
        refuses("ELF", "exec", write("text", "text\n".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anEmptyFileIsNoElf() throws IOException {
        refuses("ELF", "exec", write("empty", new byte[0]));
    }

    @Test
    void aThirtyTwoBitElfIsRefused() throws IOException {
        byte[] elf = Files.readAllBytes(HELLO);
        elf[4] = 1;
        refuses("32-bit", "exec", write("thirty-two", elf));
    }

    @Test
    void anElfForAnotherProcessorIsRefused() throws IOException {
        byte[] elf = Files.readAllBytes(HELLO);
        elf[18] = (byte) 183;
        refuses("183", "exec", write("aarch64", elf));
    }

    @Test
    void aTruncatedElfIsRefused() throws IOException {
        byte[] elf = Files.readAllBytes(HELLO);
        refuses("truncated", "exec", write("truncated", Arrays.copyOf(elf, elf.length / 4)));
        refuses("truncated", "exec", write("header", Arrays.copyOf(elf, 40)));
    }

    @Test
    void aDynamicElfNamesTheInterpreterItWants() throws IOException {
        byte[] interpreter = "/lib64/ld-linux-x86-64.so.2\0".getBytes(StandardCharsets.US_ASCII);
        byte[] elf = Files.readAllBytes(HELLO);
        byte[] dynamic = Arrays.copyOf(elf, elf.length + interpreter.length);
        System.arraycopy(interpreter, 0, dynamic, elf.length, interpreter.length);
        ByteBuffer headers = ByteBuffer.wrap(dynamic).order(ByteOrder.LITTLE_ENDIAN);
        int at = programHeader(headers, false);
        headers.putInt(at, PT_INTERP).putLong(at + 8, elf.length).putLong(at + 32, interpreter.length).putLong(at + 40,
                interpreter.length);
        refuses("/lib64/ld-linux-x86-64.so.2", "exec", write("dynamic", dynamic));
    }

    @Test
    void overlappingSegmentsAreRefused() throws IOException {
        byte[] elf = Files.readAllBytes(HELLO);
        ByteBuffer headers = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
        int first = programHeader(headers, true);
        int second = first + PROGRAM_HEADER_BYTES;
        assertThat(headers.getInt(second)).isEqualTo(PT_LOAD);
        headers.putLong(second + 16, headers.getLong(first + 16));
        headers.putLong(second + 8, headers.getLong(first + 8));
        refuses("overlap", "exec", write("overlapping", elf));
    }

    @Test
    void memoryThatIsTooSmallIsRefused() {
        refuses("memory", "exec", "--no-journal", "--memory", "1", HELLO.toString());
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        refuses("fidelity", "exec", "--fidelity", "everything", HELLO.toString());
        refuses("engine", "exec", "--engine", "steam", HELLO.toString());
        refuses("unknown", "exec", "--set", "kitten.nothing=1", HELLO.toString());
        refuses("--file", "exec", "--file", "no-colon", HELLO.toString());
        refuses("chaos_seed", "exec", "--set", "vm.chaos_seed=7", HELLO.toString());
        refuses("round-robin", "exec", "--set", "vm.schedule=fair", HELLO.toString());
        refuses("from 0", "exec", "--chaos", "-1", HELLO.toString());
        refuses("--env", "exec", "--env", "no-equals", HELLO.toString());
    }

    @Test
    void unknownThingsAreNamed() {
        refuses("no-such-scenario", "run", "no-such-scenario");
        refuses("no-such-journal", "replay", "no-such-journal");
        refuses("no-such-journal", "verify", "no-such-journal");
        refuses("no-such-journal", "events", "no-such-journal");
        refuses("no-such-journal", "steps", "no-such-journal");
    }

    @Test
    void badYamlIsToldWithLineAndColumn() throws IOException {
        Path scenario = Files.createDirectories(folder.resolve("scenarios/bad"));
        Files.writeString(scenario.resolve("scenario.yaml"),
                "description: x\nprogram: ../guests/bin/hello\nprogramme: y\n");
        refuses(":3:1", "run", scenario.toString());
    }

    @Test
    void badMachineXmlIsToldWithItsPlace() throws IOException {
        machine("<vm class=\"PC\"><memory>64</memory><devices><device class=\"FLUX\" id=\"x\"/></devices></vm>",
                "FLUX");
        machine("<vm class=\"PC\"><memory>64</memory>", "machine.xml:");
        machine("<!DOCTYPE vm [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><vm class=\"PC\"><memory>&x;</memory></vm>",
                "machine.xml:");
    }

    private void machine(String xml, String expected) throws IOException {
        Path scenario = Files.createDirectories(folder.resolve("scenarios/machine"));
        Files.copy(HELLO, folder.resolve("scenarios/hello"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(scenario.resolve("machine.xml"), xml);
        Files.writeString(scenario.resolve("scenario.yaml"),
                "description: x\nvm:\n  xml: machine.xml\nprogram: ../hello\n");
        refuses(expected, "run", scenario.toString());
    }

    @Test
    void aJournalFolderThatCannotBeWrittenIsToldBeforeTheGuestRuns() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        Chronovisor.Result result = Chronovisor.run(file, "exec", HELLO.toString());
        assertThat(result.status()).isNotZero();
        assertThat(result.output()).isEmpty();
        oneLine(result, file.toString());
    }

    private void refuses(String expected, String... arguments) {
        Chronovisor.Result result = Chronovisor.run(folder.resolve("journals"), arguments);
        assertThat(result.status()).as(result.errors()).isEqualTo(ExitCode.USAGE);
        assertThat(result.output()).isEmpty();
        oneLine(result, expected);
    }

    /** One line, or one line and the hint where to find help. */
    private static void oneLine(Chronovisor.Result result, String expected) {
        assertThat(result.errors()).contains(expected).startsWith("chronovisor: ").doesNotContain("Exception");
        assertThat(result.errors().lines().filter(line -> !line.startsWith("Try '"))).hasSize(1);
    }

    private String write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes).toString();
    }

    /** The offset of the first program header that is, or is not, a PT_LOAD. */
    private static int programHeader(ByteBuffer elf, boolean load) {
        int count = elf.getShort(56);
        for (int i = 0; i < count; i++) {
            int at = PROGRAM_HEADERS + i * PROGRAM_HEADER_BYTES;
            if ((elf.getInt(at) == PT_LOAD) == load) {
                return at;
            }
        }
        throw new AssertionError("no such program header");
    }
}
