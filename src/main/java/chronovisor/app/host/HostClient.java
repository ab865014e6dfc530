package chronovisor.app.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A tool's side: asks the host for one thing and shows the answer. */
public final class HostClient {

    private static final int TYPED_BYTES_MAX = 4096;

    private HostClient() {}

    /**
     * Asks the host.
     *
     * @param words
     *            the command and its arguments; a path in them is one of this process
     * @param typed
     *            what goes to a stream that is attached
     * @return the exit code
     * @throws HostException
     *             when no host listens
     */
    public static int ask(Path socket, List<String> words, InputStream typed, PrintStream output, PrintStream errors)
            throws IOException {
        List<String> sent = new ArrayList<>(words);
        int path = Commands.pathArgument(words);
        if (path >= 0 && path < sent.size()) {
            sent.set(path, Path.of(sent.get(path)).toAbsolutePath().toString());
        }
        try (Wire wire = new Wire(HostPlace.connect(socket))) {
            wire.send(Wire.Kind.REQUEST, Wire.request(sent));
            if (List.of("stream", "cons").contains(words.isEmpty() ? "" : words.getFirst())) {
                Thread.ofPlatform().daemon().name("v3-typed").start(() -> type(wire, typed));
            }
            for (Wire.Frame frame = wire.receive(); frame != null; frame = wire.receive()) {
                switch (frame.kind()) {
                    case OUTPUT -> {
                        output.write(frame.payload());
                        output.flush();
                    }
                    case ERROR -> errors.println(new String(frame.payload(), StandardCharsets.UTF_8));
                    case DONE -> {
                        return frame.payload().length == 1 ? frame.payload()[0] : 1;
                    }
                    case REQUEST, TYPED, TYPED_END -> throw new IOException("the host asks: " + frame.kind());
                }
            }
            throw new HostException("the host has gone");
        }
    }

    private static void type(Wire wire, InputStream typed) {
        byte[] chunk = new byte[TYPED_BYTES_MAX];
        try {
            for (int n = typed.read(chunk); n > 0; n = typed.read(chunk)) {
                wire.send(Wire.Kind.TYPED, Arrays.copyOf(chunk, n));
            }
            // The stream is shown on.
            wire.send(Wire.Kind.TYPED_END, new byte[0]);
        } catch (IOException e) {
            if (wire.isOpen()) {
                System.err.println("chronovisor: what is typed cannot be sent: " + e.getMessage());
            }
        }
    }
}
