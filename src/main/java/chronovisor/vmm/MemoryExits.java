package chronovisor.vmm;

import chronovisor.device.Balloon;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.ShadowPages;
import org.jspecify.annotations.Nullable;

/**
 * Nested page faults: what is not there is made, what is shared is copied. Only what the guest alone has caused is an exit. Under shadow paging
 * there is no nested page table: what is not there comes with the shadow page fault.
 */
final class MemoryExits {

    private final VirtualMachine vm;
    private final GuestMemory memory;
    private final @Nullable Balloon balloon;

    MemoryExits(VirtualMachine vm, @Nullable Balloon balloon) {
        this.vm = vm;
        this.memory = vm.memory();
        this.balloon = balloon;
    }

    /** Makes a guest frame readable or writable. */
    void nestedFault(Core core, long gfn, boolean write) {
        ShadowPages shadow = core.shadow();
        if (shadow != null && shadow.hasMiss()) {
            shadow.enter();
            vm.tell(core, new VmExit.ShadowPageFault(shadow.missAddress(), shadow.missWrite()));
            return;
        }
        FrameState before = memory.state(gfn);
        boolean copied = memory.resolve(gfn, write);
        if (before == FrameState.SHARED || before == FrameState.PRIVATE) {
            vm.observer().frameUnshared(core.index(), gfn, copied);
            return;
        }
        if (before == FrameState.BALLOONED && balloon != null) {
            // The guest has touched what it had given: it has it back.
            balloon.given(-1);
        }
        if (shadow == null) {
            vm.tell(core, new VmExit.NestedPageFault(gfn, write));
        }
    }
}
