package chronovisor.analysis.probe;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which call a return is of. Functions are letters; a call from {@code main} returns to 0x100 with the stack at 0x1000. */
class CallMatcherTest {

    private final List<ProbeEvent> events = new ArrayList<>();
    private final CallMatcher matcher = new CallMatcher(events::add);

    private void enter(long tick, char function, long rsp, long returnAddress) {
        matcher.accept(new ProbeHit.Reached(tick, 0, 1, function, String.valueOf(function), true, true,
                new ProbeHit.Registers(0, 0, 0, 0, 0, 0, 0, rsp, returnAddress)));
    }

    private void back(long tick, long address, long rsp) {
        matcher.accept(new ProbeHit.Reached(tick, 0, 1, address, "", false, false,
                new ProbeHit.Registers(0, 0, 0, 0, 0, 0, 0, rsp, 0)));
    }

    private List<String> returns() {
        return events.stream().filter(ProbeEvent.FunctionReturned.class::isInstance)
                .map(event -> event.at() + " " + ((ProbeEvent.FunctionReturned) event).function() + " of "
                        + event.cause())
                .toList();
    }

    @Test
    void aFunctionThatEndsWithAJumpToAnotherReturnsWithIt() {
        enter(1, 'f', 0xff8, 0x100);
        enter(5, 'g', 0xff8, 0x100);
        back(9, 0x100, 0x1000);
        assertThat(returns()).containsExactly("9:0 g of 5:0", "9:1 f of 1:0");
    }

    @Test
    void whatALongJumpHasLeftDoesNotReturn() {
        enter(1, 'f', 0xff8, 0x100);
        enter(2, 'g', 0xf00, 0x200);
        back(5, 0x300, 0x1000);
        enter(6, 'f', 0xff8, 0x100);
        back(9, 0x100, 0x1000);
        assertThat(returns()).containsExactly("9:0 f of 6:0");
        enter(10, 'f', 0xff8, 0x100);
        enter(11, 'f', 0xff8, 0x100);
        back(12, 0x100, 0x1000);
        assertThat(returns()).containsExactly("9:0 f of 6:0", "12:0 f of 11:0");
    }

    @Test
    void recursionReturnsCallByCall() {
        enter(1, 'f', 0xff8, 0x100);
        enter(2, 'f', 0xfe8, 0x200);
        back(3, 0x200, 0xff0);
        back(4, 0x100, 0x1000);
        assertThat(returns()).containsExactly("3:0 f of 2:0", "4:0 f of 1:0");
        assertThat(events.getFirst().at()).isEqualTo(new Position(1, 0));
    }
}
