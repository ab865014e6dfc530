package chronovisor.debug;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: packets in and out, framed as {@code $data#checksum}. Bytes that are no part of a packet are passed
 * over, except the interrupt byte, which counts as a packet of its own.
 */
final class Connection implements AutoCloseable {

    /** Longest packet either side sends, without its frame; told as PacketSize. */
    static final int PACKET_BYTES_MAX = 0x8000;
    /** What an interrupt arrives as. */
    static final byte[] INTERRUPT = {3};

    private static final int END = -1;
    /** A peer that sends so many bad packets in a row does not speak the protocol. */
    private static final int BAD_PACKETS_MAX = 64;
    /** A run is written as one byte and a count when it is longer than this. */
    private static final int RUN_MIN = 4;
    private static final int RUN_MAX = 98;
    private static final int RUN_OFFSET = 29;
    private static final int POLL_MS = 1;
    /** Looking takes a millisecond, so it is not done at every question. */
    private static final long BETWEEN_POLLS_NS = 50_000_000;
    private static final int NONE = -2;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean acknowledges = true;
    private boolean open = true;
    /** A byte that was read while looking for an interrupt, or {@link #NONE}. */
    private int pushedBack = NONE;
    private long polled_ns;
    /** The last packet, to know it again; and one that came before it was waited for. */
    private byte[] received = {};
    private byte @Nullable [] early;

    Connection(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        this.in = socket.getInputStream();
        this.out = new BufferedOutputStream(socket.getOutputStream(), PACKET_BYTES_MAX);
    }

    /** From now on neither side acknowledges packets. */
    void stopAcknowledging() {
        acknowledges = false;
    }

    /** Waits for the next packet: its data unescaped, or {@link #INTERRUPT}; empty when the peer has gone. */
    Optional<byte[]> receive() throws IOException {
        int bad = 0;
        byte[] waiting = early;
        if (waiting != null) {
            early = null;
            received = waiting;
            return Optional.of(waiting);
        }
        while (bad < BAD_PACKETS_MAX) {
            int next = read();
            if (next == END) {
                return Optional.empty();
            }
            if (next == INTERRUPT[0]) {
                return Optional.of(INTERRUPT);
            }
            if (next == '$') {
                byte[] data = packet();
                if (data != null) {
                    received = data;
                    return Optional.of(data);
                }
                if (!open) {
                    return Optional.empty();
                }
                bad++;
            }
        }
        return Optional.empty();
    }

    /** What follows a dollar sign; null when the frame is broken, too long, or the peer has gone. */
    private byte @Nullable [] packet() throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int sum = 0;
        int length = 0;
        boolean escaped = false;
        for (int next = read(); next != '#'; next = read()) {
            if (next == END) {
                open = false;
                return null;
            }
            if (next == '$') {
                // The rest of the packet before was lost.
                data.reset();
                sum = 0;
                length = 0;
                escaped = false;
                continue;
            }
            sum += next;
            if (++length > PACKET_BYTES_MAX) {
                continue;
            }
            if (escaped) {
                data.write(next ^ 0x20);
                escaped = false;
            } else if (next == '}') {
                escaped = true;
            } else {
                data.write(next);
            }
        }
        int high = Character.digit(read(), 16);
        int low = Character.digit(read(), 16);
        boolean sound = high >= 0 && low >= 0 && (high << 4 | low) == (sum & 0xFF) && length <= PACKET_BYTES_MAX
                && !escaped;
        if (acknowledges) {
            out.write(sound ? '+' : '-');
            out.flush();
        }
        return sound ? data.toByteArray() : null;
    }

    /** Sends a packet of text. */
    void send(String data) throws IOException {
        send(data.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends a packet; what the frame uses is escaped, and runs are shortened. */
    void send(byte[] data) throws IOException {
        byte[] encoded = shortened(escaped(data));
        int sum = 0;
        for (byte b : encoded) {
            sum += b;
        }
        do {
            out.write('$');
            out.write(encoded);
            out.write('#');
            out.write(Character.forDigit(sum >>> 4 & 15, 16));
            out.write(Character.forDigit(sum & 15, 16));
            out.flush();
        } while (acknowledges && refused());
    }

    /** Whether the peer asks for the packet again. */
    private boolean refused() throws IOException {
        for (int tries = 0; tries < BAD_PACKETS_MAX; tries++) {
            int answer = read();
            if (answer == '+' || answer == END) {
                return false;
            }
            if (answer == '-') {
                return true;
            }
            if (answer == '$') {
                byte[] packet = packet();
                if (packet != null && !Arrays.equals(packet, received)) {
                    // It goes on without an acknowledgement: so do we.
                    early = packet;
                    return false;
                }
                // Sent again because the acknowledgement was late: it is answered already.
            }
        }
        return false;
    }

    static byte[] escaped(byte[] data) {
        ByteArrayOutputStream escaped = new ByteArrayOutputStream(data.length + 16);
        for (byte b : data) {
            if (b == '$' || b == '#' || b == '}' || b == '*') {
                escaped.write('}');
                escaped.write(b ^ 0x20);
            } else {
                escaped.write(b);
            }
        }
        return escaped.toByteArray();
    }

    /** Writes runs as {@code byte * count}. The count is a printable character other than those that mean something. */
    static byte[] shortened(byte[] data) {
        ByteArrayOutputStream shorter = new ByteArrayOutputStream(data.length);
        for (int at = 0; at < data.length;) {
            int run = 1;
            while (run < RUN_MAX && at + run < data.length && data[at + run] == data[at]) {
                run++;
            }
            while (run >= RUN_MIN && isSpecial(run - 1 + RUN_OFFSET)) {
                run--;
            }
            shorter.write(data[at]);
            if (run >= RUN_MIN) {
                shorter.write('*');
                shorter.write(run - 1 + RUN_OFFSET);
                at += run;
            } else {
                at++;
            }
        }
        return shorter.toByteArray();
    }

    private static boolean isSpecial(int count) {
        return count == '#' || count == '$' || count == '+' || count == '-' || count == '*' || count == '}';
    }

    /** Whether the peer wants the running machine to stop, or has gone. Cheap: it looks a few times a second, and never waits. */
    boolean interrupted() {
        if (pushedBack != NONE || early != null || !open) {
            return true;
        }
        long now_ns = System.nanoTime();
        if (now_ns - polled_ns < BETWEEN_POLLS_NS) {
            return false;
        }
        polled_ns = now_ns;
        try {
            socket.setSoTimeout(POLL_MS);
            int next = in.read();
            if (next == INTERRUPT[0]) {
                return true;
            }
            if (next == END) {
                open = false;
                return true;
            }
            if (next == '+') {
                return false;
            }
            // A packet while the machine runs: nothing may be asked then, so it stops and answers.
            pushedBack = next;
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            open = false;
            return true;
        }
    }

    private int read() throws IOException {
        if (pushedBack != NONE) {
            int next = pushedBack;
            pushedBack = NONE;
            return next;
        }
        if (!open) {
            return END;
        }
        socket.setSoTimeout(0);
        int next = in.read();
        if (next == END) {
            open = false;
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
