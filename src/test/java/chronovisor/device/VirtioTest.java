package chronovisor.device;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Legacy virtio devices on the PCI bus, driven as a driver does it (Virtio 1.2, chapters 2, 4 and 5). */
final class VirtioTest {

    private static final int QUEUE = 0x1_0000;
    private static final int AVAILABLE = QUEUE + 128 * 16;
    private static final int USED = QUEUE + 0x1000;
    private static final int DATA = 0x2_0000;
    private static final int NEXT = 1;
    private static final int WRITE = 2;

    private final FramePool pool = new FramePool(16 << 20);
    private final GuestMemory memory = new GuestMemory(pool, 1 << 20, 16 << 10);
    private final GuestRam ram = new GuestRam(memory);
    private boolean line;
    private int made;

    @AfterEach
    void close() {
        memory.close();
        pool.close();
    }

    private VirtioPci device(VirtioPci.Model model, int queue) {
        VirtioPci device = new VirtioPci(model, ram, high -> line = high, 0xC000, 11);
        device.out(0x12, 1, 3);
        device.out(0x0E, 2, queue);
        assertThat(device.in(0x0C, 2)).isEqualTo(128);
        device.out(0x08, 4, QUEUE >> 12);
        device.out(0x12, 1, 7);
        return device;
    }

    private void descriptor(int index, long address, int length, int flags, int next) {
        memory.write64(QUEUE + 16L * index, address);
        memory.write32(QUEUE + 16L * index + 8, length);
        memory.write32(QUEUE + 16L * index + 12, flags | next << 16);
    }

    private void offer(VirtioPci device, int queue, int head) {
        memory.write8(AVAILABLE + 4 + 2L * (made % 128), (byte) head);
        made++;
        memory.write8(AVAILABLE + 2, (byte) made);
        device.out(0x10, 2, queue);
    }

    /** Gives the status that the disk answers. */
    private int request(VirtioPci device, int type, long sector, int length) {
        memory.write32(DATA, type);
        memory.write64(DATA + 8, sector);
        descriptor(0, DATA, 16, NEXT, 1);
        descriptor(1, DATA + 0x1000, length, NEXT | (type == 1 ? 0 : WRITE), 2);
        descriptor(2, DATA + 32, 1, WRITE, 0);
        memory.write8(DATA + 32, (byte) 0xEE);
        offer(device, 0, 0);
        return memory.read8(DATA + 32) & 0xFF;
    }

    @Test
    void aDiskReadsAndWritesItsSectorsInAnyChain() {
        VirtioPci disk = device(new VirtioBlock(ram, 0, 16 << 10, true, "disk"), 0);
        assertThat(disk.in(0x14, 4)).as("sectors").isEqualTo(32);
        for (int i = 0; i < 1024; i += 8) {
            memory.write64(DATA + 0x1000 + i, i * 3L);
        }
        assertThat(request(disk, 1, 7, 1024)).isZero();
        assertThat(line).isTrue();
        assertThat(disk.in(0x13, 1)).isEqualTo(1);
        assertThat(line).as("reading the status takes the interrupt away").isFalse();
        memory.fill(DATA + 0x1000, 1024, (byte) 0);
        assertThat(request(disk, 0, 8, 512)).isZero();
        assertThat(memory.read64(DATA + 0x1000)).isEqualTo(512 * 3);
        assertThat(memory.read32(USED + 4 + 8 + 4)).as("bytes written").isEqualTo(513);
        assertThat(memory.read8(USED + 2)).isEqualTo((byte) 2);
    }

    @Test
    void anInterruptWaitsAsLongAsTheFunctionHasThemDisabled() {
        VirtioPci disk = device(new VirtioBlock(ram, 0, 16 << 10, true, "disk"), 0);
        disk.function().write(0x05, 1, 4);
        assertThat(request(disk, 0, 0, 512)).isZero();
        assertThat(line).isFalse();
        assertThat(disk.function().read(0x06, 1) & 8).as("interrupt status").isNotZero();
        disk.function().write(0x05, 1, 0);
        assertThat(line).isTrue();
        disk.function().write(0x05, 1, 4);
        assertThat(line).isFalse();
    }

    @Test
    void aRequestWithoutRoomForItsStatusIsGivenBackWithNothingWritten() {
        VirtioPci disk = device(new VirtioBlock(ram, 0, 16 << 10, true, "disk"), 0);
        descriptor(0, DATA, 16, 0, 0);
        offer(disk, 0, 0);
        assertThat(memory.read8(USED + 2)).isEqualTo((byte) 1);
        assertThat(memory.read32(USED + 8)).isZero();
    }

    @Test
    void aDiskRefusesWhatIsBeyondItsEndAndWhatItDoesNotKnow() {
        VirtioPci disk = device(new VirtioBlock(ram, 0, 16 << 10, false, "disk"), 0);
        assertThat(disk.in(0, 4) & 1 << 5).as("read only").isNotZero();
        assertThat(request(disk, 0, 31, 1024)).isEqualTo(1);
        assertThat(request(disk, 0, -1, 512)).isEqualTo(1);
        assertThat(request(disk, 1, 0, 512)).isEqualTo(1);
        assertThat(request(disk, 77, 0, 512)).isEqualTo(2);
        assertThat(request(disk, 4, 0, 0)).isZero();
        assertThat(request(disk, 8, 0, 20)).isZero();
        assertThat(memory.read32(DATA + 0x1000)).isEqualTo(0x6B736964);
    }

    @Test
    void aRingThatMakesNoSenseStopsTheQueueUntilReset() {
        VirtioPci disk = device(new VirtioBlock(ram, 0, 16 << 10, true, "disk"), 0);
        descriptor(0, DATA, 16, NEXT, 0); // its own successor
        offer(disk, 0, 0);
        assertThat(disk.capture().queues().getFirst().broken()).isTrue();
        assertThat(line).isFalse();
        disk.out(0x12, 1, 0);
        assertThat(disk.capture().queues().getFirst()).isEqualTo(VirtioQueue.State.NEW);
        disk.out(0x08, 4, 0x7FFF_FFFF); // beyond memory
        disk.out(0x10, 2, 0);
        assertThat(disk.capture().queues().getFirst().broken()).isTrue();
    }

    @Test
    void aConsolePassesBytesBothWaysAndKeepsWhatHasNoBuffer() {
        VirtioConsole model = new VirtioConsole();
        VirtioPci console = device(model, VirtioConsole.RECEIVE);
        CharStream stream = new CharStream("console");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        stream.onOutput(out::writeBytes);
        model.connect(stream, () -> console.handle(VirtioConsole.RECEIVE));
        stream.input("typed".getBytes(StandardCharsets.US_ASCII));
        assertThat(line).isFalse();
        descriptor(0, DATA, 3, WRITE, 0);
        offer(console, 0, 0);
        assertThat(line).isTrue();
        assertThat(memory.read32(DATA)).isEqualTo(0x707974);
        assertThat(stream.hasWaiting()).isTrue();
        descriptor(1, DATA + 8, 64, WRITE, 0);
        offer(console, 0, 1);
        assertThat(memory.read32(USED + 4 + 8 + 4)).isEqualTo(2);
        console.out(0x0E, 2, 1);
        console.out(0x08, 4, QUEUE >> 12);
        made = 0;
        memory.write32(AVAILABLE, 0);
        memory.write64(DATA, 0x0A_6968L);
        descriptor(2, DATA, 3, 0, 0);
        offer(console, 1, 2);
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("hi\n");
    }

    @Test
    void thePciBusTellsWhatIsThereAndMovesItsPorts() {
        PciBus bus = new PciBus();
        bus.add(new PciFunction(new PciFunction.Identity(0x8086, 0x1237, 2, 0x06_0000, 0, 0)));
        VirtioPci disk = new VirtioPci(new VirtioBlock(ram, 0, 512, true, "disk"), ram, high -> line = high, 0xC000,
                11);
        bus.add(disk.function());
        PortBus ports = new PortBus();
        ports.map(0xCF8, PciBus.PORTS, bus);
        ports.map(() -> disk.function().firstPort(), VirtioPci.PORTS, disk);
        ports.out(0xCF8, 4, 0x8000_0000);
        assertThat(ports.in(0xCFC, 4)).isEqualTo(0x1237_8086);
        ports.out(0xCF8, 4, 0x8000_0800);
        assertThat(ports.in(0xCFC, 4)).isEqualTo(0x1001_1AF4);
        ports.out(0xCF8, 4, 0x8000_083C);
        assertThat(ports.in(0xCFC, 2)).isEqualTo(0x010B);
        ports.out(0xCF8, 4, 0x8000_0810);
        ports.out(0xCFC, 4, -1);
        assertThat(ports.in(0xCFC, 4)).isEqualTo(-VirtioPci.PORTS | 1);
        ports.out(0xCFC, 4, 0xD000);
        assertThat(ports.in(0xD000 + 0x0C, 2)).isEqualTo(128);
        assertThat(ports.in(0xC000 + 0x0C, 2)).isEqualTo(0xFFFF);
        ports.out(0xCF8, 4, 0x8000_0804);
        ports.out(0xCFC, 2, 0);
        assertThat(ports.in(0xD000 + 0x0C, 2)).as("I/O is not decoded").isEqualTo(0xFFFF);
        ports.out(0xCF8, 4, 0x8000_1000);
        assertThat(ports.in(0xCFC, 4)).as("nobody").isEqualTo(-1);
    }
}
