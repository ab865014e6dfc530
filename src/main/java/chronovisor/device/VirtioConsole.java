package chronovisor.device;

import org.jspecify.annotations.Nullable;

/** LNX_VIRTIO_CONSOLE: a console (Virtio 1.2, 5.3) with one port. What comes for the guest waits in its {@link CharStream} for buffers. */
public final class VirtioConsole implements VirtioPci.Model {

    /** The queue of buffers for what comes. */
    public static final int RECEIVE = 0;

    private static final int TRANSMIT = 1;
    private static final int PART = 4096;

    private @Nullable CharStream stream;

    /** Plugs a cable in; {@code onInput} is told when there is something for the guest. */
    public void connect(CharStream newStream, Runnable onInput) {
        stream = newStream;
        newStream.onInput(onInput);
    }

    @Override
    public int device() {
        return 0x1003;
    }

    @Override
    public int subsystem() {
        return 3;
    }

    @Override
    public int kind() {
        return 0x07_8000;
    }

    @Override
    public int features() {
        return 0;
    }

    @Override
    public int queues() {
        return 2;
    }

    @Override
    public int configuration(int offset) {
        return 0;
    }

    @Override
    public boolean handle(int index, VirtioQueue queue) {
        return index == TRANSMIT ? transmit(queue) : receive(queue);
    }

    private boolean transmit(VirtioQueue queue) {
        boolean tell = false;
        for (VirtioQueue.Request request = queue.next(); request != null; request = queue.next()) {
            byte[] bytes = queue.gather(request, Integer.MAX_VALUE);
            CharStream end = stream;
            if (end != null && bytes.length > 0) {
                end.put(bytes, 0, bytes.length);
            }
            tell |= queue.done(request, 0);
        }
        return tell;
    }

    private boolean receive(VirtioQueue queue) {
        CharStream end = stream;
        boolean tell = false;
        while (end != null && end.hasWaiting()) {
            VirtioQueue.Request request = queue.next();
            if (request == null) {
                break;
            }
            byte[] bytes = new byte[Math.min(PART, VirtioQueue.length(request, true))];
            int count = 0;
            while (count < bytes.length && end.hasWaiting()) {
                bytes[count++] = (byte) end.take();
            }
            queue.scatter(request, 0, bytes, count);
            tell |= queue.done(request, count);
        }
        return tell;
    }
}
