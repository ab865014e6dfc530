package chronovisor.vmm;

import java.util.List;

/**
 * What the loader leaves for the kernel.
 *
 * @param commandLine
 *            of the kernel
 * @param modules
 *            in the order they were given; their memory is INITRD
 * @param initrdStart
 *            first guest-physical byte of the modules
 * @param initrdEnd
 *            first byte after them, page aligned
 */
public record BootInformation(String commandLine, List<BootModule> modules, long initrdStart, long initrdEnd) {

    /** Where modules begin: 16 MB, above the legacy area and the kernel's image. */
    public static final long INITRD_START = 16L << 20;

    public BootInformation {
        modules = List.copyOf(modules);
    }
}
