package chronovisor.debug;

import chronovisor.journal.JournalException;
import chronovisor.journal.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One client's session: what each packet means (E.2, E.4). An unknown packet gets the empty answer, a bad one an error. */
final class GdbSession implements Target.Client {

    private static final String OK = "OK";
    private static final String BAD = "E01";
    private static final String NO_THREAD = "E03";
    private static final int ALL = -1;
    private static final int ANY = 0;
    private static final int WATCH_BYTES_MAX = 4096;
    private static final int PLACES_MAX = 4096;
    /** Output of one packet: each byte takes two. */
    private static final int OUTPUT_BYTES = Connection.PACKET_BYTES_MAX / 4;

    private final Connection connection;
    private final Target target;
    private final Replies replies;
    private final Transfers transfers;
    private final HostIo hostIo;
    private final Monitor monitor;
    private final Set<Place> places = new LinkedHashSet<>();
    private CaughtSyscalls syscalls = CaughtSyscalls.NONE;
    private Set<Integer> passed = Set.of();
    private Halt halt;
    private int generalThread;
    private int continueThread = ALL;
    private boolean over;
    private boolean extended;
    private boolean paused;
    private @Nullable Plan resumed;

    GdbSession(Connection connection, Target target) {
        this.connection = connection;
        this.target = target;
        this.replies = new Replies(target);
        this.transfers = new Transfers(target);
        this.hostIo = new HostIo(target);
        this.monitor = new Monitor(target);
        this.halt = new Halt.Stepped(target.inferior().threadOn(target.view().currentCore()));
        this.generalThread = halt.task();
    }

    /** Answers until the client leaves. */
    void run() throws IOException {
        try {
            while (!over) {
                Optional<byte[]> packet = connection.receive();
                if (packet.isEmpty()) {
                    return;
                }
                answer(packet.get());
            }
        } finally {
            target.places(Set.of(), CaughtSyscalls.NONE);
            target.left();
        }
    }

    private void answer(byte[] packet) throws IOException {
        String text = new String(packet, StandardCharsets.ISO_8859_1);
        if (Arrays.equals(packet, Connection.INTERRUPT)) {
            // It stands already; the client waits for a stop reply if it believes otherwise.
            return;
        }
        try {
            byte[] reply = reply(text, packet);
            if (reply != null) {
                connection.send(reply);
            }
        } catch (Refused e) {
            connection.send("E." + e.getMessage());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            connection.send(BAD);
        } catch (JournalException e) {
            // Damage, or a replay that differs: the client learns why the session ends.
            note(e.getMessage());
            throw e;
        }
    }

    private byte @Nullable [] reply(String text, byte[] packet) throws IOException, Refused {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String rest = text.substring(1);
        return switch (text.charAt(0)) {
            case '?' -> bytes(replies.of(halt));
            case 'g' -> registers(thread()).map(all -> hex(all.bytes())).orElse(bytes(NO_THREAD));
            case 'G' -> writeRegisters(RegisterFile.of(HexFormat.of().parseHex(rest)));
            case 'p' -> registers(thread()).map(all -> hex(all.value(register(rest)))).orElse(bytes(NO_THREAD));
            case 'P' -> writeRegister(rest);
            case 'm' -> memory(rest, false);
            case 'x' -> memory(rest, true);
            case 'M' -> writeMemory(rest, HexFormat.of().parseHex(rest.substring(rest.indexOf(':') + 1)));
            case 'X' -> writeMemory(rest, Arrays.copyOfRange(packet, text.indexOf(':') + 1, packet.length));
            case 'H' -> choose(rest);
            case 'T' -> bytes(target.inferior().registers(thread(rest)).isPresent() ? OK : NO_THREAD);
            case 'Z' -> place(rest, true);
            case 'z' -> place(rest, false);
            case 'c', 'C' -> resume(Plan.Way.CONTINUE, ALL, 0, 0);
            case 's', 'S' -> resume(Plan.Way.STEP, stepped(continueThread), 0, 0);
            case 'b' -> backwards(rest);
            case '!' -> extend();
            case 'D' -> leave(true);
            case 'k' -> leave(false);
            case 'v' -> multiLetter(rest);
            case 'q' -> query(rest);
            case 'Q' -> set(rest);
            default -> new byte[0];
        };
    }

    private byte[] extend() {
        extended = true;
        return bytes(OK);
    }

    private byte @Nullable [] leave(boolean told) {
        if (!told) {
            target.kill();
        }
        // An extended client may want to run the program again.
        over = told || !extended || !target.reverses();
        return told ? bytes(OK) : null;
    }

    // Threads and registers.

    private int thread() {
        return generalThread > 0 ? generalThread : halt.task();
    }

    private Optional<RegisterFile> registers(int thread) {
        return target.inferior().registers(thread);
    }

    private static int register(String hex) {
        int number = Integer.parseInt(hex, 16);
        if (number < 0 || number >= TargetDescription.REGISTERS.size()) {
            throw new IllegalArgumentException("register " + number);
        }
        return number;
    }

    private byte[] writeRegister(String assignment) throws Refused {
        int equals = assignment.indexOf('=');
        int number = register(assignment.substring(0, equals));
        byte[] value = HexFormat.of().parseHex(assignment.substring(equals + 1));
        RegisterFile now = registers(thread()).orElse(null);
        return now == null ? bytes(NO_THREAD) : writeRegisters(now.with(number, value));
    }

    private byte[] writeRegisters(RegisterFile registers) throws Refused {
        target.write(thread(), registers);
        return bytes(OK);
    }

    private byte[] choose(String operation) {
        int thread = thread(operation.substring(1));
        if (thread > 0 && target.inferior().registers(thread).isEmpty()) {
            return bytes(NO_THREAD);
        }
        switch (operation.charAt(0)) {
            case 'g' -> generalThread = thread;
            case 'c' -> continueThread = thread;
            default -> {
                return new byte[0];
            }
        }
        return bytes(OK);
    }

    private static int thread(String hex) {
        if (hex.equals("-1")) {
            return ALL;
        }
        int thread = Integer.parseInt(hex, 16);
        if (thread < 0) {
            throw new IllegalArgumentException("thread " + hex);
        }
        return thread;
    }

    // Memory.

    private byte[] memory(String range, boolean binary) {
        int comma = range.indexOf(',');
        long address = Long.parseUnsignedLong(range.substring(0, comma), 16);
        long length = Long.parseUnsignedLong(range.substring(comma + 1), 16);
        if (length < 0) {
            return bytes(BAD);
        }
        int lengthMax = (int) Math.min(length, Connection.PACKET_BYTES_MAX / 2 - 1);
        byte[] found = target.inferior().memory(thread(), address, lengthMax);
        if (binary) {
            byte[] reply = new byte[found.length + 1];
            reply[0] = 'b';
            System.arraycopy(found, 0, reply, 1, found.length);
            return reply;
        }
        return found.length == 0 && length > 0 ? bytes(BAD) : hex(found);
    }

    private byte[] writeMemory(String head, byte[] data) throws Refused {
        int comma = head.indexOf(',');
        long address = Long.parseUnsignedLong(head.substring(0, comma), 16);
        int length = Integer.parseInt(head.substring(comma + 1, head.indexOf(':')), 16);
        if (length != data.length) {
            return bytes(BAD);
        }
        if (length > 0) {
            target.write(thread(), address, data);
        }
        return bytes(OK);
    }

    // Stops.

    private byte[] place(String request, boolean insert) throws Refused {
        String[] parts = request.split("[,;]", -1);
        int type = Integer.parseInt(parts[0]);
        if (type > 4) {
            return new byte[0];
        }
        long address = Long.parseUnsignedLong(parts[1], 16);
        int size = Integer.parseInt(parts[2], 16);
        Place.Kind kind = Place.Kind.values()[type];
        Place place = switch (kind) {
            case SOFTWARE -> new Place.Code(address, false);
            case HARDWARE -> new Place.Code(address, true);
            case WRITE, READ, ACCESS -> new Place.Data(kind, address, size);
        };
        if (place instanceof Place.Data && (size < 1 || size > WATCH_BYTES_MAX)) {
            throw new Refused("a watchpoint of " + size + " bytes; 1 to " + WATCH_BYTES_MAX + " are possible");
        }
        if (place instanceof Place.Data && Long.compareUnsigned(address + size - 1, address) < 0) {
            throw new Refused("a watchpoint beyond the last address");
        }
        if (insert && places.size() >= PLACES_MAX) {
            throw new Refused("more than " + PLACES_MAX + " breakpoints");
        }
        if (insert) {
            places.add(place);
        } else {
            places.remove(place);
        }
        return bytes(OK);
    }

    // Going.

    private byte @Nullable [] backwards(String direction) throws Refused, IOException {
        return switch (direction) {
            case "s" -> resume(Plan.Way.REVERSE_STEP, stepped(continueThread), 0, 0);
            case "c" -> resume(Plan.Way.REVERSE_CONTINUE, ALL, 0, 0);
            default -> new byte[0];
        };
    }

    private int stepped(int wanted) {
        return wanted > 0 ? wanted : thread();
    }

    private byte @Nullable [] multiLetter(String packet) throws Refused, IOException {
        if (packet.equals("Cont?")) {
            return bytes("vCont;c;C;s;S;t;r");
        }
        if (packet.startsWith("Cont;")) {
            return continued(packet.substring(5));
        }
        if (packet.startsWith("File:")) {
            return hostIo.answer(packet.substring(5));
        }
        if (packet.startsWith("Kill")) {
            leave(false);
            return bytes(OK);
        }
        if (packet.startsWith("Run;")) {
            return restart(packet.substring(4));
        }
        return new byte[0];
    }

    /**
     * {@code run POSITION}: begins again, there or at the beginning. The client forgets what it knew, as it must after a jump.
     *
     * @param words
     *            the program and its arguments, each in hexadecimal
     */
    private byte[] restart(String words) throws Refused {
        String[] all = words.split(";", -1);
        String where = all.length < 2 ? "start" : new String(HexFormat.of().parseHex(all[1]), StandardCharsets.UTF_8);
        target.command("seek", where);
        halt = new Halt.Stepped(target.inferior().threadOn(target.view().currentCore()));
        generalThread = halt.task();
        return bytes(replies.of(halt));
    }

    /**
     * Actions of {@code vCont}, the first that names a thread counting for it. The schedule is the machine's own, so a thread
     * that no action names runs as well.
     */
    private byte @Nullable [] continued(String actions) throws Refused, IOException {
        for (String action : actions.split(";", -1)) {
            String[] parts = action.split(":", 2);
            int thread = parts.length > 1 ? thread(parts[1]) : ALL;
            switch (parts[0].charAt(0)) {
                case 's', 'S' -> {
                    return resume(Plan.Way.STEP, stepped(thread), 0, 0);
                }
                case 'r' -> {
                    String[] range = parts[0].substring(1).split(",", -1);
                    return resume(Plan.Way.STEP_RANGE, stepped(thread), Long.parseUnsignedLong(range[0], 16),
                            Long.parseUnsignedLong(range[1], 16));
                }
                case 'c', 'C' -> {
                    if (thread == ALL || thread == ANY || actions.indexOf(';') < 0) {
                        return resume(Plan.Way.CONTINUE, ALL, 0, 0);
                    }
                }
                case 't' -> {
                    return bytes(OK);
                }
                default -> {
                    return bytes(BAD);
                }
            }
        }
        return resume(Plan.Way.CONTINUE, ALL, 0, 0);
    }

    private byte @Nullable [] resume(Plan.Way way, int task, long from, long to) throws Refused {
        target.places(places, syscalls);
        Plan plan = new Plan(way, task, from, to, passed);
        if (paused) {
            // The answer comes from where the machine was resumed first.
            resumed = plan;
            return null;
        }
        halt = target.resume(plan, this);
        generalThread = halt.task();
        if (over) {
            return null;
        }
        tell(halt);
        return bytes(replies.of(halt));
    }

    @Override
    public boolean interrupted() {
        return connection.interrupted();
    }

    @Override
    public Optional<Plan> pause(Halt why) {
        halt = why;
        generalThread = why.task();
        resumed = null;
        paused = true;
        try {
            connection.send(replies.of(why));
            while (!over && resumed == null) {
                Optional<byte[]> packet = connection.receive();
                if (packet.isEmpty()) {
                    over = true;
                } else {
                    answer(packet.get());
                }
            }
        } catch (IOException e) {
            over = true;
        } finally {
            paused = false;
        }
        return Optional.ofNullable(resumed);
    }

    /** Output while the machine counts as running: what a stop reply has no words for. */
    private void tell(Halt why) {
        String note = switch (why) {
            case Halt.End(int task, String reason) -> reason;
            case Halt.Exited(int task, int status, int signal, String reason) -> reason;
            case Halt other -> "";
        };
        for (String line : List.of(note, target.note())) {
            if (!line.isEmpty()) {
                note(line);
            }
        }
    }

    private void note(@Nullable String line) {
        output((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void output(byte[] text) {
        try {
            connection.send("O" + HexFormat.of().formatHex(text));
        } catch (IOException e) {
            over = true;
        }
    }

    // Asking.

    private byte[] query(String packet) {
        int colon = packet.indexOf(':');
        String name = colon < 0 ? packet : packet.substring(0, colon);
        String rest = colon < 0 ? "" : packet.substring(colon + 1);
        return switch (name) {
            case "Supported" -> supported(rest);
            case "Xfer" -> transfers.answer(rest, thread(), halt);
            case "C" -> halt.task() < 0 ? new byte[0] : bytes("QC" + Integer.toHexString(halt.task()));
            case "Attached" -> bytes("1");
            case "fThreadInfo" -> threads();
            case "sThreadInfo" -> bytes("l");
            case "Symbol" -> bytes(OK);
            default -> prefixed(packet);
        };
    }

    private byte[] prefixed(String packet) {
        if (packet.startsWith("Rcmd,")) {
            String line = new String(HexFormat.of().parseHex(packet.substring(5)), StandardCharsets.UTF_8);
            Position before = target.position();
            String output;
            try {
                output = monitor.run(line);
            } catch (Refused e) {
                // The answer to a command has no words for why it failed; output has.
                note(e.getMessage());
                return bytes(BAD);
            }
            if (!before.equals(target.position())) {
                halt = new Halt.Stepped(target.inferior().threadOn(target.view().currentCore()));
                generalThread = halt.task();
            }
            byte[] text = output.getBytes(StandardCharsets.UTF_8);
            int last = 0;
            for (; text.length - last > OUTPUT_BYTES; last += OUTPUT_BYTES) {
                output(Arrays.copyOfRange(text, last, last + OUTPUT_BYTES));
            }
            return text.length == 0 ? bytes(OK) : hex(Arrays.copyOfRange(text, last, text.length));
        }
        if (packet.startsWith("ThreadExtraInfo,")) {
            int thread = thread(packet.substring(16));
            return hex((target.inferior().name(thread) + " (" + target.inferior().state(thread) + ")")
                    .getBytes(StandardCharsets.UTF_8));
        }
        return new byte[0];
    }

    private byte[] supported(String features) {
        replies.supported(features);
        return bytes("PacketSize=" + Integer.toHexString(Connection.PACKET_BYTES_MAX)
                + ";QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;qXfer:auxv:read+;qXfer:exec-file:read+"
                + ";qXfer:siginfo:read+;QPassSignals+;QCatchSyscalls+;vContSupported+;swbreak+;hwbreak+"
                + (target.reverses() ? ";ReverseStep+;ReverseContinue+" : ""));
    }

    private byte[] threads() {
        List<Integer> all = target.inferior().threads();
        return all.isEmpty()
                ? bytes("l")
                : bytes("m" + String.join(",", all.stream().map(Integer::toHexString).toList()));
    }

    private byte @Nullable [] set(String packet) throws IOException {
        if (packet.equals("StartNoAckMode")) {
            connection.send(OK);
            connection.stopAcknowledging();
            return null;
        }
        if (packet.startsWith("PassSignals:")) {
            Set<Integer> signals = new TreeSet<>();
            for (String signal : packet.substring(12).split(";", -1)) {
                if (!signal.isEmpty()) {
                    signals.add(Integer.parseInt(signal, 16));
                }
            }
            passed = signals;
            return bytes(OK);
        }
        if (packet.startsWith("CatchSyscalls:")) {
            Set<Integer> numbers = new TreeSet<>();
            String[] parts = packet.substring(14).split(";", -1);
            for (int i = 1; i < parts.length; i++) {
                numbers.add(Integer.parseInt(parts[i], 16));
            }
            boolean on = parts[0].equals("1");
            syscalls = on ? new CaughtSyscalls(numbers.isEmpty(), numbers) : CaughtSyscalls.NONE;
            return bytes(OK);
        }
        return new byte[0];
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] hex(byte[] data) {
        return bytes(HexFormat.of().formatHex(data));
    }
}
