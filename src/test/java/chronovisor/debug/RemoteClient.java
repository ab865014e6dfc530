package chronovisor.debug;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The client's end of the protocol, as small as possible, without acknowledgements. */
final class RemoteClient implements AutoCloseable {

    private static final int TIMEOUT_MS = 60_000;

    private final Socket socket;
    private final InputStream in;

    RemoteClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MS);
        in = socket.getInputStream();
        ask("QStartNoAckMode");
    }

    /** Sends a packet and waits for the answer; output on the way is passed over. */
    String ask(String packet) throws IOException {
        send(packet.getBytes(StandardCharsets.ISO_8859_1));
        return answer();
    }

    /** The next answer. */
    String answer() throws IOException {
        String answer = receive();
        while (answer.startsWith("O") && !answer.equals("OK")) {
            answer = receive();
        }
        return answer;
    }

    void send(byte[] data) throws IOException {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        byte[] escaped = Connection.escaped(data);
        int sum = 0;
        for (byte b : escaped) {
            sum += b;
        }
        packet.write('$');
        packet.write(escaped);
        packet.write('#');
        packet.write(Character.forDigit(sum >>> 4 & 15, 16));
        packet.write(Character.forDigit(sum & 15, 16));
        raw(packet.toByteArray());
    }

    void raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    private int read() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new IOException("the server has gone");
        }
        return next;
    }

    /** A packet with runs expanded and escapes undone. */
    private String receive() throws IOException {
        int next = read();
        while (next != '$') {
            next = read();
        }
        StringBuilder data = new StringBuilder();
        for (next = read(); next != '#'; next = read()) {
            if (next == '*') {
                char repeated = data.charAt(data.length() - 1);
                data.append(String.valueOf(repeated).repeat(read() - 29));
            } else if (next == '}') {
                data.append((char) (read() ^ 0x20));
            } else {
                data.append((char) next);
            }
        }
        read();
        read();
        return data.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
