package chronovisor.analysis;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Control that went where no program is, or was to go to what is no address: who sent it there, and who had stored where to. */
final class JumpCase {

    private static final int GENERAL_PROTECTION = 13;
    private static final int LOOKED_BACK = 4096;
    private static final int KEPT = 64;
    /** Bits above these are copies of the highest of them in an address. */
    private static final int ADDRESS_BITS = 48;

    private final Evidence evidence;
    private final Scene scene;
    private final FaultSite site;
    private final HopWords words;

    /** A transfer of control, and where it led. */
    private record Transfer(Steps.Step step, long target) {}

    JumpCase(Evidence evidence, FaultSite site) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.site = site;
        this.words = new HopWords(evidence);
    }

    /** Whether the fault was one of control; then who went there is told. */
    boolean look() {
        Transfer transfer = site.access().equals("execute") ? gone() : refused();
        if (transfer == null) {
            return site.access().equals("execute");
        }
        Steps.Step step = transfer.step;
        scene.timeline().seek(step.before());
        List<String> lines = new ArrayList<>();
        lines.add(step.before() + "  " + scene.code(site.task(), step.rip()));
        List<Provenance.Hop> hops = origin(step);
        hops.forEach(hop -> lines.add(words.line(hop)));
        evidence.find("who went there", lines);
        Provenance.Hop stored = HopWords.first(hops, Provenance.Kind.STORED);
        String where = Words.hex(transfer.target) + Words.letters(transfer.target);
        scene.timeline().seek(step.before());
        evidence.suspect(new Suspect("wild-jump", (site.access().equals("execute")
                ? "control went to " + where + ", where nothing can be executed,"
                : "control was to go to " + where + ", which is no address,") + " from "
                + scene.place(site.task(), step.rip()) + " at " + step.before() + (stored == null
                        ? ""
                        : "; the address was stored at " + stored.at() + " by " + words.function(stored)),
                70, step.before(), stored == null ? List.of() : List.of(stored.at()), null));
        return true;
    }

    /** The instruction before one that could not be fetched. */
    private @Nullable Transfer gone() {
        Steps steps = Steps.before(scene, site.task(), site.stop(), LOOKED_BACK, KEPT);
        return steps.size() == 0 ? null : new Transfer(steps.get(steps.size() - 1), site.address());
    }

    /** The faulting instruction, when it is a transfer to an address that is not canonical (SDM vol. 1, 3.3.7.1). */
    private @Nullable Transfer refused() {
        if (site.exception().vector() != GENERAL_PROTECTION) {
            return null;
        }
        scene.timeline().seek(site.stop());
        long rip = site.exception().rip();
        long[] general = scene.view().general(site.exception().core());
        Instruction instruction = scene.instruction(site.task(), rip);
        if (instruction == null) {
            return null;
        }
        Optional<Long> target = switch (instruction.operation()) {
            case RET -> scene.word(site.task(), general[Numbers.RSP]);
            case CALL, JMP -> target(instruction, rip, general);
            default -> Optional.empty();
        };
        return target.filter(address -> !canonical(address))
                .map(address -> new Transfer(new Steps.Step(site.stop(), rip, instruction, general), address))
                .orElse(null);
    }

    private Optional<Long> target(Instruction instruction, long rip, long[] general) {
        Operand operand = instruction.operand(0);
        if (operand.isMemory()) {
            return scene.word(site.task(), scene.address(instruction, operand, rip, general, site.task()));
        }
        return operand.kind() == Operand.Kind.GPR ? Optional.of(general[operand.register()]) : Optional.empty();
    }

    private static boolean canonical(long address) {
        return address << Long.SIZE - ADDRESS_BITS >> Long.SIZE - ADDRESS_BITS == address;
    }

    /** Where a transfer had its target from. */
    private List<Provenance.Hop> origin(Steps.Step step) {
        Instruction instruction = step.instruction();
        if (instruction == null) {
            return List.of();
        }
        if (instruction.operation() == Operation.RET) {
            return Provenance.ofMemory(scene, site.task(), step.general()[Numbers.RSP], 8, step.before());
        }
        Operand memory = instruction.memory();
        if (memory != null) {
            return Provenance.ofMemory(scene, site.task(),
                    scene.address(instruction, memory, step.rip(), step.general(), site.task()), 8, step.before());
        }
        boolean register = instruction.operandCount() > 0 && instruction.operand(0).kind() == Operand.Kind.GPR;
        return register
                ? Provenance.ofRegister(scene, site.task(), instruction.operand(0).register(), step.before())
                : List.of();
    }
}
