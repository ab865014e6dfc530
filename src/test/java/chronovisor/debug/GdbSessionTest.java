package chronovisor.debug;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.CpuImage;
import chronovisor.journal.Position;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.Replay;
import chronovisor.timeline.Timeline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol, spoken by hand. */
final class GdbSessionTest {

    private static final int REGISTER_BYTES = 16 * 8 + 8 + 4 + 6 * 4 + 8 * 10 + 8 * 4 + 16 * 16 + 4 + 3 * 8 + 16 * 16;

    @TempDir
    Path temporary;

    private RecordedGuest guest(String name, String... arguments) {
        return RecordedGuest.of(temporary.resolve("journal"), KittenParts.guest(name, arguments), "one\nquit\n");
    }

    private static String monitor(RemoteClient client, String line) throws IOException {
        String answer = client.ask("qRcmd," + HexFormat.of().formatHex(line.getBytes(StandardCharsets.UTF_8)));
        return answer.length() % 2 != 0 ? answer : new String(HexFormat.of().parseHex(answer), StandardCharsets.UTF_8);
    }

    @Test
    void registersAreTheMachinesAtEveryPlace() throws IOException {
        try (RecordedGuest guest = guest("checksum", "3000");
                RemoteClient client = new RemoteClient(guest.port());
                Timeline timeline = Timeline.open(guest.folder(), new KittenParts())) {
            SplittableRandom random = new SplittableRandom(3);
            for (int i = 0; i < 20; i++) {
                long tick = random.nextLong(timeline.last().tick());
                monitor(client, "seek " + tick);
                timeline.seek(new Position(tick, 0));
                byte[] all = HexFormat.of().parseHex(client.ask("g"));
                assertThat(all).hasSize(REGISTER_BYTES);
                ByteBuffer registers = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
                CpuImage cpu = timeline.view().registers(0);
                assertThat(registers.getLong(0)).isEqualTo(cpu.gpr(0));
                assertThat(registers.getLong(8)).as("rbx").isEqualTo(cpu.gpr(3));
                assertThat(registers.getLong(56)).as("rsp").isEqualTo(cpu.gpr(4));
                assertThat(registers.getLong(128)).isEqualTo(cpu.rip());
                assertThat(Integer.toUnsignedLong(registers.getInt(136))).isEqualTo(cpu.rflags());
                int xmm = 16 * 8 + 8 + 4 + 6 * 4 + 8 * 10 + 8 * 4;
                for (int r = 0; r < 16; r++) {
                    assertThat(registers.getLong(xmm + 16 * r)).isEqualTo(cpu.xmm(r, 0));
                    assertThat(registers.getLong(xmm + 16 * r + 8)).isEqualTo(cpu.xmm(r, 1));
                    assertThat(registers.getLong(REGISTER_BYTES - 256 + 16 * r)).isEqualTo(cpu.xmm(r, 2));
                }
                String rip = client.ask("p10");
                assertThat(Long.reverseBytes(HexFormat.fromHexDigitsToLong(rip))).isEqualTo(cpu.rip());
                byte[] code = timeline.view().memory(timeline.view().root(0), cpu.rip(), 8);
                assertThat(client.ask("m" + Long.toHexString(cpu.rip()) + ",8"))
                        .isEqualTo(HexFormat.of().formatHex(code));
            }
        }
    }

    @Test
    void stepsForwardAndBackPassTheSamePlaces() throws IOException {
        try (RecordedGuest guest = guest("echo"); RemoteClient client = new RemoteClient(guest.port())) {
            client.ask("Hc-1");
            List<String> there = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                there.add(client.ask("p10") + monitor(client, "when"));
                assertThat(client.ask("vCont;s:2")).startsWith("T05");
            }
            for (String place : there.reversed()) {
                assertThat(client.ask("bs")).startsWith("T05");
                assertThat(client.ask("p10") + monitor(client, "when")).isEqualTo(place);
            }
            assertThat(client.ask("bs")).contains("replaylog:begin");
            assertThat(client.ask("vCont;c")).contains("replaylog:end");
            assertThat(client.ask("bc")).contains("replaylog:begin");
        }
    }

    @Test
    void aRunningMachineIsInterruptedBothWays() throws IOException {
        try (RecordedGuest guest = guest("checksum", "3000000"); RemoteClient client = new RemoteClient(guest.port())) {
            client.send("vCont;c".getBytes(StandardCharsets.US_ASCII));
            client.raw(new byte[]{3});
            assertThat(client.answer()).startsWith("T02");
            String here = monitor(client, "when");
            assertThat(client.ask("Z0,1,1")).isEqualTo("OK");
            client.send("bc".getBytes(StandardCharsets.US_ASCII));
            client.raw(new byte[]{3});
            assertThat(client.answer()).startsWith("T");
            assertThat(Position.parse(monitor(client, "when"))).isLessThanOrEqualTo(Position.parse(here));
        }
    }

    @Test
    void aSearchForABreakpointIsInterrupted() throws IOException {
        try (RecordedGuest guest = guest("checksum", "3000000"); RemoteClient client = new RemoteClient(guest.port())) {
            assertThat(client.ask("Z0,1,1")).isEqualTo("OK");
            client.send("vCont;c".getBytes(StandardCharsets.US_ASCII));
            client.raw(new byte[]{3});
            assertThat(client.answer()).startsWith("T02");
        }
    }

    @Test
    void nothingOfARecordingIsChanged() throws IOException {
        try (RecordedGuest guest = guest("hello"); RemoteClient client = new RemoteClient(guest.port())) {
            String rsp = client.ask("p7");
            long stack = Long.reverseBytes(HexFormat.fromHexDigitsToLong(rsp));
            String before = monitor(client, "digest");
            assertThat(client.ask("M10,1:00")).as("nothing is mapped there").startsWith("E.");
            assertThat(monitor(client, "digest")).isEqualTo(before);
            // What is changed is changed in a throwaway run.
            assertThat(client.ask("M" + Long.toHexString(stack) + ",1:77")).isEqualTo("OK");
            assertThat(client.ask("m" + Long.toHexString(stack) + ",1")).isEqualTo("77");
            assertThat(client.ask("P0=0100000000000000")).isEqualTo("OK");
            assertThat(client.ask("G" + client.ask("g"))).isEqualTo("OK");
            assertThat(monitor(client, "digest")).isNotEqualTo(before);
            assertThat(monitor(client, "undo")).contains("back in the recording");
            client.ask("m" + Long.toHexString(stack) + ",1000");
            client.ask("m0,8");
            client.ask("mffffffffffffffff,8");
            assertThat(monitor(client, "digest")).isEqualTo(before);
        }
    }

    @Test
    void marksThatCannotBeKeptAreRefused() throws IOException {
        try (RecordedGuest guest = guest("hello"); RemoteClient client = new RemoteClient(guest.port())) {
            Path marks = guest.folder().resolve("marks");
            Files.writeString(marks, "no folder");
            assertThat(monitor(client, "mark here")).isEqualTo("E01");
            Files.delete(marks);
            assertThat(monitor(client, "mark here")).startsWith("here");
            Files.writeString(marks.resolve("here"), "nowhere");
            assertThat(monitor(client, "marks")).isEqualTo("E01");
            assertThat(monitor(client, "seek here")).isEqualTo("E01");
            assertThat(client.ask("qC")).startsWith("QC");
        }
    }

    @Test
    void goingToTheEndIsGoingToTheRecordedEnd() throws IOException {
        try (RecordedGuest guest = guest("timers")) {
            try (RemoteClient client = new RemoteClient(guest.port())) {
                client.ask("QPassSignals:e;14;1e;1f");
                client.ask("Z0,401000,1");
                assertThat(client.ask("vCont;c")).contains("0010400000000000");
                client.ask("z0,401000,1");
                assertThat(client.ask("vCont;c")).contains("replaylog:end");
            }
            // The next client finds the same machine, and the journal still replays.
            try (RemoteClient client = new RemoteClient(guest.port())) {
                assertThat(client.ask("?")).startsWith("T05");
            }
            assertThat(Replay.of(guest.folder(), new KittenParts()).run().identical()).isTrue();
        }
    }

    @Test
    void withoutRecordedEventsItStillGoesBothWays() throws IOException {
        Path folder = RecordedGuest.record(temporary.resolve("journal"), KittenParts.guest("echo"), Fidelity.INPUTS,
                "one\nquit\n");
        try (RecordedGuest guest = RecordedGuest.serving(folder);
                RemoteClient client = new RemoteClient(guest.port())) {
            for (int i = 0; i < 50; i++) {
                assertThat(client.ask("vCont;s:2")).startsWith("T05");
            }
            String here = monitor(client, "when");
            assertThat(client.ask("vCont;s:2")).startsWith("T05");
            assertThat(client.ask("bs")).startsWith("T05");
            assertThat(monitor(client, "when")).isEqualTo(here);
            assertThat(client.ask("vCont;c")).contains("replaylog:end");
        }
    }

    @Test
    void hostilePeersGetErrorsOnly() throws IOException {
        try (RecordedGuest guest = guest("hello")) {
            SplittableRandom random = new SplittableRandom(5);
            String[] heads = {"m", "M", "X", "x", "p", "P", "G", "H", "T", "Z", "z", "vFile:open:", "vFile:pread:",
                "vFile:fstat:", "qXfer:", "qXfer:features:read:target.xml:", "qRcmd,", "QPassSignals:",
                "QCatchSyscalls:", "qThreadExtraInfo,", "b", "!", "?", "qSupported:", "vFile:", "v", "q", "Q", ""};
            try (RemoteClient client = new RemoteClient(guest.port())) {
                for (int i = 0; i < 1000; i++) {
                    StringBuilder packet = new StringBuilder(heads[random.nextInt(heads.length)]);
                    for (int length = random.nextInt(24); length > 0; length--) {
                        packet.append(random.nextInt(3) == 0
                                ? (char) random.nextInt(256)
                                : ",;:=0123456789abcdef-".charAt(random.nextInt(21)));
                    }
                    if (!packet.toString().equals("QStartNoAckMode")) {
                        client.ask(packet.toString());
                    }
                }
                client.raw("garbage$$$#00$m0#ff}}}*#".getBytes(StandardCharsets.US_ASCII));
                // Between two of the dollar signs is an empty packet, which is sound.
                assertThat(client.answer()).isEmpty();
                assertThat(client.ask("qC")).startsWith("QC");
            }
            try (RemoteClient client = new RemoteClient(guest.port())) {
                byte[] long1 = new byte[1 << 20];
                java.util.Arrays.fill(long1, (byte) 'm');
                client.send(long1);
                assertThat(client.ask("qC")).startsWith("QC");
            }
        }
    }
}
