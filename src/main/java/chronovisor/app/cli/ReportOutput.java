package chronovisor.app.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a report goes: standard output, or a file. */
final class ReportOutput {

    @Option(names = "--out", paramLabel = "FILE", description = "Write into a file instead of to standard output.")
    private String file = "";

    /** Writes a report. */
    @FunctionalInterface
    interface Report<T> {
        void write(T out) throws IOException;
    }

    /** Whether a file was named. */
    boolean named() {
        return !file.isEmpty();
    }

    /** The file that was named. */
    Path path() {
        return Path.of(file);
    }

    /** Writes text. */
    void text(Report<Writer> report) throws IOException {
        if (!named()) {
            try (PrintWriter out = Output.standard()) {
                report.write(out);
            }
        } else {
            try (Writer out = Files.newBufferedWriter(path())) {
                report.write(out);
            }
        }
    }

    /** Writes bytes. */
    void bytes(Report<OutputStream> report) throws IOException {
        if (!named()) {
            if (Output.isTerminal(1)) {
                throw Failure.usage("this format is not for terminals: name a file with --out");
            }
            report.write(System.out);
            System.out.flush();
        } else {
            try (OutputStream out = Files.newOutputStream(path())) {
                report.write(out);
            }
        }
    }
}
