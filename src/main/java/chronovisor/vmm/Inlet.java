package chronovisor.vmm;

import chronovisor.device.CharStream;
import chronovisor.device.Keyboard8042;
import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Between the door and the devices: hands bytes to streams and keyboards, and tells the door which are full. */
final class Inlet {

    private final Platform platform;
    private final Environment environment;
    private final TreeSet<String> heldBack = new TreeSet<>();

    Inlet(Platform platform, Environment environment) {
        this.platform = platform;
        this.environment = environment;
    }

    /** The next input that is there; before it is asked for, the door is told what is full. */
    @Nullable
    Input poll() {
        platform.streams().forEach((name, stream) -> tell(name, stream.isFull()));
        platform.keyboards().forEach((name, keyboard) -> tell(name, keyboard.isFull()));
        return environment.poll();
    }

    private void tell(String name, boolean full) {
        if (full ? heldBack.add(name) : heldBack.remove(name)) {
            environment.holdBack(name, full);
        }
    }

    /** The devices have got another state: the door is told afresh. */
    void restart() {
        heldBack.clear();
        platform.streams().forEach((name, stream) -> retell(name, stream.isFull()));
        platform.keyboards().forEach((name, keyboard) -> retell(name, keyboard.isFull()));
    }

    private void retell(String name, boolean full) {
        if (full) {
            heldBack.add(name);
        }
        environment.holdBack(name, full);
    }

    void bytes(String name, byte[] bytes) {
        Keyboard8042 keyboard = platform.keyboards().get(name);
        if (keyboard == null) {
            stream(name).input(bytes);
        } else {
            keyboard.type(bytes);
        }
    }

    /** A keyboard never ends: nobody types any more. */
    void end(String name) {
        if (!platform.keyboards().containsKey(name)) {
            stream(name).end();
        }
    }

    /**
     * The host's end of a CHAR_STREAM.
     *
     * @throws ConfigurationException
     *             when there is none of this name
     */
    CharStream stream(String name) {
        CharStream stream = platform.streams().get(name);
        if (stream == null) {
            throw new ConfigurationException("there is no stream '" + name + "', only " + platform.streams().keySet());
        }
        return stream;
    }
}
