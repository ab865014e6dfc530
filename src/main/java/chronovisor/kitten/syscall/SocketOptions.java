package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.kernel.InternetNames;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import java.util.Arrays;

/** getsockopt(2) and setsockopt(2). */
final class SocketOptions {

    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_TYPE = 3;
    private static final int SO_ERROR = 4;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_LINGER = 13;
    private static final int SO_PASSCRED = 16;
    private static final int SO_PEERCRED = 17;
    private static final int SO_RCVLOWAT = 18;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_PROTOCOL = 38;
    private static final int SO_DOMAIN = 39;
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_ADDRFORM = 1;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_OPTION_LAST = 80;
    private static final int IP_OPTION_LAST = 64;
    private static final int BUFFER_MIN = 4608;

    private SocketOptions() {}

    private static long key(int level, int name) {
        return (long) level << 32 | name;
    }

    private static long get(Socket socket, int name, long otherwise) {
        return socket.options().getOrDefault(key(SOL_SOCKET, name), otherwise);
    }

    /** Nanoseconds after which a receive (or send) gives up; 0 for never. */
    static long timeout_ns(Socket socket, boolean sends) {
        return get(socket, sends ? SO_SNDTIMEO : SO_RCVTIMEO, 0);
    }

    /** Whether received messages tell who sent them. */
    static boolean passesCredentials(Socket socket) {
        return get(socket, SO_PASSCRED, 0) != 0;
    }

    private static boolean plain(int name) {
        return switch (name) {
            case 1, SO_REUSEADDR, 5, 6, 9, 10, 11, 12, 15, SO_PASSCRED, SO_RCVLOWAT, 29, 34, 35, 36, 40, 41, 42, 43, 44,
                    45, 46, 47 ->
                true;
            default -> false;
        };
    }

    static Outcome set(Trap t, Call c) {
        Socket socket = SocketCalls.find(t, c.a0());
        int level = (int) c.a1();
        int name = (int) c.a2();
        int length = (int) c.a4();
        if (length < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (level != SOL_SOCKET) {
            if (!known(socket, level, name)) {
                return Outcome.error(socket.internet() ? Errno.ENOPROTOOPT : Errno.EOPNOTSUPP);
            }
            if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY && !socket.local().isEmpty()) {
                return Outcome.error(Errno.EINVAL);
            }
        }
        if (length < 4) {
            return Outcome.error(Errno.EINVAL);
        }
        long value = UserMemory.read32(t, c.a3());
        if (level == IPPROTO_IPV6 && name == IPV6_ADDRFORM && value == Socket.INET) {
            InternetNames.toIpv4(t, socket);
            return Outcome.ZERO;
        }
        if (level == SOL_SOCKET) {
            switch (name) {
                case SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN, SO_PEERCRED -> {
                    return Outcome.error(Errno.ENOPROTOOPT);
                }
                case SO_SNDBUF, SO_RCVBUF -> value = Math.max(BUFFER_MIN, Math.min(value, Socket.BYTES_MAX) * 2);
                case SO_SNDBUFFORCE, SO_RCVBUFFORCE -> {
                    SystemCalls.require(t, Capabilities.SYS_ADMIN);
                    value = Math.max(BUFFER_MIN, Math.min(value, Integer.MAX_VALUE / 2) * 2);
                    name = name == SO_SNDBUFFORCE ? SO_SNDBUF : SO_RCVBUF;
                }
                case SO_LINGER -> {
                    if (length < 8) {
                        return Outcome.error(Errno.EINVAL);
                    }
                    value = UserMemory.read64(t, c.a3());
                }
                case SO_RCVTIMEO, SO_SNDTIMEO -> {
                    if (length < 16) {
                        return Outcome.error(Errno.EINVAL);
                    }
                    value = time(t, c.a3());
                }
                default -> {
                    if (!plain(name)) {
                        return Outcome.error(Errno.ENOPROTOOPT);
                    }
                }
            }
        }
        t.put(socket.withOption(key(level, name), value));
        return Outcome.ZERO;
    }

    private static long time(Trap t, long address) {
        byte[] raw = UserMemory.read(t, address, 16);
        long micros = Bytes.get64(raw, 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw new LinuxError(Errno.EDOM);
        }
        return Math.max(0, Bytes.get64(raw, 0)) * 1_000_000_000L + micros * 1000;
    }

    static Outcome get(Trap t, Call c) {
        Socket socket = SocketCalls.find(t, c.a0());
        int length = UserMemory.read32(t, c.a4());
        if (length < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int level = (int) c.a1();
        int name = (int) c.a2();
        byte[] value = level == SOL_SOCKET ? socketLevel(t, socket, name) : otherLevel(socket, level, name);
        byte[] cut = Arrays.copyOf(value, Math.min(length, value.length));
        UserMemory.write(t, c.a3(), cut);
        UserMemory.write32(t, c.a4(), cut.length);
        return Outcome.ZERO;
    }

    private static boolean known(Socket socket, int level, int name) {
        return name > 0 && switch (level) {
            case IPPROTO_IP -> socket.internet() && name <= IP_OPTION_LAST;
            case IPPROTO_TCP -> socket.internet() && name <= IP_OPTION_LAST && socket.type() == Socket.STREAM;
            case IPPROTO_IPV6 -> socket.domain() == Socket.INET6 && name <= IPV6_OPTION_LAST;
            default -> false;
        };
    }

    private static byte[] otherLevel(Socket socket, int level, int name) {
        if (!known(socket, level, name)) {
            boolean internet = level == IPPROTO_IP || level == IPPROTO_TCP || level == IPPROTO_IPV6;
            throw new LinuxError(internet && socket.internet() ? Errno.ENOPROTOOPT : Errno.EOPNOTSUPP);
        }
        return word(socket.options().getOrDefault(key(level, name), 0L));
    }

    private static byte[] word(long value) {
        return new Bytes(4).put32((int) value).toArray();
    }

    private static byte[] socketLevel(Trap t, Socket socket, int name) {
        return switch (name) {
            case SO_TYPE -> word(socket.type());
            case SO_ERROR -> {
                int error = socket.error();
                t.put(socket.withError(0));
                yield word(error);
            }
            case SO_SNDBUF, SO_RCVBUF -> word(get(socket, name, Socket.BYTES_MAX));
            case SO_LINGER -> new Bytes(8).put64(get(socket, name, 0)).toArray();
            case SO_RCVLOWAT -> word(get(socket, name, 1));
            case 19 -> word(1);
            case SO_PEERCRED -> new Bytes(12).put32(socket.peerOwner().process()).put32(socket.peerOwner().uid())
                    .put32(socket.peerOwner().gid()).toArray();
            case SO_RCVTIMEO, SO_SNDTIMEO -> {
                long ns = get(socket, name, 0);
                yield new Bytes(16).put64(ns / 1_000_000_000L).put64(ns % 1_000_000_000L / 1000).toArray();
            }
            case SO_ACCEPTCONN -> word(socket.state() == Socket.State.LISTENING ? 1 : 0);
            case SO_PROTOCOL -> word(socket.protocol());
            case SO_DOMAIN -> word(socket.domain());
            default -> {
                if (!plain(name)) {
                    throw new LinuxError(Errno.ENOPROTOOPT);
                }
                yield word(get(socket, name, 0));
            }
        };
    }
}
