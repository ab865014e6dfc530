package chronovisor.device;

import java.util.ArrayList;
import java.util.List;

/**
 * A legacy virtio device on the PCI bus (Virtio 1.2, 4.1.4.8): registers in I/O ports, queues in guest memory, a level-triggered interrupt that
 * reading the status takes away. What it does with requests is its {@link Model}'s affair, and takes no time.
 */
public final class VirtioPci implements PortDevice {

    /** The registers that all have, then those of the kind of device. */
    public static final int PORTS = 64;

    static final int VENDOR = 0x1AF4;

    private static final int HOST_FEATURES = 0x00;
    private static final int GUEST_FEATURES = 0x04;
    private static final int QUEUE_PAGE = 0x08;
    private static final int QUEUE_SIZE = 0x0C;
    private static final int QUEUE_SELECT = 0x0E;
    private static final int QUEUE_NOTIFY = 0x10;
    private static final int STATUS = 0x12;
    private static final int INTERRUPT_STATUS = 0x13;
    private static final int DEVICE_CONFIGURATION = 0x14;
    private static final int QUEUE_INTERRUPT = 1;

    /** What a kind of device does. */
    public interface Model {
        /** The device number of legacy PCI functions: 0x1000 and up. */
        int device();

        /** The number of the kind, and class of the PCI function. */
        int subsystem();

        /** PCI class code, 24 bits. */
        int kind();

        int features();

        int queues();

        /** A byte of its own configuration. */
        int configuration(int offset);

        /** Handles what waits in a queue; whether the driver is to be told. */
        boolean handle(int index, VirtioQueue queue);
    }

    /**
     * All state but the model's.
     *
     * @param features
     *            what the driver understands
     * @param queues
     *            in order
     */
    public record State(int features, int select, int status, int interrupt, List<VirtioQueue.State> queues,
            PciFunction.State function) implements DeviceState {

        /** Keeps an unmodifiable copy. */
        public State {
            queues = List.copyOf(queues);
        }

        @Override
        public void writeTo(StateWriter out) {
            out.i32(features).i32(select).u8(status).u8(interrupt).i32(queues.size());
            queues.forEach(queue -> queue.writeTo(out));
            function.writeTo(out);
        }

        static State read(StateReader in) {
            int features = in.i32();
            int select = in.i32();
            int status = in.u8();
            int interrupt = in.u8();
            List<VirtioQueue.State> queues = new ArrayList<>();
            for (int left = in.i32(); left > 0; left--) {
                queues.add(VirtioQueue.State.read(in));
            }
            return new State(features, select, status, interrupt, queues, PciFunction.State.read(in));
        }
    }

    private final Model model;
    private final PciFunction function;
    private final InterruptLine line;
    private final VirtioQueue[] queues;
    private int features;
    private int select;
    private int status;
    private int interrupt;

    /**
     * A device.
     *
     * @param base
     *            first of its ports
     * @param irq
     *            the request that {@code line} is
     */
    public VirtioPci(Model model, GuestRam ram, InterruptLine line, int base, int irq) {
        this.model = model;
        this.line = line;
        this.function = new PciFunction(new PciFunction.Identity(VENDOR, model.device(), 0, model.kind(), VENDOR,
                model.subsystem()), PORTS, base, irq);
        this.function.onCommand(this::drive);
        this.queues = new VirtioQueue[model.queues()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new VirtioQueue(ram);
        }
    }

    /** Its place on the bus. */
    public PciFunction function() {
        return function;
    }

    @Override
    public boolean wide() {
        return true;
    }

    @Override
    public int in(int offset, int size) {
        if (offset >= DEVICE_CONFIGURATION) {
            int value = 0;
            for (int i = size - 1; i >= 0; i--) {
                value = value << 8 | model.configuration(offset + i - DEVICE_CONFIGURATION) & 0xFF;
            }
            return value;
        }
        return switch (offset) {
            case HOST_FEATURES -> model.features();
            case GUEST_FEATURES -> features;
            case QUEUE_PAGE -> select < queues.length ? queues[select].state.page() : 0;
            case QUEUE_SIZE -> select < queues.length ? VirtioQueue.SIZE : 0;
            case QUEUE_SELECT -> select;
            case STATUS -> status;
            case INTERRUPT_STATUS -> takeInterrupt();
            default -> 0;
        };
    }

    private int takeInterrupt() {
        int was = interrupt;
        interrupt = 0;
        drive();
        return was;
    }

    @Override
    public void out(int offset, int size, int value) {
        switch (offset) {
            case GUEST_FEATURES -> features = value & model.features();
            case QUEUE_PAGE -> {
                if (select < queues.length) {
                    queues[select].place(value);
                }
            }
            case QUEUE_SELECT -> select = value & 0xFFFF;
            case QUEUE_NOTIFY -> handle(value & 0xFFFF);
            case STATUS -> {
                status = value & 0xFF;
                if (status == 0) {
                    reset();
                }
            }
            default -> {
                // Read-only, or the device's configuration, which has nothing to be written.
            }
        }
    }

    private void reset() {
        features = 0;
        select = 0;
        interrupt = 0;
        for (VirtioQueue queue : queues) {
            queue.state = VirtioQueue.State.NEW;
        }
        drive();
    }

    /** There is something in a queue, or for it. */
    public void handle(int index) {
        if (index < queues.length && model.handle(index, queues[index])) {
            interrupt |= QUEUE_INTERRUPT;
            drive();
        }
    }

    private void drive() {
        function.requests(interrupt != 0);
        line.set(interrupt != 0 && function.drivesLine());
    }

    /** All state. */
    public State capture() {
        List<VirtioQueue.State> states = new ArrayList<>();
        for (VirtioQueue queue : queues) {
            states.add(queue.state);
        }
        return new State(features, select, status, interrupt, states, function.capture());
    }

    /** Puts a state back and drives the line. */
    public void restore(State state) {
        features = state.features();
        select = state.select();
        status = state.status();
        interrupt = state.interrupt();
        if (state.queues().size() != queues.length) {
            throw new IllegalArgumentException("a saved virtio device with " + state.queues().size() + " queues");
        }
        for (int i = 0; i < queues.length; i++) {
            queues[i].state = state.queues().get(i);
        }
        function.restore(state.function());
        drive();
    }
}
