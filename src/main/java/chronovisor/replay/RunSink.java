package chronovisor.replay;

import chronovisor.cpu.trace.StepBatch;
import chronovisor.cpu.trace.StepSink;
import chronovisor.journal.GuestEvent;

/** Takes all that a run tells: recorded, checked, or let go. */
interface RunSink extends EventSink, StepSink {

    /** Takes nothing. */
    RunSink NONE = new RunSink() {
        @Override
        public void accept(GuestEvent event) {
            // A run without a journal.
        }

        @Override
        public void accept(StepBatch batch) {
            // A run without a journal.
        }

        @Override
        public void flush() {
            // A run without a journal.
        }
    };

    /** The machine is about to wait, or has ended: what was told must be where it belongs. */
    void flush();
}
