package chronovisor.kitten.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.kitten.abi.LinuxError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What guests write to /proc/sys. */
final class ProcSettingsTest {

    @Test
    void aNumberHas64BitsAndNoSign() {
        assertThat(ProcSettings.number("0")).isZero();
        assertThat(ProcSettings.number("18446744073709551615")).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "0x10", "1 2", "18446744073709551616", "19999999999999999999",
        "100000000000000000000"})
    void whatIsNoSuchNumberIsRefused(String text) {
        assertThatThrownBy(() -> ProcSettings.number(text)).isInstanceOf(LinuxError.class);
    }
}
