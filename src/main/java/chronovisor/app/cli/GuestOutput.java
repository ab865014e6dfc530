package chronovisor.app.cli;

import chronovisor.replay.OutputListener;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where the bytes that a guest writes to its host streams go. Bytes are passed on as they are; a host stream whose reader
 * has gone swallows the rest, and {@link #isBroken} tells.
 */
final class GuestOutput implements OutputListener {

    private static final int BUFFER_BYTES = 1 << 14;
    /** The host sees output at least this often while the guest computes: well under a blink. */
    private static final long FLUSH_TICKS = 1_000_000;

    private final TreeMap<String, List<OutputStream>> sinks = new TreeMap<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final TreeSet<String> keptStreams = new TreeSet<>();
    private long unflushedSince = Long.MAX_VALUE;
    private boolean broken;

    /** The host's standard output. */
    static OutputStream standardOutput() {
        return new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES);
    }

    /** The host's standard error. */
    static OutputStream standardError() {
        return new BufferedOutputStream(new FileOutputStream(FileDescriptor.err), BUFFER_BYTES);
    }

    /** Passes a stream on to a host stream, which may be one of several. */
    GuestOutput pass(String stream, OutputStream sink) {
        sinks.computeIfAbsent(stream, name -> new ArrayList<>()).add(sink);
        return this;
    }

    /** Keeps what a stream shows, in order with the others that are kept. */
    GuestOutput keep(String stream) {
        keptStreams.add(stream);
        return this;
    }

    byte[] kept() {
        return kept.toByteArray();
    }

    /** Whether a reader of the host has gone. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public void output(String stream, byte[] bytes, long tick) {
        if (keptStreams.contains(stream)) {
            kept.writeBytes(bytes);
        }
        List<OutputStream> passed = sinks.get(stream);
        if (passed == null || broken) {
            return;
        }
        try {
            for (OutputStream sink : passed) {
                sink.write(bytes);
            }
            unflushedSince = Math.min(unflushedSince, tick);
        } catch (IOException e) {
            broken = true;
        }
        reached(tick);
    }

    /** Lets the host see what was written a while ago. */
    void reached(long tick) {
        if (unflushedSince != Long.MAX_VALUE && tick - unflushedSince >= FLUSH_TICKS) {
            flush();
        }
    }

    /** Lets the host see everything. */
    void flush() {
        unflushedSince = Long.MAX_VALUE;
        for (List<OutputStream> passed : sinks.values()) {
            for (OutputStream sink : passed) {
                try {
                    sink.flush();
                } catch (IOException e) {
                    broken = true;
                }
            }
        }
    }
}
