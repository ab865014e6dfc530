package chronovisor.racket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.kitten.BlobException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CollectionsBlobTest {

    /** The bytes as the paper writes them down: 2 folders, 2 files, the root, the folders, the files. */
    private static final String SOUND = "2,0,0,0|2,0,0,0|/tmp/racket,0|a,0|a/b,0|3,0,0,0|a/b/x.zo,0|xyz|0,0,0,0|y,0|";

    @Test
    void aBlobHoldsCountsRootFoldersAndFilesInThisOrder() throws Exception {
        CollectionsBlob blob = CollectionsBlob.parse(bytes(SOUND));

        assertThat(blob.root()).isEqualTo("/tmp/racket");
        assertThat(blob.folders()).containsExactly("a", "a/b");
        assertThat(blob.files()).containsExactly(new CollectionsBlob.Entry("a/b/x.zo", 39, 3),
                new CollectionsBlob.Entry("y", 48, 0));
        assertThat(blob.dataBytes()).isEqualTo(3);
    }

    @Test
    void whatIsEncodedIsTheFormatByteForByte() throws Exception {
        TreeMap<String, byte[]> files = new TreeMap<>();
        files.put("a/b/x.zo", "xyz".getBytes(StandardCharsets.ISO_8859_1));
        files.put("y", new byte[0]);

        assertThat(CollectionsBlob.encode("/tmp/racket", new TreeSet<>(List.of("a/b", "a")), files))
                .isEqualTo(bytes(SOUND));
    }

    @Test
    void aBlobThatCouldNotBeReadIsNotEncoded() {
        assertThatThrownBy(() -> CollectionsBlob.encode("relative", new TreeSet<>(), new TreeMap<>()))
                .isInstanceOf(BlobException.class).hasMessageContaining("not absolute");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            1,0,0                                                       ; offset 0: the blob ends before the number of folders
            0,0,0,0|0,0,0,0|/tmp                                        ; offset 8: the blob ends within the path of the root folder
            0,0,0,0|0,0,0,0|tmp,0                                       ; offset 8: the root folder "tmp" is not absolute
            0,0,0,0|0,0,0,0|/tmp/../etc,0                               ; offset 8: "tmp/../etc" is not a plain path
            255,255,255,255|0,0,0,0|/t,0|a,0                            ; offset 0: 4294967295 folders cannot be in the 2 bytes
            0,0,0,0|255,255,255,127|/t,0|1,0,0,0|a,0|x                  ; offset 4: 2147483647 files cannot be in the 7 bytes
            1,0,0,0|0,0,0,0|/t,0|../x,0                                 ; offset 11: "../x" is not a plain path
            1,0,0,0|0,0,0,0|/t,0|/etc,0                                 ; offset 11: "/etc" is not a plain path
            1,0,0,0|0,0,0,0|/t,0|a//b,0                                 ; offset 11: "a//b" is not a plain path
            1,0,0,0|0,0,0,0|/t,0|a/b,0                                  ; offset 11: "a/b" is in a folder that has not been named
            2,0,0,0|0,0,0,0|/t,0|a,0|a,0                                ; offset 13: folder "a" comes twice
            0,0,0,0|1,0,0,0|/t,0|9,0,0,0|x,0|abc                        ; offset 11: "x" has 9 bytes, and 3 are left
            0,0,0,0|1,0,0,0|/t,0|255,255,255,255|x,0|abc                ; offset 11: "x" has 4294967295 bytes, and 3 are left
            0,0,0,0|1,0,0,0|/t,0|0,0,0,0|../x,0                         ; offset 15: "../x" is not a plain path
            0,0,0,0|2,0,0,0|/t,0|0,0,0,0|x,0|0,0,0,0|x,0                ; offset 21: "x" comes twice
            0,0,0,0|1,0,0,0|/t,0|0,0,0,0|d/x,0                          ; offset 15: "d/x" is in a folder that has not been named
            0,0,0,0|0,0,0,0|/t,0|x                                      ; offset 11: 1 bytes follow the last file
            """)
    void aHostileBlobIsRefusedWithTheOffset(String blob, String message) {
        assertThatThrownBy(() -> CollectionsBlob.parse(bytes(blob))).isInstanceOf(BlobException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aPathLongerThanTheKernelTakesIsRefused() {
        assertThatThrownBy(() -> CollectionsBlob.parse(bytes("0,0,0,0|0,0,0,0|/" + "x".repeat(1023) + ",0")))
                .hasMessageContaining("offset 8").hasMessageContaining("longer than 1023 bytes");
    }

    @Test
    void damagedBytesAreReadOrRefusedAndNothingElse() {
        Random random = new Random(7);
        byte[] sound = bytes(SOUND);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = Arrays.copyOf(sound, random.nextInt(sound.length + 1));
            for (int changes = random.nextInt(4); changes > 0 && damaged.length > 0; changes--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                CollectionsBlob.parse(damaged).files()
                        .forEach(file -> assertThat(file.offset() + file.size()).isLessThanOrEqualTo(damaged.length));
            } catch (BlobException e) {
                assertThat(e).hasMessageStartingWith("offset ");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(15_000);
    }

    /** Parts divided by bars: decimal bytes and letters divided by commas. Letters are one byte each. */
    private static byte[] bytes(String parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String part : parts.strip().split("\\|", -1)) {
            for (String piece : part.split(",", -1)) {
                if (piece.matches("\\d+")) {
                    out.write(Integer.parseInt(piece));
                } else {
                    out.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        }
        return out.toByteArray();
    }
}
