package chronovisor.debug;

import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalException;
import chronovisor.journal.Position;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Marks;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Commands of {@code monitor} that move in a recorded run and tell where things are. */
final class Bookmarks {

    static final String HELP = """
            seek POSITION     go there: tick, tick:sequence, a mark, start or end; then 'maintenance flush register-cache',
                              or use 'target extended-remote' and 'starti POSITION', which needs no flush
            events [N]        the next N events (10)
            mark [NAME]       name this position, for all commands
            marks             the positions that have names
            fork [NAME]       continue live from here in a journal of its own, to its end
            """;

    private static final int EVENTS = 10;
    private static final int EVENTS_MAX = 1000;
    private static final int MARKS_MAX = 1000;

    private final Timeline timeline;
    private final GdbServer.Forks forks;

    Bookmarks(Timeline timeline, GdbServer.Forks forks) {
        this.timeline = timeline;
        this.forks = forks;
    }

    String command(String name, String argument) throws Refused {
        return switch (name) {
            case "seek" -> seek(argument);
            case "events" -> events(argument);
            case "mark" -> mark(argument);
            case "marks" -> marks();
            case "fork" -> fork(argument);
            case String other -> throw new Refused("unknown command '" + other + "'; 'monitor help' lists them");
        };
    }

    private String seek(String argument) throws Refused {
        return timeline.seek(position(argument)) + "\n";
    }

    private Position position(String argument) throws Refused {
        Position marked = all().get(argument);
        if (marked != null) {
            return marked;
        }
        try {
            return switch (argument.toLowerCase(Locale.ROOT)) {
                case "start" -> timeline.first();
                case "end" -> timeline.last();
                case String text -> Position.parse(text);
            };
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    "seek " + argument + ": a position (tick or tick:sequence), a mark, start or end expected");
        }
    }

    private String events(String argument) throws Refused {
        int count = EVENTS;
        if (!argument.isEmpty()) {
            try {
                count = Math.min(EVENTS_MAX, Integer.parseInt(argument));
            } catch (NumberFormatException e) {
                throw new Refused("events " + argument + ": a number expected");
            }
        }
        StringBuilder list = new StringBuilder();
        Position from = timeline.position();
        for (int i = 0; i < count; i++) {
            Optional<GuestEvent> event = timeline.nextEvent(from, new Condition.Event("any", any -> true));
            if (event.isEmpty()) {
                break;
            }
            list.append(EventJson.text(event.get())).append('\n');
            from = new Position(event.get().at().tick(), event.get().at().sequence() + 1);
        }
        return list.isEmpty() ? "no events from here on\n" : list.toString();
    }

    private Path folder() {
        return timeline.map().folder();
    }

    /** Names are kept beside the journal, so that other commands know them too. */
    private String mark(String argument) throws Refused {
        Map<String, Position> marks = all();
        if (marks.size() >= MARKS_MAX) {
            throw new Refused("more than " + MARKS_MAX + " marks");
        }
        int number = 1;
        while (marks.containsKey("mark" + number)) {
            number++;
        }
        String name = argument.isEmpty() ? "mark" + number : argument;
        try {
            Marks.set(folder(), name, timeline.position());
        } catch (IllegalArgumentException | JournalException e) {
            throw new Refused(String.valueOf(e.getMessage()));
        }
        return name + "  " + timeline.position() + "\n";
    }

    private String fork(String argument) throws Refused {
        if (timeline.atEnd()) {
            throw new Refused("the run is over at " + timeline.position());
        }
        try {
            return forks.fork(timeline, argument) + "\n";
        } catch (RuntimeException e) {
            // A name that is taken, a full disk: for the operator, and no end of the session.
            throw new Refused("fork: " + e.getMessage());
        }
    }

    /** Marks that cannot be read or written are no end of the session: the run can be looked at without. */
    private Map<String, Position> all() throws Refused {
        try {
            return Marks.all(folder());
        } catch (JournalException e) {
            throw new Refused(String.valueOf(e.getMessage()));
        }
    }

    private String marks() throws Refused {
        StringBuilder list = new StringBuilder();
        all().forEach((name, at) -> list.append(name).append("  ").append(at).append('\n'));
        return list.isEmpty() ? "no marks\n" : list.toString();
    }
}
