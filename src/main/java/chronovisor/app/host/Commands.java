package chronovisor.app.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a tool can ask of the host, by name: the table, and the work. */
public final class Commands {

    /** A command of the table. */
    private record Row(String usage, int argumentsMin, int argumentsMax, Work work) {}

    @FunctionalInterface
    private interface Work {
        void go(Commands commands, List<String> arguments) throws IOException;
    }

    private static final String CREATE = "[-b] <guest_img> <vm_name>";
    private static final Map<String, Row> TABLE = table();

    private final Host host;
    private final Exchange exchange;

    /** The tool at the other end. */
    interface Exchange {

        void line(String text) throws IOException;

        /** Shows a stream until it ends or the tool goes; what is typed goes to {@code typedOn}, where there is one. */
        void attach(HostedVm machine, StreamLog shown, String typedOn) throws IOException;
    }

    private Commands(Host host, Exchange exchange) {
        this.host = host;
        this.exchange = exchange;
    }

    private static Map<String, Row> table() {
        Map<String, Row> rows = new TreeMap<>();
        rows.put("mem", new Row("<memory size (MB)>", 1, 1,
                (c, a) -> c.exchange.line(c.host.memory(number(a.getFirst(), Host.BUDGET_MB_MAX)))));
        rows.put("create", new Row(CREATE, 2, 3, Commands::create));
        rows.put("launch", new Row("<vm_device>", 1, 1, (c, a) -> {
            c.exchange.line("Launching VM (" + a.getFirst() + ")");
            c.host.find(a.getFirst()).launch();
        }));
        rows.put("stop", new Row("<vm_device>", 1, 1, (c, a) -> {
            c.exchange.line("Stopping VM (" + a.getFirst() + ")");
            c.host.find(a.getFirst()).stop();
        }));
        rows.put("pause", new Row("<vm_device>", 1, 1, (c, a) -> {
            c.exchange.line("Pausing VM (" + a.getFirst() + ")");
            c.host.find(a.getFirst()).pause();
        }));
        rows.put("continue", new Row("<vm_device>", 1, 1, (c, a) -> {
            c.exchange.line("Continuing VM (" + a.getFirst() + ")");
            c.host.find(a.getFirst()).goOn();
        }));
        rows.put("free", new Row("<vm_device>|<vm-dev-idx>", 1, 1,
                (c, a) -> c.exchange.line(c.host.free(a.getFirst()))));
        rows.put("save", new Row("<vm_device> <store> <url>", 3, 3,
                (c, a) -> c.host.save(c.host.find(a.getFirst()), a.get(1), Path.of(a.get(2)))));
        rows.put("load", new Row("<vm_device> <store> <url>", 3, 3,
                (c, a) -> c.host.load(c.host.find(a.getFirst()), a.get(1), Path.of(a.get(2)))));
        rows.put("stream", new Row("<vm_device> <stream_name>", 2, 2, Commands::stream));
        rows.put("cons", new Row("<vm_device>", 1, 1, Commands::console));
        rows.put("debug", new Row("<vm_device> <vm core> <cmd>", 3, 3, Commands::debug));
        rows.put("fork", new Row("<vm_device> [<count>]", 1, 2, Commands::fork));
        rows.put("telemetry", new Row("<vm_device>", 1, 1, Commands::telemetry));
        rows.put("share", new Row("", 0, 0, (c, a) -> c.exchange.line(c.host.share())));
        rows.put("balloon", new Row("<vm_device> <memory size (MB)>", 2, 2, (c, a) -> {
            long megabytes = number(a.get(1), Host.BUDGET_MB_MAX);
            c.host.find(a.getFirst()).balloon(megabytes * Host.MEGABYTE_FRAMES);
            c.exchange.line("Asking VM (" + a.getFirst() + ") for " + megabytes + "MB");
        }));
        rows.put("list", new Row("", 0, 0, Commands::list));
        return rows;
    }

    /** A line for each command. */
    public static List<String> usages() {
        return TABLE.entrySet().stream().map(row -> "v3_" + row.getKey() + " " + row.getValue().usage).toList();
    }

    /** Which of a command's arguments is a path of the tool's folder; -1 when none is. */
    public static int pathArgument(List<String> words) {
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "create" -> words.size() > 1 && words.get(1).equals("-b") ? 2 : 1;
            case "save", "load" -> 3;
            default -> -1;
        };
    }

    /**
     * Does what is asked.
     *
     * @throws HostException
     *             when it cannot or will not
     */
    static void run(Host host, List<String> words, Exchange exchange) throws IOException {
        String name = words.isEmpty() ? "" : words.getFirst();
        Row row = TABLE.get(name);
        if (row == null) {
            throw new HostException("no command '" + name + "': one of " + String.join(", ", TABLE.keySet()));
        }
        List<String> arguments = words.subList(1, words.size());
        if (arguments.size() < row.argumentsMin || arguments.size() > row.argumentsMax) {
            throw new HostException("usage: v3_" + name + " " + row.usage);
        }
        row.work.go(new Commands(host, exchange), arguments);
    }

    private static int number(String text, int max) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new HostException("a number expected, found '" + text + "'", e);
        }
        throw new HostException("a number from 0 to " + max + " expected, found " + text);
    }

    private void create(List<String> arguments) throws IOException {
        boolean build = arguments.getFirst().equals("-b");
        if (build != (arguments.size() == 3)) {
            throw new HostException("usage: v3_create " + CREATE);
        }
        int first = build ? 1 : 0;
        for (String line : host.create(Path.of(arguments.get(first)), arguments.get(first + 1), build)) {
            exchange.line(line);
        }
    }

    private void stream(List<String> arguments) throws IOException {
        HostedVm machine = host.find(arguments.getFirst());
        String name = arguments.get(1);
        exchange.attach(machine, shown(machine, name), name);
    }

    private static StreamLog shown(HostedVm machine, String name) {
        StreamLog log = machine.stream(name);
        if (log == null) {
            throw new HostException("Error opening stream Console: " + machine.device() + " has no stream '" + name
                    + "', only " + machine.streamNames());
        }
        return log;
    }

    private void console(List<String> arguments) throws IOException {
        HostedVm machine = host.find(arguments.getFirst());
        String shown = machine.setup().configuration().streamAt(1);
        if (shown == null) {
            throw new HostException("Error opening stream Console: " + machine.device() + " has none on COM1");
        }
        String typedOn = ImageSetup.typedOn(machine.setup());
        exchange.attach(machine, shown(machine, shown), typedOn == null ? shown : typedOn);
    }

    private void debug(List<String> arguments) throws IOException {
        int core = number(arguments.get(1), Integer.MAX_VALUE);
        exchange.line("Debug Virtual Core " + core + " with Command " + number(arguments.get(2), Integer.MAX_VALUE));
        for (String line : host.debug(host.find(arguments.getFirst()), core)) {
            exchange.line(line);
        }
    }

    private void fork(List<String> arguments) throws IOException {
        HostedVm machine = host.find(arguments.getFirst());
        int count = arguments.size() == 1 ? 1 : number(arguments.get(1), Host.MACHINES_MAX);
        for (HostedVm fork : host.fork(machine, count)) {
            exchange.line("VM (" + fork.name() + ") created at " + fork.device());
        }
    }

    private void telemetry(List<String> arguments) throws IOException {
        for (String line : host.find(arguments.getFirst()).telemetry().lines()) {
            exchange.line(line);
        }
    }

    private void list(List<String> none) throws IOException {
        for (HostedVm machine : host.machines()) {
            HostedVm.Status status = machine.status();
            exchange.line(String.format(Locale.ROOT, "%-14s %-8s %s: %,d MB, %,d ticks%s%s", status.device(),
                    status.state(), status.name(), status.memory_mb(), status.ticks(),
                    status.reason().isEmpty() ? "" : ", " + status.reason(),
                    status.journal().isEmpty() ? "" : ", journal " + status.journal()));
        }
    }
}
