package chronovisor.app.scenario;

import chronovisor.app.scenario.ScenarioDocument.FileSection;
import chronovisor.app.scenario.ScenarioDocument.VmSection;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.PropertyBindingException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads {@code scenario.yaml}. */
public final class ScenarioParser {

    /** The file's name in a scenario's folder. */
    public static final String FILE = "scenario.yaml";

    /** Larger files are refused unread. */
    private static final long BYTES_MAX = 1 << 20;

    private static final Instant BOOT_TIME_DEFAULT = Instant.parse("2026-01-01T00:00:00Z");

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT).enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private ScenarioParser() {}

    /**
     * Reads the scenario in a folder.
     *
     * @throws ScenarioException when there is none, or something in it is wrong
     */
    public static Scenario parse(Path folder) throws ScenarioException {
        Path file = folder.resolve(FILE);
        Path name = folder.toAbsolutePath().normalize().getFileName();
        if (!Files.isRegularFile(file) || name == null) {
            throw new ScenarioException(folder + " is not a scenario: it has no " + FILE);
        }
        String text;
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new ScenarioException(file + " is larger than " + BYTES_MAX + " bytes");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new ScenarioException(file + " is not UTF-8", e);
        } catch (IOException e) {
            throw new ScenarioException(file + " cannot be read: " + e.getMessage(), e);
        }
        return scenario(name.toString(), folder, file, text);
    }

    private static Scenario scenario(String name, Path folder, Path file, String text) throws ScenarioException {
        try {
            @Nullable
            ScenarioDocument document = YAML.readValue(text, ScenarioDocument.class);
            if (document == null) {
                throw new ScenarioException(file + " is empty");
            }
            VmSection vm = document.vm() == null ? new VmSection(null, null, null, null, null) : document.vm();
            List<FileSection> files = ScenarioDocument.orEmpty(document.files(), "files");
            return new Scenario(name, folder, String.valueOf(document.description()).strip(), vm.machine(),
                    ScenarioDocument.inOrder(document.kernel(), "kernel"),
                    document.seed() == null ? 1 : document.seed(),
                    document.bootTime() == null ? BOOT_TIME_DEFAULT : document.bootTime(),
                    ScenarioDocument.orEmpty(document.fetch(), "fetch"),
                    ScenarioDocument.orEmpty(document.provision(), "provision"),
                    files.stream().filter(section -> !section.isTree()).map(FileSection::file).toList(),
                    files.stream().filter(FileSection::isTree).map(FileSection::placedTree).toList(),
                    document.allSteps(name),
                    document.clones() == null ? null : document.clones().clones(),
                    document.host() == null ? null : document.host().host());
        } catch (JacksonException e) {
            throw new ScenarioException(where(file, text, e) + complaint(e), e);
        } catch (IllegalArgumentException e) {
            throw new ScenarioException(file + ": " + e.getMessage(), e);
        }
    }

    /** {@code file:line:column: }, and the path of keys to the place. */
    private static String where(Path file, String text, JacksonException e) {
        TokenStreamLocation at = locate(text, e);
        String keys = e.getPath().stream().map(step -> step.getPropertyName() != null
                ? step.getPropertyName()
                : "[" + step.getIndex() + "]").collect(Collectors.joining("."));
        return file + (at == null || at.getLineNr() < 0 ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr()) + ": "
                + (keys.isEmpty() ? "" : keys.replace(".[", "[") + ": ");
    }

    /**
     * Where the key is that an exception is about. Records are bound from buffered tokens, which forget where they stood,
     * so the document is read once more up to that key.
     */
    private static @Nullable TokenStreamLocation locate(String text, JacksonException e) {
        JsonPointer wanted = JsonPointer.empty();
        for (JacksonException.Reference step : e.getPath()) {
            wanted = step.getPropertyName() != null
                    ? wanted.appendProperty(step.getPropertyName())
                    : wanted.appendIndex(step.getIndex());
        }
        if (e instanceof StreamReadException || e.getPath().isEmpty()) {
            return e.getLocation();
        }
        try (JsonParser parser = YAML.createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser.streamReadContext().pathAsPointer().equals(wanted)) {
                    return parser.currentTokenLocation();
                }
            }
        }
        return e.getLocation();
    }

    private static String complaint(JacksonException e) {
        Throwable cause = e.getCause();
        if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
            return cause.getMessage();
        }
        return switch (e) {
            case PropertyBindingException unknown -> "unknown key; known here are " + known(unknown);
            case InvalidFormatException wrong -> "\"" + wrong.getValue() + "\" is not " + kind(wrong.getTargetType());
            case MismatchedInputException wrong when wrong.getTargetType() != null -> "this is not "
                    + kind(wrong.getTargetType());
            default -> plain(e.getOriginalMessage());
        };
    }

    private static String known(PropertyBindingException unknown) {
        var ids = unknown.getKnownPropertyIds();
        return ids == null ? "none" : ids.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    private static String kind(Class<?> type) {
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a whole number that fits";
        } else if (type == Boolean.class) {
            return "true or false";
        } else if (type == Instant.class) {
            return "a time like " + BOOT_TIME_DEFAULT;
        } else if (type.isEnum()) {
            return "one of " + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT);
        } else if (List.class.isAssignableFrom(type)) {
            return "a list";
        } else if (type == String.class) {
            return "a text";
        }
        return "a mapping of keys to values";
    }

    /** The YAML reader's message without its excerpts of the document. */
    private static String plain(@Nullable String text) {
        String message = text == null
                ? ""
                : text.lines()
                        .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                        .collect(Collectors.joining(": "));
        return message.isEmpty() ? "not understood" : message;
    }
}
