package chronovisor.app.cli;

/** How rows are printed. */
enum RowFormat {
    /** Aligned columns with a heading, for people. */
    TABLE,
    /** RFC 4180 with a heading; nothing for NULL. */
    CSV,
    /** An object a line. */
    JSON
}
