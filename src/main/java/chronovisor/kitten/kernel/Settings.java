package chronovisor.kitten.kernel;

import org.pcollections.TreePMap;

/**
 * What root has set while the kernel runs.
 *
 * @param domainName
 *            setdomainname(2)
 * @param limits
 *            limits in /proc/sys that are other than {@link KernelLimits} has them, by their paths
 * @param clock
 *            what adjtimex(2) has told
 */
public record Settings(String domainName, TreePMap<String, Long> limits, ClockAdjustment clock) {

    /** At power-on. */
    public static final Settings STANDARD = new Settings("(none)", TreePMap.empty(), ClockAdjustment.NONE);

    public Settings withDomainName(String changed) {
        return new Settings(changed, limits, clock);
    }

    Settings withLimit(String path, long value) {
        return new Settings(domainName, limits.plus(path, value), clock);
    }

    public Settings withClock(ClockAdjustment told) {
        return new Settings(domainName, limits, told);
    }
}
