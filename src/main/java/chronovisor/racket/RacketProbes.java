package chronovisor.racket;

import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.kitten.Kitten;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.elf.ElfSections;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.kernel.FileData;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.kernel.Loader;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.vmm.Core;
import chronovisor.vmm.Stops;
import chronovisor.vmm.VirtualMachine;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Watches the Racket runtimes that run in a machine. A program is known by the symbols of its executable, whatever it is called; each of
 * its functions that means something gets a stop before its first instruction, and one before its second, by which it is known that the
 * first has been executed.
 *
 * <p>
 * Belongs to the machine's thread. Keeps nothing that the machine or the observer does not keep: it can be put on a machine that has been
 * running.
 */
public final class RacketProbes {

    /** x86-64 instructions are no longer. */
    private static final int INSTRUCTION_BYTES_MAX = 15;

    private final VirtualMachine vm;
    private final Kitten kitten;
    private final RacketObserver observer;
    /** Executables that have been looked at, by inode. */
    private final TreeSet<Long> known = new TreeSet<>();
    private final TreeMap<Long, Stops.Registration> entries = new TreeMap<>();

    private RacketProbes(VirtualMachine vm, Kitten kitten, RacketObserver observer) {
        this.vm = vm;
        this.kitten = kitten;
        this.observer = observer;
    }

    /** Probes on a machine, or null when its kernel is not Kitten. */
    public static @Nullable RacketProbes on(VirtualMachine vm, RacketObserver observer) {
        return vm.kernel() instanceof Kitten kitten ? new RacketProbes(vm, kitten, observer) : null;
    }

    /** A program has been loaded and will begin at {@code entry}: it is looked at then, when the kernel has all of it. */
    public void programLoaded(long entry) {
        entries.computeIfAbsent(entry, address -> vm.stops().breakAt(address, core -> {
            Stops.Registration done = entries.remove(address);
            if (done != null) {
                done.close();
            }
            look();
            return false;
        }));
    }

    /** Looks for runtimes among the programs that there are, such as those of a machine that has been restored. */
    public void look() {
        for (UserProcess process : kitten.state().processes().values()) {
            Inode program = kitten.state().inodes().get(process.programInode());
            if (program != null && known.add(program.number())) {
                look(program);
            }
        }
    }

    private void look(Inode program) {
        ElfFile.Source source = (offset, length) -> bytes(program, offset, length);
        try {
            ElfFile elf = ElfFile.parse("program", program.size(), source);
            SortedMap<String, Long> symbols = new TreeMap<>();
            for (ElfSections.Symbol symbol : ElfSections.of(program.size(), source).symbols()) {
                if (RacketRuntime.SYMBOLS.contains(symbol.name())) {
                    symbols.putIfAbsent(symbol.name(), symbol.address() + Loader.bias(elf));
                }
            }
            RacketRuntime.meanings(symbols)
                    .forEach((name, meaning) -> place(program, elf, source, symbols.get(name), meaning));
        } catch (ElfException e) {
            // The kernel has run it, so it was an ELF file then; now the guest has written something else into it.
            return;
        }
    }

    private void place(Inode program, ElfFile elf, ElfFile.Source source, @Nullable Long address,
            RacketRuntime.Meaning meaning) {
        if (address == null) {
            return;
        }
        long second = afterFirst(elf, source, address - Loader.bias(elf));
        vm.stops().breakAt(address, core -> {
            int task = task(core, program.number());
            if (task >= 0 && (second == 0 || observer.arrives(task, address))) {
                meaning.tell(new Call(core, task), observer);
            }
            return false;
        });
        if (second != 0) {
            vm.stops().breakAt(address + second, core -> {
                int task = task(core, program.number());
                if (task >= 0) {
                    observer.leaves(task);
                }
                return false;
            });
        }
    }

    /** Length of a function's first instruction; 0 when what follows it in memory may not be what is executed next. */
    private static int afterFirst(ElfFile elf, ElfFile.Source source, long address) {
        for (ElfFile.Segment segment : elf.segments()) {
            long offset = address - segment.address();
            if (offset >= 0 && offset < segment.fileBytes()) {
                byte[] code = source.read(segment.offset() + offset, INSTRUCTION_BYTES_MAX);
                Decoded decoded = Decoder.decode(code, 0, code.length);
                return decoded instanceof Instruction first && !transfers(code) ? first.length() : 0;
            }
        }
        return 0;
    }

    /** Whether the code begins with a jump, call or return, as compilers write them. */
    private static boolean transfers(byte[] code) {
        int first = code[0] & 0xFF;
        boolean conditional = first >= 0x70 && first <= 0x7F || first == 0x0F && (code[1] & 0xF0) == 0x80;
        boolean always = first >= 0xE8 && first <= 0xEB || first == 0xC3 || first == 0xFF || first == 0xF2;
        return conditional || always;
    }

    /** The task on a core, if it runs this program, else -1. */
    private int task(Core core, long program) {
        KernelState state = kitten.state();
        int current = state.cores().get(core.index()).current();
        Task task = state.tasks().get(current);
        UserProcess process = task == null ? null : state.processes().get(task.process());
        return process != null && process.programInode() == program ? current : -1;
    }

    private byte[] bytes(Inode program, long offset, int length) {
        long available = Math.max(0, Math.min(length, program.size() - offset));
        byte[] bytes = new byte[(int) available];
        int done = 0;
        while (done < bytes.length) {
            long at = offset + done;
            int count = (int) Math.min(bytes.length - done, 4096 - (at & 4095));
            Long frame = FileData.page(program, at >>> 12);
            if (frame != null) {
                vm.memory().read((frame << 12) + (at & 4095), bytes, done, count);
            }
            done += count;
        }
        return bytes;
    }
}
