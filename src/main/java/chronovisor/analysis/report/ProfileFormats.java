package chronovisor.analysis.report;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** A profile for the tools that people have. */
public final class ProfileFormats {

    private static final JsonMapper MAPPER = JsonMapper.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private ProfileFormats() {}

    /** Collapsed stacks, a line each: {@code outer;inner count}, as flamegraph.pl and its kin read them. */
    public static void collapsed(Profile profile, Writer out) throws IOException {
        CallTree tree = profile.tree();
        for (int node = 1; node < tree.size(); node++) {
            if (tree.self(node) > 0) {
                List<String> stack = new ArrayList<>();
                for (int at : stack(tree, node)) {
                    // The two characters that the format itself uses.
                    stack.add(tree.names().get(at).replace(';', ':').replace('\n', ' '));
                }
                out.append(String.join(";", stack)).append(' ').append(Long.toString(tree.self(node))).append('\n');
            }
        }
        out.flush();
    }

    /** A file for speedscope, in version 0.0.1 of its file format: one sample a context, weighted by its instructions. */
    public static void speedscope(Profile profile, String name, Writer out) {
        CallTree tree = profile.tree();
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringProperty("$schema", "https://www.speedscope.app/file-format-schema.json");
            json.writeStringProperty("name", name);
            json.writeStringProperty("exporter", "chronovisor");
            json.writeNumberProperty("activeProfileIndex", 0);
            json.writeObjectPropertyStart("shared");
            json.writeArrayPropertyStart("frames");
            for (String frame : tree.names()) {
                json.writeStartObject();
                json.writeStringProperty("name", frame);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeArrayPropertyStart("profiles");
            json.writeStartObject();
            json.writeStringProperty("type", "sampled");
            json.writeStringProperty("name", name + ", retired instructions");
            json.writeStringProperty("unit", "none");
            json.writeNumberProperty("startValue", 0);
            json.writeNumberProperty("endValue", profile.steps());
            json.writeArrayPropertyStart("samples");
            for (int node = 1; node < tree.size(); node++) {
                if (tree.self(node) > 0) {
                    json.writeStartArray();
                    stack(tree, node).forEach(json::writeNumber);
                    json.writeEndArray();
                }
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("weights");
            for (int node = 1; node < tree.size(); node++) {
                if (tree.self(node) > 0) {
                    json.writeNumber(tree.self(node));
                }
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    /** The functions from below the root to a node. */
    private static List<Integer> stack(CallTree tree, int node) {
        List<Integer> stack = new ArrayList<>();
        for (int at = node; at > 0; at = tree.parent(at)) {
            stack.add(tree.function(at));
        }
        Collections.reverse(stack);
        return stack;
    }
}
