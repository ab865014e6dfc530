package chronovisor.timeline;

import java.util.ArrayList;
import java.util.List;

/**
 * One line number program of {@code .debug_line}: its header, and the state machine that makes rows of it (DWARF 5, section 6.2; DWARF 4,
 * section 6.2 for versions 2 to 4). What ends early or makes no sense is an {@link IndexOutOfBoundsException}.
 */
final class LineProgram {

    private static final int EXTENDED = 0;
    private static final int COPY = 1;
    private static final int ADVANCE_PC = 2;
    private static final int ADVANCE_LINE = 3;
    private static final int SET_FILE = 4;
    private static final int CONST_ADD_PC = 8;
    private static final int FIXED_ADVANCE_PC = 9;
    private static final int END_SEQUENCE = 1;
    private static final int SET_ADDRESS = 2;

    private static final int PATH = 1;
    private static final int DIRECTORY_INDEX = 2;

    private static final int FORM_BLOCK = 0x09;
    private static final int FORM_DATA1 = 0x0b;
    private static final int FORM_DATA2 = 0x05;
    private static final int FORM_DATA4 = 0x06;
    private static final int FORM_DATA8 = 0x07;
    private static final int FORM_DATA16 = 0x1e;
    private static final int FORM_STRING = 0x08;
    private static final int FORM_STRP = 0x0e;
    private static final int FORM_UDATA = 0x0f;
    private static final int FORM_LINE_STRP = 0x1f;

    private static final int ENTRIES_MAX = 1 << 20;

    /** Takes rows; the last one of a sequence only tells where it ends. */
    interface Rows {
        void row(long address, String file, int line, boolean end);
    }

    /** The sections that texts may be in. */
    record Texts(byte[] lines, byte[] strings) {}

    private final byte[] bytes;
    private final DwarfReader in;
    private final Texts texts;
    private final boolean wide;
    private final int end;
    private final int version;
    private final List<String> directories = new ArrayList<>();
    private final List<String> files = new ArrayList<>();

    private LineProgram(byte[] bytes, DwarfReader in, Texts texts, boolean wide, int end) {
        this.bytes = bytes;
        this.in = in;
        this.texts = texts;
        this.wide = wide;
        this.end = end;
        this.version = in.word16();
    }

    /** Runs the program at an offset and gives where the next is. One of a version that is not known is passed over. */
    static int run(byte[] bytes, int at, Texts texts, Rows rows) {
        DwarfReader in = new DwarfReader(bytes, at);
        long length = Integer.toUnsignedLong(in.word32());
        boolean wide = length == 0xFFFF_FFFFL;
        if (wide) {
            length = in.word64();
        }
        if (length < 2 || length > bytes.length - in.at) {
            throw new IndexOutOfBoundsException("a program of " + length + " bytes");
        }
        int end = in.at + (int) length;
        LineProgram program = new LineProgram(bytes, in, texts, wide, end);
        if (program.version >= 2 && program.version <= 5) {
            program.run(rows);
        }
        return end;
    }

    private void run(Rows rows) {
        if (version == 5) {
            in.skip(2); // sizes of addresses and segment selectors: 8 and 0 on this processor
        }
        long headerLength = offset();
        if (headerLength < 0 || headerLength > end - in.at) {
            throw new IndexOutOfBoundsException("a header of " + headerLength + " bytes");
        }
        int start = in.at + (int) headerLength;
        int unit = in.byte8();
        if (version >= 4) {
            in.skip(1); // operations in an instruction: one but on VLIW machines
        }
        in.skip(1); // whether rows are statements by default: all are taken
        int lineBase = (byte) in.byte8();
        int lineRange = in.byte8();
        int opcodeBase = in.byte8();
        int[] operands = new int[Math.max(1, opcodeBase)];
        for (int i = 1; i < opcodeBase; i++) {
            operands[i] = in.byte8();
        }
        if (lineRange == 0) {
            throw new IndexOutOfBoundsException("a range of no lines");
        }
        if (version == 5) {
            entries(directories, false);
            entries(files, true);
        } else {
            oldEntries();
        }
        in.at = start;
        new Machine(unit, lineBase, lineRange, opcodeBase, operands, rows).run();
    }

    private long offset() {
        return wide ? in.word64() : Integer.toUnsignedLong(in.word32());
    }

    private String text() {
        int start = in.at;
        int last = in.byte8();
        while (last != 0) {
            last = in.byte8();
        }
        return SourceLines.text(bytes, start);
    }

    private void oldEntries() {
        // Directory 0 and, before version 5, file 0 are not in the table: the unit's own, whose name is elsewhere.
        directories.add("");
        for (String name = text(); !name.isEmpty(); name = text()) {
            add(directories, name);
        }
        files.add("");
        for (String name = text(); !name.isEmpty(); name = text()) {
            long directory = in.unsigned();
            in.unsigned();
            in.unsigned();
            add(files, inDirectory(name, directory));
        }
    }

    /** A table of version 5: formats of the columns, then the rows. */
    private void entries(List<String> into, boolean areFiles) {
        int columns = in.byte8();
        long[] formats = new long[2 * columns];
        for (int i = 0; i < formats.length; i++) {
            formats[i] = in.unsigned();
        }
        long count = in.unsigned();
        for (long i = 0; i < count; i++) {
            String path = "";
            long directory = 0;
            for (int column = 0; column < columns; column++) {
                int form = (int) formats[2 * column + 1];
                if (formats[2 * column] == PATH) {
                    path = path(form);
                } else {
                    long value = number(form);
                    directory = formats[2 * column] == DIRECTORY_INDEX ? value : directory;
                }
            }
            // The first directory is that of the compilation; others may lie below it.
            add(into, areFiles ? inDirectory(path, directory) : into.isEmpty() ? path : below(into.getFirst(), path));
        }
    }

    private static void add(List<String> into, String entry) {
        if (into.size() == ENTRIES_MAX) {
            throw new IndexOutOfBoundsException("more than " + ENTRIES_MAX + " entries");
        }
        into.add(entry);
    }

    private String inDirectory(String name, long directory) {
        return directory >= 0 && directory < directories.size() ? below(directories.get((int) directory), name) : name;
    }

    private static String below(String directory, String name) {
        return directory.isEmpty() || name.startsWith("/") ? name : directory + "/" + name;
    }

    private String path(int form) {
        return switch (form) {
            case FORM_STRING -> text();
            case FORM_LINE_STRP -> SourceLines.text(texts.lines, offset());
            case FORM_STRP -> SourceLines.text(texts.strings, offset());
            default -> throw new IndexOutOfBoundsException("a path of form " + form);
        };
    }

    private long number(int form) {
        return switch (form) {
            case FORM_DATA1 -> in.byte8();
            case FORM_DATA2 -> in.word16();
            case FORM_DATA4 -> in.word32();
            case FORM_DATA8 -> in.word64();
            case FORM_UDATA -> in.unsigned();
            case FORM_DATA16 -> {
                in.skip(16);
                yield 0;
            }
            case FORM_BLOCK -> {
                in.skip(in.unsigned());
                yield 0;
            }
            case FORM_STRING, FORM_LINE_STRP, FORM_STRP -> {
                path(form);
                yield 0;
            }
            default -> throw new IndexOutOfBoundsException("a number of form " + form);
        };
    }

    /** The registers of the state machine that matter here, and its operations. */
    private final class Machine {
        private final int unit;
        private final int lineBase;
        private final int lineRange;
        private final int opcodeBase;
        private final int[] operands;
        private final Rows rows;
        private long address;
        private long file = 1;
        private int line = 1;

        Machine(int unit, int lineBase, int lineRange, int opcodeBase, int[] operands, Rows rows) {
            this.unit = unit;
            this.lineBase = lineBase;
            this.lineRange = lineRange;
            this.opcodeBase = opcodeBase;
            this.operands = operands;
            this.rows = rows;
        }

        void run() {
            while (in.at < end) {
                int opcode = in.byte8();
                if (opcode >= opcodeBase) {
                    special(opcode - opcodeBase);
                    row(false);
                } else {
                    standard(opcode);
                }
            }
        }

        private void special(int adjusted) {
            address += (long) (adjusted / lineRange) * unit;
            line += lineBase + adjusted % lineRange;
        }

        private void standard(int opcode) {
            switch (opcode) {
                case EXTENDED -> extended();
                case COPY -> row(false);
                case ADVANCE_PC -> address += in.unsigned() * unit;
                case ADVANCE_LINE -> line += (int) in.signed();
                case SET_FILE -> file = in.unsigned();
                case CONST_ADD_PC -> address += (long) ((255 - opcodeBase) / lineRange) * unit;
                case FIXED_ADVANCE_PC -> address += in.word16();
                // Columns, statements, blocks, prologues, and what later versions add: the header says how many operands to pass over.
                default -> {
                    for (int i = 0; i < operands[opcode]; i++) {
                        in.unsigned();
                    }
                }
            }
        }

        private void extended() {
            long length = in.unsigned();
            int next = in.at;
            in.skip(length);
            int after = in.at;
            in.at = next;
            int opcode = in.byte8();
            if (opcode == END_SEQUENCE) {
                row(true);
                address = 0;
                file = 1;
                line = 1;
            } else if (opcode == SET_ADDRESS && length == 9) {
                address = in.word64();
            }
            in.at = after;
        }

        private void row(boolean last) {
            String name = file >= 0 && file < files.size() ? files.get((int) file) : "";
            rows.row(address, name, Math.max(0, line), last);
        }
    }
}
