package chronovisor.vmm;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a guest's configuration document says.
 *
 * @param configuration
 *            the machine
 * @param text
 *            the document
 * @param kernel
 *            what the built-in kernel boots; null when the document does not say
 * @param streamFiles
 *            files of the host that get what a CHAR_STREAM shows, by the stream's name: plain file names
 * @param warnings
 *            what of the document has no effect on this machine, each {@code file:line:column: what and why}
 */
public record GuestDocument(GuestConfiguration configuration, String text, @Nullable KernelElement kernel,
        SortedMap<String, String> streamFiles, List<String> warnings) {

    /** Keeps unmodifiable copies. */
    public GuestDocument {
        streamFiles = Collections.unmodifiableSortedMap(new TreeMap<>(streamFiles));
        warnings = List.copyOf(warnings);
    }
}
