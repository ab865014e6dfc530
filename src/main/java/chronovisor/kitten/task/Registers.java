package chronovisor.kitten.task;

import java.util.Arrays;

/**
 * The user registers of a task that is not on a core. Immutable: arrays are copied in and out.
 */
public final class Registers {

    private final long[] general;
    private final long rip;
    private final long rflags;
    private final long fsBase;
    private final long gsBase;
    private final long selectors;
    private final byte[] fpu;

    /**
     * @param general
     *            RAX RCX RDX RBX RSP RBP RSI RDI R8..R15
     * @param selectors
     *            ES, DS, FS and GS, 16 bits each, ES lowest
     * @param fpu
     *            extended state: the 512-byte FXSAVE image, or the XSAVE image when AVX is enabled
     */
    public Registers(long[] general, long rip, long rflags, long fsBase, long gsBase, long selectors,
            byte[] fpu) {
        this.general = general.clone();
        this.rip = rip;
        this.rflags = rflags;
        this.fsBase = fsBase;
        this.gsBase = gsBase;
        this.selectors = selectors;
        this.fpu = fpu.clone();
    }

    public long general(int register) {
        return general[register];
    }

    public long rip() {
        return rip;
    }

    public long rflags() {
        return rflags;
    }

    public long fsBase() {
        return fsBase;
    }

    public long gsBase() {
        return gsBase;
    }

    /** ES, DS, FS and GS, 16 bits each, ES lowest. */
    public long selectors() {
        return selectors;
    }

    /** A copy of the FXSAVE or XSAVE image. */
    public byte[] fpu() {
        return fpu.clone();
    }

    /** A copy of the general registers. */
    public long[] general() {
        return general.clone();
    }

    /** The same with one general register changed. */
    public Registers with(int register, long value) {
        long[] changed = general.clone();
        changed[register] = value;
        return new Registers(changed, rip, rflags, fsBase, gsBase, selectors, fpu);
    }

    /** These registers at another instruction. */
    public Registers withRip(long address) {
        return new Registers(general, address, rflags, fsBase, gsBase, selectors, fpu);
    }

    /** The same with other flags. */
    public Registers withFlags(long flags) {
        return new Registers(general, rip, flags, fsBase, gsBase, selectors, fpu);
    }

    /** The same with another FS base (a new thread's TLS). */
    public Registers withFsBase(long base) {
        return new Registers(general, rip, rflags, base, gsBase, selectors, fpu);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Registers r && Arrays.equals(general, r.general) && rip == r.rip && rflags == r.rflags
                && fsBase == r.fsBase && gsBase == r.gsBase && selectors == r.selectors
                && Arrays.equals(fpu, r.fpu);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(general) + Long.hashCode(rip);
    }

    @Override
    public String toString() {
        return "Registers[rip=0x" + Long.toHexString(rip) + ", rsp=0x" + Long.toHexString(general[4]) + "]";
    }
}
