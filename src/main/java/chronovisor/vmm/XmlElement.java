package chronovisor.vmm;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * An element of a configuration, which knows where it is and what of it has been asked for, so that anything unknown is an
 * error. Parsing is bounded and knows no document types and no entities but XML's own five.
 */
final class XmlElement {

    private static final int CHARACTERS_MAX = 1 << 20;
    private static final int DEPTH_MAX = 32;
    private static final int ELEMENTS_MAX = 10_000;

    private final String file;
    private final int line;
    private final int column;
    private final String name;
    /** How much of the parent's text stands before it. */
    private final int offset;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private final List<XmlElement> children = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final Set<String> asked = new HashSet<>();
    private boolean overlooked;

    private XmlElement(String file, int line, int column, String name, int offset) {
        this.file = file;
        this.line = line;
        this.column = column;
        this.name = name;
        this.offset = offset;
    }

    /** The root element of a document. */
    static XmlElement parse(String file, String document) {
        if (document.length() > CHARACTERS_MAX) {
            throw new ConfigurationException(file + ":1:1: expected at most " + CHARACTERS_MAX
                    + " characters, found " + document.length());
        }
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(document));
            try {
                return new Parser(file, document).parse(reader);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            throw new ConfigurationException(file + ":" + e.getLocation().getLineNumber() + ":"
                    + e.getLocation().getColumnNumber() + ": expected well-formed XML, found " + reason(e), e);
        }
    }

    /** The parser's message without its own idea of the place. */
    private static String reason(XMLStreamException e) {
        String message = String.valueOf(e.getMessage());
        int at = message.indexOf("Message: ");
        return (at < 0 ? message : message.substring(at + 9)).strip();
    }

    private static final class Parser {
        private final String file;
        private final String document;
        private final Deque<XmlElement> open = new ArrayDeque<>();
        private int elements;
        private int searchedTo;
        private int line = 1;
        private int lineStart;

        Parser(String file, String document) {
            this.file = file;
            this.document = document;
        }

        XmlElement parse(XMLStreamReader reader) throws XMLStreamException {
            XmlElement root = null;
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        XmlElement element = start(reader);
                        root = root == null ? element : root;
                    }
                    case XMLStreamConstants.END_ELEMENT -> open.pop();
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text(reader);
                    case XMLStreamConstants.DTD -> throw error(reader, "no document type", "<!DOCTYPE");
                    case XMLStreamConstants.ENTITY_REFERENCE -> throw error(reader, "no entity",
                            "&" + reader.getLocalName() + ";");
                    default -> {
                        // Comments, white space and processing instructions say nothing.
                    }
                }
            }
            if (root == null) {
                throw new ConfigurationException(file + ":1:1: expected an element, found none");
            }
            return root;
        }

        private void text(XMLStreamReader reader) {
            XmlElement element = open.peek();
            if (element != null) {
                element.text.append(reader.getText());
            }
        }

        private XmlElement start(XMLStreamReader reader) {
            locate(reader.getLocalName());
            XmlElement parent = open.peek();
            XmlElement element = new XmlElement(file, line, searchedTo - lineStart + 1, reader.getLocalName(),
                    parent == null ? 0 : parent.text.length());
            searchedTo++;
            if (++elements > ELEMENTS_MAX || open.size() >= DEPTH_MAX) {
                throw element.error("at most " + ELEMENTS_MAX + " elements, " + DEPTH_MAX + " deep", "more");
            }
            for (int i = 0; i < reader.getAttributeCount(); i++) {
                element.attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
            }
            if (parent != null) {
                parent.children.add(element);
            }
            open.push(element);
            return element;
        }

        /** The reader tells where a tag ends; people want to know where it begins. Comments are stepped over. */
        private void locate(String name) {
            while (true) {
                int tag = document.indexOf('<', searchedTo);
                if (tag < 0) {
                    return;
                }
                advance(tag);
                if (document.startsWith(name, tag + 1)) {
                    return;
                }
                int skip = document.startsWith("<!--", tag)
                        ? document.indexOf("-->", tag)
                        : document.startsWith("<![CDATA[", tag)
                                ? document.indexOf("]]>", tag)
                                : document.startsWith("<?", tag) ? document.indexOf("?>", tag) : tag + 1;
                advance(skip < 0 ? tag + 1 : skip);
            }
        }

        private void advance(int to) {
            for (; searchedTo < to; searchedTo++) {
                if (document.charAt(searchedTo) == '\n') {
                    line++;
                    lineStart = searchedTo + 1;
                }
            }
        }

        private ConfigurationException error(XMLStreamReader reader, String expected, String found) {
            return new ConfigurationException(file + ":" + reader.getLocation().getLineNumber() + ":"
                    + reader.getLocation().getColumnNumber() + ": expected " + expected + ", found " + found);
        }
    }

    String name() {
        return name;
    }

    /** An error at this element. */
    ConfigurationException error(String expected, String found) {
        return new ConfigurationException(place() + ": expected " + expected + ", found " + found);
    }

    /** The text between the tags. */
    String text() {
        return text.toString().strip();
    }

    /** A setting: an attribute, or a child element with text, but not both and not twice. Null when it is not given. */
    @Nullable
    String setting(String key) {
        asked.add(key);
        String attribute = attributes.containsKey(key) ? attributes.get(key).strip() : null;
        List<XmlElement> given = children.stream().filter(child -> child.name.equals(key)).toList();
        if (given.size() + (attribute == null ? 0 : 1) > 1) {
            throw (given.isEmpty() ? this : given.get(given.size() - 1)).error("the setting '" + key + "' once",
                    "it twice");
        }
        if (given.isEmpty()) {
            return attribute;
        }
        given.get(0).finish(true);
        return given.get(0).text();
    }

    /** A setting that must be given. */
    String required(String key) {
        String value = setting(key);
        if (value == null || value.isEmpty()) {
            throw error("the setting '" + key + "' in <" + name + ">", "none");
        }
        return value;
    }

    /** Names of the settings that are given and have not been asked for, in order: attributes and child elements with text alone. */
    List<String> settings() {
        List<String> names = new ArrayList<>();
        attributes.keySet().stream().filter(key -> !asked.contains(key)).forEach(names::add);
        children.stream().filter(child -> !asked.contains(child.name) && child.attributes.isEmpty()
                && child.children.isEmpty() && !names.contains(child.name)).forEach(child -> names.add(child.name));
        return names;
    }

    /** What is in here is not looked at, except that no element says a thing twice: in an attribute and in a child element. */
    void overlook() {
        for (XmlElement child : children) {
            if (attributes.containsKey(child.name)) {
                throw child.error("the setting '" + child.name + "' once", "it twice");
            }
            child.overlook();
        }
        asked.addAll(attributes.keySet());
        children.forEach(child -> asked.add(child.name));
        overlooked = true;
    }

    /** An attribute that the document gets besides its own. */
    void put(String attribute, String value) {
        attributes.put(attribute, value);
    }

    /** Where it is: {@code file:line:column}. */
    String place() {
        return file + ":" + line + ":" + column;
    }

    /**
     * The document as Palacios's image builder writes it: tags, attributes and text in their order; no declaration, no
     * comments, no empty-element tags.
     */
    String toXml() {
        StringBuilder out = new StringBuilder();
        write(out);
        return out.toString();
    }

    private void write(StringBuilder out) {
        out.append('<').append(name);
        attributes.forEach((key, value) -> {
            out.append(' ').append(key).append("=\"");
            escape(value, true, out);
            out.append('"');
        });
        out.append('>');
        int from = 0;
        for (XmlElement child : children) {
            escape(text.substring(from, child.offset), false, out);
            from = child.offset;
            child.write(out);
        }
        escape(text.substring(from), false, out);
        out.append("</").append(name).append('>');
    }

    private static void escape(String text, boolean attribute, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '\r' -> out.append("&#xD;");
                case '"' -> out.append(attribute ? "&quot;" : "\"");
                case '\n' -> out.append(attribute ? "&#xA;" : "\n");
                case '\t' -> out.append(attribute ? "&#x9;" : "\t");
                default -> out.append(c);
            }
        }
    }

    /** A whole number, decimal or with 0x. */
    long number(String key, String value, long least, long most) {
        long number;
        try {
            number = Long.decode(value);
        } catch (NumberFormatException e) {
            ConfigurationException wrong = error(range(key, least, most), "'" + value + "'");
            wrong.initCause(e);
            throw wrong;
        }
        if (number < least || number > most) {
            throw error(range(key, least, most), value);
        }
        return number;
    }

    private static String range(String key, long least, long most) {
        return key + " from " + least + " to " + most;
    }

    /** The child elements of a name. */
    List<XmlElement> children(String key) {
        asked.add(key);
        return children.stream().filter(child -> child.name.equals(key)).toList();
    }

    /** The one child element of a name, or null. */
    @Nullable
    XmlElement child(String key) {
        List<XmlElement> given = children(key);
        if (given.size() > 1) {
            throw given.get(1).error("one <" + key + ">", "another");
        }
        return given.isEmpty() ? null : given.get(0);
    }

    /** Everything has been asked for that is understood: what is left is an error. */
    void finish(boolean withText) {
        // Palacios's tools replace the text of an element by the name that opt_tag gives it; here it is only a name.
        asked.add("opt_tag");
        for (String attribute : attributes.keySet()) {
            if (!asked.contains(attribute)) {
                throw error("no attribute '" + attribute + "' in <" + name + ">", "it");
            }
        }
        for (XmlElement child : children) {
            if (!asked.contains(child.name)) {
                throw child.error("no element <" + child.name + "> in <" + name + ">", "it");
            }
        }
        if (!withText && !overlooked && !text().isEmpty()) {
            throw error("no text in <" + name + ">", "'" + text() + "'");
        }
    }
}
