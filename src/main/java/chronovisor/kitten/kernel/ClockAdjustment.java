package chronovisor.kitten.kernel;

/**
 * What adjtimex(2) has told the kernel about its clock. Virtual time is exact, so nothing runs faster or slower for it: it is kept and
 * told, as struct timex has it.
 *
 * @param offset
 *            that was to be made up for, microseconds or nanoseconds as the status says
 * @param frequency
 *            parts per million, scaled by 65536
 * @param errorMax_us
 *            how wrong the clock may be
 * @param errorEstimated_us
 *            how wrong it probably is
 * @param status
 *            STA_ bits
 * @param tick_us
 *            length of a clock tick
 * @param tai_s
 *            from UTC to TAI
 */
public record ClockAdjustment(long offset, long frequency, long errorMax_us, long errorEstimated_us, int status,
        long constant, long tick_us, int tai_s) {

    /** STA_UNSYNC: nobody keeps this clock right. */
    public static final int UNSYNCHRONIZED = 0x40;

    /** At power-on. */
    public static final ClockAdjustment NONE = new ClockAdjustment(0, 0, 16_000_000, 16_000_000, UNSYNCHRONIZED, 2,
            10_000, 0);
}
