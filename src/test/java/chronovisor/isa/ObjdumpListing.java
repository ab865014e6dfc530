package chronovisor.isa;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What binutils objdump makes of some bytes: lines of address, bytes and text. A line that holds nothing but prefixes (objdump gives up
 * joining them to what follows) is joined to the next.
 */
final class ObjdumpListing {
    /** Samples lie this far apart, with NOPs between, so that a difference does not spoil the next sample. */
    private static final int STRIDE = 32;

    /** One instruction. {@code text} is normalised: prefixes without effect, symbols, comments and 0x are gone. */
    record Line(long address, byte[] bytes, byte[] available, String text, Set<String> prefixes) {
        /** The same, where more bytes lie behind it that a decoder may look at. */
        Line within(byte[] sample) {
            return new Line(address, bytes, sample, text, prefixes);
        }
    }

    private static final Pattern LINE = Pattern.compile("^\\s*([0-9a-f]+):\\t([0-9a-f ]+?)\\s*(?:\\t(.*))?$");
    private static final Set<String> PREFIXES = Set.of("data16", "addr32", "cs", "ds", "es", "ss", "fs", "gs", "repz",
            "repnz", "rep", "bnd", "notrack", "lock", "xacquire", "xrelease", "repe", "repne");

    private ObjdumpListing() {}

    /** Whether there is an objdump to compare with, of a version whose spelling we follow. */
    static boolean isAvailable() {
        try {
            Process process = new ProcessBuilder("objdump", "--version").redirectErrorStream(true).start();
            String version = new String(process.getInputStream().readAllBytes(),
                    StandardCharsets.UTF_8);
            return process.waitFor() == 0 && version.contains("2.40");
        } catch (IOException absent) {
            return false; // this is the question asked
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The text section of an ELF file. */
    static List<Line> ofElf(Path file, boolean intel) {
        return run(List.of("objdump", "-d", "-w", "-j", ".text", "-M", options(intel), file.toString()));
    }

    private static List<Line> ofBytes(byte[] code, boolean intel) throws IOException {
        Path file = Files.createTempFile("isa", ".bin");
        try {
            Files.write(file, code);
            return run(List.of("objdump", "-D", "-w", "-z", "-b", "binary", "-m", "i386:x86-64", "-M", options(intel),
                    file.toString()));
        } finally {
            Files.delete(file);
        }
    }

    /** Separate instructions; those that objdump runs past the end of are left out. */
    static List<Line> ofSamples(List<byte[]> samples, boolean intel) throws IOException {
        byte[] code = new byte[samples.size() * STRIDE];
        Arrays.fill(code, (byte) 0x90);
        for (int i = 0; i < samples.size(); i++) {
            System.arraycopy(samples.get(i), 0, code, i * STRIDE, samples.get(i).length);
        }
        Map<Long, Line> byAddress = new HashMap<>();
        for (Line line : ofBytes(code, intel)) {
            byAddress.put(line.address(), line);
        }
        var lines = new ArrayList<Line>();
        for (int i = 0; i < samples.size(); i++) {
            Line line = byAddress.get((long) i * STRIDE);
            if (line != null) {
                lines.add(line.within(samples.get(i)));
            }
        }
        return lines;
    }

    private static String options(boolean intel) {
        return intel ? "intel,intel64" : "intel64";
    }

    private static List<Line> run(List<String> command) {
        var lines = new ArrayList<Line>();
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (var reader = process.inputReader()) {
                Line open = null;
                for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                    Line line = parse(text);
                    if (line != null) {
                        Line joined = open == null ? line : join(open, line);
                        open = joined.text.isEmpty() ? joined : null;
                        if (open == null) {
                            lines.add(joined);
                        }
                    }
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return lines;
    }

    private static Line join(Line prefixes, Line rest) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(prefixes.bytes);
        bytes.writeBytes(rest.bytes);
        var names = new HashSet<>(prefixes.prefixes);
        names.addAll(rest.prefixes);
        return new Line(prefixes.address, bytes.toByteArray(), bytes.toByteArray(), rest.text, names);
    }

    private static @Nullable Line parse(String text) {
        var matcher = LINE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        byte[] bytes = HexFormat.of().parseHex(matcher.group(2).replace(" ", ""));
        String rest = matcher.group(3) == null ? "" : matcher.group(3);
        var prefixes = new HashSet<String>();
        return new Line(Long.parseUnsignedLong(matcher.group(1), 16), bytes, bytes, normalised(rest, prefixes),
                prefixes);
    }

    /** Takes prefixes off the front (into {@code prefixes}), and what the two sides spell differently without meaning it. */
    static String normalised(String text, Set<String> prefixes) {
        String rest = text.replaceAll("\\s*#.*$", "").replaceAll("<[^>]*>", "").replace("0x", "")
                .replaceAll("\\s+", " ").trim();
        while (true) {
            int space = rest.indexOf(' ');
            String first = space < 0 ? rest : rest.substring(0, space);
            String word = first.endsWith(",pn") || first.endsWith(",pt")
                    ? first.substring(0, first.length() - 3)
                    : first;
            if (!PREFIXES.contains(word) && !word.matches("rex(\\.[WRXB]+)?")) {
                return rest.replaceFirst(",p[nt]", "");
            }
            prefixes.add(word);
            rest = space < 0 ? "" : rest.substring(space + 1);
        }
    }
}
