package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Kernel options. */
final class KittenOptionsTest {

    @Test
    void theFullProfileHasEveryPatch() {
        assertThat(KittenOptions.standard().patches()).containsAll(KittenOptions.allPatches());
    }

    @Test
    void thePaperProfileLacksARealMprotect() {
        assertThat(KittenOptions.parse(Map.of("profile", "paper")).has("mprotect")).isFalse();
        assertThat(KittenOptions.parse(Map.of("profile", "paper")).has("pipes")).isTrue();
    }

    @Test
    void patchesAddToAProfileAndTakeFromIt() {
        KittenOptions paper = KittenOptions.parse(Map.of("profile", "paper", "patches", "+mprotect,-pipes"));
        KittenOptions full = KittenOptions.parse(Map.of("patches", "-mprotect"));

        assertThat(paper.patches()).containsExactly("binary_pipes", "console_read", "limits", "more_limits",
                "mprotect", "syscalls");
        assertThat(full.has("mprotect")).isFalse();
        assertThat(full.patches()).hasSize(KittenOptions.allPatches().size() - 1);
    }

    @Test
    void aListOfPatchesIsAllThatAreOnButForTheBugThatIsNotRepeatedUnasked() {
        assertThat(KittenOptions.parse(Map.of("patches", "pipes, mprotect")).patches()).containsExactly("binary_pipes",
                "mprotect", "pipes");
        assertThat(KittenOptions.parse(Map.of("profile", "base")).patches()).containsExactly("binary_pipes");
        assertThat(KittenOptions.parse(Map.of("profile", "paper", "patches", "-binary_pipes")).patches())
                .doesNotContain("binary_pipes");
    }

    @Test
    void sizesHaveUnits() {
        assertThat(KittenOptions.parse(Map.of("init_stack_size", "256K")).stack_bytes()).isEqualTo(262_144);
    }

    @Test
    void theKernelMemoryPoolIsRoundedUpToAPowerOfTwo() {
        assertThat(KittenOptions.parse(Map.of("kmem_size", "65M")).kmem_bytes()).isEqualTo(128L << 20);
        assertThat(KittenOptions.parse(Map.of("kmem_size", "64M")).kmem_bytes()).isEqualTo(64L << 20);
    }

    @Test
    void anUnknownKeyIsNamed() {
        assertThatThrownBy(() -> KittenOptions.parse(Map.of("init_stak", "1")))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("init_stak");
    }

    @Test
    void unusableValuesAreNamed() {
        for (Map<String, String> bad : List.of(Map.of("profile", "best"), Map.of("patches", "pipes,nonsense"),
                Map.of("patches", "pipes,-mprotect"), Map.of("patches", "-nonsense"),
                Map.of("kmem_size", "much"), Map.of("init_stdin", "/etc/passwd"))) {
            assertThatThrownBy(() -> KittenOptions.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
