package chronovisor.kitten.task;

/**
 * DR0 to DR3, DR6 and DR7, as a tracer has set them for a task.
 *
 * @param status
 *            which breakpoints the last debug exception came from
 * @param control
 *            which are enabled, and what for
 */
public record DebugRegisters(long address0, long address1, long address2, long address3, long status,
        long control) {

    /** No breakpoints. */
    public static final DebugRegisters NONE = new DebugRegisters(0, 0, 0, 0, 0, 0);
    /** How many breakpoints there are. */
    public static final int COUNT = 4;

    private static final int READ_WRITE = 3;
    private static final int EXECUTE = 0;
    private static final int PORTS = 2;
    private static final int[] BYTES = {1, 2, 8, 4};

    /** A register by its number; DR4 and DR5 are 0. */
    public long get(int number) {
        return switch (number) {
            case 0 -> address0;
            case 1 -> address1;
            case 2 -> address2;
            case 3 -> address3;
            case 6 -> status;
            case 7 -> control;
            default -> 0;
        };
    }

    /** With another value in a register, which is 0 to 3, 6 or 7. */
    public DebugRegisters with(int number, long value) {
        return new DebugRegisters(number == 0 ? value : address0, number == 1 ? value : address1,
                number == 2 ? value : address2, number == 3 ? value : address3, number == 6 ? value : status,
                number == 7 ? value : control);
    }

    /** Whether a breakpoint is enabled. */
    public boolean enabled(int number) {
        return (control >>> 2 * number & 3) != 0;
    }

    /** Whether a breakpoint is for executing an instruction. */
    public boolean executes(int number) {
        return kind(number) == EXECUTE;
    }

    private int kind(int number) {
        return (int) (control >>> 16 + 4 * number) & READ_WRITE;
    }

    /** Whether all that are enabled are for user memory below {@code end}, and aligned. */
    public boolean valid(long end) {
        for (int number = 0; number < COUNT; number++) {
            int bytes = BYTES[(int) (control >>> 18 + 4 * number) & 3];
            boolean inside = Long.compareUnsigned(get(number), end) < 0;
            boolean aligned = (get(number) & bytes - 1) == 0;
            boolean known = kind(number) != PORTS && !(executes(number) && bytes != 1);
            if (enabled(number) && !(inside && aligned && known)) {
                return false;
            }
        }
        return true;
    }
}
