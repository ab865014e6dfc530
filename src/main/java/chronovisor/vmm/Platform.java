package chronovisor.vmm;

import chronovisor.device.ApicBus;
import chronovisor.device.Balloon;
import chronovisor.device.CharStream;
import chronovisor.device.DebugPort;
import chronovisor.device.DeviceState;
import chronovisor.device.GenericPorts;
import chronovisor.device.GuestRam;
import chronovisor.device.InterruptLine;
import chronovisor.device.IoApic82093;
import chronovisor.device.Keyboard8042;
import chronovisor.device.LocalApic;
import chronovisor.device.MemoryBus;
import chronovisor.device.PciBus;
import chronovisor.device.PciFunction;
import chronovisor.device.Pic8259;
import chronovisor.device.Pit8254;
import chronovisor.device.PortBus;
import chronovisor.device.Rtc146818;
import chronovisor.device.Uart16550;
import chronovisor.device.VgaText;
import chronovisor.device.VirtioBlock;
import chronovisor.device.VirtioConsole;
import chronovisor.device.VirtioPci;
import chronovisor.memory.GuestMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The devices of a machine and how they are wired: a PC's ports and interrupt requests. */
final class Platform {

    /** The i440FX, as every guest knows it. */
    private static final PciFunction.Identity HOST_BRIDGE = new PciFunction.Identity(0x8086, 0x1237, 2, 0x06_0000, 0,
            0);

    // Timers by number.
    private static final int CLOCK = 0;
    private static final int COUNTER = 1;
    private static final int FIRST_APIC = 2;

    /** The frames that are wanted of the balloon. */
    private static final Pattern BALLOON_COMMAND = Pattern.compile("balloon ([0-9]{1,12})");

    final PortBus ports = new PortBus();
    final MemoryBus memory = new MemoryBus();
    final Pic8259 pic = new Pic8259();
    final LocalApic[] apics;
    private final Uart16550[] uarts = new Uart16550[PlatformMap.COM_PORTS.size()];
    private final TreeMap<String, CharStream> streams = new TreeMap<>();
    private final TreeMap<String, DebugPort> debugPorts = new TreeMap<>();
    private final TreeMap<String, Keyboard8042> keyboards = new TreeMap<>();
    private @Nullable Balloon balloon;
    private @Nullable Pit8254 pit;
    private @Nullable Rtc146818 rtc;
    private @Nullable IoApic82093 ioApic;
    private @Nullable VgaText screen;
    private final GuestRam ram;
    private final PciBus pci = new PciBus();
    private final SharedLine pciLine = new SharedLine(line(PlatformMap.PCI_IRQ));
    private final Map<String, VirtioPci> virtio = new TreeMap<>();
    private final Map<String, VirtioConsole> consoles = new HashMap<>();
    private long storageUsed;
    private boolean hasPci;
    private final ApicBus apicBus;
    private final long memoryBytes;
    private final boolean serial;
    /** What the wall clock was at power-on. */
    private long boot_ns;

    Platform(GuestConfiguration configuration, GuestMemory guest) {
        ram = new GuestRam(guest);
        memoryBytes = configuration.memoryBytes();
        apics = new LocalApic[configuration.cores()];
        for (int core = 0; core < apics.length; core++) {
            apics[core] = new LocalApic(core);
        }
        apicBus = new ApicBus(apics);
        ports.map(PlatformMap.PIC_MASTER, PlatformMap.PIC_PORTS, pic.master());
        ports.map(PlatformMap.PIC_SLAVE, PlatformMap.PIC_PORTS, pic.slave());
        serial = configuration.devices().stream().anyMatch(device -> device instanceof DeviceConfiguration.Serial);
        addUarts();
        List<DeviceConfiguration> last = new ArrayList<>();
        for (DeviceConfiguration device : configuration.devices()) {
            // What has a frontend is connected when that is there.
            if (device instanceof DeviceConfiguration.Stream || device instanceof DeviceConfiguration.Disk) {
                last.add(device);
            } else {
                add(device);
            }
        }
        last.forEach(this::add);
    }

    /**
     * The wire of an interrupt request: to the PIC and, if there is one, to the I/O APIC, whose pin 2 has what is request 0 of the PIC, as its
     * own pin 0 is left to the PIC (MultiProcessor Specification, 3.6.2.3).
     */
    private InterruptLine line(int irq) {
        InterruptLine toPic = pic.line(irq);
        int pin = irq == PlatformMap.PIT_IRQ ? PlatformMap.PIT_PIN : irq;
        return high -> {
            toPic.set(high);
            IoApic82093 other = ioApic;
            if (other != null) {
                other.line(pin).set(high);
            }
        };
    }

    /** Takes the pages of device memory out of the guest's. */
    void claim(GuestMemory guest) {
        guest.markDevice(LocalApic.BASE >>> 12);
        for (long page : memory.pages()) {
            guest.markDevice(page);
        }
    }

    private void addUarts() {
        SharedLine[] shared = {new SharedLine(line(3)), new SharedLine(line(4))};
        for (int i = 0; i < uarts.length; i++) {
            uarts[i] = new Uart16550(shared[PlatformMap.COM_IRQS.get(i) - 3].source());
            if (serial) {
                ports.map(PlatformMap.COM_PORTS.get(i), Uart16550.PORTS, uarts[i]);
            }
        }
    }

    private void add(DeviceConfiguration device) {
        switch (device) {
            case DeviceConfiguration.Stream stream -> {
                CharStream end = new CharStream(stream.name());
                if (streams.putIfAbsent(stream.name(), end) != null) {
                    throw new ConfigurationException("two streams are named '" + stream.name() + "'");
                }
                VirtioConsole console = consoles.get(stream.frontend());
                if (console == null) {
                    uarts[stream.comPort() - 1].connect(end);
                } else {
                    VirtioPci port = Objects.requireNonNull(virtio.get(stream.frontend()));
                    console.connect(end, () -> port.handle(VirtioConsole.RECEIVE));
                }
            }
            case DeviceConfiguration.Debug debug -> {
                DebugPort port = new DebugPort();
                ports.map(debug.port(), 1, port);
                debugPorts.put(debug.id(), port);
            }
            case DeviceConfiguration.Keyboard keyboard -> {
                if (streams.containsKey(keyboard.id())) {
                    throw new ConfigurationException("a keyboard and a stream are named '" + keyboard.id() + "'");
                }
                Keyboard8042 built = new Keyboard8042(line(PlatformMap.KEYBOARD_IRQ));
                ports.map(PlatformMap.KEYBOARD_DATA, 1, built.data());
                ports.map(PlatformMap.KEYBOARD_COMMAND, 1, built.command());
                keyboards.put(keyboard.id(), built);
            }
            case DeviceConfiguration.Generic generic -> generic.ranges().forEach(range -> add(generic.id(), range));
            case DeviceConfiguration.Pit built -> {
                pit = new Pit8254(line(PlatformMap.PIT_IRQ));
                ports.map(PlatformMap.PIT, Pit8254.PORTS, pit.ports());
                ports.map(PlatformMap.PORT_B, 1, pit.portB());
            }
            case DeviceConfiguration.Nvram built -> {
                rtc = new Rtc146818(memoryBytes, line(PlatformMap.RTC_IRQ));
                ports.map(PlatformMap.RTC, Rtc146818.PORTS, rtc);
            }
            case DeviceConfiguration.Balloon built -> balloon = new Balloon(line(PlatformMap.BALLOON_IRQ));
            case DeviceConfiguration.Serial built -> {
                // Its four UARTs are there already.
            }
            case DeviceConfiguration.Pic built -> {
                // Always there.
            }
            case DeviceConfiguration.Apic built -> {
                // Always there.
            }
            case DeviceConfiguration.Screen built -> {
                screen = new VgaText();
                ports.map(PlatformMap.SCREEN, VgaText.PORTS, screen);
                memory.map(VgaText.BASE, VgaText.SIZE, screen);
            }
            case DeviceConfiguration.Pci built -> {
                hasPci = true;
                ports.map(PlatformMap.PCI, PciBus.PORTS, pci);
            }
            case DeviceConfiguration.HostBridge built -> pci.add(new PciFunction(HOST_BRIDGE));
            case DeviceConfiguration.VirtioDisk built -> {
                // It is there when it has a disk.
            }
            case DeviceConfiguration.VirtioConsole built -> {
                VirtioConsole console = new VirtioConsole();
                consoles.put(built.id(), console);
                add(built.id(), console);
            }
            case DeviceConfiguration.Disk disk -> {
                add(disk.frontend(), new VirtioBlock(ram, storageUsed, disk.sectorBytes(), disk.writable(), disk.id()));
                storageUsed += disk.pageBytes();
            }
            case DeviceConfiguration.MpTable built -> {
                // It is in memory.
            }
            case DeviceConfiguration.IoApic built -> {
                ioApic = new IoApic82093(apicBus);
                memory.map(IoApic82093.BASE, IoApic82093.SIZE, ioApic);
            }
        }
    }

    private void add(String id, VirtioPci.Model model) {
        VirtioPci device = new VirtioPci(model, ram, pciLine.source(),
                PlatformMap.PCI_PORTS + virtio.size() * VirtioPci.PORTS, PlatformMap.PCI_IRQ);
        virtio.put(id, device);
        pci.add(device.function());
        ports.map(() -> device.function().firstPort(), VirtioPci.PORTS, device);
    }

    private void add(String id, DeviceConfiguration.PortRange range) {
        try {
            ports.map(range.start(), range.end() - range.start() + 1, range.mode().passesThrough()
                    ? GenericPorts.passedThrough()
                    : GenericPorts.ignored());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("device '" + id + "' of class GENERIC: " + e.getMessage(), e);
        }
    }

    /** It is so late: since power-on, and since the epoch. Who accesses a device has told it before. */
    void advance(long time_ns, long wallClock_ns) {
        boot_ns = wallClock_ns - time_ns;
        if (pit != null) {
            pit.advance(time_ns);
        }
        if (rtc != null) {
            rtc.advance(wallClock_ns);
        }
        if (screen != null) {
            screen.advance(time_ns);
        }
    }

    /** When the next interrupt of the platform's timers is due. */
    long timer_ns() {
        return Math.min(deadline_ns(CLOCK), deadline_ns(COUNTER));
    }

    /** How many timers there are: the real-time clock, the 8254, and one of each core's local APIC. */
    int timers() {
        return FIRST_APIC + apics.length;
    }

    /** When the next interrupt of a timer is due, in virtual nanoseconds; {@link LocalApic#NEVER} when none will be. */
    long deadline_ns(int timer) {
        if (timer == CLOCK) {
            long clock_ns = rtc == null ? LocalApic.NEVER : rtc.deadline_ns();
            return clock_ns == LocalApic.NEVER ? LocalApic.NEVER : clock_ns - boot_ns;
        }
        if (timer == COUNTER) {
            return pit == null ? LocalApic.NEVER : pit.deadline_ns();
        }
        return apics[timer - FIRST_APIC].deadline_ns();
    }

    @Nullable
    Balloon balloon() {
        return balloon;
    }

    /** Does what the operator wants of a device; false when it is for none. */
    boolean command(String command) {
        Matcher balloonFrames = BALLOON_COMMAND.matcher(command);
        if (balloon != null && balloonFrames.matches()) {
            balloon.request(Long.parseLong(balloonFrames.group(1)));
            return true;
        }
        return false;
    }

    SortedMap<String, CharStream> streams() {
        return Collections.unmodifiableSortedMap(streams);
    }

    SortedMap<String, Keyboard8042> keyboards() {
        return Collections.unmodifiableSortedMap(keyboards);
    }

    SortedMap<String, DebugPort> debugPorts() {
        return Collections.unmodifiableSortedMap(debugPorts);
    }

    SortedMap<String, DeviceState> capture() {
        TreeMap<String, DeviceState> states = new TreeMap<>();
        states.put("pic", pic.capture());
        for (int i = 0; i < apics.length; i++) {
            states.put("lapic" + i, apics[i].capture());
        }
        for (int i = 0; i < uarts.length; i++) {
            states.put("com" + (i + 1), uarts[i].capture());
        }
        if (pit != null) {
            states.put("pit", pit.capture());
        }
        if (rtc != null) {
            states.put("rtc", rtc.capture());
        }
        if (hasPci) {
            states.put("pci", pci.capture());
        }
        virtio.forEach((id, device) -> states.put("virtio." + id, device.capture()));
        if (screen != null) {
            states.put("screen", screen.capture());
        }
        if (ioApic != null) {
            states.put("ioapic", ioApic.capture());
        }
        if (balloon != null) {
            states.put("balloon", balloon.capture());
        }
        streams.forEach((name, stream) -> states.put("stream." + name, stream.capture()));
        debugPorts.forEach((id, port) -> states.put("debug." + id, port.capture()));
        keyboards.forEach((id, keyboard) -> states.put("keyboard." + id, keyboard.capture()));
        return states;
    }

    /** The interrupt controllers come last: restoring the others drives their lines. */
    void restore(SortedMap<String, DeviceState> states) {
        if (pit != null) {
            pit.restore(state(states, "pit", Pit8254.State.class));
        }
        if (rtc != null) {
            rtc.restore(state(states, "rtc", Rtc146818.State.class));
        }
        if (hasPci) {
            pci.restore(state(states, "pci", PciBus.State.class));
        }
        virtio.forEach((id, device) -> device.restore(state(states, "virtio." + id, VirtioPci.State.class)));
        if (screen != null) {
            screen.restore(state(states, "screen", VgaText.State.class));
        }
        if (balloon != null) {
            balloon.restore(state(states, "balloon", Balloon.State.class));
        }
        streams.forEach((name, stream) -> stream.restore(state(states, "stream." + name, CharStream.State.class)));
        debugPorts.forEach((id, port) -> port.restore(state(states, "debug." + id, DebugPort.State.class)));
        keyboards.forEach(
                (id, keyboard) -> keyboard.restore(state(states, "keyboard." + id, Keyboard8042.State.class)));
        for (int i = 0; i < uarts.length; i++) {
            uarts[i].restore(state(states, "com" + (i + 1), Uart16550.State.class));
        }
        if (ioApic != null) {
            ioApic.restore(state(states, "ioapic", IoApic82093.State.class));
        }
        for (int i = 0; i < apics.length; i++) {
            apics[i].restore(state(states, "lapic" + i, LocalApic.State.class));
        }
        pic.restore(state(states, "pic", Pic8259.State.class));
    }

    private static <S extends DeviceState> S state(SortedMap<String, DeviceState> states, String name, Class<S> type) {
        DeviceState state = states.get(name);
        if (!type.isInstance(state)) {
            throw new ConfigurationException("the saved state has no device '" + name + "'");
        }
        return type.cast(state);
    }

    /** An interrupt request that devices share: high while one of them drives it. */
    private static final class SharedLine {
        private final InterruptLine line;
        private int sources;
        private int driven;

        SharedLine(InterruptLine line) {
            this.line = line;
        }

        InterruptLine source() {
            int bit = 1 << sources++;
            return high -> {
                driven = high ? driven | bit : driven & ~bit;
                line.set(driven != 0);
            };
        }
    }
}
