package chronovisor.kitten.console;

import chronovisor.kitten.file.Ring;

/**
 * A raw serial byte stream: what arrived and was not read yet, and whether the other side has gone (carrier dropped).
 *
 * @param throttled
 *            whether the receive interrupt is off because the queue is full
 */
public record Stream(int port, Ring input, boolean ended, boolean throttled) {

    public Stream withInput(Ring changed) {
        return new Stream(port, changed, ended, throttled);
    }

    public Stream withEnded(boolean now) {
        return new Stream(port, input, now, throttled);
    }

    public Stream withThrottled(boolean now) {
        return new Stream(port, input, ended, now);
    }
}
