package chronovisor.debug;

import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.timeline.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The program that is debugged, looked at where the machine stands: its threads, their registers, its memory. In a guest
 * without the built-in kernel the threads are the cores, numbered from 1.
 */
final class Inferior {

    private static final int AUXILIARY_BYTES_MAX = 4096;
    private static final int STACK_BYTES_MAX = 1 << 18;
    private static final int WORD = 8;

    private final Supplier<View> machine;
    /** The process, or -1 for the first that there is. */
    private int chosen = -1;
    /** Inode of the program that breakpoints are meant for; what the process ran when it was last seen. */
    private long program = -1;

    Inferior(Supplier<View> machine) {
        this.machine = machine;
    }

    private View view() {
        return machine.get();
    }

    private Optional<KernelState> kernel() {
        return view().kernel();
    }

    // The process.

    /**
     * Another process is the program from now on.
     *
     * @throws Refused
     *             when there is no such process
     */
    void choose(int process) throws Refused {
        if (kernel().map(state -> state.processes().get(process)).isEmpty()) {
            throw new Refused("there is no process " + process + " here; the processes are " + processes());
        }
        chosen = process;
        program = -1;
    }

    /** Numbers of all processes that run a program. */
    List<Integer> processes() {
        return kernel().map(state -> state.processes().values().stream()
                .filter(process -> !process.exit().ended() && !process.program().isEmpty()).map(UserProcess::id)
                .toList())
                .orElse(List.of());
    }

    /** The process, while it lives. */
    Optional<UserProcess> process() {
        List<Integer> alive = processes();
        if (chosen < 0 && !alive.isEmpty()) {
            chosen = alive.get(0);
        }
        Optional<UserProcess> process = kernel().map(state -> state.processes().get(chosen))
                .filter(found -> !found.exit().ended());
        process.ifPresent(found -> program = found.programInode());
        return process;
    }

    /** CR3 of its address space, while it lives; in a guest without the built-in kernel that of the core that runs. */
    Optional<Long> root() {
        if (kernel().isEmpty()) {
            return Optional.of(view().root(view().currentCore()));
        }
        return process().flatMap(process -> kernel().map(state -> state.spaces().get(process.addressSpace())))
                .map(AddressSpace::root);
    }

    /** Path of its program in the guest, as it is now; empty when there is none. */
    String executable() {
        UserProcess process = process().orElse(null);
        if (process == null) {
            return "";
        }
        GuestFiles files = files();
        // It may have been started by a name that means something else now, such as /proc/self/exe.
        boolean named = files.find(process.program()).filter(inode -> inode.number() == process.programInode())
                .isPresent();
        return named ? process.program() : files.path(process.programInode()).orElse(process.program());
    }

    // Its threads.

    /** The numbers of all threads. */
    List<Integer> threads() {
        if (kernel().isEmpty()) {
            List<Integer> cores = new ArrayList<>();
            for (int core = 0; core < view().cores(); core++) {
                cores.add(core + 1);
            }
            return cores;
        }
        return view().tasks().stream().map(Task::id).filter(task -> registers(task).isPresent()).toList();
    }

    /** The first thread of the program, or any thread; -1 when there is none. */
    int firstThread() {
        List<Integer> all = threads();
        return all.stream().filter(this::owns).findFirst().or(() -> all.stream().findFirst()).orElse(-1);
    }

    /** The thread that runs on a core, or that is meant when none does. */
    int threadOn(int core) {
        if (kernel().isEmpty()) {
            return core + 1;
        }
        int task = view().taskOn(core);
        return task >= 0 ? task : firstThread();
    }

    /** The core a thread is on, or -1. */
    int coreOf(int thread) {
        return kernel().isEmpty() ? thread - 1 : view().coreOf(thread);
    }

    /** Whether a thread belongs to the program's process. */
    boolean owns(int thread) {
        Optional<UserProcess> process = process();
        return kernel().isEmpty() || process.isPresent()
                && view().process(thread).filter(found -> found.id() == process.get().id()).isPresent();
    }

    /** Whether a thread runs the program's file, in whichever process. */
    boolean runsProgram(int thread) {
        process();
        return kernel().isEmpty()
                || view().process(thread).filter(found -> found.programInode() == program).isPresent();
    }

    /** What a thread is called. */
    String name(int thread) {
        return kernel().map(state -> state.tasks().get(thread)).map(Task::name).orElse("core " + (thread - 1));
    }

    /** What a thread does. */
    String state(int thread) {
        if (kernel().isEmpty()) {
            return "";
        }
        Optional<Task> task = kernel().map(state -> state.tasks().get(thread));
        String process = view().process(thread).map(found -> "process " + found.id() + ", ").orElse("");
        return process + task.map(found -> says(found.run())).orElse("gone");
    }

    private static String says(Run run) {
        return switch (run) {
            case Run.Ready ready -> "ready";
            case Run.Resuming(Call call) -> "ready in " + name(call);
            case Run.Running(int core) -> "on core " + core;
            case Run.Blocked blocked -> "waits in " + name(blocked.call());
            case Run.Stopped stopped -> "stopped";
            case Run.Held held -> "traced";
        };
    }

    private static String name(Call call) {
        return chronovisor.kitten.syscall.SyscallTable.name(call.number());
    }

    /** The registers of a thread; none when there is no such thread. */
    Optional<RegisterFile> registers(int thread) {
        if (kernel().isEmpty()) {
            return thread >= 1 && thread <= view().cores()
                    ? Optional.of(RegisterFile.of(view().registersOn(thread - 1), -1))
                    : Optional.empty();
        }
        return view().registersOf(thread).map(registers -> RegisterFile.of(registers, call(thread)));
    }

    /** Where a thread is. */
    long rip(int thread) {
        return kernel().isEmpty()
                ? view().registersOn(thread - 1).rip()
                : view().registersOf(thread).map(Registers::rip).orElse(0L);
    }

    /** The system call that a thread is in, or -1. */
    private long call(int thread) {
        Run run = kernel().map(state -> state.tasks().get(thread)).map(Task::run).orElse(new Run.Ready());
        return switch (run) {
            case Run.Blocked blocked -> blocked.call().number();
            case Run.Resuming(Call call) -> call.number();
            case Run.Ready ready -> -1;
            case Run.Running running -> -1;
            case Run.Stopped stopped -> -1;
            case Run.Held held -> -1;
        };
    }

    // Its memory.

    /** As many bytes of a thread's memory as can be read from an address on, at most so many. */
    byte[] memory(int thread, long address, int lengthMax) {
        if (kernel().isEmpty()) {
            return view().memory(view().root(Math.max(0, Math.min(view().cores() - 1, thread - 1))), address,
                    lengthMax);
        }
        Optional<AddressSpace> space = view().space(thread).or(() -> process()
                .flatMap(process -> kernel().map(state -> state.spaces().get(process.addressSpace()))));
        return space.map(found -> new GuestSpace(view(), found).read(address, lengthMax)).orElse(new byte[0]);
    }

    /** The files of the guest. */
    GuestFiles files() {
        return new GuestFiles(view());
    }

    /**
     * The auxiliary vector of a thread's process: it is above the environment's pointers, which are above the arguments' (System V ABI, 3.4.1), and
     * those are where the stack says the arguments begin.
     */
    byte[] auxiliaryVector(int thread) {
        UserProcess process = view().process(thread).orElse(null);
        if (process == null || process.layout().argumentStart() == 0) {
            return new byte[0];
        }
        long arguments = process.layout().argumentStart();
        long top = arguments & -WORD;
        for (long at = top - WORD; top - at < STACK_BYTES_MAX; at -= WORD) {
            if (word(thread, at) == arguments && isVector(thread, at)) {
                return auxiliaryVector(thread, at);
            }
        }
        return new byte[0];
    }

    /** Whether the pointers from here on are as many as the word below says, and end with a null. */
    private boolean isVector(int thread, long at) {
        long count = word(thread, at - WORD);
        return count > 0 && count < STACK_BYTES_MAX / WORD && word(thread, at + count * WORD) == 0;
    }

    private byte[] auxiliaryVector(int thread, long argv) {
        long at = argv + (word(thread, argv - WORD) + 1) * WORD;
        for (int i = 0; i < STACK_BYTES_MAX / WORD && word(thread, at) != 0; i++) {
            at += WORD;
        }
        at += WORD;
        int length = 0;
        while (length < AUXILIARY_BYTES_MAX && word(thread, at + length) != 0) {
            length += 2 * WORD;
        }
        return memory(thread, at, Math.min(AUXILIARY_BYTES_MAX, length + 2 * WORD));
    }

    private long word(int thread, long address) {
        byte[] bytes = memory(thread, address, WORD);
        long value = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return value;
    }
}
