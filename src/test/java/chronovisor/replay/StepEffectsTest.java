package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.replay.StepEffects.RegisterChange;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StepEffectsTest {

    @Test
    void allLanesOfAVectorRegisterAreTold() {
        StepEffects step = new StepEffects(7, 0,
                List.of(new RegisterChange("xmm0.0", 1), new RegisterChange("xmm15.1", -1),
                        new RegisterChange("ymm0.2", 2), new RegisterChange("ymm15.3", Long.MIN_VALUE)),
                List.of());
        assertThat(StepEffects.decode(StepEffects.encode(List.of(step)))).containsExactly(step);
    }

    @Test
    void namesKeepTheNumbersThatJournalsHaveForThem() {
        assertThat(EffectProbe.REGISTERS.indexOf("rflags")).isEqualTo(16);
        assertThat(EffectProbe.REGISTERS.indexOf("xmm0.0")).isEqualTo(22);
        assertThat(EffectProbe.REGISTERS.indexOf("xmm15.1")).isEqualTo(53);
        assertThat(EffectProbe.REGISTERS.indexOf("ymm0.2")).isEqualTo(54);
        assertThat(EffectProbe.REGISTERS).hasSize(86);
    }
}
