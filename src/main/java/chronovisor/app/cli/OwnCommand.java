package chronovisor.app.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This command itself, for starting it once more in a process of its own. */
final class OwnCommand {

    private OwnCommand() {}

    /** Its first words: the launcher, when it has started us, else the Java that runs us with the same options. */
    static List<String> words() {
        Path home = JournalPlace.home().toAbsolutePath().normalize();
        Path launcher = home.resolve("replay-tools/chronovisor");
        String path = System.getProperty("java.class.path");
        if (path.equals(home.resolve("target/chronovisor.jar").toString()) && Files.isExecutable(launcher)) {
            return List.of(launcher.toString());
        }
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.add("-Dchronovisor.home=" + home);
        words.addAll(List.of("-cp", absolute(path), Main.class.getName()));
        return words;
    }

    /** The processes that are started may stand in another folder. */
    private static String absolute(String classPath) {
        return java.util.Arrays.stream(classPath.split(java.io.File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(java.util.stream.Collectors.joining(java.io.File.pathSeparator));
    }
}
