package chronovisor.app.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that is measured, ready to be run. It prints what it has found, so that a run that went wrong is seen.
 *
 * @param name as it is asked for
 * @param kind what it spends its time on
 * @param binary the file of the host
 * @param arguments after its name
 * @param environment all of it
 * @param root a folder that is its working folder on the host and the root of the guest; null when it needs no files
 */
record Program(String name, Kind kind, Path binary, List<String> arguments, Map<String, String> environment,
        @Nullable Path root) {

    /** What the time is spent on: a median is of programs of one kind. */
    enum Kind {
        /** Compiled code that computes. */
        COMPUTE,
        /** Interpreters and tools, with much control flow and some of the kernel. */
        MIXED,
        /** Mostly the kernel. */
        KERNEL,
        /** The Racket runtime. */
        RACKET
    }
}
