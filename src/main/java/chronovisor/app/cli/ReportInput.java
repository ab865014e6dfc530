package chronovisor.app.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What all reports over one journal are given. */
final class ReportInput {

    @Option(names = {"-q", "--quiet"}, description = "No progress on standard error.")
    private boolean quiet;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    /** The journal's folder, which is there. */
    Path folder() {
        return JournalPlace.existing(journal);
    }

    /** The journal's name: that of its folder. */
    static String title(Path folder) {
        return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    }

    /** Progress under a command's name. */
    ProgressLine progress(String label) {
        return new ProgressLine(label, !quiet);
    }
}
