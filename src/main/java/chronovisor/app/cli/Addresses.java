package chronovisor.app.cli;

import chronovisor.timeline.Symbols;
import chronovisor.timeline.View;

/** Addresses as arguments: a number, a symbol, or a symbol and a distance ({@code main+0x10}). */
final class Addresses {

    private Addresses() {}

    /**
     * Reads an address.
     *
     * @param task
     *            whose program's symbols count; -1 for the task that runs
     */
    static long parse(String text, View view, int task) {
        int plus = text.indexOf('+', 1);
        String name = plus < 0 ? text : text.substring(0, plus);
        try {
            long distance = plus < 0 ? 0 : number(text.substring(plus + 1));
            return (Character.isDigit(name.isEmpty() ? ' ' : name.charAt(0)) ? number(name) : symbol(name, view, task))
                    + distance;
        } catch (NumberFormatException e) {
            throw Failure.usage("'" + text + "' is not an address: a number or a symbol expected");
        }
    }

    private static long number(String text) {
        return text.startsWith("0x") || text.startsWith("0X")
                ? Long.parseUnsignedLong(text.substring(2), 16)
                : Long.parseUnsignedLong(text);
    }

    private static long symbol(String name, View view, int task) {
        int whose = task >= 0 ? task : view.taskOn(view.currentCore());
        return Symbols.of(view, whose).address(name)
                .orElseThrow(() -> Failure.usage("'" + name + "': the program has no such symbol here"));
    }
}
