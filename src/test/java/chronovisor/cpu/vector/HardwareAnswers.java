package chronovisor.cpu.vector;

import chronovisor.cpu.Cpu;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a processor answered, kept small: for each form its code, a count, and 16 bits of CRC of the whole state after each
 * of the cases 0 to count-1, which {@link HardwareCases} makes again. A zero stands for a transcendental result that is
 * within the manual's bound but not the same.
 */
final class HardwareAnswers {

    static final String RESOURCE = "hardware-answers.bin";

    private static final Path FILE = Path.of("src/test/resources/chronovisor/cpu/vector", RESOURCE);
    private static final int CASES = 128;
    private static final int CASES_WITH_IMMEDIATE = 16;

    /** The answers to one form. */
    record Answers(byte[] code, int[] digests) {}

    private HardwareAnswers() {}

    /** Asks this machine's processor and writes the file. */
    static void record() throws IOException, InterruptedException {
        Cpu cpu = HardwareState.processor();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try (HardwareOracle oracle = new HardwareOracle()) {
            for (HardwareForm form : HardwareForms.all()) {
                if (!oracle.executes(form)) {
                    throw new IOException(form.name() + " cannot be recorded on this processor");
                }
                int count = form.immediate() ? CASES_WITH_IMMEDIATE : CASES;
                out.writeByte(form.code().length);
                out.write(form.code());
                out.writeShort(count);
                byte[] state = new byte[HardwareState.BYTES];
                byte[] states = new byte[count * HardwareState.BYTES];
                for (int i = 0; i < count; i++) {
                    HardwareCases.fill(state, form, i);
                    System.arraycopy(state, 0, states, i * HardwareState.BYTES, HardwareState.BYTES);
                }
                byte[] answers = oracle.execute(form.code(), states, count);
                for (int i = 0; i < count; i++) {
                    int at = i * HardwareState.BYTES;
                    byte[] hardware = Arrays.copyOfRange(answers, at, at + HardwareState.BYTES);
                    HardwareState.normalize(hardware, form);
                    int digest = HardwareState.digest(hardware);
                    out.writeShort(form.approximate() && digest(cpu, form, i, state) != digest ? 0 : digest);
                }
            }
        }
        Files.createDirectories(FILE.getParent());
        Files.write(FILE, bytes.toByteArray());
    }

    /** Our own answer to a case. */
    static int digest(Cpu cpu, HardwareForm form, int number, byte[] scratch) {
        HardwareCases.fill(scratch, form, number);
        HardwareState.execute(cpu, form.step(), scratch);
        HardwareState.normalize(scratch, form);
        return HardwareState.digest(scratch);
    }

    static List<Answers> read(InputStream resource) throws IOException {
        List<Answers> all = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(resource)) {
            while (true) {
                byte[] code;
                try {
                    code = new byte[in.readUnsignedByte()];
                } catch (EOFException e) {
                    return all;
                }
                in.readFully(code);
                int[] digests = new int[in.readUnsignedShort()];
                for (int i = 0; i < digests.length; i++) {
                    digests[i] = in.readUnsignedShort();
                }
                all.add(new Answers(code, digests));
            }
        }
    }
}
