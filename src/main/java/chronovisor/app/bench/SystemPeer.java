package chronovisor.app.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole machine that is emulated: QEMU's translator for systems, with the kernel of {@code replay-tools/peer-kernel}, which runs one static
 * program in ring 3. With {@code records} the run is recorded, as ours are.
 *
 * @param kernel the built kernel
 */
record SystemPeer(String name, boolean records, Path kernel, HostMeter meter, Path scratch) implements Peer {

    private static final String EMULATOR = "qemu-system-x86_64";
    private static final String MEMORY_MB = "1024";

    /** The exit status of the program s becomes QEMU's exit status 2 s + 1. */
    private static final int STATUS_UNIT = 2;

    @Override
    public @Nullable String missing() {
        if (Peer.onPath(EMULATOR) == null) {
            return EMULATOR + " is not installed (Debian: qemu-system-x86)";
        }
        return Files.isRegularFile(kernel)
                ? null
                : "its kernel is not built: replay-tools/bench-peers builds it with gcc, binutils and make";
    }

    @Override
    public @Nullable String cannot(Program program) {
        return switch (program.kind()) {
            case COMPUTE, MIXED -> null;
            case KERNEL -> "its kernel has one task and no pipes";
            case RACKET -> "its kernel has no signals and few files";
        };
    }

    @Override
    public HostMeter.Measured run(Program program) throws BenchException {
        Path folder = scratch.resolve("system");
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve("arguments"), arguments(program));
            link(folder.resolve("program"), program.binary());
            HostMeter.Measured run = meter.run(command(program, folder), folder, Map.of(), false);
            if (run.status() % STATUS_UNIT == 0) {
                throw new BenchException(EMULATOR + " ended with status " + run.status() + ": " + run.errors());
            }
            String errors = Files.readString(folder.resolve("errors"), StandardCharsets.UTF_8);
            return new HostMeter.Measured(run.status() / STATUS_UNIT, run.output(), run.errors() + errors,
                    run.began_us(), run.seconds(), run.peakBytes());
        } catch (IOException e) {
            throw new BenchException("files for " + EMULATOR + " cannot be made: " + e.getMessage(), e);
        }
    }

    private List<String> command(Program program, Path folder) throws IOException {
        List<String> modules = new ArrayList<>(List.of("program", "arguments"));
        Path root = program.root();
        if (root != null) {
            for (String argument : program.arguments()) {
                if (argument.matches("[a-z0-9-]+") && Files.isRegularFile(root.resolve(argument))) {
                    link(folder.resolve(argument), root.resolve(argument));
                    modules.add(argument + " " + argument);
                }
            }
        }
        List<String> command = new ArrayList<>(List.of(EMULATOR, "-accel", "tcg", "-m", MEMORY_MB, "-nodefaults",
                "-no-reboot", "-display", "none", "-monitor", "none", "-kernel", kernel.toString(), "-initrd",
                String.join(",", modules), "-chardev", "stdio,id=out,signal=off", "-serial", "chardev:out", "-serial",
                "file:errors", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
        if (records) {
            command.addAll(List.of("-icount", "shift=3,rr=record,rrfile=recorded"));
        }
        return command;
    }

    private static void link(Path link, Path target) throws IOException {
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, target.toAbsolutePath());
    }

    /** As the kernel wants them: how many arguments and environment strings, then all of them. */
    private static byte[] arguments(Program program) throws IOException {
        List<String> strings = new ArrayList<>();
        strings.add(String.valueOf(program.binary().getFileName()));
        strings.addAll(program.arguments());
        int arguments = strings.size();
        program.environment().forEach((name, value) -> strings.add(name + "=" + value));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int count : new int[]{arguments, strings.size() - arguments}) {
            for (int shift = 0; shift < 32; shift += 8) {
                out.write(count >>> shift);
            }
        }
        for (String string : strings) {
            out.write(string.getBytes(StandardCharsets.UTF_8));
            out.write(0);
        }
        return out.toByteArray();
    }
}
