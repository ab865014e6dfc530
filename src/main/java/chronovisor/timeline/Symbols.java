package chronovisor.timeline;

import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.elf.ElfSections;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.vmm.GuestFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Names of a task's addresses, from the symbols of the ELF files that its address space maps: the files as they are in the
 * guest, read from the guest's own memory. In a guest that has brought its own kernel, where no tasks are known, those of the kernel's
 * file.
 */
public final class Symbols {

    /** A larger file is not read for its symbols. */
    private static final long FILE_BYTES_MAX = 512L << 20;

    /** A name and how far after it. */
    public record Place(String name, long offset, String file) {
        @Override
        public String toString() {
            return offset == 0 ? name : name + "+0x" + Long.toHexString(offset);
        }
    }

    /**
     * A file that is mapped as code.
     *
     * @param bias
     *            what is added to the file's own addresses
     * @param start
     *            where its first segment begins in the address space
     */
    public record Image(String path, long bias, long start, long end, ElfSections sections) {}

    private record Known(ElfSections.Symbol symbol, Image image) {}

    private final List<Image> images = new ArrayList<>();
    private final TreeMap<Long, Known> byAddress = new TreeMap<>();
    private final Map<String, Long> byName = new HashMap<>();

    private Symbols() {}

    /** The symbols of a task's address space as it is here. */
    public static Symbols of(View view, int task) {
        Symbols symbols = new Symbols();
        view.kernel().ifPresent(state -> view.space(task).ifPresent(space -> {
            symbols.read(view, state, space);
            if (symbols.images.isEmpty()) {
                view.process(task).ifPresent(process -> symbols.addCopied(process.program(),
                        contents(view, state.inodes().get(process.programInode())), space));
            }
        }));
        view.ownKernel().ifPresent(symbols::addKernel);
        return symbols;
    }

    /** A kernel runs where it was linked to. */
    private void addKernel(GuestFile kernel) {
        ElfSections sections = ElfSections.of(kernel.data());
        List<ElfSections.Section> code = sections.code();
        code.stream().mapToLong(ElfSections.Section::address).min().ifPresent(start -> add(new Image(kernel.path(), 0,
                start, code.stream().mapToLong(section -> section.address() + section.bytes()).max().orElse(start),
                sections)));
    }

    private void read(View view, KernelState state, AddressSpace space) {
        Map<Long, List<Region>> mapped = new TreeMap<>();
        for (Region region : space.regions().values()) {
            if (region.inode() != 0) {
                mapped.computeIfAbsent(region.inode(), _ -> new ArrayList<>()).add(region);
            }
        }
        mapped.forEach((inode, regions) -> {
            byte[] file = contents(view, state.inodes().get(inode));
            if (file != null) {
                add(regions, file);
            }
        });
    }

    /** The bytes of a file of the guest; null when it is none, or too large. */
    private static byte @Nullable [] contents(View view, @Nullable Inode inode) {
        if (inode == null || !(inode.content() instanceof Inode.Data data) || inode.size() > FILE_BYTES_MAX) {
            return null;
        }
        byte[] bytes = new byte[(int) inode.size()];
        data.pages().forEach((page, frame) -> {
            long at = page * 4096;
            if (at >= 0 && at < bytes.length) {
                int part = (int) Math.min(4096, bytes.length - at);
                System.arraycopy(view.physical(frame * 4096, part), 0, bytes, (int) at, part);
            }
        });
        return bytes;
    }

    private void add(List<Region> regions, byte[] file) {
        try {
            ElfFile elf = ElfFile.parse(regions.getFirst().name(), file);
            for (Region region : regions) {
                for (ElfFile.Segment segment : elf.segments()) {
                    if (segment.execute() && (segment.offset() & -4096L) == region.offset()) {
                        long bias = region.start() - (segment.address() & -4096L);
                        add(new Image(region.name(), bias, elf.lowest() + bias, elf.highest() + bias,
                                ElfSections.of(file)));
                        return;
                    }
                }
            }
        } catch (ElfException e) {
            // A mapped file need not be a program: it has no symbols.
            return;
        }
    }

    /** A program that the original kernel has copied into memory: it maps no file, so its place follows from its code's. */
    private void addCopied(String path, byte @Nullable [] file, AddressSpace space) {
        if (file == null) {
            return;
        }
        try {
            ElfFile elf = ElfFile.parse(path, file);
            for (ElfFile.Segment segment : elf.segments()) {
                for (Region region : space.regions().values()) {
                    long bias = region.start() - (segment.address() & -4096L);
                    if (segment.execute() && (region.protection() & Protection.EXECUTE) != 0
                            && (bias == 0 || elf.positionIndependent())) {
                        add(new Image(path, bias, elf.lowest() + bias, elf.highest() + bias, ElfSections.of(file)));
                        return;
                    }
                }
            }
        } catch (ElfException e) {
            // It ran, so it was a program; what is there now is another file.
            return;
        }
    }

    private void add(Image image) {
        images.add(image);
        for (ElfSections.Symbol symbol : image.sections.symbols()) {
            long address = symbol.address() + image.bias;
            Known known = byAddress.get(address);
            // Of several names of one place the function with the most bytes is what people mean.
            if (known == null || symbol.function() && (!known.symbol.function()
                    || symbol.bytes() > known.symbol.bytes())) {
                byAddress.put(address, new Known(symbol, image));
            }
            byName.putIfAbsent(symbol.name(), address);
        }
    }

    /** The files that are mapped as code. */
    public List<Image> images() {
        return images;
    }

    /** The symbol that an address lies in or, within the same file, behind. */
    public Optional<Place> at(long address) {
        var found = byAddress.floorEntry(address);
        if (found == null) {
            return Optional.empty();
        }
        Known known = found.getValue();
        long offset = address - found.getKey();
        boolean inside = known.symbol.bytes() == 0 ? address < known.image.end : offset < known.symbol.bytes();
        return inside
                ? Optional.of(new Place(known.symbol.name(), offset, known.image.path))
                : Optional.empty();
    }

    /** A symbol's range of addresses: up to its end, or to where the next begins. */
    public record Range(String name, long start, long end, String file, long bias) {}

    /** The ranges of all symbols, by address; none overlaps another. {@link #at} finds an address in the same one. */
    public List<Range> ranges() {
        List<Range> ranges = new ArrayList<>();
        byAddress.forEach((start, known) -> {
            Long next = byAddress.higherKey(start);
            long end = known.symbol.bytes() == 0 ? known.image.end : start + known.symbol.bytes();
            ranges.add(new Range(known.symbol.name(), start, next != null && next < end ? next : end,
                    known.image.path, known.image.bias));
        });
        return ranges;
    }

    /** The address of a symbol. */
    public Optional<Long> address(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** An address with its symbol, for people. */
    public String text(long address) {
        String hex = "0x" + Long.toHexString(address);
        return at(address).map(place -> hex + " <" + place + ">").orElse(hex);
    }
}
