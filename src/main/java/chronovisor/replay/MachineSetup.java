package chronovisor.replay;

import chronovisor.journal.Blob;
import chronovisor.journal.Checkpoint;
import chronovisor.journal.JournalHeader;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.BootModule;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.GuestKernel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything a run is a function of besides its inputs: the guest's configuration, the kernel's options and the files it
 * boots with. The initial checkpoint of a journal is this, as the state at power-on follows from it.
 *
 * @param configuration
 *            the machine
 * @param configurationText
 *            the document it was read from, for people; may be empty
 * @param commandLine
 *            of the kernel
 * @param kernel
 *            how the kernel is booted
 * @param files
 *            boot modules, in order
 * @param engine
 *            name of the engine
 */
public record MachineSetup(GuestConfiguration configuration, String configurationText, String commandLine,
        KittenOptions kernel, List<GuestFile> files, String engine) {

    /** Keeps an unmodifiable copy. */
    public MachineSetup {
        files = List.copyOf(files);
    }

    /** The same with another engine, which must not make a difference. */
    public MachineSetup withEngine(String name) {
        return new MachineSetup(configuration, configurationText, commandLine, kernel, files, name);
    }

    /** The same with another kernel's options and another configuration. */
    public MachineSetup with(KittenOptions options, GuestConfiguration machine) {
        return new MachineSetup(machine, configurationText, commandLine, options, files, engine);
    }

    /** The same without its files, which a machine that has booted has in its memory. A kernel among them stays, as it says what boots. */
    MachineSetup withoutFiles() {
        return new MachineSetup(configuration, configurationText, commandLine, kernel,
                files.stream().filter(file -> file.kind() == BootModule.Kind.KERNEL).toList(), engine);
    }

    /** The kernel that the guest brings itself. */
    public Optional<GuestFile> ownKernel() {
        return files.stream().filter(file -> file.kind() == BootModule.Kind.KERNEL).findFirst();
    }

    /** Makes the kernel; null when the guest brings its own. */
    @Nullable
    GuestKernel kernel(MachineParts parts, KittenObserver observer) {
        return ownKernel().isPresent() ? null : parts.kernel(kernel, observer);
    }

    /** Whether another machine boots with the same files. */
    public boolean imagesEqual(MachineSetup other) {
        if (files.size() != other.files.size()) {
            return false;
        }
        for (int i = 0; i < files.size(); i++) {
            GuestFile mine = files.get(i);
            GuestFile its = other.files.get(i);
            if (!mine.path().equals(its.path()) || mine.kind() != its.kind() || mine.mode() != its.mode()
                    || !mine.target().equals(its.target()) || !Arrays.equals(mine.data(), its.data())) {
                return false;
            }
        }
        return true;
    }

    JournalHeader header(SortedMap<String, String> properties, JournalHeader.@Nullable Parent parent) {
        return new JournalHeader(properties,
                configurationText.isEmpty() ? configuration.toString() : configurationText,
                files.stream().filter(file -> file.data().length > 0).map(MachineSetup::image).toList(), parent);
    }

    private static JournalHeader.Image image(GuestFile file) {
        try {
            return new JournalHeader.Image(file.path(), file.data().length,
                    Blob.of(MessageDigest.getInstance("SHA-256").digest(file.data())));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    Checkpoint checkpoint() {
        return MachineSetupCodec.encode(this);
    }

    /**
     * Reads the initial checkpoint of a journal.
     *
     * @throws chronovisor.journal.FormatException
     *             when it is malformed
     */
    static MachineSetup of(Checkpoint checkpoint) {
        return MachineSetupCodec.decode(checkpoint);
    }
}
