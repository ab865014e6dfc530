package chronovisor.analysis;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.syscall.OriginalTable;
import chronovisor.kitten.syscall.SyscallTable;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Names of what events tell by number. */
public final class Words {

    private static final Map<Long, String> ERRORS = constants(Errno.class, "E");
    private static final Set<String> TRANSFERS = Set.of("read", "write", "pread64", "pwrite64", "readv", "writev",
            "preadv", "pwritev", "preadv2", "pwritev2", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendfile",
            "splice",
            "tee", "vmsplice", "copy_file_range", "getrandom", "getdents", "getdents64", "msgrcv", "mq_timedreceive",
            "process_vm_readv", "process_vm_writev", "readlink", "readlinkat");
    private static final Map<Long, String> SIGNALS = constants(Signals.class, "SIG");

    private Words() {}

    private static Map<Long, String> constants(Class<?> type, String prefix) {
        Map<Long, String> names = new HashMap<>();
        try {
            for (Field field : type.getFields()) {
                if (field.getType() == int.class && field.getName().startsWith(prefix)) {
                    names.putIfAbsent((long) field.getInt(null), field.getName());
                }
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("their fields are public", e);
        }
        return names;
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** A signal by its number. */
    public static String signal(int number) {
        return SIGNALS.getOrDefault((long) number, "signal " + number);
    }

    /** An error by its number, which is above zero. */
    public static String error(long number) {
        return ERRORS.getOrDefault(number, "error " + number);
    }

    /** Whether there is an error of that number. */
    public static boolean isError(long number) {
        return ERRORS.containsKey(number);
    }

    /** Whether the result of the system call of that name counts bytes that were moved. */
    public static boolean transfers(String call) {
        return TRANSFERS.contains(call);
    }

    /** A system call by its number. */
    public static String call(int number) {
        String name = SyscallTable.name(number);
        if (!name.startsWith("syscall_")) {
            return name;
        }
        return OriginalTable.rows().stream().filter(row -> row.row().number() == number).findFirst()
                .map(row -> row.row().name()).orElse("system call " + number);
    }

    static String rights(long protection) {
        return Protection.text((int) protection & Protection.ALL);
    }

    /** What si_code says of a fault. */
    static String code(int signal, int code) {
        if (signal == Signals.SIGSEGV) {
            return switch (code) {
                case Signals.SEGV_MAPERR -> "nothing is mapped there";
                case Signals.SEGV_ACCERR -> "the mapping does not allow it";
                case Signals.SI_KERNEL -> "a general protection fault";
                default -> "code " + code;
            };
        }
        return switch (signal) {
            case Signals.SIGFPE -> code == Signals.FPE_INTDIV ? "a division" : "a floating-point exception";
            case Signals.SIGILL -> "no such instruction here";
            case Signals.SIGBUS -> code == Signals.BUS_ADRERR ? "the file ends before" : "a bad alignment";
            case Signals.SIGTRAP -> "a trap";
            default -> "code " + code;
        };
    }

    static String count(long number, String thing) {
        return number == 1 ? "one " + thing : String.format(Locale.ROOT, "%,d %ss", number, thing);
    }

    /** {@code a, b and c}. */
    static String list(List<String> things) {
        return things.size() < 2
                ? String.join("", things)
                : String.join(", ", things.subList(0, things.size() - 1)) + " and " + things.getLast();
    }

    /** A pointer that is made of letters shows whose bytes it is. */
    static String letters(long pointer) {
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
}
