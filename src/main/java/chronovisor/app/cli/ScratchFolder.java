package chronovisor.app.cli;

import chronovisor.journal.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder for what is of no use later, where journals usually are: on the same disk, so that writing costs the same. */
final class ScratchFolder implements AutoCloseable {

    private final Path path;
    private final Thread hook;

    private ScratchFolder(Path path) {
        this.path = path;
        this.hook = new Thread(this::remove, "scratch-remover");
    }

    /** Makes one, which is removed when it is closed, or at the end of the process. */
    static ScratchFolder make(String name) throws IOException {
        Path journals = Files.createDirectories(JournalPlace.folder());
        ScratchFolder folder = new ScratchFolder(
                Files.createTempDirectory(journals, "." + name + "-").toAbsolutePath());
        Runtime.getRuntime().addShutdownHook(folder.hook);
        return folder;
    }

    Path path() {
        return path;
    }

    private void remove() {
        try {
            Folders.remove(path);
        } catch (IOException e) {
            System.err.println("chronovisor: " + path + " cannot be removed: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        remove();
    }
}
