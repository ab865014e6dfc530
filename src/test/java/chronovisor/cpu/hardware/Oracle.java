package chronovisor.cpu.hardware;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processor this machine has: compiles and runs {@code src/test/native/hardware.c}. */
public final class Oracle implements AutoCloseable {
    private static final int BATCH_MAX = 4096;

    private final Path folder;
    private final Process process;
    private final OutputStream out;
    private final DataInputStream in;

    /** Starts the harness. */
    public Oracle() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("hardware");
        Path program = folder.resolve("hardware");
        Process gcc = new ProcessBuilder("gcc", "-O1", "-Wall", "-fno-stack-protector", "-static-pie", "-fPIE", "-o",
                program.toString(),
                "src/test/native/hardware.c").inheritIO().start();
        if (gcc.waitFor() != 0) {
            throw new IOException("gcc cannot build the hardware harness");
        }
        process = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        out = process.getOutputStream();
        in = new DataInputStream(process.getInputStream());
    }

    /** Whether this machine can be asked. */
    public static boolean available() {
        return System.getProperty("os.arch").equals("amd64") && Files.isExecutable(Path.of("/usr/bin/gcc"));
    }

    /** What the processor does with each case. */
    public List<HardwareResult> run(List<HardwareCase> cases) throws IOException {
        List<HardwareResult> results = new ArrayList<>();
        for (int from = 0; from < cases.size(); from += BATCH_MAX) {
            List<HardwareCase> batch = cases.subList(from, Math.min(cases.size(), from + BATCH_MAX));
            ByteBuffer b = ByteBuffer.allocate(4 + batch.size() * HardwareCase.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            b.putInt(batch.size());
            batch.forEach(c -> c.put(b));
            out.write(b.array());
            out.flush();
            byte[] answer = in.readNBytes(batch.size() * HardwareResult.BYTES);
            ByteBuffer r = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
            if (answer.length < batch.size() * HardwareResult.BYTES) {
                throw new IOException("the hardware harness died in a batch that starts with " + batch.getFirst());
            }
            for (int i = 0; i < batch.size(); i++) {
                results.add(HardwareResult.get(r));
            }
        }
        return results;
    }

    @Override
    public void close() throws IOException {
        out.close();
        process.destroy();
        Files.deleteIfExists(folder.resolve("hardware"));
        Files.deleteIfExists(folder);
    }
}
