package chronovisor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds who may import whom, and the rules that keep the guest's world deterministic. */
@AnalyzeClasses(packages = "chronovisor", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

    /** Each room and the rooms it names as its imports; what those may import, it may import too. */
    private static final Map<String, List<String>> ROOMS = rooms();

    private static final DescribedPredicate<JavaClass> A_ROOM_OF_THE_GUEST = DescribedPredicate
            .describe("a room of the guest's world", type -> List
                    .of("isa", "memory", "cpu", "jit", "device", "vmm", "kitten", "racket").contains(roomOf(type)));

    private static Map<String, List<String>> rooms() {
        Map<String, List<String>> rooms = new LinkedHashMap<>();
        rooms.put("isa", List.of());
        rooms.put("memory", List.of());
        rooms.put("environment", List.of());
        rooms.put("cpu", List.of("isa", "memory", "environment"));
        rooms.put("jit", List.of("cpu"));
        rooms.put("device", List.of("memory", "environment"));
        rooms.put("vmm", List.of("jit", "device"));
        rooms.put("kitten", List.of("vmm"));
        rooms.put("racket", List.of("kitten"));
        rooms.put("journal", List.of());
        rooms.put("replay", List.of("kitten", "journal"));
        rooms.put("timeline", List.of("replay"));
        rooms.put("debug", List.of("timeline"));
        rooms.put("analysis", List.of("timeline", "racket"));
        rooms.put("app", List.of("debug", "analysis"));
        return rooms;
    }

    @TestFactory
    List<DynamicTest> everyRoomImportsOnlyWhatItMay() {
        var classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("chronovisor");
        return ROOMS.keySet().stream().map(room -> DynamicTest.dynamicTest(room, () -> {
            Set<String> allowed = reachable(room);
            noClasses().that(live(room)).should().dependOnClassesThat(new DescribedPredicate<>("are in a room outside "
                    + allowed) {
                @Override
                public boolean test(JavaClass type) {
                    return type.getPackageName().startsWith("chronovisor") && !allowed.contains(roomOf(type));
                }
            }).allowEmptyShould(true).check(classes);
        })).toList();
    }

    @ArchTest
    static final ArchRule everyClassLivesInAKnownRoom = noClasses().should()
            .beAssignableTo(DescribedPredicate.describe("a class outside the known rooms", type -> type.getPackageName()
                    .startsWith("chronovisor") && !ROOMS.containsKey(roomOf(type))))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyJournalChronicleImportsChronicle = noClasses().that()
            .resideOutsideOfPackage("chronovisor.journal.chronicle..").should().dependOnClassesThat()
            .resideInAPackage("net.openhft..").allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTablesImportDuckDb = noClasses().that()
            .resideOutsideOfPackage("chronovisor.analysis.table..").should().dependOnClassesThat()
            .resideInAnyPackage("org.duckdb..", "java.sql..").allowEmptyShould(true);

    @ArchTest
    static final ArchRule theGuestsWorldKnowsNoHostTimeThreadsOrChance = noClasses().that(A_ROOM_OF_THE_GUEST).should()
            .callMethod(System.class, "nanoTime").orShould().callMethod(System.class, "currentTimeMillis").orShould()
            .callMethod(System.class, "identityHashCode", Object.class).orShould().dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.Thread").orShould().dependOnClassesThat()
            .areAssignableTo(java.util.random.RandomGenerator.class).orShould().dependOnClassesThat()
            .haveFullyQualifiedName("java.time.Clock").orShould().callMethod(java.time.Instant.class, "now").orShould()
            .callMethod(Math.class, "random").allowEmptyShould(true);

    @Test
    void everyPackageIsNullMarked() {
        var classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("chronovisor");
        Set<String> unmarked = new TreeSet<>();
        classes.stream().map(JavaClass::getPackage).filter(aPackage -> !aPackage.isAnnotatedWith(NullMarked.class))
                .forEach(aPackage -> unmarked.add(aPackage.getName()));
        assertThat(unmarked).as("packages without @NullMarked in package-info.java").isEmpty();
    }

    private static DescribedPredicate<JavaClass> live(String room) {
        return DescribedPredicate.describe("live in " + room, type -> roomOf(type).equals(room));
    }

    private static Set<String> reachable(String room) {
        Set<String> seen = new TreeSet<>(Set.of(room));
        ROOMS.getOrDefault(room, List.of()).forEach(next -> seen.addAll(reachable(next)));
        return seen;
    }

    private static String roomOf(JavaClass type) {
        String[] parts = type.getPackageName().split("\\.", -1);
        return parts.length > 1 && parts[0].equals("chronovisor") ? parts[1] : "";
    }
}
