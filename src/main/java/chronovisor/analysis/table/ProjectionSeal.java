package chronovisor.analysis.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a projection tells of itself in {@code tables.json}: the journal's hash chain that it was made of, the columns that its tables have, how
 * many events, their digest, and its files with their sizes. One that does not fit what is there, in any way, is none: columns come from the
 * records, so a version of ours with other records has other columns.
 */
record ProjectionSeal(String chain, long events, String digest, Map<String, List<Part>> files) {

    /** Of how the columns are filled; another one makes every projection anew. */
    static final int VERSION = 1;

    static final String FILE = "tables.json";

    private static final long COLUMNS = ProjectionWriter.columnsSum();

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** A file of a table. */
    record Part(String name, long bytes) {}

    static ProjectionSeal of(Path folder, String chain, long events, String digest, Map<String, List<String>> names)
            throws IOException {
        Map<String, List<Part>> files = new TreeMap<>();
        for (Map.Entry<String, List<String>> table : names.entrySet()) {
            List<Part> parts = new ArrayList<>();
            for (String name : table.getValue()) {
                parts.add(new Part(name, Files.size(folder.resolve(name))));
            }
            files.put(table.getKey(), List.copyOf(parts));
        }
        return new ProjectionSeal(chain, events, digest, files);
    }

    void write(Path folder) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("version", VERSION);
        object.put("columns", COLUMNS);
        object.put("chain", chain);
        object.put("events", events);
        object.put("digest", digest);
        object.put("tables", files);
        Files.writeString(folder.resolve(FILE), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(object));
    }

    /** Reads one; null when there is none for this chain that is whole. */
    static @Nullable ProjectionSeal read(Path folder, String chain) {
        if (!Files.isRegularFile(folder.resolve(FILE))) {
            return null;
        }
        try {
            ProjectionSeal seal = parse(MAPPER.readTree(Files.readAllBytes(folder.resolve(FILE))));
            return seal.chain.equals(chain) && seal.fits(folder) ? seal : null;
        } catch (IOException | JacksonException e) {
            // A seal that cannot be read is none: the tables are made again.
            return null;
        }
    }

    private static ProjectionSeal parse(JsonNode json) {
        Map<String, List<Part>> files = new TreeMap<>();
        json.path("tables").properties().forEach(table -> {
            List<Part> parts = new ArrayList<>();
            for (JsonNode part : table.getValue()) {
                parts.add(new Part(part.path("name").asString(""), part.path("bytes").asLong(-1)));
            }
            files.put(table.getKey(), List.copyOf(parts));
        });
        boolean ours = json.path("version").asInt(0) == VERSION && json.path("columns").asLong(-1) == COLUMNS;
        String chain = ours ? json.path("chain").asString("") : "";
        return new ProjectionSeal(chain, json.path("events").asLong(-1), json.path("digest").asString(""), files);
    }

    private boolean fits(Path folder) throws IOException {
        for (Map.Entry<String, List<Part>> table : files.entrySet()) {
            for (int i = 0; i < table.getValue().size(); i++) {
                Part part = table.getValue().get(i);
                Path file = folder.resolve(table.getKey() + "-" + i + ".parquet");
                if (!part.name.equals(String.valueOf(file.getFileName())) || !Files.isRegularFile(file)
                        || Files.size(file) != part.bytes) {
                    return false;
                }
            }
        }
        return true;
    }
}
