package chronovisor.vmm;

import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import java.util.ArrayList;
import java.util.List;

/** Puts boot files into INITRD memory, each at a page of its own. The loader's writes are no exits of the guest. */
final class BootLoader {

    private BootLoader() {}

    static BootInformation load(GuestMemory memory, String commandLine, List<GuestFile> files) {
        List<BootModule> modules = new ArrayList<>();
        long at = BootInformation.INITRD_START;
        for (GuestFile file : files) {
            int size = file.data().length;
            if (at + size > memory.sizeBytes()) {
                throw new ConfigurationException("the guest's memory of " + (memory.sizeBytes() >> 20)
                        + " MB is too small for its boot files; " + file.path() + " does not fit");
            }
            modules.add(new BootModule(file.path(), file.kind(), file.mode(), size == 0 ? 0 : at, size,
                    file.target()));
            for (int done = 0; done < size; done += FramePool.FRAME_BYTES) {
                int part = Math.min(FramePool.FRAME_BYTES, size - done);
                long gfn = at + done >>> 12;
                memory.resolve(gfn, true);
                HostMemory.write(memory.hostForWrite(gfn), file.data(), done, part);
            }
            at += size + FramePool.FRAME_BYTES - 1L & -FramePool.FRAME_BYTES;
        }
        return new BootInformation(commandLine, modules, BootInformation.INITRD_START, at);
    }
}
