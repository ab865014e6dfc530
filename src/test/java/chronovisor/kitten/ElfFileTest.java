package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfException.Reason;
import chronovisor.kitten.elf.ElfFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the program loader accepts, and how it refuses the rest. */
final class ElfFileTest {

    private static final int HEADERS = 64;
    private static final int BYTES = 0x2000;

    /** A program of two segments: code at 0x400000, data at 0x401000 with as much bss again. */
    private static byte[] program() {
        Bytes out = new Bytes(BYTES);
        out.put(new byte[]{0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).zeros(8).put16(2).put16(62).put32(1).put64(0x400100)
                .put64(HEADERS).put64(0).put32(0).put16(64).put16(56).put16(2).put16(0).put16(0).put16(0);
        segment(out, 5, 0, 0x400000, 0x1000, 0x1000);
        segment(out, 6, 0x1000, 0x401000, 0x1000, 0x2000);
        return Arrays.copyOf(out.toArray(), BYTES);
    }

    private static void segment(Bytes out, int flags, long offset, long address, long file, long memory) {
        out.put32(1).put32(flags).put64(offset).put64(address).put64(address).put64(file).put64(memory).put64(4096);
    }

    private static void refuses(byte[] image, Reason reason, String... words) {
        assertThatThrownBy(() -> ElfFile.parse("prog", image).requireStatic()).isInstanceOfSatisfying(
                ElfException.class, e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e).hasMessageContainingAll("prog", "offset 0x").hasMessageContainingAll(words);
                });
    }

    @Test
    void aStaticProgramIsReadWithItsSegments() throws ElfException {
        ElfFile elf = ElfFile.parse("prog", program()).requireStatic();
        assertThat(elf.positionIndependent()).isFalse();
        assertThat(elf.entry()).isEqualTo(0x400100);
        assertThat(elf.segments()).hasSize(2);
        assertThat(elf.headerAddress()).isEqualTo(0x400040);
        assertThat(elf.lowest()).isEqualTo(0x400000);
        assertThat(elf.highest()).isEqualTo(0x403000);
    }

    @Test
    void textIsNotAnElfFile() {
        refuses("#!/bin/sh\n".getBytes(StandardCharsets.ISO_8859_1), Reason.NOT_ELF, "not an ELF");
    }

    @Test
    void nothingIsNotAnElfFile() {
        refuses(new byte[0], Reason.NOT_ELF, "not an ELF");
    }

    @Test
    void a32BitFileIsNamedAsSuch() {
        byte[] image = program();
        image[4] = 1;
        refuses(image, Reason.WRONG_CLASS, "32-bit");
    }

    @Test
    void anotherMachineIsNamed() {
        byte[] image = program();
        image[18] = (byte) 183;
        refuses(image, Reason.WRONG_MACHINE, "AArch64");
    }

    @Test
    void anObjectFileIsRefused() {
        byte[] image = program();
        image[16] = 1;
        refuses(image, Reason.WRONG_TYPE, "relocatable");
    }

    @Test
    void aDynamicProgramNamesTheInterpreterItWants() {
        byte[] image = program();
        Bytes.set32(image, HEADERS + 56, 3);
        Bytes.set64(image, HEADERS + 56 + 8, 0x800);
        Bytes.set64(image, HEADERS + 56 + 32, 16);
        byte[] path = "/lib64/ld-xy.so\0".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(path, 0, image, 0x800, path.length);
        refuses(image, Reason.DYNAMIC, "/lib64/ld-xy.so");
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] image = program();
        for (int length = 0; length < BYTES; length += 61) {
            byte[] cut = Arrays.copyOf(image, length);
            assertThatThrownBy(() -> ElfFile.parse("prog", cut)).isInstanceOf(ElfException.class);
        }
        refuses(Arrays.copyOf(image, BYTES - 1), Reason.TRUNCATED, "truncated", "a segment needs bytes");
    }

    @Test
    void overlappingSegmentsAreNamed() {
        byte[] image = program();
        Bytes.set64(image, HEADERS + 56 + 8, 0x800);
        Bytes.set64(image, HEADERS + 56 + 16, 0x400800);
        refuses(image, Reason.MALFORMED, "overlapping segments", "0x400800");
    }

    @Test
    void aSegmentInKernelSpaceIsRefused() {
        byte[] image = program();
        Bytes.set64(image, HEADERS + 56 + 16, 0xffff_8000_0000_0000L);
        refuses(image, Reason.MALFORMED, "user address space");
    }

    @Test
    void aMemorySizeBelowTheFileSizeIsRefused() {
        byte[] image = program();
        Bytes.set64(image, HEADERS + 56 + 40, 0x10);
        refuses(image, Reason.MALFORMED, "memory size");
    }

    @Test
    void anEntryPointOutsideIsRefused() {
        byte[] image = program();
        Bytes.set64(image, 24, 0x100);
        refuses(image, Reason.MALFORMED, "entry point");
    }

    @Test
    void aProgramThatDoesNotFitIntoMemorySaysWhatItNeeds() throws ElfException {
        ElfFile elf = ElfFile.parse("prog", program());
        assertThatThrownBy(() -> elf.requireMemory(0x2000)).isInstanceOf(ElfException.class)
                .hasMessageContainingAll("memory too small", "12288");
        assertThat(elf.requireMemory(0x3000)).isSameAs(elf);
    }

    @Test
    void damagedHeadersNeverThrowAnythingElse() throws Exception {
        byte[] whole = Files.readAllBytes(Path.of("scenarios/guests/bin/hello"));
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 3000; i++) {
            byte[] image = whole.clone();
            for (int flips = 0; flips < 3; flips++) {
                image[random.nextInt(64 + 56 * 8)] = (byte) random.nextInt(256);
            }
            try {
                ElfFile.parse("prog", image).requireStatic();
            } catch (ElfException e) {
                assertThat(e).hasMessageStartingWith("prog: at offset 0x");
            }
        }
    }
}
