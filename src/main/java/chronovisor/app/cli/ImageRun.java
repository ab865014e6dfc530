package chronovisor.app.cli;

import chronovisor.app.host.ImageSetup;
import chronovisor.environment.LiveEnvironment;
import chronovisor.journal.JournalWriter;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.Recording;
import chronovisor.replay.Session;
import chronovisor.vmm.GuestImage;
import chronovisor.vmm.RunResult;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Launches an image with the command's own terminal as the guest's console. */
final class ImageRun {

    private final GuestImage image;
    private final MachineSetup setup;
    private final Fidelity fidelity;
    private final CheckpointPlan checkpoints;
    private final ProbeOption probes;

    ImageRun(Path file, String engine, Fidelity fidelity, Settings settings, CheckpointPlan checkpoints,
            ProbeOption probes) throws IOException {
        this.probes = probes;
        this.image = GuestImage.read(file);
        this.setup = ImageSetup.of(image, engine, settings.kernelSettings(), settings::machine);
        this.fidelity = fidelity;
        this.checkpoints = checkpoints;
    }

    /** Whether a file is meant to be an image: it begins like one, or is called like one. */
    static boolean isImage(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return GuestImage.isImage(in.readNBytes(8)) || file.toString().endsWith(".img");
        }
    }

    /** Runs it to the end; gives the exit status: the guest's. */
    int run(@Nullable Path journal) throws IOException {
        ImageCommand.tellWarnings(image);
        List<OutputStream> files = new ArrayList<>();
        LiveEnvironment door = LiveEnvironment.ofHost();
        GuestOutput output = new GuestOutput();
        String console = setup.configuration().streamAt(ExecCommand.CONSOLE_PORT);
        if (console != null) {
            output.pass(console, GuestOutput.standardOutput());
        }
        for (Map.Entry<String, String> file : image.document().streamFiles().entrySet()) {
            OutputStream opened = new BufferedOutputStream(ImageSetup.newStreamFile(file.getValue()));
            files.add(opened);
            output.pass(file.getKey(), opened);
        }
        String typedOn = ImageSetup.typedOn(setup);
        if (typedOn != null) {
            HostInput.feed(door, typedOn, System.in);
        }
        try {
            RunResult result = run(journal, new PassingEnvironment(door, output), output);
            output.flush();
            return ExecCommand.status(result, output);
        } finally {
            door.close();
            for (OutputStream file : files) {
                file.close();
            }
        }
    }

    private RunResult run(@Nullable Path journal, PassingEnvironment environment, GuestOutput output) {
        if (journal == null) {
            try (Session session = Session.live(setup, new Assembly(), environment, output)) {
                return session.run();
            }
        }
        try (Recording recording = Recording.start(journal, setup, new Assembly(), fidelity, environment, output,
                new TreeMap<>(), JournalWriter.Limits.DEFAULT, null, checkpoints)) {
            try (ProbeOption.Watch _ = probes.on(recording.session(), journal)) {
                return recording.run();
            }
        }
    }
}
