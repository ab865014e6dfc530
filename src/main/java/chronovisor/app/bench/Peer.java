package chronovisor.app.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something else that runs the same programs on this host. */
interface Peer {

    /** The host's own processor. */
    String NATIVE = "native";

    /** Where {@code replay-tools/bench-peers} puts the kernel that runs programs in emulated machines. */
    String KERNEL = "target/peer-kernel/kernel";

    /** What it is called in the table. */
    String name();

    /** Why it cannot be had on this machine; null when it can. */
    @Nullable
    String missing();

    /** Why it cannot run a program that others can; null when it can. */
    @Nullable
    String cannot(Program program);

    /**
     * Runs a program from its start to its end.
     *
     * @throws BenchException when it cannot be started or does not end
     */
    HostMeter.Measured run(Program program) throws BenchException;

    /** All of them, whether they are here or not. */
    static List<Peer> all(HostMeter meter, Path home, Path scratch) {
        return List.of(new OnHost(NATIVE, null, meter, scratch),
                new OnHost("qemu-x86_64", "qemu-x86_64", meter, scratch),
                new SystemPeer("qemu-system", false, home.resolve(KERNEL), meter, scratch),
                new SystemPeer("qemu-system rr", true, home.resolve(KERNEL), meter, scratch));
    }

    /** A program of the host's search path, or null. */
    static @Nullable Path onPath(String command) {
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator, -1)) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, command);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file;
            }
        }
        return null;
    }

    /** The host's own processor, or an emulator that runs a program as a process of the host. */
    record OnHost(String name, @Nullable String emulator, HostMeter meter, Path scratch) implements Peer {

        @Override
        public @Nullable String missing() {
            if (emulator != null) {
                return onPath(emulator) == null ? emulator + " is not installed (Debian: qemu-user)" : null;
            }
            boolean able = System.getProperty("os.arch").equals("amd64")
                    && System.getProperty("os.name").equals("Linux");
            return able ? null : "this host is no x86-64 Linux";
        }

        @Override
        public @Nullable String cannot(Program program) {
            return null;
        }

        @Override
        public HostMeter.Measured run(Program program) throws BenchException {
            List<String> command = new ArrayList<>();
            if (emulator != null) {
                command.add(emulator);
            }
            command.add(program.binary().toString());
            command.addAll(program.arguments());
            return meter.run(command, program.root() == null ? scratch : program.root(),
                    Map.copyOf(program.environment()), true);
        }
    }
}
