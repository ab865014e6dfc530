package chronovisor.analysis.report;

import chronovisor.journal.CpuEvent;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.journal.VmmEvent;
import chronovisor.vmm.PlatformMap;
import org.jspecify.annotations.Nullable;

/**
 * Why a core left its guest, and for whom.
 *
 * @param name
 *            as AMD-V names exits and Palacios's telemetry after it (APM vol. 2, appendix C); what AMD-V has no exit for has the
 *            instruction's name
 * @param handler
 *            the device that it was for, {@code guest} when its own kernel handled it, else {@code vmm}
 */
public record ExitReason(String name, String handler) implements Comparable<ExitReason> {

    private static final String VMM = "vmm";
    private static final String GUEST = "guest";
    private static final int PAGE_SHIFT = 12;

    /** The reason of an event; null when it is no exit. */
    public static @Nullable ExitReason of(GuestEvent event) {
        return switch (event) {
            case VmmEvent.Exit exit -> of(exit);
            case CpuEvent.ExceptionRaised raised -> new ExitReason("EXCP" + raised.vector(), GUEST);
            case VmmEvent.StateChanged changed -> null;
            case InputEvent input -> null;
            case KittenEvent kernel -> null;
            case RacketEvent racket -> null;
            case ProbeEvent probe -> null;
        };
    }

    private static ExitReason of(VmmEvent.Exit exit) {
        return switch (exit) {
            case VmmEvent.PortRead e -> new ExitReason("IOIO_IN", PlatformMap.deviceAtPort(e.port()));
            case VmmEvent.PortWritten e -> new ExitReason("IOIO_OUT", PlatformMap.deviceAtPort(e.port()));
            case VmmEvent.PortStringRead e -> new ExitReason("IOIO_INS", PlatformMap.deviceAtPort(e.port()));
            case VmmEvent.PortStringWritten e -> new ExitReason("IOIO_OUTS", PlatformMap.deviceAtPort(e.port()));
            case VmmEvent.DeviceMemoryRead e -> new ExitReason("NPF", PlatformMap.deviceAtAddress(e.address()));
            case VmmEvent.DeviceMemoryWritten e -> new ExitReason("NPF", PlatformMap.deviceAtAddress(e.address()));
            case VmmEvent.CpuidExited e -> new ExitReason("CPUID", VMM);
            case VmmEvent.Halted e -> new ExitReason("HLT", VMM);
            case VmmEvent.TimeStampRead e -> new ExitReason("RDTSC", VMM);
            case VmmEvent.MsrRead e -> new ExitReason("RDMSR", VMM);
            case VmmEvent.MsrWritten e -> new ExitReason("WRMSR", VMM);
            case VmmEvent.ControlRegisterRead e -> new ExitReason("CR" + e.register() + "_READ", VMM);
            case VmmEvent.ControlRegisterWritten e -> new ExitReason("CR" + e.register() + "_WRITE", VMM);
            case VmmEvent.PageInvalidated e -> new ExitReason("INVLPG", VMM);
            case VmmEvent.NestedPageFaulted e -> new ExitReason("NPF", VMM);
            case VmmEvent.ShadowPageFaulted e -> new ExitReason("EXCP14", VMM);
            case VmmEvent.RandomNumberRead e -> new ExitReason("RDRAND", VMM);
            case VmmEvent.ExternalInterruptExited e -> new ExitReason("INTR", VMM);
            case VmmEvent.InterruptWindowOpened e -> new ExitReason("VINTR", VMM);
            case VmmEvent.Paused e -> new ExitReason("PAUSE", VMM);
            case VmmEvent.InterruptInjected e -> new ExitReason("INTR", GUEST);
            case VmmEvent.HypercallMade e -> new ExitReason("VMMCALL", VMM);
            case VmmEvent.ShutDown e -> new ExitReason("SHUTDOWN", VMM);
            case VmmEvent.UnsupportedExited e -> new ExitReason("ERROR", VMM);
        };
    }

    /** What AMD-V would report beside the reason, in words: port and size, the faulting address, the register. */
    public static String qualification(GuestEvent event) {
        return switch (event) {
            case VmmEvent.PortRead e -> port(e.port(), e.size(), 1);
            case VmmEvent.PortWritten e -> port(e.port(), e.size(), 1);
            case VmmEvent.PortStringRead e -> port(e.port(), e.size(), e.bytes().size() / e.size());
            case VmmEvent.PortStringWritten e -> port(e.port(), e.size(), e.bytes().size() / e.size());
            case VmmEvent.DeviceMemoryRead e -> address(e.address()) + " read";
            case VmmEvent.DeviceMemoryWritten e -> address(e.address()) + " write";
            case VmmEvent.CpuidExited e -> "leaf 0x" + Integer.toHexString(e.leaf());
            case VmmEvent.Halted e -> e.idle_ns() + " ns idle";
            case VmmEvent.MsrRead e -> "register 0x" + Integer.toHexString(e.register());
            case VmmEvent.MsrWritten e -> "register 0x" + Integer.toHexString(e.register());
            case VmmEvent.PageInvalidated e -> address(e.address());
            case VmmEvent.NestedPageFaulted e -> address(e.frame() << PAGE_SHIFT) + (e.write() ? " write" : " read");
            case VmmEvent.ShadowPageFaulted e -> address(e.address()) + (e.write() ? " write" : " read");
            case VmmEvent.InterruptInjected e -> "vector " + e.vector();
            case VmmEvent.ExternalInterruptExited e -> "vector " + e.vector();
            case VmmEvent.HypercallMade e -> "0x%x(0x%x, 0x%x) = %d".formatted(e.number(), e.a0(), e.a1(), e.result());
            case VmmEvent.ShutDown e -> e.reason();
            case VmmEvent.UnsupportedExited e -> e.what();
            case CpuEvent.ExceptionRaised e -> "error code 0x" + Long.toHexString(e.errorCode()) + ", "
                    + address(e.address());
            case GuestEvent e -> "";
        };
    }

    private static String port(int port, int size, int items) {
        return "port 0x" + Integer.toHexString(port) + ", " + items + " x " + size;
    }

    private static String address(long address) {
        return "0x" + Long.toHexString(address);
    }

    /** RIP of an exit; 0 where it is not known. */
    public static long rip(GuestEvent event) {
        return event instanceof VmmEvent.Exit exit
                ? exit.rip()
                : event instanceof CpuEvent.ExceptionRaised raised ? raised.rip() : 0;
    }

    @Override
    public int compareTo(ExitReason other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : handler.compareTo(other.handler);
    }
}
