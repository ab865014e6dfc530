package chronovisor.debug;

import java.util.Locale;

/** Commands of {@code monitor}: the client hands them through as they are typed. */
final class Monitor {

    private final Target target;

    Monitor(Target target) {
        this.target = target;
    }

    /**
     * Carries a command out and gives its output.
     *
     * @throws Refused
     *             when there is no such command, or it cannot be done
     */
    String run(String line) throws Refused {
        String[] words = line.strip().split("\\s+", 2);
        String argument = words.length > 1 ? words[1].strip() : "";
        return switch (words[0].toLowerCase(Locale.ROOT)) {
            case "help", "" -> help();
            case "when" -> target.position() + "\n";
            case "digest" -> java.util.HexFormat.of().formatHex(target.view().digest()) + "\n";
            case "processes" -> processes();
            case "process" -> process(argument);
            case String other -> target.command(other, argument);
        };
    }

    private String help() {
        return """
                when              the position here, tick:sequence
                digest            SHA-256 of the machine's whole state here
                processes         the guest's processes
                process NUMBER    debug another process from now on
                """ + target.help();
    }

    private String processes() {
        StringBuilder list = new StringBuilder();
        int here = target.inferior().process().map(process -> process.id()).orElse(-1);
        target.view().kernel().ifPresent(state -> state.processes().values().stream()
                .filter(process -> target.inferior().processes().contains(process.id()))
                .forEach(process -> list.append(process.id() == here ? "* " : "  ").append(process.id()).append("  ")
                        .append(process.program()).append('\n')));
        return list.toString();
    }

    private String process(String argument) throws Refused {
        try {
            target.inferior().choose(Integer.parseInt(argument));
        } catch (NumberFormatException e) {
            throw new Refused("process '" + argument + "': the number of a process expected");
        }
        return processes();
    }
}
