package chronovisor.analysis.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person asks to be told.
 *
 * <pre>
 *   function NAME                entries and returns of functions; NAME may have * and ?, or be an address
 *   entry NAME, exit NAME        one of the two; also: function NAME entry
 *   write RANGE, read RANGE      writes to memory, loads by instructions; also: memory write RANGE, memory RANGE
 *   RANGE                        ADDRESS, ADDRESS+BYTES, ADDRESS..END; a symbol instead of an address; without a length its own, or 8
 * </pre>
 *
 * Order does not matter, and the words {@code with}, {@code arguments}, {@code in} and {@code range} may stand anywhere: arguments are always told.
 */
public sealed interface ProbeSpec {

    /** A larger range is not watched. */
    int BYTES_MAX = 1 << 20;

    /** Functions. */
    record Function(String name, boolean entry, boolean exit, String text) implements ProbeSpec {

        /** Whether a symbol is meant. */
        boolean matches(String symbol) {
            return pattern().matcher(symbol).matches();
        }

        boolean isPattern() {
            return name.indexOf('*') >= 0 || name.indexOf('?') >= 0;
        }

        private Pattern pattern() {
            StringBuilder regex = new StringBuilder();
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
            }
            return Pattern.compile(regex.toString());
        }
    }

    /**
     * Memory.
     *
     * @param start
     *            an address, or the name of a symbol
     * @param bytes
     *            how many; 0 for as many as the symbol has, or eight
     */
    record Memory(String start, int bytes, boolean writes, boolean reads, String text) implements ProbeSpec {}

    /** As it was written. */
    String text();

    /** An address that is written as a number, or -1. */
    static long address(String text) {
        try {
            return text.startsWith("0x") || text.startsWith("0X")
                    ? Long.parseLong(text.substring(2).replace("_", ""), 16)
                    : Character.isDigit(text.charAt(0)) ? Long.parseLong(text.replace("_", "")) : -1;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(text + " is not an address", e);
        }
    }

    /**
     * Reads what a person has written.
     *
     * @throws IllegalArgumentException
     *             with a message for that person
     */
    static ProbeSpec parse(String text) {
        List<String> words = new ArrayList<>();
        List<String> targets = new ArrayList<>();
        for (String word : text.strip().split("[\\s,]+", -1)) {
            switch (word.toLowerCase(Locale.ROOT)) {
                case "with", "arguments", "in", "range" -> {
                    // For people.
                }
                case "function", "memory", "entry", "exit", "write", "read" -> words.add(word.toLowerCase(Locale.ROOT));
                case "return" -> words.add("exit");
                case "entry/exit" -> words.addAll(List.of("entry", "exit"));
                case "read/write", "access" -> words.addAll(List.of("read", "write"));
                default -> targets.add(word);
            }
        }
        boolean calls = words.contains("function") || words.contains("entry") || words.contains("exit");
        boolean memory = words.contains("memory") || words.contains("write") || words.contains("read");
        if (targets.size() != 1 || calls == memory || targets.getFirst().isEmpty()) {
            throw new IllegalArgumentException("--probe '" + text + "': expected function NAME, entry NAME, exit NAME, "
                    + "write RANGE or read RANGE");
        }
        String target = targets.getFirst();
        if (calls) {
            boolean either = words.contains("entry") || words.contains("exit");
            address(target);
            return new Function(target, !either || words.contains("entry"), !either || words.contains("exit"), text);
        }
        return memory(target, words, text);
    }

    private static Memory memory(String target, List<String> words, String text) {
        Matcher range = Pattern.compile("(.+?)(?:(\\.\\.|\\+)(\\w+))?").matcher(target);
        if (!range.matches()) {
            throw new IllegalArgumentException("--probe '" + text + "': " + target + " is no range");
        }
        String start = range.group(1);
        long from = address(start);
        long bytes = 0;
        if (range.group(3) != null) {
            long number = address(range.group(3));
            bytes = range.group(2).equals("+") ? number : number - from;
            if (number < 0 || range.group(2).equals("..") && from < 0 || bytes <= 0) {
                throw new IllegalArgumentException("--probe '" + text + "': " + target + " is no range");
            }
        }
        if (bytes > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "--probe '" + text + "': at most " + BYTES_MAX + " bytes can be watched");
        }
        boolean reads = words.contains("read");
        return new Memory(start, (int) bytes, !reads || words.contains("write"), reads, text);
    }
}
