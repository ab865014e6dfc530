package chronovisor.app.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** An error that a person can act on: one clear line and an exit code. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    private Failure(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    static Failure usage(String message) {
        return new Failure(ExitCode.USAGE, message);
    }

    int exitCode() {
        return exitCode;
    }

    /** What to tell of any exception: our own as they are, the usual host errors in words, the rest as an internal error. */
    static Failure of(Throwable e) {
        return switch (e) {
            case Failure failure -> failure;
            case UncheckedIOException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
            case NoSuchFileException missing -> new Failure(ExitCode.USAGE, missing.getFile() + ": no such file", e);
            case AccessDeniedException denied ->
                new Failure(ExitCode.USAGE, denied.getFile() + ": permission denied", e);
            case NotDirectoryException file -> new Failure(ExitCode.USAGE, file.getFile() + ": not a folder", e);
            case FileAlreadyExistsException there ->
                new Failure(ExitCode.USAGE, there.getFile() + ": is there already", e);
            case chronovisor.journal.DamagedJournalException damaged ->
                new Failure(ExitCode.DAMAGED, String.valueOf(damaged.getMessage()), e);
            case chronovisor.journal.JournalException journal ->
                new Failure(ExitCode.FAILURE, String.valueOf(journal.getMessage()), e);
            case chronovisor.analysis.table.TableException query ->
                new Failure(ExitCode.USAGE, String.valueOf(query.getMessage()), e);
            case chronovisor.vmm.ConfigurationException configuration ->
                new Failure(ExitCode.USAGE, String.valueOf(configuration.getMessage()), e);
            case IOException io -> new Failure(ExitCode.FAILURE, String.valueOf(io.getMessage()), e);
            default -> new Failure(ExitCode.FAILURE,
                    "internal error: " + e + " (set CHRONOVISOR_DEBUG=1 for where)", e);
        };
    }
}
