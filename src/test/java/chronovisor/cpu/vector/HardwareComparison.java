package chronovisor.cpu.vector;

import chronovisor.cpu.Cpu;
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

    private final HardwareOracle oracle;
    private final Cpu cpu = HardwareState.processor();
    private final Map<String, long[]> approximations = new TreeMap<>();
    private long cases;
    private long different;

    private HardwareComparison(HardwareOracle oracle) {
        this.oracle = oracle;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 1 && arguments[0].equals("record")) {
            HardwareAnswers.record();
            return;
        }
        int perForm = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2000;
        int first = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        String filter = arguments.length > 2 ? arguments[2] : "";
        List<HardwareForm> forms = HardwareForms.all();
        try (HardwareOracle oracle = new HardwareOracle()) {
            HardwareComparison comparison = new HardwareComparison(oracle);
            int bad = 0;
            int tried = 0;
            for (HardwareForm form : forms) {
                if (form.name().contains(filter) && oracle.executes(form)) {
                    tried++;
                    bad += comparison.compare(form, first, perForm) ? 0 : 1;
                }
            }
            comparison.approximations.forEach((name, n) -> System.out.printf(
                    "%s: %d finite results, %d not the same, %d off by more than one in the last place%n", name, n[0],
                    n[1], n[2]));
            System.out.printf("%d forms, %d cases: %d forms and %d cases differ%n", tried, comparison.cases, bad,
                    comparison.different);
            System.exit(bad == 0 ? 0 : 1);
        }
    }

    private boolean compare(HardwareForm form, int first, int count) throws IOException {
        int differences = 0;
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
                cases++;
                if (form.approximate()) {
                    measure(form, hardware, ours);
                }
                if (!Arrays.equals(hardware, ours)) {
                    if (differences++ < 3) {
                        System.out.printf("%s, case %d%n%s%n", form.name(), first + done + i,
                                HardwareState.differences(before, hardware, ours));
                    }
                }
            }
        }
        if (differences > 0) {
            System.out.printf("== %s: %d of %d cases differ%n", form.name(), differences, count);
            different += differences;
        }
        return differences == 0;
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
