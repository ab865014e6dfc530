package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.isa.Operand;
import org.junit.jupiter.api.Test;

/** Segment loads and far transfers of a kernel in ring 0, with its descriptor tables in memory (SDM vol. 3, chapters 3 and 5). */
final class DescriptorTransferTest {
    private static final long GDT = TestMachine.DATA;
    private static final long TARGET = TestMachine.CODE + 0x800;
    private static final long USER_STACK = TestMachine.STACK - 0x1000;
    private static final long[] TABLE = {0, 0x00AF_9A00_0000_FFFFL, 0x00CF_9200_0000_FFFFL, 0x00AF_FA00_0000_FFFFL,
        0x00CF_F200_0000_FFFFL, 0x00CF_9A00_0000_FFFFL, 0x00AF_1A00_0000_FFFFL, 0x00CF_1200_0000_FFFFL,
        0x1200_8934_5678_0067L, 0x0000_0000_FFFF_FF00L, 0x0000_8200_1000_001FL, 0, 0x00CF_9812_3456_0FFFL};
    private static final int CODE_0 = 0x08;
    private static final int DATA_0 = 0x10;
    private static final int CODE_3 = 0x1B;
    private static final int DATA_3 = 0x23;
    private static final int CODE_32 = 0x28;
    private static final int CODE_ABSENT = 0x30;
    private static final int DATA_ABSENT = 0x38;
    private static final int TASK = 0x40;
    private static final int LDT = 0x50;
    private static final int UNREADABLE = 0x60;

    private static TestMachine kernel(String code) {
        var m = new TestMachine(code);
        for (int i = 0; i < TABLE.length; i++) {
            m.memory.write64(GDT + 8L * i, TABLE[i]);
        }
        m.cpu.system.gdtBase = GDT;
        m.cpu.system.gdtLimit = 8 * TABLE.length - 1;
        m.cpu.selectors[Operand.CS] = CODE_0;
        m.cpu.selectors[Operand.SS] = DATA_0;
        m.cpu.cpl = 0;
        m.cpu.context();
        return m;
    }

    private static void push(TestMachine m, long... words) {
        for (long word : words) {
            m.cpu.gpr[Cpu.RSP] -= 8;
            m.memory.write64(m.cpu.gpr[Cpu.RSP], word);
        }
    }

    private static void assertFault(TestMachine m, int vector, long errorCode) {
        long rip = m.cpu.rip;
        long sp = m.cpu.gpr[Cpu.RSP];
        int[] selectors = m.cpu.selectors.clone();
        assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
        assertThat(m.cpu.exitVector).isEqualTo(vector);
        assertThat(m.cpu.exitErrorCode).isEqualTo(errorCode);
        assertThat(m.cpu.rip).isEqualTo(rip);
        assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(sp);
        assertThat(m.cpu.selectors).isEqualTo(selectors);
    }

    private static void assertUnsupported(TestMachine m, String what) {
        assertThat(m.run(1)).isEqualTo(Exit.UNSUPPORTED);
        assertThat(m.cpu.exitWhat).contains(what);
    }

    @Test
    void iretEntersRing3AndTakesItsFlagsAndDropsTheKernelsSegments() {
        try (var m = kernel("48cf")) {
            m.cpu.selectors[Operand.DS] = DATA_0;
            m.cpu.selectors[Operand.ES] = DATA_3;
            m.cpu.selectors[Operand.GS] = DATA_0;
            m.cpu.gsBase = 77;
            push(m, DATA_3, USER_STACK, 0x3202 | Flags.RF, CODE_3, TARGET);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.cpl).isEqualTo(3);
            assertThat(m.cpu.rip).isEqualTo(TARGET);
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(USER_STACK);
            assertThat(m.cpu.rflags()).isEqualTo(0x3202 | Flags.RF);
            assertThat(m.cpu.selectors).containsExactly(DATA_3, CODE_3, DATA_3, 0, 0, 0);
            assertThat(m.cpu.gsBase).isZero();
        }
    }

    @Test
    void iretWithinRing0PopsTheStackPointerToo() {
        try (var m = kernel("48cf")) {
            push(m, 0, USER_STACK, 2, CODE_0, TARGET);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(USER_STACK);
            assertThat(m.cpu.selectors[Operand.SS]).as("the null selector serves in ring 0").isZero();
        }
    }

    @Test
    void iretRefusesWhatIsNotThereOrNotCanonical() {
        long[][] frames = {{DATA_3, 0, 2, CODE_ABSENT, TARGET, Vector.NP, CODE_ABSENT},
            {DATA_ABSENT, 0, 2, CODE_0, TARGET, Vector.SS, DATA_ABSENT}, {0, 0, 2, DATA_0, TARGET, Vector.GP, DATA_0},
            {DATA_0, 0, 2, CODE_0, 1L << 47, Vector.GP, 0}, {DATA_3, 0, 2, CODE_0, TARGET, Vector.GP, DATA_3 & ~3},
            {3, 0, 2, CODE_3, TARGET, Vector.GP, 0}, {0, 0, 2, 0x1000, TARGET, Vector.GP, 0x1000}};
        for (long[] f : frames) {
            try (var m = kernel("48cf")) {
                push(m, f[0], f[1], f[2], f[3], f[4]);
                assertFault(m, (int) f[5], f[6]);
            }
        }
    }

    @Test
    void aFarReturnToRing3SwitchesTheStackAndReleasesOnBoth() {
        try (var m = kernel("48ca1000")) { // retfq 16
            push(m, DATA_3, USER_STACK, 1, 2, CODE_3, TARGET);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.cpl).isEqualTo(3);
            assertThat(m.cpu.rip).isEqualTo(TARGET);
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(USER_STACK + 16);
        }
    }

    @Test
    void aFarCallPushesAndItsReturnComesBack() {
        try (var m = kernel("48ff1b")) { // call far [rbx]
            m.memory.write64(TestMachine.DATA + 0x200, TARGET);
            m.memory.write64(TestMachine.DATA + 0x208, CODE_0);
            m.memory.write(TARGET, new byte[]{0x48, (byte) 0xCB}, 0, 2);
            m.cpu.gpr[3] = TestMachine.DATA + 0x200;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.rip).isEqualTo(TARGET);
            assertThat(m.memory.read64(m.cpu.gpr[Cpu.RSP] + 8)).isEqualTo(CODE_0);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE + 3);
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(TestMachine.STACK);
        }
    }

    @Test
    void codeThatIsNot64BitStopsTheMachineByName() {
        try (var m = kernel("48cb")) {
            push(m, CODE_32, TARGET);
            assertUnsupported(m, "not 64-bit");
        }
        try (var m = kernel("0f07")) {
            assertUnsupported(m, "SYSRET to compatibility mode");
        }
    }

    @Test
    void sysretAndSysexitGoToTheSegmentsTheirRegistersTell() {
        try (var m = kernel("480f07")) {
            m.cpu.star = 0x0013L << 48;
            m.cpu.gpr[1] = TARGET;
            m.cpu.gpr[11] = 0x202 | Flags.RF;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.rip).isEqualTo(TARGET);
            assertThat(m.cpu.rflags()).isEqualTo(0x202);
            assertThat(m.cpu.selectors[Operand.CS]).isEqualTo(0x23);
            assertThat(m.cpu.selectors[Operand.SS]).isEqualTo(0x1B);
            assertThat(m.cpu.cpl).isEqualTo(3);
        }
        try (var m = kernel("480f35")) {
            m.cpu.system.sysenterCs = 8;
            m.cpu.gpr[2] = TARGET;
            m.cpu.gpr[1] = USER_STACK;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.selectors[Operand.CS]).isEqualTo(8 + 32 | 3);
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(USER_STACK);
        }
    }

    @Test
    void sysenterEntersRing0WithInterruptsOff() {
        try (var m = kernel("0f34")) {
            m.cpu.cpl = 3;
            m.cpu.context();
            assertFault(m, Vector.GP, 0);
            m.cpu.system.sysenterCs = 8;
            m.cpu.system.sysenterEip = TARGET;
            m.cpu.system.sysenterEsp = USER_STACK;
            m.cpu.rflags(0x202);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.cpl).isZero();
            assertThat(m.cpu.rip).isEqualTo(TARGET);
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(USER_STACK);
            assertThat(m.cpu.rflags()).isEqualTo(2);
        }
    }

    @Test
    void loadingADataSegmentMarksItAccessed() {
        try (var m = kernel("8ed8 8ed1")) { // mov ds, eax; mov ss, ecx
            m.cpu.gpr[0] = DATA_3;
            m.cpu.gpr[1] = DATA_ABSENT;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.memory.read64(GDT + 0x20)).isEqualTo(TABLE[4] | 1L << 40);
            assertFault(m, Vector.SS, DATA_ABSENT);
        }
        try (var m = kernel("8ed8 8ed8 8ed8")) {
            m.cpu.gpr[0] = UNREADABLE;
            assertFault(m, Vector.GP, UNREADABLE);
            m.cpu.gpr[0] = DATA_ABSENT;
            assertFault(m, Vector.NP, DATA_ABSENT);
        }
    }

    @Test
    void taskAndLocalTablesAreLoadedFromSixteenByteDescriptors() {
        try (var m = kernel("0f00d8 0f00d1 0f00c2 0f00cb")) { // ltr eax; lldt ecx; sldt edx; str ebx
            m.cpu.gpr[0] = TASK;
            m.cpu.gpr[1] = LDT;
            assertThat(m.run(4)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.system.trBase).isEqualTo(0xFFFF_FF00_1234_5678L);
            assertThat(m.cpu.system.trLimit).isEqualTo(0x67);
            assertThat(m.memory.read64(GDT + TASK)).as("busy").isEqualTo(TABLE[8] | 2L << 40);
            assertThat(m.cpu.system.ldtBase).isEqualTo(0x1000);
            assertThat(m.cpu.gpr[2]).isEqualTo(LDT);
            assertThat(m.cpu.gpr[3]).isEqualTo(TASK);
            m.cpu.rip = TestMachine.CODE;
            assertFault(m, Vector.GP, TASK);
        }
    }

    @Test
    void whatAProgramMayAskAboutDependsOnItsRing() {
        try (var m = kernel("0f02c1 0f03d1 0f00e1")) { // lar eax, ecx; lsl edx, ecx; verr ecx
            m.cpu.gpr[1] = UNREADABLE;
            assertThat(m.run(3)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(0xCF_9800L);
            assertThat(m.cpu.gpr[2]).as("limit in pages").isEqualTo(0xF0FF_FFFFL);
            assertThat(m.cpu.rflags() & Flags.ZF).as("execute only").isZero();
            m.cpu.cpl = 3;
            m.cpu.context();
            m.cpu.rip = TestMachine.CODE;
            m.cpu.gpr[0] = 5;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.rflags() & Flags.ZF).isZero();
            assertThat(m.cpu.gpr[0]).isEqualTo(5);
        }
    }

    @Test
    void tableRegistersAreStoredAsTheyWereLoaded() {
        try (var m = kernel("0f0113 0f0103 0f010b")) { // lgdt [rbx]; sgdt [rbx]; sidt [rbx]
            m.cpu.gpr[3] = TestMachine.DATA + 0x300;
            m.memory.write(m.cpu.gpr[3], new byte[]{0x34, 0x12, 1, 2, 3, 4, 5, 0, 0, 0}, 0, 10);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.system.gdtBase).isEqualTo(0x05_0403_0201L);
            m.memory.fill(m.cpu.gpr[3], 16, (byte) -1);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.memory.read64(m.cpu.gpr[3])).isEqualTo(0x0005_0403_0201_1234L);
            assertThat(m.memory.read64(m.cpu.gpr[3] + 8)).isEqualTo(0xFFFF_FFFF_FFFF_0000L);
        }
    }

    @Test
    void stiHoldsInterruptsBackForOneInstruction() {
        try (var m = kernel("fb 90 fb 90")) {
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.system.blocksInterrupts()).isTrue();
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.system.blocksInterrupts()).isFalse();
            assertThat(m.run(1)).as("interrupts were on already").isEqualTo(Exit.SLICE);
            assertThat(m.cpu.system.blocksInterrupts()).isFalse();
        }
    }

    @Test
    void lmswSetsTheLowBitsAndCannotLeaveProtectedMode() {
        try (var m = kernel("0f01f0 0f06 0f01e3")) { // lmsw eax; clts; smsw ebx
            m.cpu.gpr[0] = Control.CR0_TS;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.cr0 & 15).isEqualTo(Control.CR0_PE | Control.CR0_TS);
            assertThat(m.run(2)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[3]).isEqualTo(m.cpu.cr0);
            assertThat(m.cpu.cr0 & Control.CR0_TS).isZero();
        }
    }

    @Test
    void theWholeSystemStateIsCapturedAndOldImagesAreStillTaken() {
        try (var m = kernel("90")) {
            m.cpu.system.dr[2] = 7;
            m.cpu.system.ldtr = LDT;
            m.cpu.system.xcr0 = 3;
            CpuImage image = m.cpu.capture();
            byte[] bytes = image.bytes();
            m.cpu.system.restore(new SystemState().capture());
            m.cpu.restore(CpuImage.ofBytes(bytes));
            assertThat(m.cpu.capture()).isEqualTo(image);
            byte[] old = java.util.Arrays.copyOf(bytes, bytes.length - 8 * SystemState.words());
            m.cpu.restore(CpuImage.ofBytes(old));
            assertThat(m.cpu.system.capture()).isEqualTo(new SystemState().capture());
            assertThat(m.cpu.capture().retired()).isEqualTo(image.retired());
        }
    }
}
