package chronovisor.device;

/** One 8259A: requests, masks, service and the initialisation sequence ICW1 to ICW4. */
final class Pic8259Chip {

    private int irr;
    private int isr;
    private int imr;
    private int lines;
    private int base;
    /** Which ICW is awaited, 2 to 4; 0 when initialised. */
    private int initStep;
    private boolean needsIcw4;
    private boolean autoEoi;
    private boolean readIsr;
    private boolean rotateOnAutoEoi;
    private boolean specialMask;
    private boolean poll;
    private int lowestPriority = 7;

    /** @param base vector of line 0, as a PC's firmware leaves it */
    Pic8259Chip(int base) {
        this.base = base;
    }

    int base() {
        return base;
    }

    void line(int number, boolean high) {
        int bit = 1 << number;
        if (high && (lines & bit) == 0) {
            irr |= bit;
        } else if (!high) {
            // A request that goes away before it is acknowledged is lost (data sheet: must stay high until INTA).
            irr &= ~bit;
        }
        lines = high ? lines | bit : lines & ~bit;
    }

    /** The line to be served next, or -1. */
    int pending() {
        int requests = irr & ~imr;
        for (int i = 1; i <= 8 && requests != 0; i++) {
            int number = lowestPriority + i & 7;
            int bit = 1 << number;
            if ((isr & bit) != 0 && !(specialMask && (imr & bit) != 0)) {
                return -1;
            }
            if ((requests & bit) != 0) {
                return number;
            }
        }
        return -1;
    }

    int acknowledge() {
        int number = pending();
        if (number < 0) {
            return 7;
        }
        irr &= ~(1 << number);
        if (autoEoi) {
            if (rotateOnAutoEoi) {
                lowestPriority = number;
            }
        } else {
            isr |= 1 << number;
        }
        return number;
    }

    int read(int offset) {
        if (poll) {
            poll = false;
            int number = pending();
            return number < 0 ? 0 : 0x80 | acknowledge();
        }
        if (offset == 1) {
            return imr;
        }
        return readIsr ? isr : irr;
    }

    void write(int offset, int value) {
        if (offset == 0) {
            if ((value & 0x10) != 0) {
                initialise(value);
            } else if ((value & 0x08) != 0) {
                command3(value);
            } else {
                command2(value);
            }
            return;
        }
        switch (initStep) {
            case 2 -> {
                base = value & 0xF8;
                initStep = 3;
            }
            case 3 -> initStep = needsIcw4 ? 4 : 0;
            case 4 -> {
                autoEoi = (value & 2) != 0;
                initStep = 0;
            }
            default -> imr = value;
        }
    }

    private void initialise(int icw1) {
        irr = 0;
        isr = 0;
        imr = 0;
        lowestPriority = 7;
        autoEoi = false;
        readIsr = false;
        specialMask = false;
        rotateOnAutoEoi = false;
        poll = false;
        needsIcw4 = (icw1 & 1) != 0;
        initStep = 2;
    }

    private void command3(int ocw3) {
        if ((ocw3 & 0x40) != 0) {
            specialMask = (ocw3 & 0x20) != 0;
        }
        poll = (ocw3 & 4) != 0;
        if ((ocw3 & 2) != 0) {
            readIsr = (ocw3 & 1) != 0;
        }
    }

    private void command2(int ocw2) {
        boolean rotate = (ocw2 & 0x80) != 0;
        boolean specific = (ocw2 & 0x40) != 0;
        boolean endOfInterrupt = (ocw2 & 0x20) != 0;
        int number = specific ? ocw2 & 7 : highestInService();
        if (endOfInterrupt) {
            if (number >= 0) {
                isr &= ~(1 << number);
                if (rotate) {
                    lowestPriority = number;
                }
            }
        } else if (specific) {
            if (rotate) {
                lowestPriority = number;
            }
        } else {
            rotateOnAutoEoi = rotate;
        }
    }

    private int highestInService() {
        for (int i = 1; i <= 8; i++) {
            int number = lowestPriority + i & 7;
            if ((isr & 1 << number) != 0) {
                return number;
            }
        }
        return -1;
    }

    Pic8259.ChipState capture() {
        return new Pic8259.ChipState(irr, isr, imr, lines, base, initStep, needsIcw4, autoEoi, readIsr,
                rotateOnAutoEoi, specialMask, poll, lowestPriority);
    }

    void restore(Pic8259.ChipState state) {
        irr = state.irr();
        isr = state.isr();
        imr = state.imr();
        lines = state.lines();
        base = state.base();
        initStep = state.initStep();
        needsIcw4 = state.needsIcw4();
        autoEoi = state.autoEoi();
        readIsr = state.readIsr();
        rotateOnAutoEoi = state.rotateOnAutoEoi();
        specialMask = state.specialMask();
        poll = state.poll();
        lowestPriority = state.lowestPriority();
    }
}
