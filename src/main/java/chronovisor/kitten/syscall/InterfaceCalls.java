package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import java.nio.charset.StandardCharsets;

/** ioctl(2) of sockets: sockatmark(3), and about network interfaces (netdevice(7)). There is one, the loopback, and it is up. */
final class InterfaceCalls {

    static final String NAME = "lo";
    static final int INDEX = 1;
    static final int MTU = 65_536;
    static final int QUEUE_LENGTH = 1000;
    /** ARPHRD_LOOPBACK. */
    static final int HARDWARE = 772;
    /** IFF_UP, IFF_LOOPBACK, IFF_RUNNING. */
    static final int FLAGS = 1 | 8 | 64;
    static final byte[] ADDRESS = {127, 0, 0, 1};
    static final int PREFIX_BITS = 8;

    private static final int AT_MARK = 0x8905;
    private static final int GET_NAME = 0x8910;
    private static final int GET_ALL = 0x8912;
    private static final int GET_FLAGS = 0x8913;
    private static final int SET_FLAGS = 0x8914;
    private static final int GET_ADDRESS = 0x8915;
    private static final int GET_DESTINATION = 0x8917;
    private static final int GET_BROADCAST = 0x8919;
    private static final int GET_NETMASK = 0x891B;
    private static final int GET_METRIC = 0x891D;
    private static final int GET_MTU = 0x8921;
    private static final int GET_HARDWARE = 0x8927;
    private static final int GET_INDEX = 0x8933;
    private static final int GET_QUEUE_LENGTH = 0x8942;
    private static final int NAME_BYTES = 16;
    /** struct ifreq. */
    private static final int REQUEST_BYTES = 40;

    private InterfaceCalls() {}

    static Outcome ioctl(Trap t, Call c, Socket socket) {
        int request = (int) c.a1();
        switch (request) {
            case GET_ALL -> all(t, c.a2());
            case GET_NAME -> {
                if (Bytes.get32(UserMemory.read(t, c.a2(), REQUEST_BYTES), NAME_BYTES) != INDEX) {
                    return Outcome.error(Errno.ENODEV);
                }
                UserMemory.write(t, c.a2(), new Bytes(NAME_BYTES).putField(NAME, NAME_BYTES).toArray());
            }
            case GET_FLAGS -> answer(t, c, new Bytes(2).put16(FLAGS));
            case SET_FLAGS -> {
                byte[] raw = find(t, c);
                SystemCalls.require(t, Capabilities.NET_ADMIN);
                if ((Bytes.get16(raw, NAME_BYTES) & 1) == 0) {
                    return Outcome.error(Errno.EOPNOTSUPP);
                }
            }
            case AT_MARK -> {
                if (!socket.internet() || !socket.connects()) {
                    return Outcome.error(Errno.ENOTTY);
                }
                UserMemory.write32(t, c.a2(), 0);
            }
            case GET_METRIC -> answer(t, c, new Bytes(4).put32(0));
            case GET_MTU -> answer(t, c, new Bytes(4).put32(MTU));
            case GET_HARDWARE -> answer(t, c, new Bytes(16).put16(HARDWARE).zeros(14));
            case GET_INDEX -> answer(t, c, new Bytes(4).put32(INDEX));
            case GET_QUEUE_LENGTH -> answer(t, c, new Bytes(4).put32(QUEUE_LENGTH));
            case GET_ADDRESS, GET_DESTINATION, GET_BROADCAST, GET_NETMASK -> {
                if (socket.domain() != Socket.INET) {
                    return Outcome.error(Errno.ENOTTY);
                }
                answer(t, c, host(switch (request) {
                    case GET_BROADCAST -> new byte[4];
                    case GET_NETMASK -> new byte[]{(byte) 0xFF, 0, 0, 0};
                    default -> ADDRESS;
                }));
            }
            default -> {
                return Outcome.error(Errno.ENOTTY);
            }
        }
        return Outcome.ZERO;
    }

    private static Bytes host(byte[] address) {
        return new Bytes(16).put16(Socket.INET).put16(0).put(address).zeros(8);
    }

    /** Puts a value behind the name in a request. */
    private static void answer(Trap t, Call c, Bytes value) {
        find(t, c);
        UserMemory.write(t, c.a2() + NAME_BYTES, value.toArray());
    }

    /** Reads a request, whose name must be that of an interface. */
    private static byte[] find(Trap t, Call c) {
        byte[] raw = UserMemory.read(t, c.a2(), REQUEST_BYTES);
        String name = new String(raw, 0, NAME_BYTES, StandardCharsets.ISO_8859_1);
        int end = name.indexOf(0);
        if (!NAME.equals(end < 0 ? name : name.substring(0, end))) {
            throw new LinuxError(Errno.ENODEV);
        }
        return raw;
    }

    /** SIOCGIFCONF: all addresses of interfaces, or how many bytes they take. */
    private static void all(Trap t, long address) {
        byte[] raw = UserMemory.read(t, address, 16);
        long into = Bytes.get64(raw, 8);
        int length = REQUEST_BYTES;
        if (into != 0) {
            length = Bytes.get32(raw, 0) < REQUEST_BYTES ? 0 : REQUEST_BYTES;
            byte[] one = new Bytes(REQUEST_BYTES).putField(NAME, NAME_BYTES).put(host(ADDRESS).toArray()).zeros(8)
                    .toArray();
            UserMemory.write(t, t.process().addressSpace(), into, one, 0, length);
        }
        UserMemory.write32(t, address, length);
    }
}
