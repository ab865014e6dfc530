package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.syscall.Syscall;
import chronovisor.kitten.syscall.Syscall.Support;
import chronovisor.kitten.syscall.SyscallTable;
import java.util.List;
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
    void namesAreFoundByNumber() {
        assertThat(SyscallTable.name(1)).isEqualTo("write");
        assertThat(SyscallTable.name(9999)).isEqualTo("syscall_9999");
        assertThat(SyscallTable.row(-1)).isNull();
    }
}
