package chronovisor.kitten;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * How the kernel is booted.
 *
 * @param profile
 *            {@code base} (2012), {@code paper} or {@code full}
 * @param patches
 *            names of the switches that are on
 * @param argv
 *            arguments of init_task, argv[0] first
 * @param envp
 *            environment of init_task, {@code NAME=value}
 * @param stdin
 *            device that is descriptor 0: {@code /dev/console} or {@code /dev/ttyS0..3}
 * @param stdout
 *            device that is descriptor 1
 * @param stderr
 *            device that is descriptor 2
 * @param tty
 *            whether ttyS devices are terminals instead of raw byte streams
 * @param directory
 *            working directory of init_task
 * @param heap_bytes
 *            largest heap, 0 for no limit but memory
 * @param stack_bytes
 *            largest stack
 * @param kmem_bytes
 *            kernel memory pool (file contents, buffers), 0 for no limit but memory
 * @param sched_hz
 *            time slices a second; 10 by default, 1000 in profile {@code full}
 */
public record KittenOptions(String profile, SortedSet<String> patches, List<String> argv, List<String> envp,
        String stdin, String stdout, String stderr, boolean tty, String directory, long heap_bytes, long stack_bytes,
        long kmem_bytes, int sched_hz) {

    private static final List<String> PAPER = List.of("console_read", "syscalls", "pipes", "limits", "more_limits");
    /** The paper's pipes copied C strings; that is not repeated, unless it is asked for by {@code -binary_pipes}. */
    private static final String BINARY_PIPES = "binary_pipes";
    private static final List<String> FULL = List.of(BINARY_PIPES, "mprotect", "signals", "vfs", "poll", "time",
            "futex", "process",
            "elf", "libc", "fair");
    private static final long FILE_BYTES_MAX = 1L << 43;

    /** Kitten's default, made for one thread a core. */
    private static final int KITTEN_HZ = 10;

    /** Threads that outnumber the cores wait for each other's slices: as long as on a desktop kernel. */
    private static final int FULL_HZ = 1000;

    public KittenOptions {
        patches = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(patches));
        argv = List.copyOf(argv);
        envp = List.copyOf(envp);
    }

    /** The full profile on the console, with nothing but a program name. */
    public static KittenOptions standard() {
        return parse(Map.of());
    }

    /**
     * Reads settings by their names: {@code profile}, {@code patches} (comma separated, see
     * scenarios/README.md), {@code init_stdin},
     * {@code init_stdout}, {@code init_stderr}, {@code init_tty}, {@code init_directory}, {@code init_heap_size},
     * {@code init_stack_size}, {@code kmem_size}, {@code sched_hz}.
     *
     * @throws IllegalArgumentException
     *             naming the key that is unknown or the value that does not fit
     */
    public static KittenOptions parse(Map<String, String> settings) {
        List<String> known = List.of("profile", "patches", "init_stdin", "init_stdout", "init_stderr", "init_tty",
                "init_directory", "init_heap_size", "init_stack_size", "kmem_size", "sched_hz");
        for (String key : new TreeSet<>(settings.keySet())) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException("unknown kernel option '" + key + "', known are " + known);
            }
        }
        String profile = settings.getOrDefault("profile", "full");
        SortedSet<String> patches = patchesOf(profile);
        String chosen = settings.get("patches");
        if (chosen != null) {
            patches = choose(patches, chosen);
        }
        SortedSet<String> on = patches;
        return new KittenOptions(profile, on, List.of("init_task"), List.of(),
                device(settings, "init_stdin"), device(settings, "init_stdout"), device(settings, "init_stderr"),
                settings.getOrDefault("init_tty", "no").equals("yes"), settings.getOrDefault("init_directory", "/"),
                size(settings, "init_heap_size", heapBytes(on)), size(settings, "init_stack_size", stackBytes(on)),
                powerOfTwo(size(settings, "kmem_size", kmemBytes(on))),
                (int) Math.max(1, size(settings, "sched_hz", profile.equals("full") ? FULL_HZ : KITTEN_HZ)));
    }

    /** A list names all that are on; {@code +NAME} and {@code -NAME} change what the profile has. */
    private static SortedSet<String> choose(SortedSet<String> ofProfile, String chosen) {
        List<String> names = Stream.of(chosen.split(",", -1)).map(String::strip).filter(name -> !name.isEmpty())
                .toList();
        long changes = names.stream().filter(name -> name.startsWith("+") || name.startsWith("-")).count();
        if (changes != 0 && changes != names.size()) {
            throw new IllegalArgumentException("patches=" + chosen + ": either every name has + or -, or none");
        }
        SortedSet<String> on = new TreeSet<>(changes == 0 ? List.of(BINARY_PIPES) : ofProfile);
        for (String item : names) {
            String name = changes == 0 ? item : item.substring(1);
            if (!PAPER.contains(name) && !FULL.contains(name)) {
                throw new IllegalArgumentException("unknown patch '" + name + "', known are " + allPatches());
            }
            if (item.startsWith("-")) {
                on.remove(name);
            } else {
                on.add(name);
            }
        }
        return on;
    }

    /** Every patch there is, the paper's first. */
    public static List<String> allPatches() {
        List<String> all = new ArrayList<>(PAPER);
        all.addAll(FULL);
        return List.copyOf(all);
    }

    /** These options with a program's arguments and environment. */
    public KittenOptions withProgram(List<String> arguments, List<String> environment) {
        return new KittenOptions(profile, patches, arguments, environment, stdin, stdout, stderr, tty, directory,
                heap_bytes, stack_bytes, kmem_bytes, sched_hz);
    }

    /** These options with standard input, output and error on the named devices. */
    public KittenOptions withStreams(String in, String out, String error) {
        return new KittenOptions(profile, patches, argv, envp, in, out, error, tty, directory, heap_bytes, stack_bytes,
                kmem_bytes, sched_hz);
    }

    /**
     * These options with one switch on or off, all else as it is.
     *
     * @throws IllegalArgumentException
     *             when there is no such switch
     */
    public KittenOptions withPatch(String patch, boolean on) {
        SortedSet<String> chosen = choose(patches, (on ? "+" : "-") + patch);
        return new KittenOptions(profile, chosen, argv, envp, stdin, stdout, stderr, tty, directory, heap_bytes,
                stack_bytes, kmem_bytes, sched_hz);
    }

    private static long heapBytes(SortedSet<String> on) {
        return on.contains("elf") ? 0 : on.contains("more_limits") ? 200L << 20 : 32L << 20;
    }

    private static long stackBytes(SortedSet<String> on) {
        return on.contains("elf") ? 8L << 20 : on.contains("more_limits") ? 1L << 20 : 256L << 10;
    }

    private static long kmemBytes(SortedSet<String> on) {
        return on.contains("vfs") ? 0 : on.contains("limits") ? 1024L << 20 : 64L << 20;
    }

    private static long powerOfTwo(long bytes) {
        return bytes <= 1 ? bytes : Long.highestOneBit(bytes - 1) << 1;
    }

    /** Largest file that a program can write. */
    public long fileBytesMax() {
        return has("vfs") ? FILE_BYTES_MAX : has("limits") ? 409_600 : 4096;
    }

    /** Whether the console is typed on by keyboard only, as Kitten's own is; else it hears its serial port, too. */
    public boolean keyboardConsole() {
        return !has("vfs");
    }

    /** Whether the named patch is on. */
    public boolean has(String patch) {
        return patches.contains(patch);
    }

    private static SortedSet<String> patchesOf(String profile) {
        return switch (profile) {
            case "base" -> new TreeSet<>(List.of(BINARY_PIPES));
            case "paper" -> {
                TreeSet<String> all = new TreeSet<>(PAPER);
                all.add(BINARY_PIPES);
                yield all;
            }
            case "full" -> new TreeSet<>(allPatches());
            default -> throw new IllegalArgumentException("unknown profile '" + profile + "': base, paper or full");
        };
    }

    private static String device(Map<String, String> settings, String key) {
        String path = settings.getOrDefault(key, "/dev/console");
        if (!path.matches("/dev/(console|ttyS[0-3]|null)")) {
            throw new IllegalArgumentException(
                    key + "=" + path + ": /dev/console, /dev/null or /dev/ttyS0..3 expected");
        }
        return path;
    }

    private static long size(Map<String, String> settings, String key, long otherwise) {
        String text = settings.get(key);
        if (text == null) {
            return otherwise;
        }
        String digits = text.replaceAll("(?i)[kmg]b?$", "");
        String unit = text.substring(digits.length());
        int shift = unit.isEmpty() ? 0 : switch (Character.toLowerCase(unit.charAt(0))) {
            case 'k' -> 10;
            case 'm' -> 20;
            default -> 30;
        };
        try {
            return Math.multiplyExact(Long.parseLong(digits.strip()), 1L << shift);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(key + "=" + text + ": a number of bytes (K, M, G) expected", e);
        }
    }
}
