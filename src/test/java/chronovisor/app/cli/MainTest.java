package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MainTest {

    @Test
    void everyCommandIsInTheTableByItsOwnName() {
        assertThat(Main.commandLine().getSubcommands()).isNotEmpty()
                .allSatisfy((name, command) -> assertThat(command.getCommandSpec().name()).isEqualTo(name));
    }
}
