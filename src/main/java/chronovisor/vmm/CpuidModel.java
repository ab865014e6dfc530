package chronovisor.vmm;

import chronovisor.cpu.CpuLevel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What CPUID answers (SDM vol. 2, CPUID). It tells the truth: only what the processor does is there. XSAVE, MONITOR and
 * x2APIC are hidden, as Palacios hides them.
 */
public final class CpuidModel {

    /** Registers of an answer. */
    public record Answer(int eax, int ebx, int ecx, int edx) {}

    private static final int BASIC_MAX = 7;
    private static final int EXTENDED = 0x8000_0000;
    private static final int EXTENDED_MAX = 0x8000_0008;
    /** Family 6, model 15, stepping 11: an early 64-bit Core, whose optimisation guides suit SSE2 code. */
    private static final int SIGNATURE = 0x0000_06FB;
    /** FPU PSE TSC MSR PAE CX8 APIC PGE CMOV PAT CLFSH MMX FXSR SSE SSE2. */
    private static final int EDX_FEATURES = 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 13 | 1 << 15
            | 1 << 16 | 1 << 19 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26;
    /** SSE3 SSSE3 CX16 SSE4.1 SSE4.2 POPCNT. */
    private static final int ECX_FEATURES_V2 = 1 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23;
    /** The guest runs under a hypervisor. */
    private static final int ECX_HYPERVISOR = 1 << 31;
    /** SYSCALL NX 1GB-pages RDTSCP LM, and the low bits that AMD repeats are left out. */
    private static final int EXTENDED_EDX = 1 << 11 | 1 << 20 | 1 << 26 | 1 << 27 | 1 << 29;
    private static final int LAHF = 1;
    private static final String BRAND = "Chronovisor virtual processor at 1.00GHz";

    private final CpuLevel level;
    private final int cores;
    private final byte[] brand = new byte[48];

    public CpuidModel(CpuLevel level, int cores) {
        if (level == CpuLevel.X86_64_V3) {
            throw new IllegalArgumentException("the processor has no AVX2 yet");
        }
        this.level = level;
        this.cores = cores;
        byte[] text = BRAND.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, brand, 0, text.length);
    }

    /** The level whose features are told. */
    public CpuLevel level() {
        return level;
    }

    /** The answer to a leaf. A leaf that is too high gets the highest basic one, as on Intel processors. */
    public Answer answer(int leaf, int subleaf, int core) {
        int known = leaf;
        if (leaf >= 0 && leaf > BASIC_MAX || leaf < 0 && leaf > EXTENDED_MAX) {
            known = BASIC_MAX;
        }
        return switch (known) {
            case 0 -> new Answer(BASIC_MAX, word("Genu", 0), word("ntel", 0), word("ineI", 0));
            case 1 -> new Answer(SIGNATURE, core << 24 | cores << 16 | 8 << 8, features(),
                    EDX_FEATURES | (cores > 1 ? 1 << 28 : 0));
            case 4 -> cache(subleaf);
            case EXTENDED -> new Answer(EXTENDED_MAX, 0, 0, 0);
            case EXTENDED + 1 -> new Answer(0, 0, level.has(CpuLevel.X86_64_V2) ? LAHF : 0, EXTENDED_EDX);
            case EXTENDED + 2, EXTENDED + 3, EXTENDED + 4 -> brand(known & 7);
            case EXTENDED + 6 -> new Answer(0, 0, 0x0100_6040, 0);
            // The time stamp counter runs at a constant rate.
            case EXTENDED + 7 -> new Answer(0, 0, 0, 1 << 8);
            case EXTENDED + 8 -> new Answer(40 | 48 << 8, 0, 0, 0);
            default -> new Answer(0, 0, 0, 0);
        };
    }

    private int features() {
        return ECX_HYPERVISOR | (level.has(CpuLevel.X86_64_V2) ? ECX_FEATURES_V2 : 0);
    }

    /** A 32 KB level 1 data and instruction cache and a 256 KB level 2, 8 ways of 64-byte lines. */
    private static Answer cache(int subleaf) {
        int ways = 7 << 22 | 63;
        return switch (subleaf) {
            case 0 -> new Answer(1 | 1 << 5 | 1 << 8, ways, 63, 0);
            case 1 -> new Answer(2 | 1 << 5 | 1 << 8, ways, 63, 0);
            case 2 -> new Answer(3 | 2 << 5 | 1 << 8, ways, 511, 0);
            default -> new Answer(0, 0, 0, 0);
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
