package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.cpu.CpuModels;
import chronovisor.cpu.Interpreter;
import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.memory.FramePool;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class VirtualMachineTest {

    /** Reads characters and writes them back until the stream ends; exits with 0. */
    private static final String ECHO = """
            b8 02 00 00 00  0f 05  85 c0  78 0b  89 c7  b8 01 00 00 00  0f 05  eb ea
            31 ff  31 c0  0f 05""";

    /** Writes over all data pages, counting to a million, prints '!', exits with 3. */
    private static final String COUNT = """
            b9 40 42 0f 00  be 00 00 60 00  89 c8  25 ff ff 03 00  89 0c 06  ff c9  75 f2
            bf 21 00 00 00  b8 01 00 00 00  0f 05  bf 03 00 00 00  31 c0  0f 05""";

    private final FramePool pool = new FramePool(64 << 20);

    /** A machine, what it told and what it printed. */
    private final class Run implements MachineObserver {
        final List<String> told = new ArrayList<>();
        final StringBuilder console = new StringBuilder();
        final TinyKernel kernel = new TinyKernel();
        final VirtualMachine vm;
        int copied;

        Run(GuestConfiguration configuration, Environment environment) {
            vm = new VirtualMachine(configuration, pool, environment, Interpreter::new, kernel, this);
            vm.stream("com1").onOutput(bytes -> console.append(new String(bytes, StandardCharsets.US_ASCII)));
        }

        Run boot(String hex) {
            vm.boot("", List.of(GuestFile.initTask("/init", code(hex))));
            return this;
        }

        @Override
        public void exit(int core, VmExit exit) {
            told.add(vm.tick() + " " + (exit instanceof VmExit.IoOuts ? "outs" : exit.toString()));
        }

        @Override
        public void interrupt(int core, int vector) {
            told.add(vm.tick() + " interrupt " + vector);
        }

        @Override
        public void frameUnshared(int core, long gfn, boolean wasCopied) {
            copied++;
        }
    }

    private static byte[] code(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    private Run run(String hex, Step... script) {
        return new Run(GuestConfiguration.standard(32), new SeededEnvironment(1_000, 1, List.of(script))).boot(hex);
    }

    private static Step type(String text) {
        return new Step(new Condition.Now(), new Input.StreamBytes("com1", text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static Step end() {
        return new Step(new Condition.Now(), new Input.StreamEnd("com1"));
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void aGuestRunsPrintsAndExits() {
        Run run = run(COUNT);
        RunResult result = run.vm.run();
        assertThat(result).isEqualTo(new RunResult(RunResult.Kind.SHUTDOWN, 3, "exit"));
        assertThat(run.console.toString()).isEqualTo("!");
        assertThat(run.vm.tick()).isEqualTo(2 + 5 * 1_000_000 + 6);
        assertThat(run.vm.state()).isEqualTo(VmState.STOPPED);
        assertThat(run.vm.run()).as("a stopped machine stays so").isEqualTo(result);
    }

    @Test
    void equalRunsTellTheSameAndEndTheSame() {
        Run one = run(COUNT);
        Run two = run(COUNT);
        one.vm.run();
        two.vm.run();
        assertThat(two.told).isEqualTo(one.told);
        assertThat(two.vm.digest()).isEqualTo(one.vm.digest());
    }

    @Test
    void stoppingAtATickIsExactAndChangesNothing() {
        Run whole = run(COUNT);
        whole.vm.run();
        Run parts = run(COUNT);
        for (long stop = 1; stop < 3_000_000; stop = stop * 3 + 1) {
            assertThat(parts.vm.run(stop).kind()).isEqualTo(RunResult.Kind.TICK_REACHED);
            assertThat(parts.vm.tick()).isEqualTo(stop);
        }
        parts.vm.run();
        assertThat(parts.told).isEqualTo(whole.told);
        assertThat(parts.vm.digest()).isEqualTo(whole.vm.digest());
    }

    @Test
    void aCapturedMachineRunsTheSameFutureTwice() {
        Run original = run(COUNT);
        original.vm.run(1_234_567);
        byte[] atCapture = original.vm.digest();
        MachineState state = original.vm.capture();
        original.told.clear();
        original.vm.run();
        Run other = run(COUNT);
        other.vm.run(77);
        other.vm.restore(state);
        other.told.clear();
        assertThat(other.vm.digest()).isEqualTo(atCapture);
        other.vm.run();
        assertThat(other.told).isEqualTo(original.told);
        assertThat(other.vm.digest()).isEqualTo(original.vm.digest());
        assertThat(other.copied).isPositive();
        state.close();
    }

    @Test
    void checkpointsTellNothingToTheGuestsEvents() {
        Run plain = run(COUNT);
        plain.vm.run();
        Run kept = run(COUNT);
        List<MachineState> states = new ArrayList<>();
        for (long stop = 300_000; stop < 2_000_000; stop += 300_000) {
            kept.vm.run(stop);
            states.add(kept.vm.capture());
        }
        kept.vm.run();
        assertThat(kept.told).isEqualTo(plain.told);
        assertThat(kept.vm.digest()).isEqualTo(plain.vm.digest());
        assertThat(kept.copied).isPositive();
        states.forEach(MachineState::close);
    }

    @Test
    void inputWakesTheIdleMachineAndItsEndIsSeen() {
        Run run = run(ECHO, type("hello, a line longer than the receiver's FIFO\n"), end());
        assertThat(run.vm.run().status()).isZero();
        assertThat(run.console.toString()).isEqualTo("hello, a line longer than the receiver's FIFO\n");
    }

    @Test
    void outputCanBeAnsweredAndAnIdleMachineWithoutInputEnds() {
        Run run = run(ECHO, type("a"),
                new Step(new Condition.After("com1", Pattern.compile("a")), new Input.StreamBytes(
                        "com1", new byte[]{'b'})));
        RunResult result = run.vm.run();
        assertThat(run.console.toString()).isEqualTo("ab");
        assertThat(result.kind()).isEqualTo(RunResult.Kind.IDLE_FOREVER);
        assertThat(run.told.get(run.told.size() - 1)).endsWith("HltExit[idle_ns=0]");
    }

    @Test
    void theOperatorPausesAndContinues() {
        Run run = run(ECHO, type("x"), new Step(new Condition.Now(), new Input.OperatorCommand("pause")), type("y"),
                end());
        assertThat(run.vm.run().kind()).isEqualTo(RunResult.Kind.PAUSED);
        assertThat(run.vm.state()).isEqualTo(VmState.PAUSED);
        assertThat(run.vm.run().kind()).isEqualTo(RunResult.Kind.SHUTDOWN);
        assertThat(run.console.toString()).isEqualTo("xy");
    }

    @Test
    void idleTimeIsSkippedToTheDeadlineAndCountsAsTime() {
        // sleep(1,000,000,000); time -> rdi; exit(low byte)
        Run run = run("bf 00 ca 9a 3b  b8 03 00 00 00  0f 05  b8 04 00 00 00  0f 05  89 c7  31 c0  0f 05");
        run.vm.run();
        assertThat(run.vm.tick()).isEqualTo(8);
        assertThat(run.vm.time_ns()).isEqualTo(1_000_000_008L);
        assertThat(run.vm.core(0).cpu().gpr[7]).isEqualTo(1_000_000_005L);
        assertThat(run.vm.wallClock_ns()).isEqualTo(1_000_001_008L);
        assertThat(run.told).contains("3 HltExit[idle_ns=1000000000]", "3 interrupt 239");
    }

    @Test
    void aTimerInterruptsARunningGuestAtItsExactTick() {
        Run run = new Run(GuestConfiguration.standard(32).withSlice(1_000), new SeededEnvironment(0, 1, List.of()));
        run.boot(COUNT);
        run.vm.core(0).mmioWrite32(0xFEE0_0380L, 123_457);
        run.vm.run();
        assertThat(run.told).contains("123457 interrupt 239");
        assertThat(run.kernel.state()).isEqualTo(new TinyKernel.State(TinyKernel.Waiting.NOTHING, 1));
    }

    @Test
    void cpuidAndTimeStampsAreExits() {
        // cpuid(0); rdtsc; exit(eax)
        Run run = run("31 c0  0f a2  0f 31  89 c7  31 c0  0f 05");
        assertThat(run.vm.run().status()).isEqualTo(2);
        assertThat(run.told).anyMatch(told -> told.startsWith("1 CpuidExit[leaf=0"));
        assertThat(run.told).contains("2 RdtscExit[value=2]");
    }

    @Test
    void touchedFramesAreNestedPageFaultsOnce() {
        Run run = run(COUNT);
        run.vm.run();
        List<String> faults = run.told.stream().filter(told -> told.contains("NestedPageFault")
                && told.contains("gfn=20")).toList();
        assertThat(faults).doesNotHaveDuplicates().isNotEmpty();
        assertThat(run.told.stream().filter(told -> told.endsWith("NestedPageFault[gfn=2049, write=true]"))).hasSize(1);
    }

    @Test
    void exceptionsReachTheKernelWithTheirDetails() {
        // mov [0], eax
        Run run = run("89 04 25 00 00 00 00");
        assertThat(run.vm.run().status()).isEqualTo(128);
        assertThat(run.kernel.exceptions).containsExactly("14:6@0");
        // int 0x80 finds no gate: #GP
        Run gate = run("cd 80");
        gate.vm.run();
        assertThat(gate.kernel.exceptions).containsExactly("13:1026@0");
        Run breakpoint = run("cc");
        breakpoint.vm.run();
        assertThat(breakpoint.kernel.exceptions).containsExactly("3:0@0");
        assertThat(breakpoint.vm.core(0).cpu().rip).isEqualTo(TinyKernel.CODE + 1);
    }

    @Test
    void whatTheProcessorLacksStopsTheMachineWithItsBytes() {
        // sysretl: there is no compatibility mode
        Run run = run("0f 07");
        run.vm.core(0).cpu().cpl = 0;
        run.vm.core(0).cpu().context();
        RunResult result = run.vm.run();
        assertThat(result.kind()).isEqualTo(RunResult.Kind.UNSUPPORTED);
        assertThat(result.reason()).contains("0f 07").contains("rip 0x400000").contains("tick 0");
        assertThat(run.vm.state()).isEqualTo(VmState.ERROR);
    }

    @Test
    void aGuestThatUsesUpTheHostsMemoryEndsAloneAndCleanly() {
        FramePool small = new FramePool(40 * 4096);
        VirtualMachine vm = new VirtualMachine(GuestConfiguration.standard(32), small,
                new SeededEnvironment(0, 1, List.of()), Interpreter::new, new TinyKernel(), MachineObserver.NONE);
        vm.boot("", List.of(GuestFile.initTask("/init", code(COUNT))));
        RunResult result = vm.run();
        assertThat(result.kind()).isEqualTo(RunResult.Kind.ERROR);
        assertThat(result.reason()).contains("host memory for guests is used up").contains("rip 0x4000");
        vm.close();
        assertThat(small.framesUsed()).isZero();
        small.close();
    }

    @Test
    void bootFilesThatDoNotFitAreRefused() {
        VirtualMachine vm = new VirtualMachine(GuestConfiguration.standard(32), pool,
                new SeededEnvironment(0, 1, List.of()), Interpreter::new, new TinyKernel(), MachineObserver.NONE);
        assertThatThrownBy(() -> vm.boot("", List.of(GuestFile.file("/big", 0644, new byte[17 << 20]))))
                .isInstanceOf(ConfigurationException.class).hasMessageContaining("/big does not fit");
    }

    @Test
    void withoutInputTheSliceLengthChangesNothing() {
        GuestConfiguration fine = GuestConfiguration.standard(32).withSlice(777);
        Run one = new Run(fine, new SeededEnvironment(1_000, 1, List.of())).boot(COUNT);
        Run two = run(COUNT);
        one.vm.run();
        two.vm.run();
        assertThat(one.told).isEqualTo(two.told);
    }

    @Test
    void coresTakeTurnsInSlicesAndShareTheTick() {
        GuestConfiguration two = new GuestConfiguration(32L << 20, 2, GuestConfiguration.Paging.NESTED, false, false,
                100,
                new Schedule.RoundRobin(10_000), CpuModels.named("x86-64"), List.of(),
                GuestConfiguration.standard(32).devices());
        List<byte[]> digests = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Run run = new Run(two, new SeededEnvironment(0, 1, List.of()));
            run.kernel.coresMax = 2;
            run.boot(COUNT);
            run.vm.core(1).cpu().restore(run.vm.core(0).cpu().capture());
            run.vm.run(500_000 + i * 7);
            long first = run.vm.core(0).cpu().retired;
            long second = run.vm.core(1).cpu().retired;
            assertThat(first + second).isEqualTo(run.vm.tick()).isEqualTo(500_000 + i * 7);
            assertThat(first).isBetween(240_000L, 260_000L);
            run.vm.run();
            assertThat(run.console.toString()).startsWith("!");
            digests.add(run.vm.digest());
        }
        assertThat(digests.get(0)).isEqualTo(digests.get(1));
    }

    @Test
    void aForkRunsOnAnotherThreadWhileItsParentGoesOn() throws InterruptedException {
        Run parent = run(COUNT);
        parent.vm.run(1_000_000);
        MachineState state = parent.vm.capture();
        List<Run> clones = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Run clone = new Run(GuestConfiguration.standard(32), new SeededEnvironment(1_000, 1, List.of()));
            clones.add(clone);
            threads.add(Thread.ofPlatform().start(() -> {
                clone.vm.restore(state);
                clone.vm.run();
            }));
        }
        parent.vm.run();
        for (Thread thread : threads) {
            thread.join();
        }
        state.close();
        for (Run clone : clones) {
            assertThat(clone.console.toString()).isEqualTo("!");
            assertThat(clone.vm.digest()).isEqualTo(parent.vm.digest());
        }
    }

    @Test
    void aStateThatWasWrittenAndReadIsTheSame() {
        Run run = run(COUNT);
        run.vm.stream("com1").input(new byte[]{1, 2, 3});
        run.vm.run(700_000);
        MachineState state = run.vm.capture();
        GuestMemory memory = new GuestMemory(pool, state.memory().sizeBytes());
        byte[] frame = new byte[4096];
        state.memory().forEachFrame((gfn, host) -> {
            boolean written = state.memory().state(gfn) != FrameState.ZERO;
            memory.resolve(gfn, written);
            if (written) {
                HostMemory.read(host, frame, 0, frame.length);
                memory.write(gfn << 12, frame, 0, frame.length);
            }
        });
        MachineState read = MachineState.read(state.canonicalBytes(), memory, state.kernelForm());
        assertThat(read.canonicalBytes()).isEqualTo(state.canonicalBytes());
        Run other = run(ECHO);
        other.vm.restore(read);
        other.told.clear();
        run.told.clear();
        run.vm.run();
        other.vm.run();
        assertThat(other.told).isEqualTo(run.told);
        assertThat(other.vm.digest()).isEqualTo(run.vm.digest());
        byte[] cut = java.util.Arrays.copyOf(state.canonicalBytes(), 200);
        assertThatThrownBy(() -> MachineState.read(cut, memory, null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
