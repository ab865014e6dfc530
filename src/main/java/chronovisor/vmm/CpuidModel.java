package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.CpuModel;
import chronovisor.isa.CpuFeature;
import chronovisor.isa.CpuFeature.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What CPUID answers (SDM vol. 2, CPUID). It tells the truth: the bits of instructions are those of the model's features, which the
 * opcode table computes; what is a constant here has no instructions of its own. MONITOR and x2APIC are hidden, as Palacios hides them.
 */
public final class CpuidModel {

    /** Registers of an answer. */
    public record Answer(int eax, int ebx, int ecx, int edx) {}

    private static final Answer NOTHING = new Answer(0, 0, 0, 0);
    private static final int EXTENDED = 0x8000_0000;
    private static final int EXTENDED_MAX = 0x8000_0008;
    /** PSE PAE APIC PGE PAT. */
    private static final int EDX_CAPABILITIES = 1 << 3 | 1 << 6 | 1 << 9 | 1 << 13 | 1 << 16;
    private static final int EDX_HTT = 1 << 28;
    /** FDP_EXCPTN_ONLY, and that FPU CS and DS are deprecated. */
    private static final int EBX_X87_POINTERS = 1 << 6 | 1 << 13;
    private static final int ECX_OSXSAVE = 1 << 27;
    /** The guest runs under a hypervisor. */
    private static final int ECX_HYPERVISOR = 1 << 31;
    /** NX, 1 GB pages, LM; the low bits that AMD repeats are left out. */
    private static final int EXTENDED_EDX = 1 << 20 | 1 << 26 | 1 << 29;
    /** The local APIC's timer does not stop while the processor sleeps. */
    private static final int ARAT = 1 << 2;
    private static final long CR4_OSXSAVE = 1 << 18;
    private static final long XCR0_AVX = 1 << 2;
    /** The legacy region and the header of an XSAVE area; then the upper halves of YMM. */
    private static final int XSAVE_BYTES = 576;
    private static final int AVX_STATE_BYTES = 256;

    private final CpuModel model;
    private final int cores;
    private final byte[] brand = new byte[48];

    public CpuidModel(CpuModel model, int cores) {
        this.model = model;
        this.cores = cores;
        byte[] text = model.brand().getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, brand, 0, text.length);
    }

    /** The answer to a leaf on a core. A leaf that is too high gets the highest basic one, as on Intel processors. */
    public Answer answer(int leaf, int subleaf, Cpu cpu) {
        int known = leaf;
        if (leaf >= 0 && leaf > model.leafMax() || leaf < 0 && leaf > EXTENDED_MAX) {
            known = model.leafMax();
        }
        return switch (known) {
            case 0 -> new Answer(model.leafMax(), word("Genu", 0), word("ntel", 0), word("ineI", 0));
            case 1 -> identity(cpu);
            // All about caches is in leaf 4. (The first models had nothing here.)
            case 2 -> model.leafMax() > 7 ? new Answer(0xFF01, 0, 0, 0) : NOTHING;
            case 4 -> cache(subleaf);
            case 6 -> model.leafMax() > 7 ? new Answer(ARAT, 0, 0, 0) : NOTHING;
            case 7 -> subleaf == 0 ? structured() : NOTHING;
            case 0xB -> topology(subleaf, cpu.core);
            case 0xD -> stateComponents(subleaf, cpu);
            // The time stamp counter: 40 times a crystal of 25 MHz. The processor: 1,000 MHz, its bus 100.
            case 0x15 -> new Answer(1, 40, 25_000_000, 0);
            case 0x16 -> new Answer(1000, 1000, 100, 0);
            case EXTENDED -> new Answer(EXTENDED_MAX, 0, 0, 0);
            case EXTENDED + 1 -> new Answer(0, 0, bits(EXTENDED + 1, 0, Register.ECX),
                    bits(EXTENDED + 1, 0, Register.EDX) | EXTENDED_EDX);
            case EXTENDED + 2, EXTENDED + 3, EXTENDED + 4 -> brand(known & 7);
            case EXTENDED + 6 -> new Answer(0, 0, 0x0100_6040, 0);
            // The time stamp counter runs at a constant rate.
            case EXTENDED + 7 -> new Answer(0, 0, 0, 1 << 8);
            case EXTENDED + 8 -> new Answer(40 | 48 << 8, 0, 0, 0);
            default -> NOTHING; // reserved leaves, and those of what this processor does not have
        };
    }

    /** The bits of the model's features in a register of a leaf. */
    private int bits(int leaf, int subleaf, Register register) {
        int bits = 0;
        for (CpuFeature feature : model.features()) {
            if (feature.hasBit() && feature.leaf() == leaf && feature.subleaf() == subleaf
                    && feature.register() == register) {
                bits |= 1 << feature.bit();
            }
        }
        return bits;
    }

    private Answer identity(Cpu cpu) {
        boolean osxsave = model.has(CpuFeature.XSAVE) && (cpu.cr4 & CR4_OSXSAVE) != 0;
        return new Answer(model.signature(), cpu.core << 24 | cores << 16 | 8 << 8,
                bits(1, 0, Register.ECX) | ECX_HYPERVISOR | (osxsave ? ECX_OSXSAVE : 0),
                bits(1, 0, Register.EDX) | EDX_CAPABILITIES | (cores > 1 ? EDX_HTT : 0));
    }

    private Answer structured() {
        return new Answer(0, bits(7, 0, Register.EBX) | EBX_X87_POINTERS, bits(7, 0, Register.ECX),
                bits(7, 0, Register.EDX));
    }

    /** A 32 KB level 1 data and instruction cache and a 256 KB level 2, 8 ways of 64-byte lines; 16 ways share the rest. */
    private Answer cache(int subleaf) {
        int ways = 7 << 22 | 63;
        int shared = model.sharedCache_kb();
        return switch (subleaf) {
            case 0 -> new Answer(1 | 1 << 5 | 1 << 8, ways, 63, 0);
            case 1 -> new Answer(2 | 1 << 5 | 1 << 8, ways, 63, 0);
            case 2 -> new Answer(3 | 2 << 5 | 1 << 8, ways, 511, 0);
            case 3 -> shared == 0
                    ? NOTHING
                    : new Answer(3 | 3 << 5 | 1 << 8 | cores - 1 << 14, 15 << 22 | 63, shared - 1, 0);
            default -> NOTHING; // no more caches
        };
    }

    /** One thread a core, all cores in one package; the APIC's number is the core's. */
    private Answer topology(int subleaf, int core) {
        int shift = 32 - Integer.numberOfLeadingZeros(cores - 1);
        return switch (subleaf) {
            case 0 -> new Answer(0, 1, 1 << 8, core);
            case 1 -> new Answer(shift, cores, 1 | 2 << 8, core);
            default -> new Answer(0, 0, subleaf & 0xFF, core); // no such level
        };
    }

    /** What XSAVE handles: x87, SSE and, where there is AVX, the upper halves of YMM (SDM vol. 1, 13.2). */
    private Answer stateComponents(int subleaf, Cpu cpu) {
        if (!model.has(CpuFeature.XSAVE)) {
            return NOTHING;
        }
        boolean avx = model.has(CpuFeature.AVX);
        int enabled = (cpu.system.xcr0 & XCR0_AVX) != 0 ? XSAVE_BYTES + AVX_STATE_BYTES : XSAVE_BYTES;
        return switch (subleaf) {
            case 0 -> new Answer(avx ? 7 : 3, enabled, avx ? XSAVE_BYTES + AVX_STATE_BYTES : XSAVE_BYTES, 0);
            case 1 -> new Answer(bits(0xD, 1, Register.EAX), model.has(CpuFeature.XSAVEC) ? enabled : 0, 0, 0);
            case 2 -> avx ? new Answer(AVX_STATE_BYTES, XSAVE_BYTES, 0, 0) : NOTHING;
            default -> NOTHING; // no more components
        };
    }

    private Answer brand(int part) {
        ByteBuffer text = ByteBuffer.wrap(brand).order(ByteOrder.LITTLE_ENDIAN);
        int at = (part - 2) * 16;
        return new Answer(text.getInt(at), text.getInt(at + 4), text.getInt(at + 8), text.getInt(at + 12));
    }

    private static int word(String text, int at) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }
}
