package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.syscall.Answers;
import chronovisor.kitten.syscall.OriginalTable;
import chronovisor.kitten.syscall.Syscall;
import chronovisor.kitten.syscall.Syscall.Support;
import chronovisor.kitten.syscall.SyscallTable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The system call table as a table. */
final class SyscallTableTest {

    @Test
    void rowsAreInOrderAndUnique() {
        List<Integer> numbers = SyscallTable.rows().stream().map(Syscall::number).toList();
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aPartialRowSaysWhatIsMissingAndAnAbsentOneHasNoHandler() {
        assertThat(SyscallTable.rows()).allSatisfy(row -> {
            assertThat(row.note().isBlank()).as(row.name()).isEqualTo(
                    row.support() == Support.FULL || row.support() == Support.ABSENT);
            assertThat(row.handler() == null).as(row.name()).isEqualTo(row.support() == Support.ABSENT);
        });
    }

    @Test
    void everyPatchOfARowIsAKnownSwitch() {
        TreeSet<String> patches = new TreeSet<>();
        SyscallTable.rows().forEach(row -> patches.add(row.patch()));
        patches.remove("");
        assertThat(KittenOptions.allPatches()).containsAll(patches);
    }

    @Test
    void theOriginalRowsAreInOrderAndGoByKnownSwitches() {
        assertThat(OriginalTable.rows().stream().map(original -> original.row().number()).toList()).isSorted();
        assertThat(OriginalTable.rows()).allSatisfy(original -> {
            assertThat(KittenOptions.allPatches()).contains(original.until());
            assertThat(original.row().handler() == null).as(original.row().name())
                    .isEqualTo(original.row().support() == Support.ABSENT);
        });
    }

    @Test
    void theFullKernelAnswersWithTheTablesRowsOnly() {
        for (int number : Answers.numbers()) {
            Syscall row = SyscallTable.row(number);
            assertThat(Answers.to(KittenOptions.standard(), number))
                    .isSameAs(row == null || row.handler() == null ? null : row);
        }
    }

    @Test
    void aNumberOfKittensOwnIsNotLinuxsCallUntilItsSwitchIsOn() {
        KittenOptions paper = KittenOptions.parse(Map.of("profile", "paper"));
        assertThat(Objects.requireNonNull(Answers.to(paper, 302)).name()).isEqualTo("task_create");
        assertThat(Objects.requireNonNull(Answers.to(KittenOptions.standard(), 302)).name()).isEqualTo("prlimit64");
    }

    @Test
    void namesAreFoundByNumber() {
        assertThat(SyscallTable.name(1)).isEqualTo("write");
        assertThat(SyscallTable.name(9999)).isEqualTo("syscall_9999");
        assertThat(SyscallTable.row(-1)).isNull();
    }
}
