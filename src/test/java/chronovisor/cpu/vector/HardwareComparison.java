package chronovisor.cpu.vector;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.hardware.HardwareTally;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares every x87, MMX, SSE and AVX form with this machine's processor and prints the differences. Needs gcc and an
 * Intel processor; VEX-encoded forms are left out, and that is said, where it lacks AVX2, FMA or F16C. From the repository's folder, after {@code mvn test-compile}:
 *
 * <pre>
 *   java --enable-native-access=ALL-UNNAMED -cp target/classes:target/test-classes:... chronovisor.cpu.vector.HardwareComparison
 *       [cases per form] [first case] [name filter]
 *   ... HardwareComparison record      writes the answers that HardwareAnswersTest holds us to
 * </pre>
 *
 * Ends with status 1 when something differs.
 */
public final class HardwareComparison {

    private static final int BATCH = 512;
    /** Seeds start in the range of case numbers at places of their own. */
    private static final int CASE_NUMBERS = 1_000_000_000;

    private final HardwareOracle oracle;
    private final Cpu cpu = HardwareState.processor();
    private final Map<String, long[]> approximations = new TreeMap<>();
    private final HardwareTally tally;

    private HardwareComparison(HardwareOracle oracle, HardwareTally tally) {
        this.oracle = oracle;
        this.tally = tally;
    }

    /** About {@code total} cases, as many of each form; the seed says which. */
    public static void run(long total, long seed, HardwareTally tally) throws IOException, InterruptedException {
        List<HardwareForm> forms = HardwareForms.all();
        int perForm = Math.toIntExact(Math.ceilDiv(total, forms.size()));
        int first = Math.toIntExact(Math.floorMod((seed - 1) * perForm, (long) CASE_NUMBERS));
        compare(forms, first, perForm, tally);
    }

    private static HardwareComparison compare(List<HardwareForm> forms, int first, int perForm, HardwareTally tally)
            throws IOException, InterruptedException {
        try (HardwareOracle oracle = new HardwareOracle()) {
            HardwareComparison comparison = new HardwareComparison(oracle, tally);
            for (HardwareForm form : forms) {
                if (oracle.executes(form)) {
                    tally.addForms(1);
                    comparison.compare(form, first, perForm);
                }
            }
            return comparison;
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 1 && arguments[0].equals("record")) {
            HardwareAnswers.record();
            return;
        }
        int perForm = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2000;
        int first = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        String filter = arguments.length > 2 ? arguments[2] : "";
        List<HardwareForm> forms = HardwareForms.all().stream().filter(form -> form.name().contains(filter)).toList();
        HardwareTally tally = new HardwareTally();
        compare(forms, first, perForm, tally).approximations.forEach((name, n) -> System.out.printf(
                "%s: %d finite results, %d not the same, %d off by more than one in the last place%n", name, n[0],
                n[1], n[2]));
        tally.differences().forEach(System.out::println);
        System.out.println(tally.summary(first));
        System.exit(tally.differences().isEmpty() ? 0 : 1);
    }

    private void compare(HardwareForm form, int first, int count) throws IOException {
        for (int done = 0; done < count; done += BATCH) {
            int n = Math.min(BATCH, count - done);
            byte[] states = new byte[n * HardwareState.BYTES];
            byte[] state = new byte[HardwareState.BYTES];
            for (int i = 0; i < n; i++) {
                HardwareCases.fill(state, form, first + done + i);
                System.arraycopy(state, 0, states, i * HardwareState.BYTES, HardwareState.BYTES);
            }
            byte[] answers = oracle.execute(form.code(), states, n);
            for (int i = 0; i < n; i++) {
                int at = i * HardwareState.BYTES;
                byte[] before = Arrays.copyOfRange(states, at, at + HardwareState.BYTES);
                byte[] hardware = Arrays.copyOfRange(answers, at, at + HardwareState.BYTES);
                byte[] ours = before.clone();
                HardwareState.execute(cpu, form.step(), ours);
                HardwareState.normalize(hardware, form);
                HardwareState.normalize(ours, form);
                tally.addCase(form.instruction().row());
                boolean equal = Arrays.equals(hardware, ours);
                if (form.approximate()) {
                    measure(form, hardware, ours);
                }
                if (!equal && Arrays.equals(hardware, ours)) {
                    tally.addAccepted();
                } else if (!equal) {
                    tally.addDifference(form.name() + ", case " + (first + done + i) + "\n"
                            + HardwareState.differences(before, hardware, ours));
                }
            }
        }
    }

    /** Counts how far approximate results are apart, then takes small distances (and C1, which tells of them) for equal. */
    private void measure(HardwareForm form, byte[] hardware, byte[] ours) {
        long[] n = approximations.computeIfAbsent(form.instruction().operation().mnemonic(), name -> new long[3]);
        for (int i = 0; i < 2; i++) {
            int at = 32 + 16 * i;
            n[0]++;
            long distance = HardwareState.get64(hardware, at) - HardwareState.get64(ours, at);
            int tops = HardwareState.get16(hardware, at + 8) - HardwareState.get16(ours, at + 8);
            if (tops != 0) {
                // 1.11...1 and the next power of two are neighbours.
                distance = tops == 1 || tops == -1 ? distance - tops * Long.MIN_VALUE : 2;
            }
            if (distance != 0 && (HardwareState.get16(ours, 40 + 16 * i) & 0x7FFF) != 0x7FFF) {
                n[1]++;
                boolean near = Math.abs(distance) == 1;
                n[2] += near ? 0 : 1;
                if (near) {
                    HardwareState.put64(ours, at, HardwareState.get64(hardware, at));
                    HardwareState.put16(ours, at + 8, HardwareState.get16(hardware, at + 8));
                }
            }
        }
        HardwareState.put16(ours, 2, HardwareState.get16(ours, 2) & ~0x200 | HardwareState.get16(hardware, 2) & 0x200);
    }
}
