package chronovisor.debug;

import java.util.HexFormat;
import java.util.Locale;

/** Stop replies (E.3), with the registers that the client asks for first. */
final class Replies {

    private static final int[] EXPEDITED = {6, 7, TargetDescription.RIP};

    private final Target target;
    private boolean namesBreakpoints;
    private boolean namesHardware;

    Replies(Target target) {
        this.target = target;
    }

    /** Takes note of what the client understands. */
    void supported(String features) {
        String all = ";" + features + ";";
        namesBreakpoints = all.contains(";swbreak+;");
        namesHardware = all.contains(";hwbreak+;");
    }

    /** The packet that tells of a halt. */
    String of(Halt halt) {
        return switch (halt) {
            case Halt.Breakpoint(int task, boolean hardware) -> stop(GdbSignals.TRAP, task,
                    hardware ? namesHardware ? "hwbreak:;" : "" : namesBreakpoints ? "swbreak:;" : "");
            case Halt.Watch(int task, Place.Data place) ->
                stop(GdbSignals.TRAP, task, name(place.kind()) + ":" + Long.toHexString(place.address()) + ";");
            case Halt.Stepped(int task) -> stop(GdbSignals.TRAP, task, "");
            case Halt.Interrupted(int task) -> stop(GdbSignals.INTERRUPT, task, "");
            case Halt.Signal signal -> stop(GdbSignals.ofLinux(signal.info().signal()), signal.task(), "");
            case Halt.Syscall(int task, int number, boolean returned) -> stop(GdbSignals.TRAP, task,
                    (returned ? "syscall_return:" : "syscall_entry:") + Integer.toHexString(number) + ";");
            case Halt.Beginning(int task) -> stop(GdbSignals.TRAP, task, "replaylog:begin;");
            case Halt.End(int task, String reason) -> stop(GdbSignals.TRAP, task, "replaylog:end;");
            case Halt.Exited(int task, int status, int signal, String reason) -> signal == 0
                    ? String.format(Locale.ROOT, "W%02x", status & 0xFF)
                    : String.format(Locale.ROOT, "X%02x", GdbSignals.ofLinux(signal));
        };
    }

    private static String name(Place.Kind kind) {
        return switch (kind) {
            case READ -> "rwatch";
            case ACCESS -> "awatch";
            case WRITE, SOFTWARE, HARDWARE -> "watch";
        };
    }

    private String stop(int signal, int task, String why) {
        StringBuilder reply = new StringBuilder(String.format(Locale.ROOT, "T%02x", signal)).append(why);
        target.inferior().registers(task).ifPresent(registers -> {
            for (int number : EXPEDITED) {
                reply.append(String.format(Locale.ROOT, "%02x:", number))
                        .append(HexFormat.of().formatHex(registers.value(number))).append(';');
            }
        });
        if (task >= 0) {
            reply.append("thread:").append(Integer.toHexString(task)).append(';');
        }
        int core = target.inferior().coreOf(task);
        return core < 0
                ? reply.toString()
                : reply.append("core:").append(Integer.toHexString(core)).append(';').toString();
    }
}
