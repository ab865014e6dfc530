package chronovisor.cpu.vector;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** This machine's processor, asked through {@code src/test/native/vector_oracle.c}, which is compiled when needed. */
final class HardwareOracle implements AutoCloseable {

    private final Process process;
    private final OutputStream out;
    private final InputStream in;
    private final boolean avx;

    HardwareOracle() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of("target", "native"));
        Path program = folder.resolve("vector_oracle");
        Process compiler = new ProcessBuilder("gcc", "-O1", "-o", program.toString(), "src/test/native/vector_oracle.c")
                .inheritIO().start();
        if (compiler.waitFor() != 0) {
            throw new IOException("gcc failed");
        }
        process = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        out = process.getOutputStream();
        in = new BufferedInputStream(process.getInputStream(), 1 << 16);
        byte[] greeting = in.readNBytes(4);
        if (greeting.length != 4) {
            throw new IOException("the oracle does not greet");
        }
        avx = HardwareState.get32(greeting, 0) == 1;
        if (!avx) {
            System.err.println("This processor lacks AVX2, FMA or F16C: VEX-encoded forms are left out.");
        }
    }

    /** Whether it can execute {@code form}: VEX-encoded forms need a processor with AVX2, FMA and F16C. */
    boolean executes(HardwareForm form) {
        return avx || !form.vex();
    }

    /** The states after {@code code} from each of {@code states}, laid end to end. */
    byte[] execute(byte[] code, byte[] states, int count) throws IOException {
        byte[] head = new byte[24];
        HardwareState.put32(head, 0, code.length);
        System.arraycopy(code, 0, head, 4, code.length);
        HardwareState.put32(head, 20, count);
        byte[] answer = new byte[count * HardwareState.BYTES];
        out.write(head);
        out.write(states, 0, answer.length);
        out.flush();
        if (in.readNBytes(answer, 0, answer.length) != answer.length) {
            throw new IOException("the oracle stopped at " + Arrays.toString(code));
        }
        return answer;
    }

    @Override
    public void close() {
        try {
            out.close();
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process.destroy();
    }
}
