package chronovisor.analysis.export;

import tools.jackson.core.io.JsonStringEncoder;

/** Strings of JSON, for formats that are written as they come. */
final class JsonText {

    private JsonText() {}

    /** A text in quotes, with what JSON does not take as it is escaped. */
    static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }
}
