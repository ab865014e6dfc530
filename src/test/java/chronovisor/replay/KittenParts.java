package chronovisor.replay;

import chronovisor.cpu.Engine;
import chronovisor.kitten.Kitten;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.GuestKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The real parts: interpreter and Kitten. */
public final class KittenParts implements MachineParts {

    static final Map<String, String> STREAMS = Map.of("init_stdin", "/dev/ttyS1", "init_stdout", "/dev/ttyS1",
            "init_stderr", "/dev/ttyS2");

    @Override
    public Supplier<Engine> engine(String name) {
        return TestEngines.named(name);
    }

    @Override
    public GuestKernel kernel(KittenOptions options, KittenObserver observer) {
        return new Kitten(options, observer);
    }

    /** An embedded guest with its standard streams on {@code com2} and {@code com3}, as {@code exec} runs it. */
    public static MachineSetup guest(String name, String... arguments) {
        List<String> argv = new ArrayList<>();
        argv.add(name);
        Collections.addAll(argv, arguments);
        try {
            byte[] elf = Files.readAllBytes(Path.of("scenarios/guests/bin", name));
            return new MachineSetup(GuestConfiguration.standard(64), "", "",
                    KittenOptions.parse(STREAMS).withProgram(argv, List.of("HOME=/")),
                    List.of(GuestFile.initTask("/" + name, elf)), "interpreter");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
