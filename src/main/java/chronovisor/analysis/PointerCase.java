package chronovisor.analysis;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
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
    private static final int ERRNO_MAX = 4095;
    /** How soon a library tells its caller that a call of its has failed. */
    private static final int CONSEQUENCE_TICKS = 500;

    private final Evidence evidence;
    private final Scene scene;
    private final History history;
    private final FaultSite site;
    private final HopWords words;

    PointerCase(Evidence evidence, FaultSite site) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.history = evidence.history;
        this.site = site;
        this.words = new HopWords(evidence);
    }

    void look() {
        int register = register();
        if (new JumpCase(evidence, site).look() || register < 0) {
            return;
        }
        List<Provenance.Hop> value = site.exception().vector() == EXCEPTION_DIVIDE && site.pointer() < 0
                ? Provenance.ofNumber(scene, site.task(), register, site.stop())
                : Provenance.ofRegister(scene, site.task(), register, site.stop());
        List<String> lines = new ArrayList<>();
        lines.add(FaultSite.name(register) + " held " + Words.hex(valueOf(register)));
        value.forEach(hop -> lines.add(words.line(hop)));
        Provenance.Hop loaded = HopWords.first(value, Provenance.Kind.LOADED);
        List<Provenance.Hop> pointer = List.of();
        if (loaded != null && loaded.base() >= 0 && loaded.base() != Numbers.RSP) {
            pointer = Provenance.ofRegister(scene, loaded.task(), loaded.base(), loaded.at());
            lines.add("and the address " + Words.hex(loaded.address()) + " that it was loaded from, by way of "
                    + FaultSite.name(loaded.base()) + " = " + Words.hex(loaded.baseValue()) + ":");
            pointer.forEach(hop -> lines.add(words.line(hop)));
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
                + ", and " + words.function(loaded) + " still reads it at " + loaded.at()
                + (stored == null ? "" : ", through a pointer that was stored at " + stored), 130, last.at(),
                positions, null));
        return true;
    }

    private static @Nullable Position storedAt(List<Provenance.Hop> pointer) {
        Provenance.Hop stored = HopWords.first(pointer, Provenance.Kind.STORED);
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
        Provenance.Hop slot = HopWords.first(pointer, Provenance.Kind.LOADED);
        Provenance.Hop stored = HopWords.first(pointer, Provenance.Kind.STORED);
        Provenance.Hop changed = value.size() > 1 ? value.get(1) : null;
        if (slot == null || stored == null || changed == null || changed.kind() == Provenance.Kind.LOADED
                || changed.at().compareTo(stored.at()) < 0) {
            return false;
        }
        History.Collection collection = history.collectionAt(changed.at());
        PageHistory page = PageHistory.of(history, slot.task(), slot.address(), stored.at());
        PageHistory.Entry protection = page.lastReadOnly(stored.at());
        String story = "the pointer at " + Words.hex(slot.address()) + ", stored at " + stored.at() + " by "
                + words.function(stored) + between(stored.at(), changed.at()) + ", still led to "
                + Words.hex(loaded.baseValue()) + " when " + words.function(changed)
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
                                        : "a pointer, " + Words.hex(pointer) + Words.letters(pointer)
                                                + ", leads nowhere it may";
        evidence.suspect(new Suspect(divides ? "divide" : pointer == 0 ? "null-pointer" : "wild-pointer", what
                + ": " + FaultSite.name(register) + " in " + scene.function(site.task(), site.exception().rip())
                + (stored == null ? "" : "; " + origin(stored)) + failedCall(pointer, stored), explained ? 25 : 65,
                site.stop(), stored == null ? List.of() : List.of(stored.at()), null));
    }

    /** The call that had failed just before somebody made the pointer 0 or -1 of it. */
    private String failedCall(long pointer, Provenance.@Nullable Hop made) {
        if (made == null || pointer < -ERRNO_MAX || pointer > 0
                || (made.kind() != Provenance.Kind.CONSTANT && made.kind() != Provenance.Kind.COMPUTED)) {
            return "";
        }
        for (History.Called call : history.failures.newestFirst()) {
            if (call.entered().task() == made.task() && call.at().compareTo(made.at()) < 0) {
                boolean near = made.at().tick() - call.at().tick() < CONSEQUENCE_TICKS;
                return near ? ", when " + evidence.failed(call) + " at " + call.at() : "";
            }
        }
        return "";
    }

    private String origin(Provenance.Hop hop) {
        return switch (hop.kind()) {
            case KERNEL -> "the kernel wrote it at " + hop.at();
            case STORED -> words.function(hop) + " stored it at " + hop.at();
            default -> words.function(hop) + " made it at " + hop.at();
        };
    }
}
