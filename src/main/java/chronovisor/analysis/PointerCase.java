package chronovisor.analysis;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.journal.EventJson;
import chronovisor.journal.Position;
import chronovisor.kitten.memory.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pointer that leads nowhere: where it came from, and what had become of the memory that it was read from. Memory that was given
 * back, and pointers that a collector of garbage did not see, are found by that.
 */
final class PointerCase {

    private static final int EXCEPTION_DIVIDE = 0;

    private final Evidence evidence;
    private final Scene scene;
    private final History history;
    private final FaultSite site;

    PointerCase(Evidence evidence, FaultSite site) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.history = evidence.history;
        this.site = site;
    }

    void look() {
        int register = register();
        if (register < 0) {
            target();
            return;
        }
        List<Provenance.Hop> value = Provenance.ofRegister(scene, site.task(), register, site.stop());
        List<String> lines = new ArrayList<>();
        lines.add(FaultSite.name(register) + " held " + Words.hex(valueOf(register)));
        value.forEach(hop -> lines.add(describe(hop)));
        Provenance.Hop loaded = first(value, Provenance.Kind.LOADED);
        List<Provenance.Hop> pointer = List.of();
        if (loaded != null && loaded.base() >= 0 && loaded.base() != Numbers.RSP) {
            pointer = Provenance.ofRegister(scene, loaded.task(), loaded.base(), loaded.at());
            lines.add("and the address " + Words.hex(loaded.address()) + " that it was loaded from, by way of "
                    + FaultSite.name(loaded.base()) + " = " + Words.hex(loaded.baseValue()) + ":");
            pointer.forEach(hop -> lines.add(describe(hop)));
        }
        evidence.find("where the pointer came from", lines);
        boolean explained = false;
        if (loaded != null) {
            explained = freed(loaded, pointer);
            explained |= unseen(loaded, value, pointer);
        }
        if (!explained) {
            explained = released();
        }
        wild(register, value, explained);
    }

    /** The register to blame: that of the address, else what is divided by. */
    private int register() {
        if (site.pointer() >= 0) {
            return site.pointer();
        }
        scene.timeline().seek(site.stop());
        Instruction instruction = scene.instruction(site.task(), site.exception().rip());
        if (site.exception().vector() == EXCEPTION_DIVIDE && instruction != null && instruction.operandCount() > 0
                && instruction.operand(0).kind() == Operand.Kind.GPR) {
            return instruction.operand(0).register();
        }
        return -1;
    }

    private long valueOf(int register) {
        scene.timeline().seek(site.stop());
        return scene.view().general(site.exception().core())[register];
    }

    /** Nothing can be executed at RIP: who had gone there. */
    private void target() {
        if (!site.access().equals("execute")) {
            return;
        }
        Steps steps = Steps.before(scene, site.task(), site.stop(), 4096, 64);
        if (steps.size() == 0) {
            return;
        }
        Steps.Step step = steps.get(steps.size() - 1);
        Instruction instruction = step.instruction();
        scene.timeline().seek(step.before());
        List<String> lines = new ArrayList<>();
        lines.add(step.before() + "  " + scene.code(site.task(), step.rip()));
        List<Provenance.Hop> hops = List.of();
        if (instruction != null) {
            Operand memory = instruction.memory();
            switch (instruction.operation()) {
                case RET ->
                    hops = Provenance.ofMemory(scene, site.task(), step.general()[Numbers.RSP], 8, step.before());
                default -> {
                    if (memory != null) {
                        hops = Provenance.ofMemory(scene, site.task(),
                                scene.address(instruction, memory, step.rip(), step.general(), site.task()), 8,
                                step.before());
                    } else if (instruction.operandCount() > 0
                            && instruction.operand(0).kind() == Operand.Kind.GPR) {
                        hops = Provenance.ofRegister(scene, site.task(), instruction.operand(0).register(),
                                step.before());
                    }
                }
            }
        }
        hops.forEach(hop -> lines.add(describe(hop)));
        evidence.find("who went there", lines);
        Provenance.Hop stored = first(hops, Provenance.Kind.STORED);
        evidence.suspect(new Suspect("wild-jump", "control went to " + Words.hex(site.address())
                + ", where nothing can be executed, from " + scene.place(site.task(), step.rip()) + " at "
                + step.before() + (stored == null
                        ? ""
                        : "; the address was stored at " + stored.at() + " by "
                                + function(stored)),
                70, step.before(), stored == null ? List.of() : List.of(stored.at()), null));
    }

    // Memory that was given back.

    /** Whether the memory that the value was read from had been freed after the pointer to it was stored. */
    private boolean freed(Provenance.Hop loaded, List<Provenance.Hop> pointer) {
        Optional<List<Allocations.Block>> found = Allocations.around(scene, loaded.task(), loaded.address(),
                loaded.at());
        if (found.isEmpty() || found.get().isEmpty()) {
            return false;
        }
        List<Allocations.Block> blocks = found.get();
        List<String> lines = new ArrayList<>();
        Allocations.Block last = null;
        for (Allocations.Block block : blocks) {
            lines.add(block.words());
            last = block.what() == Allocations.What.FREED ? block : last;
        }
        evidence.find("what the allocator did with " + Words.hex(loaded.address()), lines);
        Position stored = storedAt(pointer);
        if (last == null || stored != null && stored.compareTo(last.at()) > 0) {
            return false;
        }
        Allocations.Block again = blocks.getLast().what() == Allocations.What.GIVEN ? blocks.getLast() : null;
        List<Position> positions = new ArrayList<>(List.of(loaded.at()));
        if (again != null) {
            positions.add(again.at());
        }
        evidence.suspect(new Suspect("use-after-free", "freed memory is used: the block at "
                + Words.hex(last.start()) + " was freed at " + last.at() + " by " + last.caller()
                + (again == null ? "" : ", given out again at " + again.at() + " to " + again.caller())
                + ", and " + function(loaded) + " still reads it at " + loaded.at()
                + (stored == null ? "" : ", through a pointer that was stored at " + stored), 130, last.at(),
                positions, null));
        return true;
    }

    private static @Nullable Position storedAt(List<Provenance.Hop> pointer) {
        Provenance.Hop stored = first(pointer, Provenance.Kind.STORED);
        return stored == null ? null : stored.at();
    }

    /** Whether the address itself lies in memory that was unmapped. */
    private boolean released() {
        if (site.region() != null || site.access().isEmpty()) {
            return false;
        }
        PageHistory page = PageHistory.of(history, site.task(), site.address(), site.exception().at());
        PageHistory.Entry last = page.last(site.exception().at());
        if (last == null || last.protection() != -1) {
            return false;
        }
        scene.before(last.at());
        List<String> functions = scene.functions(last.call() == null ? site.task() : last.call().entered().task());
        evidence.suspect(new Suspect("use-after-unmap", "memory that was given back is used: the page of "
                + Words.hex(site.address()) + " was " + last.text() + " at " + last.at()
                + (functions.isEmpty() ? "" : ", in " + String.join(" < ", functions.stream().limit(4).toList())), 110,
                last.at(), List.of(site.stop()), null));
        return true;
    }

    // Pointers that a collector did not see.

    /** Whether a collection changed the memory behind a pointer that it left as it was, and why it did not see it. */
    private boolean unseen(Provenance.Hop loaded, List<Provenance.Hop> value, List<Provenance.Hop> pointer) {
        Provenance.Hop slot = first(pointer, Provenance.Kind.LOADED);
        Provenance.Hop stored = first(pointer, Provenance.Kind.STORED);
        Provenance.Hop changed = value.size() > 1 ? value.get(1) : null;
        if (slot == null || stored == null || changed == null || changed.kind() == Provenance.Kind.LOADED
                || changed.at().compareTo(stored.at()) < 0) {
            return false;
        }
        History.Collection collection = history.collectionAt(changed.at());
        PageHistory page = PageHistory.of(history, slot.task(), slot.address(), stored.at());
        PageHistory.Entry protection = page.lastReadOnly(stored.at());
        String story = "the pointer at " + Words.hex(slot.address()) + ", stored at " + stored.at() + " by "
                + function(stored) + between(stored.at(), changed.at()) + ", still led to "
                + Words.hex(loaded.baseValue()) + " when " + function(changed)
                + (collection == null
                        ? ""
                        : " of the collection from " + collection.start() + " to "
                                + collection.end())
                + " had overwritten what was there, at " + changed.at();
        List<Position> positions = new ArrayList<>(List.of(stored.at(), changed.at()));
        if (protection != null && !protection.effect() && protection.call() != null) {
            positions.add(0, protection.at());
            evidence.find("the page of " + Words.hex(slot.address()) + ", which held the pointer", page.lines(8));
            List<String> switches = CallSuspects.switches(evidence.kernel, Numbers.MPROTECT);
            evidence.suspect(new Suspect("stub", "mprotect does nothing in this kernel: "
                    + PageHistory.describe(history, protection.call()) + " at " + protection.at()
                    + " returned 0 and left the page writable, so nobody was told of the store; " + story, 160,
                    protection.at(), positions, switches.isEmpty() ? null : switches.getFirst()));
            return true;
        }
        if (collection == null && page.others() == 0) {
            return false;
        }
        if (!page.entries().isEmpty()) {
            evidence.find("the page of " + Words.hex(slot.address()) + ", which held the pointer", page.lines(8));
        }
        PageHistory.Entry last = page.last(stored.at());
        evidence.suspect(new Suspect("missing-write-barrier", "a write barrier is missing: " + story
                + (page.others() == 0
                        ? ""
                        : ". Its page could be written without a fault" + (last == null
                                ? ""
                                : " (" + last.text() + " at " + last.at() + ", and not protected since)")
                                + ", while " + Words.count(page.others(), "other range") + " had been made read-only"),
                125, stored.at(), positions, null));
        return true;
    }

    /** The last collection that began and ended between two positions, and so should have corrected the pointer. */
    private String between(Position from, Position to) {
        for (History.Collection collection : history.collections.newestFirst()) {
            Position end = collection.end();
            if (end != null && collection.start().compareTo(from) > 0 && end.compareTo(to) < 0) {
                return " and left as it was by the collection from " + collection.start() + " to " + end;
            }
        }
        return "";
    }

    /** Nothing better: what the pointer was, and who made it so. */
    private void wild(int register, List<Provenance.Hop> value, boolean explained) {
        Provenance.Hop stored = null;
        for (Provenance.Hop hop : value) {
            if (hop.kind() == Provenance.Kind.STORED || hop.kind() == Provenance.Kind.KERNEL
                    || hop.kind() == Provenance.Kind.CONSTANT || hop.kind() == Provenance.Kind.COMPUTED) {
                stored = hop;
            }
        }
        long pointer = valueOf(register);
        Region region = site.region();
        boolean divides = site.exception().vector() == EXCEPTION_DIVIDE;
        String what = divides
                ? "a division by " + pointer
                : pointer == 0
                        ? "a pointer is 0"
                        : region != null && site.access().equals("write")
                                ? "memory is written that may not be (" + Words.rights(region.protection()) + ")"
                                : Long.compareUnsigned(pointer, 4096) < 0
                                        ? "a pointer is " + Words.hex(pointer) + ", near 0"
                                        : "a pointer, " + Words.hex(pointer) + text(pointer) + ", leads nowhere it may";
        evidence.suspect(new Suspect(divides ? "divide" : pointer == 0 ? "null-pointer" : "wild-pointer", what
                + ": " + FaultSite.name(register) + " in " + scene.function(site.task(), site.exception().rip())
                + (stored == null ? "" : "; " + origin(stored)), explained ? 25 : 65, site.stop(),
                stored == null ? List.of() : List.of(stored.at()), null));
    }

    private String origin(Provenance.Hop hop) {
        return switch (hop.kind()) {
            case KERNEL -> "the kernel wrote it at " + hop.at();
            case STORED -> function(hop) + " stored it at " + hop.at();
            default -> function(hop) + " made it at " + hop.at();
        };
    }

    /** A pointer that is made of letters shows whose bytes it is. */
    private static String text(long pointer) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            int letter = (int) (pointer >>> 8 * i) & 0xFF;
            if (letter == 0) {
                break;
            }
            if (letter < 0x20 || letter > 0x7E) {
                return "";
            }
            letters.append((char) letter);
        }
        return letters.length() < 5 ? "" : " (the letters \"" + letters + "\")";
    }

    private String function(Provenance.Hop hop) {
        scene.timeline().seek(hop.at());
        return scene.function(hop.task(), hop.rip());
    }

    private static Provenance.@Nullable Hop first(List<Provenance.Hop> hops, Provenance.Kind kind) {
        return hops.stream().filter(hop -> hop.kind() == kind).findFirst().orElse(null);
    }

    private String describe(Provenance.Hop hop) {
        String instruction = hop.code().isEmpty() ? "" : where(hop) + "  " + hop.code();
        return switch (hop.kind()) {
            case LOADED -> hop.at() + "  loaded from " + Words.hex(hop.address()) + " by " + instruction;
            case STORED -> hop.at() + "  stored to " + Words.hex(hop.address()) + " by " + history.name(hop.task())
                    + ", " + instruction;
            case KERNEL -> hop.at() + "  written to " + Words.hex(hop.address()) + " by the kernel for "
                    + history.name(hop.task()) + (hop.event() == null ? "" : ": " + EventJson.text(hop.event()));
            case UNWRITTEN -> "nothing has written to " + Words.hex(hop.address()) + " since the machine booted";
            case CONSTANT -> hop.at() + "  a constant of " + instruction;
            case COMPUTED -> hop.at() + "  computed by " + instruction;
            case OLDER -> "older than what was looked at, before " + hop.at();
        };
    }

    private String where(Provenance.Hop hop) {
        scene.timeline().seek(hop.at());
        return scene.place(hop.task(), hop.rip());
    }
}
