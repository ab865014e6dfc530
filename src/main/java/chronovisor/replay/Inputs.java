package chronovisor.replay;

import chronovisor.environment.Input;
import chronovisor.journal.Blob;
import chronovisor.journal.InputEvent;
import chronovisor.journal.Stamp;
import org.jspecify.annotations.Nullable;

/** Inputs as events and back. */
final class Inputs {

    private Inputs() {}

    static InputEvent event(Stamp stamp, Input input) {
        return switch (input) {
            case Input.StreamBytes(String stream, byte[] bytes) ->
                new InputEvent.StreamBytesReceived(stamp, stream, Blob.of(bytes));
            case Input.StreamEnd(String stream) -> new InputEvent.StreamEnded(stamp, stream);
            case Input.OperatorCommand(String command) -> new InputEvent.OperatorCommanded(stamp, command);
        };
    }

    /** The input of an event; null for one that is no polled input. */
    static @Nullable Input input(InputEvent event) {
        return switch (event) {
            case InputEvent.StreamBytesReceived received ->
                new Input.StreamBytes(received.stream(), received.bytes().toByteArray());
            case InputEvent.StreamEnded ended -> new Input.StreamEnd(ended.stream());
            case InputEvent.OperatorCommanded commanded -> new Input.OperatorCommand(commanded.command());
            case InputEvent.BootTimeRead read -> null;
            case InputEvent.EntropyDrawn drawn -> null;
            case InputEvent.InputsExhausted exhausted -> null;
        };
    }
}
