package chronovisor.device;

import java.util.Arrays;

/**
 * What a text screen shows.
 *
 * @param cells
 *            a character and an attribute byte for each place, row by row
 * @param cursor
 *            place of the cursor, -1 when none is shown
 * @param palette
 *            red, green and blue of the 16 colours that attributes name
 */
public record TextScreen(int columns, int rows, byte[] cells, int cursor, int[] palette) {

    static final int ROWS_MAX = 100;

    /** Code page 437, the character set of a PC's screen. */
    private static final String CHARACTERS = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
            + " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~⌂"
            + "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»"
            + "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
            + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

    /** The byte of the character at a place. */
    public int code(int place) {
        return cells[2 * place] & 0xFF;
    }

    /** The attribute at a place: the colour of the character in the low half, of what is behind it in the high half. */
    public int attribute(int place) {
        return cells[2 * place + 1] & 0xFF;
    }

    /** Its rows as lines, without the blanks at their ends and without empty lines at the end. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < rows; row++) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                line.append(CHARACTERS.charAt(code(row * columns + column)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        String whole = text.toString().stripTrailing();
        return whole.isEmpty() ? "" : whole + "\n";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextScreen that && columns == that.columns && rows == that.rows
                && cursor == that.cursor && Arrays.equals(cells, that.cells) && Arrays.equals(palette, that.palette);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(cells);
    }
}
