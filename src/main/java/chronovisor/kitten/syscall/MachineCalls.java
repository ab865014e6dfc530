package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.kernel.ControllingTerminals;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import java.util.List;

/** The machine as a whole: its file system types, its terminals, what its keyboard may do. */
final class MachineCalls {

    private static final int NAME_MAX = 4096;
    private static final int MAGIC = 0xfee1dead;
    private static final List<Integer> MAGICS = List.of(672274793, 85072278, 369367448, 537993216);
    private static final int KEYBOARD_ON = 0x89ABCDEF;
    private static final int KEYBOARD_OFF = 0;

    private MachineCalls() {}

    /** sysfs(2): a type by its number, a number by its type, how many there are. */
    static Outcome fileSystemTypes(Trap t, Call c) {
        return switch ((int) c.a0()) {
            case 1 -> {
                int index = Mount.TYPES.indexOf(UserMemory.string(t, c.a1(), NAME_MAX, Errno.ENAMETOOLONG));
                yield index < 0 ? Outcome.error(Errno.EINVAL) : Outcome.of(index);
            }
            case 2 -> {
                if (c.a1() < 0 || c.a1() >= Mount.TYPES.size()) {
                    yield Outcome.error(Errno.EINVAL);
                }
                UserMemory.write(t, c.a2(), new Bytes().putString(Mount.TYPES.get((int) c.a1())).toArray());
                yield Outcome.ZERO;
            }
            case 3 -> Outcome.of(Mount.TYPES.size());
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    /** vhangup(2): of the terminal of the caller's session. */
    static Outcome hangUp(Trap t, Call c) {
        SystemCalls.require(t, Capabilities.SYS_TTY_CONFIG);
        Terminal terminal = ControllingTerminals.of(t, t.process());
        if (terminal != null) {
            ControllingTerminals.hangUp(t, terminal.port());
        }
        return Outcome.ZERO;
    }

    /** reboot(2): only what the keyboard may do can be set; a machine ends with its init_task. */
    static Outcome reboot(Trap t, Call c) {
        SystemCalls.require(t, Capabilities.SYS_BOOT);
        if ((int) c.a0() != MAGIC || !MAGICS.contains((int) c.a1())) {
            return Outcome.error(Errno.EINVAL);
        }
        int command = (int) c.a2();
        return command == KEYBOARD_ON || command == KEYBOARD_OFF ? Outcome.ZERO : Outcome.error(Errno.EINVAL);
    }
}
