package chronovisor.timeline;

import chronovisor.journal.CpuEvent;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.journal.RecordType;
import chronovisor.journal.VmmEvent;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The first event that two journals do not tell alike, and what led to it in each. Nothing is run. */
public final class JournalDiff {

    private static final int SAME_MAX = 8;
    private static final int CAUSES_MAX = 16;

    /**
     * A difference.
     *
     * @param left
     *            the first journal's event, null at its end
     * @param right
     *            the second journal's
     * @param same
     *            the last events before it, which are the same
     * @param leftCauses
     *            what led to the first journal's event, nearest first
     * @param rightCauses
     *            what led to the second journal's
     */
    public record Difference(@Nullable GuestEvent left, @Nullable GuestEvent right, List<GuestEvent> same,
            List<GuestEvent> leftCauses, List<GuestEvent> rightCauses) {

        /** Keeps unmodifiable copies. */
        public Difference {
            same = List.copyOf(same);
            leftCauses = List.copyOf(leftCauses);
            rightCauses = List.copyOf(rightCauses);
        }

        /** Where it is. */
        public Position at() {
            if (left == null || right == null) {
                return left != null ? left.at() : right != null ? right.at() : Position.START;
            }
            return left.at().compareTo(right.at()) < 0 ? left.at() : right.at();
        }
    }

    private JournalDiff() {}

    /** Compares two journals from the later of their beginnings on: a fork is compared with its parent from the fork on. */
    public static Optional<Difference> first(Path left, Path right) {
        return first(left, right, event -> true, GuestEvent::equals);
    }

    /** The same of effects alone: what came in is passed over, and how events of one tick are numbered does not matter. */
    public static Optional<Difference> firstEffect(Path left, Path right) {
        return first(left, right, event -> !(event instanceof InputEvent),
                (a, b) -> a.at().tick() == b.at().tick() && alike(a, b));
    }

    /** Whether two events say the same, wherever they and their causes are. */
    public static boolean alike(GuestEvent a, GuestEvent b) {
        return a.getClass().equals(b.getClass()) && content(a).equals(content(b));
    }

    /** An event's own words, without its position and its cause's. */
    private static String content(GuestEvent event) {
        Position cause = event.cause();
        String text = EventJson.text(event).substring(event.at().toString().length());
        return cause == null ? text : text.substring(0, text.length() - cause.toString().length());
    }

    private static Optional<Difference> first(Path left, Path right, Predicate<GuestEvent> wanted,
            BiPredicate<GuestEvent, GuestEvent> alike) {
        JournalMap leftMap = JournalMap.of(left, false);
        JournalMap rightMap = JournalMap.of(right, false);
        Position from = beginning(leftMap).compareTo(beginning(rightMap)) > 0
                ? beginning(leftMap)
                : beginning(rightMap);
        ArrayDeque<GuestEvent> same = new ArrayDeque<>();
        try (Events a = new Events(left, from, wanted); Events b = new Events(right, from, wanted)) {
            while (true) {
                GuestEvent x = a.next();
                GuestEvent y = b.next();
                if (x == null && y == null) {
                    return Optional.empty();
                }
                if (x == null || y == null || !alike.test(x, y)) {
                    return Optional.of(new Difference(x, y, List.copyOf(same), causes(leftMap, x),
                            causes(rightMap, y)));
                }
                same.add(x);
                if (same.size() > SAME_MAX) {
                    same.remove();
                }
            }
        }
    }

    private static Position beginning(JournalMap map) {
        if (map.entries().isEmpty()) {
            return Position.START;
        }
        JournalHeader.Parent parent = map.read(map.entries().getFirst()).header().parent();
        return parent == null ? Position.START : parent.at();
    }

    /** An event's causes as the journal names them; where it names none, the entry into the kernel that it is part of. */
    static List<GuestEvent> causes(JournalMap map, @Nullable GuestEvent event) {
        List<GuestEvent> chain = new ArrayList<>();
        EventScan scan = new EventScan(map);
        GuestEvent now = event;
        while (now != null && chain.size() < CAUSES_MAX) {
            Position cause = now.cause();
            int core = now.core();
            if (cause != null) {
                GuestEvent found = scan.next(cause, any -> true);
                now = found != null && found.at().equals(cause) ? found : null;
            } else {
                now = isEntry(now)
                        ? null
                        : scan.previous(now.at(), earlier -> earlier.core() == core && isEntry(earlier));
            }
            if (now != null) {
                chain.add(now);
            }
        }
        return chain;
    }

    /** Whether the kernel or the machine begins to do something by it. */
    private static boolean isEntry(GuestEvent event) {
        return switch (event) {
            case InputEvent input -> true;
            case CpuEvent exception -> true;
            case KittenEvent.SyscallEntered entered -> true;
            case VmmEvent.InterruptInjected injected -> true;
            case VmmEvent other -> false;
            case KittenEvent other -> false;
            case RacketEvent other -> false;
            case ProbeEvent other -> false;
        };
    }

    /** The events of a journal, one by one. */
    private static final class Events implements AutoCloseable {
        private final JournalReader reader;
        private final Position from;
        private final Predicate<GuestEvent> wanted;
        private Iterator<GuestEvent> batch = List.<GuestEvent>of().iterator();

        Events(Path folder, Position from, Predicate<GuestEvent> wanted) {
            this.reader = JournalReader.open(folder);
            this.from = from;
            this.wanted = wanted;
        }

        @Nullable
        GuestEvent next() {
            while (true) {
                while (batch.hasNext()) {
                    GuestEvent event = batch.next();
                    if (event.at().compareTo(from) >= 0 && wanted.test(event)) {
                        return event;
                    }
                }
                JournalRecord record = reader
                        .next(glance -> glance.type() == RecordType.EVENTS && glance.last().compareTo(from) >= 0);
                if (record == null) {
                    return null;
                }
                batch = record.events().iterator();
            }
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
