package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import chronovisor.device.DeviceState;
import chronovisor.device.LocalApic;
import chronovisor.device.ShadowState;
import chronovisor.memory.ShadowPages;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A virtual core: its processor and, for a kernel that is ring 0 in Java, the privileged instructions that it would
 * execute. Each of those is an exit, as it would be of a kernel in the guest.
 */
public final class Core {

    private final VirtualMachine vm;
    private final int index;
    private final Cpu cpu;
    private final LocalApic apic;
    private final @Nullable ShadowPages shadow;
    boolean halted;

    Core(VirtualMachine vm, int index, Cpu cpu, LocalApic apic) {
        this.vm = vm;
        this.index = index;
        this.cpu = cpu;
        this.apic = apic;
        boolean shadowed = vm.configuration().paging() == GuestConfiguration.Paging.SHADOW;
        this.shadow = shadowed ? new ShadowPages() : null;
        if (shadow != null) {
            cpu.mmu.shadow(shadow);
        }
    }

    /** Its shadow page table; null under nested paging. */
    @Nullable
    ShadowPages shadow() {
        return shadow;
    }

    /** What the guest has done to its address space leaves no translation good. */
    void dropTranslations() {
        cpu.mmu.flush();
        if (shadow != null) {
            shadow.clear();
        }
    }

    /** Number of the core, from 0. */
    public int index() {
        return index;
    }

    /** The machine it belongs to. */
    public VirtualMachine vm() {
        return vm;
    }

    /** Its processor. */
    public Cpu cpu() {
        return cpu;
    }

    LocalApic apic() {
        return apic;
    }

    /** Adds what it has besides its processor. */
    void capture(SortedMap<String, DeviceState> states) {
        if (shadow != null) {
            states.put(stateName(), new ShadowState(shadow.entries(), shadow.hasLarge()));
        }
    }

    /** Puts that back, after the processor's own state. */
    void restore(SortedMap<String, DeviceState> states) {
        if (shadow != null) {
            if (!(states.get(stateName()) instanceof ShadowState state)) {
                throw new ConfigurationException("the saved state has no shadow page table of core " + index);
            }
            shadow.restore(state.entries(), state.large());
        }
    }

    private String stateName() {
        return "shadow" + index;
    }

    /** IN of a byte. */
    public int in8(int port) {
        return in(port, 1);
    }

    /** OUT of a byte. */
    public void out8(int port, int value) {
        out(port, 1, value & 0xFF);
    }

    /** IN of 1, 2 or 4 bytes. */
    public int in(int port, int size) {
        int value = vm.platform().ports.in(port, size);
        vm.tell(this, new VmExit.IoIn(port, size, value));
        return value;
    }

    /** OUT of 1, 2 or 4 bytes. */
    public void out(int port, int size, int value) {
        vm.tell(this, new VmExit.IoOut(port, size, value));
        vm.platform().ports.out(port, size, value);
    }

    /** REP OUTSB: a string of bytes to one port, as one exit. */
    public void outs8(int port, byte[] bytes, int offset, int length) {
        vm.tell(this, new VmExit.IoOuts(port, 1, java.util.Arrays.copyOfRange(bytes, offset, offset + length)));
        vm.platform().ports.outs(port, bytes, offset, length);
    }

    /** REP INSB: a string of bytes from one port, as one exit. */
    public byte[] ins8(int port, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) vm.platform().ports.in(port, 1);
        }
        vm.tell(this, new VmExit.IoIns(port, 1, bytes.clone()));
        return bytes;
    }

    /** VMCALL. */
    public long hypercall(long number, long a, long b) {
        long result = vm.hypercalls().call(number, a, b);
        vm.tell(this, new VmExit.Hypercall(number, a, b, result));
        return result;
    }

    /** Reads a device register in memory. */
    public int mmioRead32(long gpa) {
        int value = apic.read(apicOffset(gpa), vm.time_ns());
        vm.tell(this, new VmExit.MmioRead(gpa, 4, Integer.toUnsignedLong(value)));
        return value;
    }

    /** Writes a device register in memory. */
    public void mmioWrite32(long gpa, int value) {
        int offset = apicOffset(gpa);
        vm.tell(this, new VmExit.MmioWrite(gpa, 4, Integer.toUnsignedLong(value)));
        apic.write(offset, value, vm.time_ns());
    }

    private static int apicOffset(long gpa) {
        if (gpa < LocalApic.BASE || gpa > LocalApic.BASE + LocalApic.SIZE - 4) {
            throw new chronovisor.memory.GuestAddressException(gpa);
        }
        return (int) (gpa - LocalApic.BASE);
    }

    /** MOV to CR3: another address space; the TLB is flushed. */
    public void writeCr3(long value) {
        cpu.cr3 = value;
        cpu.context();
        dropTranslations();
        vm.tell(this, new VmExit.ControlRegister(3, true, value));
    }

    /** INVLPG. It exits under shadow paging only, as with Palacios. */
    public void invlpg(long va) {
        cpu.mmu.invalidate(va);
        if (shadow != null) {
            shadow.invalidate(va);
            vm.tell(this, new VmExit.Invlpg(va));
        }
    }

    /** Drops all translations, as a MOV of CR3 to itself does. */
    public void flushTlb() {
        dropTranslations();
    }
}
