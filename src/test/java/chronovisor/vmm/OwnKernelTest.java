package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Interpreter;
import chronovisor.environment.SeededEnvironment;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens at ring 0 of a guest that brings its own kernel, instruction by instruction: code is put where guest metal runs. */
final class OwnKernelTest {

    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RSP = 4;
    private static final int RDI = 7;
    private static final int WILD_GUESTS = 1_500;

    private final FramePool pool = new FramePool(128 << 20);
    private final List<String> told = new ArrayList<>();
    private final VirtualMachine vm;

    OwnKernelTest() throws IOException {
        GuestConfiguration configuration = GuestConfigurationXml.read(Path.of("scenarios/guests/metal.xml"))
                .configuration().withCores(2);
        List<DeviceConfiguration> devices = new ArrayList<>(configuration.devices());
        devices.removeIf(device -> device instanceof DeviceConfiguration.Disk);
        vm = new VirtualMachine(configuration.withDevices(devices), pool, new SeededEnvironment(1, 2, List.of()),
                Interpreter::new, null, new MachineObserver() {
                    @Override
                    public void exit(int core, VmExit exit) {
                        told.add(exit.toString());
                    }
                });
        vm.boot("metal", List.of(GuestFile.kernel("/metal",
                Files.readAllBytes(Path.of("scenarios/guests/bin/metal")))));
    }

    @AfterEach
    void close() {
        vm.close();
        pool.close();
    }

    private Cpu started() {
        // Guest metal has its IDT, and does not wait for an interrupt.
        Cpu cpu = vm.core(0).cpu();
        while (cpu.system.idtBase == 0 || vm.core(0).halted) {
            vm.run(vm.tick() + 1_000);
        }
        told.clear();
        return cpu;
    }

    private void put(String hex) {
        byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
        vm.memory().write(vm.core(0).cpu().rip, code, 0, code.length);
    }

    @Test
    void vmcallAsksTheVmm() {
        Cpu cpu = started();
        put("0f 01 c1 f4");
        cpu.gpr[RAX] = Hypercalls.BALLOON_QUERY;
        cpu.gpr[3] = 5;
        cpu.gpr[RCX] = 6;
        vm.run(vm.tick() + 1);
        assertThat(cpu.gpr[RAX]).as("there is no balloon").isEqualTo(-1);
        assertThat(told).containsExactly(new VmExit.Hypercall(Hypercalls.BALLOON_QUERY, 5, 6, -1).toString());
    }

    @Test
    void aSoftwareInterruptEntersItsHandlerWithTheNextRip() {
        Cpu cpu = started();
        long rip = cpu.rip;
        long stack = cpu.gpr[RSP];
        put("cd 80");
        vm.run(vm.tick() + 1);
        assertThat(cpu.rip).isNotEqualTo(rip + 2);
        assertThat(cpu.gpr[RSP]).isEqualTo((stack & -16) - 40);
        assertThat(vm.memory().read64(cpu.gpr[RSP])).isEqualTo(rip + 2);
        assertThat(vm.memory().read64(cpu.gpr[RSP] + 24)).isEqualTo(stack);
        assertThat(cpu.rflags() & 0x200).as("an interrupt gate").isZero();
    }

    @Test
    void anExceptionPushesItsErrorCode() {
        Cpu cpu = started();
        long rip = cpu.rip;
        cpu.gpr[RAX] = 1L << 40;
        put("48 8b 00");
        vm.run(vm.tick() + 1);
        assertThat(cpu.cr2).isEqualTo(1L << 40);
        long frame = cpu.gpr[RSP];
        // The handler's first instruction has retired: it pushed the vector below the error code.
        assertThat(vm.memory().read64(frame)).isEqualTo(14);
        assertThat(vm.memory().read64(frame + 8)).as("not present, a read by the supervisor").isZero();
        assertThat(vm.memory().read64(frame + 16)).isEqualTo(rip);
    }

    @Test
    void codeOf32BitsThatIsNotThereStopsTheMachineWithItsBytes() {
        put("d9 c0");
        RunResult result = vm.run();
        assertThat(vm.state()).isEqualTo(VmState.ERROR);
        assertThat(result.reason()).startsWith("not supported: 32-bit code (instruction d9) at rip 0x");
    }

    @Test
    void aStringInstructionThatGoesRoundAndRoundADeviceEndsTheMachine() {
        Cpu cpu = started();
        GuestMemory memory = vm.memory();
        memory.write64(0x40_0000, memory.read64(cpu.cr3));
        memory.write64(0x40_0008, 0x40_1003);
        memory.write64(0x40_1000, 0x40_2003);
        for (int i = 0; i < 512; i++) {
            memory.write64(0x40_2000 + 8L * i, 0x40_3003);
            memory.write64(0x40_3000 + 8L * i, 0xFEC0_0003L);
        }
        cpu.cr3 = 0x40_0000;
        cpu.context();
        cpu.gpr[RDI] = 1L << 39;
        cpu.gpr[RCX] = 1L << 24;
        put("f3 48 ab");
        RunResult result = vm.run();
        assertThat(vm.state()).isEqualTo(VmState.ERROR);
        assertThat(result.reason()).contains("an instruction that does not stop accessing device memory");
    }

    @Test
    void aKernelThatDoesNotFitIsRefusedAndSoIsWhatIsNone() {
        assertThatThrownBy(() -> KernelImage.parse("kernel", new byte[10])).isInstanceOf(ConfigurationException.class)
                .hasMessage("kernel: an ELF file for x86 is expected as a kernel");
        byte[] cut = HexFormat.of().parseHex("7f454c46010101000000000000000000020003000100000000000000ff00000000");
        assertThatThrownBy(() -> KernelImage.parse("kernel", cut)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("kernel: ");
    }

    @Test
    void aTimerWhoseInterruptIsMaskedDoesNotKeepAHaltedMachineGoing() {
        Cpu cpu = started();
        // The 8254 interrupts 18 times a second (mode 2), but not through the masked pin: sti, hlt.
        byte[] code = HexFormat.of().parseHex("b034e643b000e640e640fbf4");
        vm.memory().write(cpu.rip, code, 0, code.length);
        told.clear();
        RunResult result = vm.run(vm.tick() + 1_000);
        assertThat(result.kind()).isEqualTo(RunResult.Kind.IDLE_FOREVER);
        assertThat(result.reason()).contains("no timer that is set can wake one");
        assertThat(told.stream().filter(exit -> exit.startsWith("HltExit")).toList()).hasSizeLessThan(4);
        assertThat(vm.tick()).isLessThan(1_000_000);
    }

    @Test
    void kernelsOfRandomBytesEndOrGoOnInAKnownState() {
        started();
        SplittableRandom random = new SplittableRandom(2027);
        try (MachineState state = vm.capture()) {
            for (int guest = 0; guest < WILD_GUESTS; guest++) {
                vm.restore(state);
                Cpu cpu = vm.core(0).cpu();
                byte[] code = new byte[96];
                random.nextBytes(code);
                for (int i = 0; i + 1 < code.length; i += 8) {
                    if (random.nextInt(3) == 0) {
                        code[i] = 0x0F;
                    }
                }
                for (int r = 0; r < 16; r++) {
                    cpu.gpr[r] = r == RSP || random.nextBoolean()
                            ? cpu.gpr[r]
                            : 0xFEC0_0000L + random.nextInt(0x10) * 0x1_0000L + random.nextInt(0x400);
                }
                vm.memory().write(cpu.rip, code, 0, code.length);
                try {
                    vm.run(vm.tick() + 2_000);
                } catch (RuntimeException | StackOverflowError e) {
                    throw new AssertionError("guest " + guest + ": " + HexFormat.of().formatHex(code), e);
                }
                assertThat(vm.state()).isIn(VmState.RUNNING, VmState.STOPPED, VmState.ERROR);
            }
        }
    }
}
