package chronovisor.device;

/** The far end of a serial cable. */
interface SerialBackend {

    /** Next byte for the guest, or -1 when there is none now. */
    int take();

    /** Whether the far end has gone for good: carrier lost. */
    boolean hungUp();

    /** Bytes from the guest. */
    void put(byte[] bytes, int from, int length);

    /** A cable with nothing on its end. */
    SerialBackend NONE = new SerialBackend() {
        @Override
        public int take() {
            return -1;
        }

        @Override
        public boolean hungUp() {
            return false;
        }

        @Override
        public void put(byte[] bytes, int from, int length) {
            // Falls off the end of the cable.
        }
    };
}
