package chronovisor.cpu.hardware;

import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import java.io.IOException;
import java.util.List;

/** Compares integer instructions with this machine's processor. */
final class IntegerComparison {
    private static final int BATCH = 4096;

    private IntegerComparison() {}

    /** {@code total} cases from a seed. */
    static void run(long total, long seed, HardwareTally tally) throws IOException, InterruptedException {
        IntegerCases generator = new IntegerCases(seed);
        tally.addForms(generator.count());
        try (Oracle oracle = new Oracle(); Subject subject = new Subject()) {
            for (long from = 0; from < total; from += BATCH) {
                List<HardwareCase> cases = generator.take((int) from, (int) Math.min(BATCH, total - from));
                List<HardwareResult> theirs = oracle.run(cases);
                for (int k = 0; k < cases.size(); k++) {
                    compare(cases.get(k), subject.run(cases.get(k)), theirs.get(k), tally);
                }
            }
        }
    }

    private static void compare(HardwareCase c, HardwareResult ours, HardwareResult theirs, HardwareTally tally) {
        if (!(Decoder.decode(c.code(), 0, c.code().length) instanceof Instruction i)) {
            throw new IllegalStateException("a case without an instruction: " + c);
        }
        tally.addCase(i.row());
        String difference = ours.difference(theirs, -1);
        if (!difference.isEmpty()) {
            tally.addDifference(i + ":" + difference + "\n    " + c);
        } else if (theirs.hidesAbsence() && ours.error() != theirs.error()) {
            tally.addAccepted();
        }
    }
}
