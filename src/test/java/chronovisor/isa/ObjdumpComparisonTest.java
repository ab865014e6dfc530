package chronovisor.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Decoder and disassembler against binutils objdump 2.40: over whole real binaries, over samples of every row, and over random bytes.
 * Lengths, mnemonics and operands must agree, or the difference be in {@link AcceptedDifferences}. More files:
 * {@code -Disa.files=/path/one:/path/two}; more random bytes: {@code -Disa.random=1000000}.
 */
final class ObjdumpComparisonTest {
    private static final int SHOWN_MAX = 60;

    @BeforeEach
    void needsObjdump() {
        assumeTrue(ObjdumpListing.isAvailable(), "no binutils objdump 2.40 on this machine: nothing to compare with");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void realBinariesReadTheSame(boolean intel) throws IOException {
        for (Path file : binaries()) {
            assertThat(differences(ObjdumpListing.ofElf(file, intel), intel)).as(file.toString()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void samplesOfEveryRowReadTheSame(boolean intel) throws IOException {
        var random = new Random(1);
        var samples = new ArrayList<byte[]>();
        for (OpcodeRow row : OpcodeTable.rows()) {
            for (int i = 0; i < 8; i++) {
                samples.add(RowSamples.of(row, random));
            }
        }
        assertThat(differences(ObjdumpListing.ofSamples(samples, intel), intel)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void randomBytesReadTheSame(boolean intel) throws IOException {
        var random = new Random(Integer.getInteger("isa.seed", 2));
        var samples = new ArrayList<byte[]>();
        for (int i = 0; i < Integer.getInteger("isa.random", 12_000); i++) {
            samples.add(RandomBytes.next(random));
        }
        assertThat(differences(ObjdumpListing.ofSamples(samples, intel), intel)).isEmpty();
    }

    @Test
    void everyBinaryIsWorthComparing() throws IOException {
        assertThat(binaries()).isNotEmpty();
    }

    private static List<Path> binaries() throws IOException {
        var files = new ArrayList<Path>();
        String more = System.getProperty("isa.files", "");
        Stream.of("/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6", "/lib64/ld-linux-x86-64.so.2")
                .map(Path::of).filter(Files::isReadable).forEach(files::add);
        Arrays.stream(more.split(":")).filter(name -> !name.isEmpty()).map(Path::of).forEach(files::add);
        Path cache = Path.of(".cache");
        if (Files.isDirectory(cache)) {
            try (var found = Files.walk(cache)) {
                found.filter(path -> path.endsWith("bin/busybox")).forEach(files::add);
            }
        }
        return files;
    }

    private static List<String> differences(List<ObjdumpListing.Line> lines, boolean intel) {
        var found = new ArrayList<String>();
        for (ObjdumpListing.Line theirs : lines) {
            Decoded ours = Decoder.decode(theirs.available(), 0, theirs.available().length);
            String text = text(theirs, ours, intel);
            if (text != null && AcceptedDifferences.reason(theirs, ours) == null && found.size() < SHOWN_MAX) {
                found.add(HexFormat.of().formatHex(theirs.available()) + ": objdump " + theirs.bytes().length + " "
                        + theirs.text()
                        + ", we " + ours.length() + " " + text);
            }
        }
        return found;
    }

    /** Our text when it differs, else null. */
    private static @Nullable String text(ObjdumpListing.Line theirs, Decoded ours, boolean intel) {
        return switch (ours) {
            case Instruction i -> {
                var prefixes = new HashSet<String>();
                String raw = intel ? Disassembler.intel(i, theirs.address()) : Disassembler.att(i, theirs.address());
                String text = ObjdumpListing.normalised(raw, prefixes);
                boolean same = text.equals(theirs.text()) && i.length() == theirs.bytes().length
                        && theirs.prefixes().containsAll(prefixes);
                yield same ? null : raw;
            }
            case Undecoded u -> {
                boolean same = switch (u.reason()) {
                    case INVALID, TOO_LONG -> theirs.text().contains("(bad)");
                    case UNSUPPORTED -> u.length() == theirs.bytes().length;
                    case TRUNCATED -> false;
                };
                yield same ? null : u.toString();
            }
        };
    }
}
