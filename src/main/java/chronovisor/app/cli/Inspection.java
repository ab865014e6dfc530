package chronovisor.app.cli;

import chronovisor.cpu.CpuImage;
import chronovisor.device.TextScreen;
import chronovisor.device.VgaText;
import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Disassembler;
import chronovisor.isa.Instruction;
import chronovisor.kitten.KernelView;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.memory.PageTables;
import chronovisor.timeline.Backtrace;
import chronovisor.timeline.Symbols;
import chronovisor.timeline.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What there is to see of a machine that stands still, each thing as lines for people and as an object for programs. */
final class Inspection {

    private static final String[] GENERAL = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
        "r11", "r12", "r13", "r14", "r15"};
    private static final int INSTRUCTION_BYTES_MAX = 15;
    private static final int LINE_BYTES = 16;

    /** Lines and an object that say the same. */
    record Shown(List<String> lines, Object object) {}

    private final View view;
    private final int task;
    /** Where the task is; the current one when it is on none. */
    private final int core;

    /** Looks at a machine with the eyes of a task; -1 for the one that runs. */
    Inspection(View view, int task) {
        this.view = view;
        this.task = task >= 0 ? task : view.taskOn(view.currentCore());
        int on = this.task < 0 ? -1 : view.coreOf(this.task);
        this.core = on < 0 ? view.currentCore() : on;
    }

    private Inspection(int core, View view) {
        this.view = view;
        this.task = view.taskOn(core);
        this.core = core;
    }

    /** Looks at a machine with the eyes of a core. */
    static Inspection ofCore(View view, int core) {
        return new Inspection(core, view);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private KernelState kernelState() {
        return view.kernel().orElseThrow(() -> Failure.usage("this guest has no built-in kernel"));
    }

    private long root() {
        return view.rootOf(task).orElseGet(() -> view.root(core));
    }

    private Symbols symbols() {
        return Symbols.of(view, task);
    }

    // Processor and memory.

    Shown registers() {
        Map<String, Object> object = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        CpuImage cpu = view.registers(core);
        Registers away = task >= 0 && view.coreOf(task) < 0 ? view.registersOf(task).orElse(null) : null;
        Registers user = away != null ? away : view.registersOn(core);
        object.put("task", task);
        object.put("core", away != null ? -1 : core);
        lines.add(away != null
                ? "task " + task + ", not on a core"
                : "core " + core + (task < 0 ? "" : ", task " + task));
        for (int i = 0; i < GENERAL.length; i += 4) {
            StringBuilder line = new StringBuilder();
            for (int r = i; r < i + 4; r++) {
                long value = away != null ? away.general(r) : cpu.gpr(r);
                object.put(GENERAL[r], hex(value));
                line.append(String.format(Locale.ROOT, "%-4s%-20s", GENERAL[r], hex(value)));
            }
            lines.add(line.toString().stripTrailing());
        }
        long rip = away != null ? away.rip() : cpu.rip();
        long rflags = away != null ? away.rflags() : cpu.rflags();
        object.put("rip", hex(rip));
        object.put("rflags", hex(rflags));
        lines.add("rip " + symbols().text(rip) + "  rflags " + hex(rflags));
        object.put("fs_base", hex(user.fsBase()));
        object.put("gs_base", hex(user.gsBase()));
        lines.add("fs.base " + hex(user.fsBase()) + "  gs.base " + hex(user.gsBase()) + "  cr3 " + hex(root()));
        object.put("cr3", hex(root()));
        if (away == null) {
            vectors(cpu, lines, object);
        }
        return new Shown(lines, object);
    }

    private static void vectors(CpuImage cpu, List<String> lines, Map<String, Object> object) {
        for (int r = 0; r < 16; r++) {
            StringBuilder value = new StringBuilder();
            for (int lane = 3; lane >= 0; lane--) {
                value.append(String.format(Locale.ROOT, "%016x", cpu.xmm(r, lane)));
            }
            object.put("ymm" + r, "0x" + value);
            if (!value.toString().matches("0*")) {
                lines.add(String.format(Locale.ROOT, "%-6s0x%s", "ymm" + r, value));
            }
        }
    }

    Shown memory(long address, int length) {
        byte[] bytes = view.memory(root(), address, length);
        List<String> lines = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += LINE_BYTES) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%12x ", address + at));
            StringBuilder text = new StringBuilder();
            for (int i = at; i < at + LINE_BYTES; i++) {
                line.append(i % 8 == 0 ? " " : "").append(i < bytes.length
                        ? String.format(Locale.ROOT, " %02x", bytes[i])
                        : "   ");
                text.append(i >= bytes.length ? "" : bytes[i] >= 0x20 && bytes[i] < 0x7F ? (char) bytes[i] : '.');
            }
            lines.add(line + "  |" + text + "|");
        }
        if (bytes.length < length) {
            lines.add(hex(address + bytes.length) + " is not mapped");
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("address", hex(address));
        object.put("bytes", HexFormat.of().formatHex(bytes));
        object.put("mapped", bytes.length);
        return new Shown(lines, object);
    }

    Shown disassembly(@Nullable Long from, int count) {
        long address = from != null
                ? from
                : task < 0
                        ? view.rip(core)
                        : view.registersOf(task).map(Registers::rip).orElseGet(() -> view.rip(core));
        Symbols symbols = symbols();
        List<String> lines = new ArrayList<>();
        List<Object> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] code = view.memory(root(), address, INSTRUCTION_BYTES_MAX);
            Decoded decoded = Decoder.decode(code, 0, code.length);
            if (!(decoded instanceof Instruction instruction)) {
                lines.add(hex(address) + (code.length == 0 ? " is not mapped" : " holds no instruction"));
                break;
            }
            byte[] bytes = java.util.Arrays.copyOf(code, instruction.length());
            String text = Disassembler.intel(instruction, address);
            String name = symbols.at(address).map(Object::toString).orElse("");
            lines.add(
                    String.format(Locale.ROOT, "%12x  %-24s %-22s %s", address, name.isEmpty() ? "" : "<" + name + ">",
                            HexFormat.of().formatHex(bytes), text));
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("address", hex(address));
            object.put("symbol", name);
            object.put("bytes", HexFormat.of().formatHex(bytes));
            object.put("text", text);
            objects.add(object);
            address += instruction.length();
        }
        return new Shown(lines, objects);
    }

    Shown backtrace() {
        Symbols symbols = symbols();
        List<String> lines = new ArrayList<>();
        List<Object> objects = new ArrayList<>();
        List<Backtrace.Frame> frames = view.kernel().isPresent()
                ? Backtrace.of(view, task, symbols)
                : Backtrace.ofCore(view, core);
        for (Backtrace.Frame frame : frames) {
            Optional<Symbols.Place> place = symbols.at(frame.symbolAddress())
                    .map(found -> new Symbols.Place(found.name(), found.offset() + frame.address()
                            - frame.symbolAddress(), found.file()));
            lines.add(String.format(Locale.ROOT, "#%-3d %-18s %s%s%s", lines.size(), hex(frame.address()),
                    place.map(Object::toString).orElse("?"),
                    place.map(found -> " (" + found.file() + ")").orElse(""),
                    frame.signal() ? " [interrupted by a signal]" : ""));
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("address", hex(frame.address()));
            object.put("stack_pointer", hex(frame.stackPointer()));
            object.put("symbol", place.map(Object::toString).orElse(""));
            object.put("file", place.map(Symbols.Place::file).orElse(""));
            object.put("by", frame.by().name().toLowerCase(Locale.ROOT));
            object.put("signal", frame.signal());
            objects.add(object);
        }
        return new Shown(lines, objects);
    }

    // Kernel.

    Shown tasks() {
        List<String> lines = new ArrayList<>();
        List<Object> objects = new ArrayList<>();
        for (Task each : kernelState().tasks().values()) {
            long rip = view.registersOf(each.id()).map(Registers::rip).orElse(0L);
            String run = text(each.run());
            lines.add(String.format(Locale.ROOT, "%5d  process %-5d %-16s rip %-16s %s", each.id(), each.process(),
                    each.name(), hex(rip), run));
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("task", each.id());
            object.put("process", each.process());
            object.put("name", each.name());
            object.put("rip", hex(rip));
            object.put("run", run);
            object.put("cpu_ns", each.cpu_ns());
            objects.add(object);
        }
        return new Shown(lines, objects);
    }

    private static String text(Run run) {
        return switch (run) {
            case Run.Ready ready -> "ready";
            case Run.Resuming resuming -> "ready, in system call " + resuming.call().number();
            case Run.Running running -> "on core " + running.core();
            case Run.Blocked blocked -> "waits for " + blocked.queues() + " in system call "
                    + blocked.call().number()
                    + (blocked.deadline_ns() == Long.MAX_VALUE ? "" : " until " + blocked.deadline_ns() + " ns");
            case Run.Stopped stopped -> "stopped";
            case Run.Held held -> "stopped for its tracer";
        };
    }

    Shown maps() {
        List<String> lines = new ArrayList<>();
        List<Object> objects = new ArrayList<>();
        view.space(task).ifPresent(space -> space.regions().values().forEach(region -> {
            lines.add(String.format(Locale.ROOT, "%12x-%-12x %s %8x %s", region.start(), region.end(), rights(region),
                    region.offset(), region.name()).stripTrailing());
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("start", hex(region.start()));
            object.put("end", hex(region.end()));
            object.put("rights", rights(region));
            object.put("offset", region.offset());
            object.put("inode", region.inode());
            object.put("name", region.name());
            objects.add(object);
        }));
        return new Shown(lines, objects);
    }

    private static String rights(Region region) {
        int bits = region.protection();
        return ((bits & 1) != 0 ? "r" : "-") + ((bits & 2) != 0 ? "w" : "-") + ((bits & 4) != 0 ? "x" : "-")
                + (region.shared() ? "s" : "p");
    }

    Shown pageTables() {
        List<String> lines = new ArrayList<>();
        List<Object> objects = new ArrayList<>();
        view.forEachMapping(root(), (address, walk) -> {
            long entry = walk.entry();
            String rights = (walk.rights() & PageTables.USER) == 0 ? "s" : "u";
            rights += (walk.rights() & PageTables.WRITABLE) == 0 ? "-" : "w";
            rights += (entry & PageTables.NO_EXECUTE) == 0 ? "x" : "-";
            rights += (entry & PageTables.ACCESSED) == 0 ? "-" : "a";
            rights += (entry & PageTables.DIRTY) == 0 ? "-" : "d";
            lines.add(String.format(Locale.ROOT, "%16x -> %-12x %s%s", address, walk.physical(address), rights,
                    walk.pageBytes() == 4096 ? "" : " " + walk.pageBytes() / 1024 + " KB"));
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("address", hex(address));
            object.put("physical", hex(walk.physical(address)));
            object.put("bytes", walk.pageBytes());
            object.put("rights", rights);
            objects.add(object);
        });
        return new Shown(lines, objects);
    }

    Shown files() {
        KernelState state = kernelState();
        List<String> lines = new ArrayList<>();
        List<Object> objects = new ArrayList<>();
        for (UserProcess process : state.processes().values()) {
            DescriptorTable table = state.tables().get(process.files());
            if (table == null) {
                continue;
            }
            table.entries().forEach((number, descriptor) -> {
                OpenFile file = state.files().get(descriptor.file());
                if (file != null) {
                    String end = file.end().toString().replaceFirst("^On", "");
                    lines.add(
                            String.format(Locale.ROOT, "process %-5d %3d  %-32s offset %-10d %s", process.id(), number,
                                    file.path(), file.offset(), end));
                    Map<String, Object> object = new LinkedHashMap<>();
                    object.put("process", process.id());
                    object.put("descriptor", number);
                    object.put("path", file.path());
                    object.put("offset", file.offset());
                    object.put("flags", hex(file.flags()));
                    object.put("end", end);
                    objects.add(object);
                }
            });
        }
        return new Shown(lines, objects);
    }

    Shown pipes() {
        List<String> lines = new ArrayList<>();
        List<Object> objects = new ArrayList<>();
        kernelState().pipes().values().forEach(pipe -> {
            lines.add(String.format(Locale.ROOT,
                    "pipe %-5d %d bytes in it, %d written, %d read; %d readers, %d writers",
                    pipe.id(), pipe.buffer().amount(), pipe.buffer().written(), pipe.buffer().read(), pipe.readers(),
                    pipe.writers()));
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("pipe", pipe.id());
            object.put("amount", pipe.buffer().amount());
            object.put("written", pipe.buffer().written());
            object.put("read", pipe.buffer().read());
            object.put("readers", pipe.readers());
            object.put("writers", pipe.writers());
            objects.add(object);
        });
        return new Shown(lines, objects);
    }

    Shown kernel() {
        var state = KernelView.of(kernelState());
        return new Shown(List.of(state.toPrettyString()), state);
    }

    /** What the text screen shows; a picture of it goes into a file if there is one. */
    Shown screen(@Nullable Path picture) {
        if (!(view.devices().get("screen") instanceof VgaText.State state)) {
            throw Failure.usage("this machine has no screen: its configuration names no CGA_VIDEO or VGA");
        }
        TextScreen screen = VgaText.screen(state);
        if (screen == null) {
            throw Failure.usage("the screen is in a graphics mode, which is not shown");
        }
        if (picture != null) {
            try {
                Files.write(picture, ScreenPicture.png(screen), StandardOpenOption.CREATE_NEW);
            } catch (IOException e) {
                throw Failure.usage(picture + ": cannot be written: " + e.getMessage());
            }
        }
        return new Shown(screen.text().lines().toList(), Map.of("columns", screen.columns(), "rows", screen.rows(),
                "cursor", screen.cursor(), "text", screen.text()));
    }

    Shown devices() {
        List<String> lines = new ArrayList<>();
        Map<String, Object> object = new LinkedHashMap<>();
        view.devices().forEach((name, state) -> {
            Map<String, ?> parts = DeviceView.of(state);
            lines.add(name + "  " + DeviceView.line(parts));
            object.put(name, parts);
        });
        return new Shown(lines, object);
    }
}
