package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.cpu.Interpreter;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.kitten.kernel.KernelCodec;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.memory.FramePool;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.MachineObserver;
import chronovisor.vmm.MachineState;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded guest programs on the whole machine, against what they do on a Linux host. */
final class GuestProgramsTest {

    private static final Path GUESTS = Path.of("scenarios/guests");
    private static final int MEMORY_MB = 64;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> messages = new ArrayList<>();
    private FramePool pool = new FramePool(1 << 20);

    @BeforeEach
    void openPool() {
        pool = new FramePool(4L * MEMORY_MB << 20);
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    private VirtualMachine machine(KittenOptions options, String input) {
        List<Step> script = new ArrayList<>();
        if (!input.isEmpty()) {
            script.add(new Step(new Condition.Now(),
                    new Input.StreamBytes("com2", input.getBytes(StandardCharsets.ISO_8859_1))));
        }
        script.add(new Step(new Condition.Now(), new Input.StreamEnd("com2")));
        Kitten kitten = new Kitten(options.withStreams("/dev/ttyS1", "/dev/ttyS1", "/dev/ttyS2"),
                new KittenObserver() {
                    @Override
                    public void message(String line) {
                        messages.add(line);
                    }

                    @Override
                    public void consoleWritten(int core, int task, String device, byte[] bytes) {
                        if (device.equals("/dev/ttyS1")) {
                            out.writeBytes(bytes);
                        }
                    }
                });
        return new VirtualMachine(GuestConfiguration.standard(MEMORY_MB), pool,
                new SeededEnvironment(1_700_000_000_000_000_000L, 1, script), Interpreter::new, kitten,
                MachineObserver.NONE);
    }

    private static VirtualMachine boot(VirtualMachine vm, String guest) throws IOException {
        vm.boot("", List.of(GuestFile.initTask("/" + guest, Files.readAllBytes(GUESTS.resolve("bin/" + guest)))));
        return vm;
    }

    private static KittenOptions program(List<String> argv, String... environment) {
        return KittenOptions.standard().withProgram(argv, List.of(environment));
    }

    private void matches(String expected, RunResult result) throws IOException {
        assertThat(result.kind()).as(result.reason()).isEqualTo(RunResult.Kind.SHUTDOWN);
        assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo(
                Files.readString(GUESTS.resolve("expected/" + expected + ".txt"), StandardCharsets.ISO_8859_1));
        List<String> status = Files.readAllLines(GUESTS.resolve("expected/" + expected + ".status"));
        assertThat(result.status()).isEqualTo(Integer.parseInt(status.getLast()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bare", "hello", "hello-pie", "files", "descriptors"})
    void aProgramPrintsAndEndsAsOnTheHost(String guest) throws IOException {
        matches(guest, boot(machine(program(List.of(guest)), ""), guest).run());
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "write", "execute", "divide", "overflow", "undefined", "protection", "privileged"})
    void aFaultKillsAsOnTheHost(String kind) throws IOException {
        matches("faults-" + kind, boot(machine(program(List.of("faults", kind)), ""), "faults").run());
    }

    @Test
    void argumentsEnvironmentAndAuxiliaryVectorAreAsOnTheHost() throws IOException {
        VirtualMachine vm = machine(program(List.of("/arguments", "one", "two three", "", "--", "quote\"d"),
                "HOME=/root", "GREETING=two words", "EMPTY="), "");
        matches("arguments", boot(vm, "arguments").run());
    }

    @Test
    void inputComesThroughTheSerialPortAndItsEndIsEndOfFile() throws IOException {
        matches("echo-end", boot(machine(program(List.of("echo")), "only\n"), "echo").run());
    }

    @Test
    void twoRunsEndInTheSameState() throws IOException {
        VirtualMachine one = boot(machine(program(List.of("files")), ""), "files");
        VirtualMachine two = boot(machine(program(List.of("files")), ""), "files");
        one.run();
        two.run();
        assertThat(two.tick()).isEqualTo(one.tick());
        assertThat(two.digest()).isEqualTo(one.digest());
    }

    @Test
    void aRunContinuedFromACapturedStateEndsInTheSameState() throws IOException {
        VirtualMachine whole = boot(machine(program(List.of("files")), ""), "files");
        whole.run();
        VirtualMachine halves = boot(machine(program(List.of("files")), ""), "files");
        halves.run(whole.tick() / 2);
        MachineState middle = halves.capture();
        halves.run();
        VirtualMachine resumed = machine(program(List.of("files")), "");
        resumed.restore(middle);
        resumed.run();
        assertThat(halves.digest()).isEqualTo(whole.digest());
        assertThat(resumed.digest()).isEqualTo(whole.digest());
    }

    @Test
    void theStateIsAValueWithCanonicalBytes() throws IOException {
        VirtualMachine vm = boot(machine(program(List.of("hello")), ""), "hello");
        MachineState captured = vm.capture();
        KernelState before = (KernelState) java.util.Objects.requireNonNull(captured.kernel());
        byte[] bytes = KernelCodec.encode(before);
        vm.run();
        assertThat(KernelCodec.encode(before)).isEqualTo(bytes);
        KernelState after = (KernelState) java.util.Objects.requireNonNull(vm.kernel()).state();
        assertThat(KernelCodec.encode(after)).isNotEqualTo(bytes);
        assertThat(KernelCodec.decode(bytes)).isEqualTo(before);
        for (int length = 0; length < bytes.length; length += 7) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> KernelCodec.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = bytes.clone();
            damaged[5 + random.nextInt(bytes.length - 5)] ^= (byte) (1 << random.nextInt(8));
            try {
                // What is still a state has to be written as it was read: there is one form of each.
                assertThat(KernelCodec.encode(KernelCodec.decode(damaged))).isEqualTo(damaged);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("saved state");
            }
        }
    }

    @Test
    void anInitTaskThatIsNoProgramIsRefusedWithItsReason() {
        VirtualMachine vm = machine(program(List.of("x")), "");
        vm.boot("", List.of(GuestFile.initTask("/x", new byte[]{1, 2, 3})));
        RunResult result = vm.run();
        assertThat(result.status()).isEqualTo(127);
        assertThat(messages).anyMatch(line -> line.contains("not an ELF file"));
    }

    private static final class Elsewhere extends RuntimeException {}

    private VirtualMachine listenedTo(KittenObserver observer) throws IOException {
        VirtualMachine vm = new VirtualMachine(GuestConfiguration.standard(MEMORY_MB), pool,
                new SeededEnvironment(1_700_000_000_000_000_000L, 1, List.of()), Interpreter::new,
                new Kitten(program(List.of("hello")), observer), MachineObserver.NONE);
        return boot(vm, "hello");
    }

    @Test
    void aFailureOfTheKernelStopsTheMachineAndSaysWhere() throws IOException {
        RunResult result = listenedTo(new KittenObserver() {
            @Override
            public void syscallEntered(int core, int task, int number, long[] arguments) {
                throw new IllegalStateException("on purpose");
            }
        }).run();
        assertThat(result.kind()).isEqualTo(RunResult.Kind.ERROR);
        assertThat(result.reason()).startsWith("the kernel failed at tick ").contains("core 0", "rip 0x", "task 2",
                "system call arch_prctl", "on purpose").doesNotContain("\n");
    }

    @Test
    void aFailureOfWhoListensIsNotTheKernels() throws IOException {
        VirtualMachine vm = listenedTo(new KittenObserver() {
            @Override
            public void syscallEntered(int core, int task, int number, long[] arguments) {
                throw new Elsewhere();
            }
        });
        assertThatThrownBy(vm::run).isInstanceOf(Elsewhere.class);
    }
}
