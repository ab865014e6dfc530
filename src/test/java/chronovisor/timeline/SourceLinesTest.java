package chronovisor.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.kitten.elf.ElfSections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Source lines of addresses, as compilers write them and as nobody should. */
class SourceLinesTest {

    private static final Path LINES = Path.of("scenarios/guests/bin/lines");

    @TempDir
    Path folder;

    private static Optional<Long> symbol(ElfSections sections, String name) {
        return sections.symbols().stream().filter(symbol -> symbol.name().equals(name))
                .map(ElfSections.Symbol::address).findFirst();
    }

    @Test
    void functionsBeginOnTheirLinesInTheirFiles() throws IOException {
        ElfSections sections = ElfSections.of(Files.readAllBytes(LINES));
        SourceLines lines = SourceLines.of(sections);
        assertThat(lines.at(symbol(sections, "main").orElseThrow())).map(SourceLines.Line::number).contains(19);
        SourceLines.Line twice = lines.at(symbol(sections, "twice").orElseThrow()).orElseThrow();
        assertThat(twice.number()).isEqualTo(2);
        assertThat(twice.file()).endsWith("/src/lines.h");
    }

    @Test
    void whatHasNoLinesHasNoneEvenBehindWhatHas() throws IOException {
        ElfSections sections = ElfSections.of(Files.readAllBytes(LINES));
        SourceLines lines = SourceLines.of(sections);
        assertThat(lines.at(symbol(sections, "printf").orElseThrow())).isEmpty();
        assertThat(lines.at(symbol(sections, "deregister_tm_clones").orElseThrow())).isEmpty();
        assertThat(lines.at(0)).isEmpty();
        assertThat(SourceLines.of(ElfSections.of(Files.readAllBytes(Path.of("scenarios/guests/bin/hello")))).isEmpty())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-gdwarf-2", "-gdwarf-3", "-gdwarf-4", "-gdwarf-5", "-gdwarf-5 -gdwarf64",
        "-gdwarf-4 -gz=zlib",
        "-gdwarf-5 -gz=zlib"})
    void everyVersionOfDwarfIsRead(String options) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "there is no compiler on this host");
        Path source = Files.writeString(folder.resolve("some.c"), "int one(void) {\n\n    return 1;\n}\n");
        Path object = folder.resolve("some");
        List<String> command = new java.util.ArrayList<>(List.of("/usr/bin/gcc", "-O0", "-nostdlib", "-static",
                "-Wl,-e,one", "-o", object.toString(), source.toString()));
        command.addAll(List.of(options.split(" ", -1)));
        Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(gcc.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assumeTrue(gcc.waitFor() == 0, "this compiler does not do " + options + ": " + said);
        ElfSections sections = ElfSections.of(Files.readAllBytes(object));
        SourceLines lines = SourceLines.of(sections);
        long one = symbol(sections, "one").orElseThrow();
        assertThat(lines.at(one)).map(SourceLines.Line::number).contains(1);
        // push, mov (with endbr64 before on some hosts), then the value.
        assertThat(java.util.stream.LongStream.range(one, one + 20).mapToObj(lines::at).flatMap(Optional::stream)
                .map(SourceLines.Line::number).distinct()).containsExactly(1, 3, 4);
        assertThat(lines.at(one).orElseThrow().file()).endsWith("some.c");
    }

    @Test
    void brokenFilesHaveFewerLinesAndNothingWorse() throws IOException {
        byte[] file = Files.readAllBytes(LINES);
        ElfSections.Section section = ElfSections.of(file).section(".debug_line").orElseThrow();
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        for (int i = 0; i < 2000; i++) {
            byte[] broken = Arrays.copyOf(file, file.length);
            for (int j = 0; j < 4; j++) {
                broken[(int) section.offset() + random.nextInt((int) section.bytes())] = (byte) random.nextInt();
            }
            assertThatCode(() -> SourceLines.of(ElfSections.of(broken)).at(0x401139)).doesNotThrowAnyException();
        }
    }
}
