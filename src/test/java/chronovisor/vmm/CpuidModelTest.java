package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.CpuModel;
import chronovisor.cpu.CpuModels;
import chronovisor.isa.CpuFeature;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.Mmu;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CpuidModelTest {
    private static final int OSXSAVE = 1 << 27;
    private static final int HYPERVISOR = 1 << 31;
    private static final String V3 = "x86-64-v3";

    private final FramePool pool = new FramePool(1 << 20);
    private final GuestMemory memory = new GuestMemory(pool, 1 << 20);
    private final Cpu cpu = new Cpu(0, new Mmu(memory));

    @AfterEach
    void close() {
        memory.close();
        pool.close();
    }

    private CpuidModel.Answer ask(CpuModel model, int leaf, int subleaf) {
        return new CpuidModel(model, 1).answer(leaf, subleaf, cpu);
    }

    /** A model of the future, on which XSAVE and AVX are finished. */
    private static CpuModel with(CpuFeature... more) {
        CpuModel v3 = CpuModels.named(V3);
        Set<CpuFeature> features = EnumSet.copyOf(v3.features());
        features.addAll(Set.of(more));
        return new CpuModel(V3, v3.signature(), v3.leafMax(), 0, v3.brand(), features);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x86-64", "x86-64-v2", "x86-64-v3", "core-i3-2011"})
    void bitsAreTheModelsFeaturesAndNoOthers(String name) {
        CpuModel model = CpuModels.named(name);
        for (CpuFeature feature : CpuFeature.values()) {
            if (feature.hasBit()) {
                CpuidModel.Answer answer = ask(model, feature.leaf(), feature.subleaf());
                int register = switch (feature.register()) {
                    case EAX -> answer.eax();
                    case EBX -> answer.ebx();
                    case ECX -> answer.ecx();
                    case EDX -> answer.edx();
                };
                boolean leafIsThere = feature.leaf() < 0 || feature.leaf() <= model.leafMax();
                assertThat((register >>> feature.bit() & 1) != 0 && leafIsThere).as(feature.name())
                        .isEqualTo(model.has(feature));
            }
        }
    }

    @Test
    void whatHasNoFeatureInTheModelIsHidden() {
        int ecx = ask(CpuModels.named(V3), 1, 0).ecx();
        assertThat(ecx & HYPERVISOR).isNotZero();
        assertThat(ecx & (1 << 3 | 1 << 5 | 1 << 6 | 1 << 21)).as("MONITOR, VMX, SMX, x2APIC").isZero();
    }

    @Test
    void osxsaveFollowsControlRegister4() {
        assertThat(ask(with(CpuFeature.XSAVE), 1, 0).ecx() & OSXSAVE).isZero();
        cpu.cr4 = 1 << 18;
        assertThat(ask(with(CpuFeature.XSAVE), 1, 0).ecx() & OSXSAVE).isNotZero();
        assertThat(ask(CpuModels.named("x86-64"), 1, 0).ecx() & OSXSAVE).isZero();
    }

    @Test
    void sizeOfTheXsaveAreaFollowsXcr0() {
        CpuModel model = with(CpuFeature.XSAVE, CpuFeature.XSAVEOPT, CpuFeature.XSAVEC, CpuFeature.AVX);
        cpu.system.xcr0 = 3;
        assertThat(ask(model, 0xD, 0)).isEqualTo(new CpuidModel.Answer(7, 576, 832, 0));
        cpu.system.xcr0 = 7;
        assertThat(ask(model, 0xD, 0)).isEqualTo(new CpuidModel.Answer(7, 832, 832, 0));
        assertThat(ask(model, 0xD, 1)).isEqualTo(new CpuidModel.Answer(3, 832, 0, 0));
        assertThat(ask(model, 0xD, 2)).isEqualTo(new CpuidModel.Answer(256, 576, 0, 0));
    }

    @Test
    void aLeafThatIsTooHighGetsTheHighestBasicOne() {
        CpuModel model = CpuModels.named(V3);
        assertThat(ask(model, 0x4000_0000, 0)).isEqualTo(ask(model, model.leafMax(), 0));
        assertThat(ask(model, 0x8000_0009, 0)).isEqualTo(ask(model, model.leafMax(), 0));
    }

    @Test
    void topologyNumbersTheCores() {
        var four = new CpuidModel(CpuModels.named(V3), 4);
        Cpu third = new Cpu(2, new Mmu(memory));
        assertThat(four.answer(0xB, 1, third)).isEqualTo(new CpuidModel.Answer(2, 4, 0x201, 2));
        assertThat(four.answer(1, 0, third).ebx()).isEqualTo(2 << 24 | 4 << 16 | 8 << 8);
    }

    @Test
    void timeStampCounterTicksOnceANanosecond() {
        CpuidModel.Answer answer = ask(CpuModels.named(V3), 0x15, 0);
        assertThat((long) answer.ecx() * answer.ebx() / answer.eax()).isEqualTo(1_000_000_000);
    }

    @Test
    void levelsOfOldJournalsAnswerAsTheyDidThen() {
        CpuModel old = CpuModel.parse("X86_64");
        assertThat(ask(old, 0, 0).eax()).isEqualTo(7);
        assertThat(ask(old, 1, 0)).isEqualTo(new CpuidModel.Answer(0x6FB, 1 << 16 | 8 << 8, HYPERVISOR, 0x0789_A379));
        assertThat(ask(old, 2, 0)).isEqualTo(new CpuidModel.Answer(0, 0, 0, 0));
        assertThat(ask(old, 0x8000_0001, 0)).isEqualTo(new CpuidModel.Answer(0, 0, 0, 0x2C10_0800));
        assertThat(ask(CpuModel.parse("X86_64_V2"), 1, 0).ecx()).isEqualTo(0x8098_2201);
    }
}
