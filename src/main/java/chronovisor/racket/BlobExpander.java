package chronovisor.racket;

import chronovisor.kitten.BlobException;
import chronovisor.kitten.BlobFormat;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.BootFiles;

/**
 * Expands a collections blob as the paper's {@code expand_blob} does: all folders by mkdir, then each file by open and write,
 * and as a check the end of the new file by lseek against the size in the blob.
 */
public final class BlobExpander implements BlobFormat {

    @Override
    public String expand(byte[] bytes, BootFiles kernel) throws BlobException {
        CollectionsBlob blob = CollectionsBlob.parse(bytes);
        String base = blob.root().equals("/") ? "" : blob.root();
        for (int slash = base.indexOf('/', 1); slash > 0; slash = base.indexOf('/', slash + 1)) {
            mkdir(kernel, base.substring(0, slash));
        }
        if (!base.isEmpty()) {
            mkdir(kernel, base);
        }
        for (String folder : blob.folders()) {
            mkdir(kernel, base + "/" + folder);
        }
        for (CollectionsBlob.Entry file : blob.files()) {
            copy(kernel, bytes, base + "/" + file.name(), file);
        }
        return blob.folders().size() + " folders, " + blob.files().size() + " files, " + blob.dataBytes()
                + " bytes expanded to " + blob.root();
    }

    private static void mkdir(BootFiles kernel, String path) throws BlobException {
        try {
            kernel.mkdir(path);
        } catch (LinuxError e) {
            throw new BlobException("mkdir " + path + ": " + e.getMessage());
        }
    }

    private static void copy(BootFiles kernel, byte[] bytes, String path, CollectionsBlob.Entry file)
            throws BlobException {
        try {
            long opened = kernel.open(path);
            kernel.write(opened, bytes, file.offset(), file.size());
            long end = kernel.end(opened);
            if (end != file.size()) {
                throw new BlobException(path + " has " + end + " bytes after writing, not " + file.size());
            }
        } catch (LinuxError e) {
            throw new BlobException("writing " + path + ": " + e.getMessage());
        }
    }
}
