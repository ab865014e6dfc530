package chronovisor.vmm;

import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.memory.Storage;
import java.util.ArrayList;
import java.util.List;

/** Puts boot files into INITRD memory, each at a page of its own. The loader's writes are no exits of the guest. */
final class BootLoader {

    private BootLoader() {}

    static BootInformation load(GuestMemory memory, String commandLine, List<GuestFile> files,
            GuestConfiguration configuration) {
        List<BootModule> modules = new ArrayList<>();
        long at = BootInformation.INITRD_START;
        for (GuestFile file : files) {
            int size = file.data().length;
            if (file.kind() == BootModule.Kind.DISK) {
                new Storage(memory).write(configuration.storageOffset(file.path(), size), file.data(), 0, size);
                continue;
            }
            if (at + size > memory.sizeBytes()) {
                throw new ConfigurationException("the guest's memory of " + (memory.sizeBytes() >> 20)
                        + " MB is too small for its boot files; " + file.path() + " does not fit");
            }
            modules.add(new BootModule(file.path(), file.kind(), file.mode(), size == 0 ? 0 : at, size,
                    file.target()));
            place(memory, at, file.data(), 0, size);
            at += size + FramePool.FRAME_BYTES - 1L & -FramePool.FRAME_BYTES;
        }
        return new BootInformation(commandLine, modules, BootInformation.INITRD_START, at);
    }

    /** Writes bytes before the guest runs, which is no exit of the guest. */
    static void place(GuestMemory memory, long gpa, byte[] bytes, int from, int length) {
        for (int done = 0; done < length;) {
            int inPage = (int) (gpa + done) & FramePool.FRAME_BYTES - 1;
            int part = Math.min(FramePool.FRAME_BYTES - inPage, length - done);
            long gfn = gpa + done >>> 12;
            memory.resolve(gfn, true);
            HostMemory.write(memory.hostForWrite(gfn) + inPage, bytes, from + done, part);
            done += part;
        }
    }
}
