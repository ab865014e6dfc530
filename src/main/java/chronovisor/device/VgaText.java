package chronovisor.device;

import org.jspecify.annotations.Nullable;

/**
 * The text screen of CGA_VIDEO and VGA: characters and attributes in memory, and the registers of a VGA (IBM VGA technical reference;
 * register sets of the Intel OpenSource HD Graphics PRM, vol. 1 part 3). All registers keep what is written; those that say what the screen
 * is are the CRT controller's. Graphics modes can be set, and are not shown.
 */
public final class VgaText implements MemoryDevice, PortDevice {

    /** Where a PC has it. */
    public static final long BASE = 0xB_8000;
    public static final int SIZE = 0x8000;
    /** Its ports: 0x3C0 to 0x3DF on a PC. */
    public static final int PORTS = 32;

    private static final int ATTRIBUTE = 0x00;
    private static final int ATTRIBUTE_READ = 0x01;
    private static final int MISCELLANEOUS = 0x02;
    private static final int SEQUENCER = 0x04;
    private static final int DAC_MASK = 0x06;
    private static final int DAC_READ_INDEX = 0x07;
    private static final int DAC_WRITE_INDEX = 0x08;
    private static final int DAC_DATA = 0x09;
    private static final int FEATURE_READ = 0x0A;
    private static final int MISCELLANEOUS_READ = 0x0C;
    private static final int GRAPHICS = 0x0E;
    private static final int CRTC = 0x14;
    private static final int CGA_MODE = 0x18;
    private static final int CGA_COLOUR = 0x19;
    private static final int STATUS = 0x1A;

    /** Registers of the CRT controller. */
    private static final int COLUMNS = 0x01;
    private static final int OVERFLOW = 0x07;
    private static final int CHARACTER_LINES = 0x09;
    private static final int CURSOR_START = 0x0A;
    private static final int START_HIGH = 0x0C;
    private static final int CURSOR_HIGH = 0x0E;
    private static final int PROTECTION = 0x11;
    private static final int LINES = 0x12;
    private static final int ROW_WORDS = 0x13;

    /** The places of the register sets among all registers. */
    private static final int CRTC_AT = 0;
    private static final int CRTC_COUNT = 25;
    private static final int SEQUENCER_AT = 32;
    private static final int SEQUENCER_COUNT = 5;
    private static final int GRAPHICS_AT = 40;
    private static final int GRAPHICS_COUNT = 9;
    private static final int ATTRIBUTE_AT = 64;
    private static final int ATTRIBUTE_COUNT = 21;
    private static final int REGISTERS = 96;
    private static final int DAC_BYTES = 768;

    /** The 80 by 25 characters of mode 3, as firmware sets it. */
    private static final int[] MODE_3 = {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0x00, 0x4F, 0x0D, 0x0E, 0, 0,
        0,
        0, 0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF};
    private static final int[] MODE_3_SEQUENCER = {3, 0, 3, 0, 2};
    private static final int[] MODE_3_GRAPHICS = {0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF};
    private static final int[] MODE_3_ATTRIBUTE = {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E,
        0x3F, 0x0C, 0, 0x0F, 8, 0};
    private static final int GRAPHICS_MISCELLANEOUS = GRAPHICS_AT + 6;

    /** A frame takes 1/70 s, the last of its lines are the vertical retrace. */
    private static final long LINE_NS = 31_778;
    private static final int FRAME_LINES = 449;
    private static final int RETRACE_LINE = 412;
    private static final long LINE_SHOWN_NS = 25_422;
    private static final int IN_RETRACE = 8;
    private static final int NOT_SHOWN = 1;

    /**
     * All state.
     *
     * @param memory
     *            characters and attributes, by turns
     * @param registers
     *            of the CRT controller, the sequencer, the graphics and the attribute controller
     * @param colours
     *            of the DAC, three bytes each
     * @param indexes
     *            of these, then of the DAC with the byte of its colour; then miscellaneous output, DAC mask, CGA mode and colour
     * @param attributeData
     *            whether the next write to the attribute controller is data
     * @param dacReads
     *            whether the DAC is being read
     */
    public record State(byte[] memory, byte[] registers, byte[] colours, byte[] indexes, boolean attributeData,
            boolean dacReads) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.bytes(memory).bytes(registers).bytes(colours).bytes(indexes).bool(attributeData).bool(dacReads);
        }

        static State read(StateReader in) {
            State state = new State(in.bytes(), in.bytes(), in.bytes(), in.bytes(), in.bool(), in.bool());
            if (state.memory.length != SIZE || state.registers.length != REGISTERS
                    || state.colours.length != DAC_BYTES || state.indexes.length != INDEXES) {
                throw in.broken("a screen that cannot be");
            }
            return state;
        }
    }

    private static final int CRTC_INDEX = 0;
    private static final int SEQUENCER_INDEX = 1;
    private static final int GRAPHICS_INDEX = 2;
    private static final int ATTRIBUTE_INDEX = 3;
    private static final int DAC_INDEX = 4;
    private static final int DAC_BYTE = 5;
    private static final int MISCELLANEOUS_VALUE = 6;
    private static final int MASK_VALUE = 7;
    private static final int MODE_VALUE = 8;
    private static final int COLOUR_VALUE = 9;
    private static final int INDEXES = 10;

    private final byte[] memory = new byte[SIZE];
    private final byte[] registers = new byte[REGISTERS];
    private final byte[] colours = new byte[DAC_BYTES];
    private final byte[] indexes = new byte[INDEXES];
    private boolean attributeData;
    private boolean dacReads;
    private long now_ns;

    /** A cleared screen in mode 3. */
    public VgaText() {
        for (int i = 0; i < SIZE; i += 2) {
            memory[i] = ' ';
            memory[i + 1] = 7;
        }
        set(CRTC_AT, MODE_3);
        set(SEQUENCER_AT, MODE_3_SEQUENCER);
        set(GRAPHICS_AT, MODE_3_GRAPHICS);
        set(ATTRIBUTE_AT, MODE_3_ATTRIBUTE);
        indexes[MISCELLANEOUS_VALUE] = 0x67;
        indexes[MASK_VALUE] = (byte) 0xFF;
        indexes[MODE_VALUE] = 0x29;
        for (int colour = 0; colour < 64; colour++) {
            // Each of red, green and blue has two bits: 2/3 and 1/3 of the intensity.
            for (int part = 0; part < 3; part++) {
                int high = colour >>> 2 - part & 1;
                int low = colour >>> 5 - part & 1;
                colours[3 * colour + part] = (byte) (42 * high + 21 * low);
            }
        }
    }

    private void set(int at, int[] values) {
        for (int i = 0; i < values.length; i++) {
            registers[at + i] = (byte) values[i];
        }
    }

    /** It is so late, in virtual nanoseconds: the retrace can be seen. */
    public void advance(long time_ns) {
        now_ns = time_ns;
    }

    // Memory.

    @Override
    public long read(int offset, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | memory[offset + i] & 0xFF;
        }
        return value;
    }

    @Override
    public void write(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            memory[offset + i] = (byte) (value >>> 8 * i);
        }
    }

    // Registers.

    @Override
    public int in(int offset, int size) {
        return switch (offset) {
            case ATTRIBUTE -> indexes[ATTRIBUTE_INDEX] & 0xFF;
            case ATTRIBUTE_READ -> register(ATTRIBUTE_AT, ATTRIBUTE_COUNT, indexes[ATTRIBUTE_INDEX] & 0x1F);
            case MISCELLANEOUS, FEATURE_READ -> 0;
            case SEQUENCER -> indexes[SEQUENCER_INDEX];
            case SEQUENCER + 1 -> register(SEQUENCER_AT, SEQUENCER_COUNT, indexes[SEQUENCER_INDEX]);
            case DAC_MASK -> indexes[MASK_VALUE] & 0xFF;
            case DAC_READ_INDEX -> dacReads ? 3 : 0;
            case DAC_WRITE_INDEX -> indexes[DAC_INDEX] & 0xFF;
            case DAC_DATA -> nextColour(-1);
            case MISCELLANEOUS_READ -> indexes[MISCELLANEOUS_VALUE] & 0xFF;
            case GRAPHICS -> indexes[GRAPHICS_INDEX];
            case GRAPHICS + 1 -> register(GRAPHICS_AT, GRAPHICS_COUNT, indexes[GRAPHICS_INDEX]);
            case CRTC -> indexes[CRTC_INDEX];
            case CRTC + 1 -> register(CRTC_AT, CRTC_COUNT, indexes[CRTC_INDEX]);
            case STATUS -> status();
            default -> 0xFF;
        };
    }

    private int register(int set, int count, int index) {
        return index < count ? registers[set + index] & 0xFF : 0;
    }

    private int status() {
        attributeData = false;
        long line = now_ns / LINE_NS % FRAME_LINES;
        boolean shown = line < RETRACE_LINE && now_ns % LINE_NS < LINE_SHOWN_NS;
        return (line >= RETRACE_LINE && line < RETRACE_LINE + 2 ? IN_RETRACE : 0) | (shown ? 0 : NOT_SHOWN);
    }

    /** The next byte of a colour, or what is written to it. */
    private int nextColour(int written) {
        int at = 3 * (indexes[DAC_INDEX] & 0xFF) + indexes[DAC_BYTE];
        if (written >= 0) {
            colours[at] = (byte) (written & 0x3F);
        }
        int value = colours[at];
        indexes[DAC_BYTE]++;
        if (indexes[DAC_BYTE] == 3) {
            indexes[DAC_BYTE] = 0;
            indexes[DAC_INDEX]++;
        }
        return value;
    }

    @Override
    public void out(int offset, int size, int value) {
        switch (offset) {
            case ATTRIBUTE -> writeAttribute(value);
            case MISCELLANEOUS -> indexes[MISCELLANEOUS_VALUE] = (byte) value;
            case SEQUENCER -> indexes[SEQUENCER_INDEX] = (byte) (value & 7);
            case SEQUENCER + 1 -> register(SEQUENCER_AT, SEQUENCER_COUNT, indexes[SEQUENCER_INDEX], value);
            case DAC_MASK -> indexes[MASK_VALUE] = (byte) value;
            case DAC_READ_INDEX, DAC_WRITE_INDEX -> {
                dacReads = offset == DAC_READ_INDEX;
                indexes[DAC_INDEX] = (byte) value;
                indexes[DAC_BYTE] = 0;
            }
            case DAC_DATA -> nextColour(value & 0xFF);
            case GRAPHICS -> indexes[GRAPHICS_INDEX] = (byte) (value & 15);
            case GRAPHICS + 1 -> register(GRAPHICS_AT, GRAPHICS_COUNT, indexes[GRAPHICS_INDEX], value);
            case CRTC -> indexes[CRTC_INDEX] = (byte) (value & 0x1F);
            case CRTC + 1 -> writeController(indexes[CRTC_INDEX], value);
            case CGA_MODE -> indexes[MODE_VALUE] = (byte) value;
            case CGA_COLOUR -> indexes[COLOUR_VALUE] = (byte) value;
            default -> {
                // Read-only, or nothing.
            }
        }
    }

    private void register(int set, int count, int index, int value) {
        if (index < count) {
            registers[set + index] = (byte) value;
        }
    }

    private void writeAttribute(int value) {
        if (attributeData) {
            register(ATTRIBUTE_AT, ATTRIBUTE_COUNT, indexes[ATTRIBUTE_INDEX] & 0x1F, value);
        } else {
            indexes[ATTRIBUTE_INDEX] = (byte) (value & 0x3F);
        }
        attributeData = !attributeData;
    }

    /** A bit protects the first eight registers, but for one bit of the line comparison. */
    private void writeController(int index, int value) {
        if ((registers[PROTECTION] & 0x80) != 0 && index <= OVERFLOW) {
            if (index == OVERFLOW) {
                registers[OVERFLOW] = (byte) (registers[OVERFLOW] & ~0x10 | value & 0x10);
            }
            return;
        }
        register(CRTC_AT, CRTC_COUNT, index, value);
    }

    /** All state. */
    public State capture() {
        return new State(memory.clone(), registers.clone(), colours.clone(), indexes.clone(), attributeData, dacReads);
    }

    /** Puts a state back. */
    public void restore(State state) {
        System.arraycopy(state.memory(), 0, memory, 0, SIZE);
        System.arraycopy(state.registers(), 0, registers, 0, REGISTERS);
        System.arraycopy(state.colours(), 0, colours, 0, DAC_BYTES);
        System.arraycopy(state.indexes(), 0, indexes, 0, INDEXES);
        attributeData = state.attributeData();
        dacReads = state.dacReads();
    }

    /** What the screen shows now; null in a graphics mode. */
    public static @Nullable TextScreen screen(State state) {
        byte[] r = state.registers();
        if ((r[GRAPHICS_MISCELLANEOUS] & 1) != 0) {
            return null;
        }
        int columns = Math.max(1, r[COLUMNS] & 0xFF) + 1;
        int lines = 1 + (r[LINES] & 0xFF | (r[OVERFLOW] & 2) << 7 | (r[OVERFLOW] & 0x40) << 3);
        int rows = Math.max(1, Math.min(TextScreen.ROWS_MAX, lines / ((r[CHARACTER_LINES] & 0x1F) + 1)));
        int stride = Math.max(1, 2 * (r[ROW_WORDS] & 0xFF));
        int start = word(r, START_HIGH);
        byte[] cells = new byte[2 * columns * rows];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < 2 * columns; i++) {
                cells[2 * columns * row + i] = state.memory()[2 * (start + stride * row) + i & SIZE - 1];
            }
        }
        int cursor = word(r, CURSOR_HIGH) - start;
        boolean shown = (r[CURSOR_START] & 0x20) == 0 && cursor >= 0 && cursor % stride < columns
                && cursor / stride < rows;
        int[] palette = new int[16];
        for (int i = 0; i < palette.length; i++) {
            int colour = 3 * (r[ATTRIBUTE_AT + i] & 0x3F & state.indexes()[MASK_VALUE]);
            for (int part = 0; part < 3; part++) {
                int level = state.colours()[colour + part] & 0x3F;
                palette[i] = palette[i] << 8 | level << 2 | level >>> 4;
            }
        }
        return new TextScreen(columns, rows, cells, shown ? cursor / stride * columns + cursor % stride : -1, palette);
    }

    private static int word(byte[] r, int high) {
        return (r[high] & 0xFF) << 8 | r[high + 1] & 0xFF;
    }
}
