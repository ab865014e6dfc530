package chronovisor.app.cli;

import chronovisor.cpu.Cpu;
import chronovisor.isa.Repeat;
import chronovisor.replay.MachineParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Session;
import chronovisor.replay.StepQuery;
import chronovisor.vmm.Core;
import chronovisor.vmm.VirtualMachine;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much more a processor's trap flag counts than our tick: a REP string instruction is one tick when it completes, and as many single
 * steps as it has iterations. Counted from outside, by stops before each REP instruction that a journal knows of and behind it.
 */
final class RepIterations {

    private static final int RCX = 1;

    private long extra;
    /** RCX when a thread came to a REP instruction, by address space, thread and address. */
    private final Map<String, Long> begun = new HashMap<>();

    private RepIterations() {}

    /** Iterations beyond the first of all REP instructions of a run that has been recorded; it is run once more. */
    static long beyondTheFirst(Path journal, MachineSetup setup, MachineParts parts) {
        TreeMap<Long, Integer> instructions = new TreeMap<>();
        StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> {
            if (instruction.repeat() != Repeat.NONE) {
                instructions.put(rip, instruction.length());
            }
        });
        RepIterations count = new RepIterations();
        try (Session session = Session.live(setup, parts, Rackets.quiet(), OutputListener.NONE)) {
            VirtualMachine vm = session.vm();
            instructions.forEach((rip, length) -> {
                vm.stops().breakAt(rip, core -> count.before(core, rip));
                vm.stops().breakAt(rip + length, core -> count.behind(core, rip));
            });
            session.run();
        }
        return count.extra;
    }

    private static String key(Core core, long rip) {
        Cpu cpu = core.cpu();
        return cpu.cr3 + " " + cpu.fsBase + " " + rip;
    }

    /** After a fault in its middle the instruction goes on with fewer iterations: the first arrival counts. */
    private boolean before(Core core, long rip) {
        begun.putIfAbsent(key(core, rip), core.cpu().gpr[RCX]);
        return false;
    }

    private boolean behind(Core core, long rip) {
        Long count = begun.remove(key(core, rip));
        if (count != null) {
            extra += Math.max(0, count - core.cpu().gpr[RCX] - 1);
        }
        return false;
    }
}
