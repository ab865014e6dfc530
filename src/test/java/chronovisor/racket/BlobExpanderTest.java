package chronovisor.racket;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Interpreter;
import chronovisor.environment.SeededEnvironment;
import chronovisor.kitten.Kitten;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.memory.FramePool;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.MachineObserver;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Blobs as the kernel expands them at boot. */
final class BlobExpanderTest {

    private final FramePool pool = new FramePool(128L << 20);
    private final List<String> messages = new ArrayList<>();

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void foldersAndFilesAreThereBeforeTheFirstProgramStarts() throws Exception {
        TreeMap<String, byte[]> files = new TreeMap<>();
        files.put("a/b/big.zo", new byte[10_000]);
        files.put("small", "text".getBytes(StandardCharsets.UTF_8));
        VirtualMachine vm = boot(Map.of(), CollectionsBlob.encode("/tmp/racket", folders("a", "a/b"), files));

        assertThat(messages).contains("test.blob: 2 folders, 2 files, 10004 bytes expanded to /tmp/racket");
        assertThat(size(vm, "tmp/racket/a/b/big.zo")).isEqualTo(10_000);
        assertThat(size(vm, "tmp/racket/small")).isEqualTo(4);
        assertThat(vm.run().status()).isZero();
    }

    @Test
    void aBadBlobStopsTheBootWithItsOffset() throws Exception {
        RunResult result = boot(Map.of(), new byte[]{1, 0, 0, 0}).run();

        assertThat(result.status()).isEqualTo(127);
        assertThat(result.reason()).isEqualTo("test.blob: offset 4: the blob ends before the number of files");
    }

    @Test
    void aFileThatIsThereAlreadyIsNotOverwritten() throws Exception {
        TreeMap<String, byte[]> files = new TreeMap<>();
        files.put("hello", new byte[]{1});

        assertThat(boot(Map.of(), CollectionsBlob.encode("/", folders(), files)).run().reason())
                .isEqualTo("test.blob: writing /hello: errno 17");
    }

    /** The paper's limits patch: without it a file has 4096 bytes, and the collections do not fit. */
    @Test
    void aFileThatIsTooLargeForTheKernelsFilesStopsTheBootWithItsName() throws Exception {
        TreeMap<String, byte[]> files = new TreeMap<>();
        files.put("fits", new byte[4096]);
        files.put("large", new byte[4097]);
        byte[] blob = CollectionsBlob.encode("/tmp", folders(), files);
        Map<String, String> without = Map.of("profile", "paper", "patches", "+libc,-limits");

        assertThat(boot(without, blob).run().reason()).isEqualTo("test.blob: writing /tmp/large: errno 27");
        boot(Map.of("profile", "paper", "patches", "+libc"), blob);
        assertThat(messages).contains("test.blob: 0 folders, 2 files, 8193 bytes expanded to /tmp");
    }

    @Test
    void aPoolThatIsTooSmallStopsTheBootWithTheNameOfTheFile() throws Exception {
        TreeMap<String, byte[]> files = new TreeMap<>();
        files.put("big", new byte[1 << 20]);
        RunResult result = boot(Map.of("kmem_size", "256K"), CollectionsBlob.encode("/tmp", folders(), files)).run();

        assertThat(result.status()).isEqualTo(127);
        assertThat(result.reason()).contains("/tmp/big").contains("not 1048576");
    }

    private VirtualMachine boot(Map<String, String> options, byte[] blob) throws IOException {
        KittenObserver observer = new KittenObserver() {
            @Override
            public void message(String line) {
                messages.add(line);
            }
        };
        VirtualMachine vm = new VirtualMachine(GuestConfiguration.standard(32), pool,
                new SeededEnvironment(1_700_000_000_000_000_000L, 1, List.of()), Interpreter::new,
                new Kitten(KittenOptions.parse(options), observer, new BlobExpander()), MachineObserver.NONE);
        byte[] hello = Files.readAllBytes(Path.of("scenarios/guests/bin/hello"));
        vm.boot("", List.of(GuestFile.initTask("/hello", hello), GuestFile.blob("test.blob", blob)));
        return vm;
    }

    private static SortedSet<String> folders(String... names) {
        return new TreeSet<>(List.of(names));
    }

    private static long size(VirtualMachine vm, String path) {
        KernelState state = (KernelState) Objects.requireNonNull(vm.capture().kernel());
        Inode inode = Objects.requireNonNull(state.inodes().get(KernelState.ROOT));
        for (String name : path.split("/", -1)) {
            Inode.Directory directory = (Inode.Directory) inode.content();
            inode = Objects.requireNonNull(state.inodes().get(directory.entries().get(name)));
        }
        return inode.size();
    }
}
