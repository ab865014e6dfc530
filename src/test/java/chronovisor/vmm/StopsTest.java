package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Interpreter;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.memory.FramePool;
import chronovisor.memory.PageTables;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StopsTest {

    private static final int LAPS = 20_000;

    /** Writes ECX at DATA + (ECX and 0x3FFF), counting ECX down to 0; exits with 3. The write is at {@link #WRITE}, in mid-block. */
    private static final String COUNT = """
            b9 20 4e 00 00  be 00 00 60 00  89 c8  25 ff 3f 00 00  89 0c 06  ff c9  75 f2
            bf 03 00 00 00  31 c0  0f 05""";

    private static final long LOOP = TinyKernel.CODE + 10;
    private static final long WRITE = TinyKernel.CODE + 17;

    /** Fills 64 bytes at DATA + 0xFE0 by REP STOSB, asks the console, which is at its end, and stores AL at DATA + 0x1000; exits with 0. */
    private static final String STRINGS = """
            bf e0 0f 60 00  b9 40 00 00 00  b0 07  fc  f3 aa
            b8 02 00 00 00  0f 05  88 05 e4 0f 20 00  31 ff  31 c0  0f 05""";

    private final FramePool pool = new FramePool(64 << 20);

    @AfterEach
    void close() {
        pool.close();
    }

    private VirtualMachine machine(String hex) {
        VirtualMachine vm = new VirtualMachine(GuestConfiguration.standard(32), pool,
                new SeededEnvironment(1_000, 1,
                        List.of(new Step(new Condition.Now(), new Input.StreamEnd("com1")))),
                Interpreter::new, new TinyKernel(),
                new MachineObserver() {});
        vm.boot("", List.of(GuestFile.initTask("/init", HexFormat.of().parseHex(hex.replaceAll("\\s", "")))));
        return vm;
    }

    private String digestWithout(String hex) {
        VirtualMachine vm = machine(hex);
        vm.run();
        return HexFormat.of().formatHex(vm.digest());
    }

    private static long root(VirtualMachine vm) {
        return vm.core(0).cpu().cr3;
    }

    @Test
    void aBreakpointInMidBlockIsReachedBeforeEachExecutionOfItsInstruction() {
        VirtualMachine vm = machine(COUNT);
        List<Long> ticks = new ArrayList<>();
        vm.stops().breakAt(WRITE, core -> {
            assertThat(core.cpu().rip).isEqualTo(WRITE);
            ticks.add(vm.tick());
            return false;
        });
        assertThat(vm.run().kind()).isEqualTo(RunResult.Kind.SHUTDOWN);
        assertThat(ticks).hasSize(LAPS).startsWith(4L, 9L, 14L).doesNotHaveDuplicates();
        assertThat(HexFormat.of().formatHex(vm.digest())).isEqualTo(digestWithout(COUNT));
    }

    @Test
    void aRunThatEndsAtABreakpointGoesOnBehindIt() {
        VirtualMachine vm = machine(COUNT);
        Stops.Registration stop = vm.stops().breakAt(LOOP, core -> true);
        for (int lap = 0; lap < 3; lap++) {
            assertThat(vm.run().kind()).isEqualTo(RunResult.Kind.BREAKPOINT);
            assertThat(vm.tick()).isEqualTo(2 + 5 * lap);
        }
        stop.close();
        stop.close();
        assertThat(vm.run().kind()).isEqualTo(RunResult.Kind.SHUTDOWN);
        assertThat(HexFormat.of().formatHex(vm.digest())).isEqualTo(digestWithout(COUNT));
    }

    @Test
    void aBreakpointSetInTheMidstOfARunIsSeenThoughItsBlockIsLinked() {
        VirtualMachine vm = machine(COUNT);
        vm.run(1_000);
        vm.stops().breakAt(WRITE, core -> true);
        assertThat(vm.run().kind()).isEqualTo(RunResult.Kind.BREAKPOINT);
        assertThat(vm.tick()).isEqualTo(1_004);
    }

    @Test
    void twoHandlersAtOneAddressAreBothAskedAndEachEndsByItself() {
        VirtualMachine vm = machine(COUNT);
        int[] asked = new int[2];
        Stops.Breakpoint counts = core -> {
            asked[0]++;
            return false;
        };
        Stops.Registration first = vm.stops().breakAt(LOOP, counts);
        vm.stops().breakAt(LOOP, counts);
        vm.stops().breakAt(LOOP, core -> ++asked[1] == 2);
        vm.run();
        assertThat(asked).containsExactly(4, 2);
        first.close();
        vm.run();
        assertThat(asked[0]).isEqualTo(4 + LAPS - 2);
    }

    @Test
    void aWatchpointStopsRightAfterEachInstructionThatWritesOneOfItsBytes() {
        VirtualMachine vm = machine(COUNT);
        long watched = 0x1000;
        List<Long> values = new ArrayList<>();
        vm.stops().watchLinear(root(vm), TinyKernel.DATA + watched, 4, false, (core, gpa, bytes, write) -> {
            assertThat(write).isTrue();
            assertThat(bytes).isBetween(1, 4);
            assertThat(core.cpu().rip).isEqualTo(WRITE + 3);
            values.add(core.cpu().gpr[1]);
            return true;
        });
        List<Long> expected = new ArrayList<>();
        for (long ecx = LAPS; ecx > 0; ecx--) {
            long at = ecx & 0x3FFF;
            if (at + 4 > watched && at < watched + 4) {
                expected.add(ecx);
            }
        }
        RunResult result = vm.run();
        while (result.kind() == RunResult.Kind.WATCHPOINT) {
            assertThat(vm.tick()).isEqualTo(2 + 5 * (LAPS - values.getLast()) + 3);
            result = vm.run();
        }
        assertThat(values).isEqualTo(expected).hasSize(7);
        assertThat(HexFormat.of().formatHex(vm.digest())).isEqualTo(digestWithout(COUNT));
    }

    @Test
    void aRepeatedStringThatWritesAWatchedByteIsToldOnceForTheByte() {
        VirtualMachine vm = machine(STRINGS);
        List<Long> told = new ArrayList<>();
        vm.stops().watchLinear(root(vm), TinyKernel.DATA + 0xFFF, 2, false, (core, gpa, bytes, write) -> {
            told.add(gpa - 0x800000);
            return false;
        });
        vm.run();
        // Two bytes by REP STOSB, then one that holds what the console gave.
        assertThat(told).containsExactly(0xFFFL, 0x1000L, 0x1000L);
        assertThat(HexFormat.of().formatHex(vm.digest())).isEqualTo(digestWithout(STRINGS));
    }

    @Test
    void loadsAreToldWhenAskedForAndOtherwiseNot() {
        // mov rax, [DATA + 8]; mov [DATA + 16], rax; exit(0)
        String load = "48 8b 04 25 08 00 60 00  48 89 04 25 10 00 60 00  31 ff 31 c0 0f 05";
        VirtualMachine vm = machine(load);
        List<String> told = new ArrayList<>();
        Stops.Watchpoint tell = (core, gpa, bytes, write) -> !told
                .add((write ? "write " : "load ") + (gpa - 0x800000) + " tick " + vm.tick());
        vm.stops().watchLinear(root(vm), TinyKernel.DATA, 12, true, tell);
        vm.stops().watchLinear(root(vm), TinyKernel.DATA, 24, false, tell);
        vm.run();
        assertThat(told).containsExactly("load 8 tick 1", "write 16 tick 2");
    }

    @Test
    void aWriteByTheKernelIsTold() {
        VirtualMachine vm = machine(COUNT);
        vm.run(100);
        List<Long> told = new ArrayList<>();
        vm.stops().watchLinear(root(vm), TinyKernel.DATA + 0x8000, 8, false,
                (core, gpa, bytes, write) -> told.add(gpa));
        vm.memory().write64(0x808000, 1);
        assertThat(told).containsExactly(0x808000L);
        assertThat(vm.run().kind()).isEqualTo(RunResult.Kind.WATCHPOINT);
        assertThat(vm.tick()).isEqualTo(100);
    }

    @Test
    void aLinearWatchFollowsItsPageWhenAnotherTableLeadsThere() {
        VirtualMachine vm = machine(COUNT);
        vm.run(100);
        List<Long> told = new ArrayList<>();
        long watched = TinyKernel.DATA + 0x8000;
        vm.stops().watchLinear(root(vm), watched, 8, false, (core, gpa, bytes, write) -> !told.add(gpa));
        // The last-level table is copied, and the entry above points to the copy: the page is the same.
        long above = root(vm);
        for (int shift = 39; shift > 21; shift -= 9) {
            above = vm.memory().read64(above + (watched >>> shift - 3 & 0xFF8)) & PageTables.ADDRESS;
        }
        long entry = above + (watched >>> 21 - 3 & 0xFF8);
        long old = vm.memory().read64(entry);
        byte[] table = new byte[4096];
        vm.memory().read(old & PageTables.ADDRESS, table, 0, 4096);
        vm.memory().write(0xA00000, table, 0, 4096);
        vm.memory().write64(entry, 0xA00000 | old & 0xFFF);
        assertThat(told).isEmpty();
        vm.memory().write64(0x900000, 5);
        vm.memory().write64(0xA00000 + (watched >>> 12 - 3 & 0xFF8), 0x900000 | PageTables.PRESENT | PageTables.USER);
        assertThat(told).containsExactly(0x900000L);
    }

    @Test
    void aLinearWatchFollowsItsPageToAnotherFrame() {
        VirtualMachine vm = machine(COUNT);
        vm.run(100);
        List<Long> told = new ArrayList<>();
        vm.stops().watchLinear(root(vm), TinyKernel.DATA + 0x8000, 8, false,
                (core, gpa, bytes, write) -> !told.add(gpa));
        vm.memory().write64(0x900000, 5);
        PageTables.map(vm.memory(), root(vm), TinyKernel.DATA + 0x8000, 0x900000,
                PageTables.USER | PageTables.WRITABLE, () -> {
                    throw new AssertionError("no table is missing");
                });
        vm.memory().write64(0x808000, 7);
        vm.memory().write64(0x900000, 9);
        // Other contents by the mapping, nothing by the old frame, a write to the new one.
        assertThat(told).containsExactly(0x900000L, 0x900000L);
    }
}
