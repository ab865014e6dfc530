package chronovisor.kitten;

import chronovisor.kitten.kernel.BootFiles;

/** How a boot module of kind {@code BLOB} becomes files. The kernel knows no format; who assembles the machine brings it. */
@FunctionalInterface
public interface BlobFormat {

    /** No format: every blob is refused. */
    BlobFormat NONE = (blob, files) -> {
        throw new BlobException("this kernel was assembled without a format for blobs");
    };

    /**
     * Makes the folders and files of a blob.
     *
     * @return what was made, in a sentence for the console
     * @throws BlobException
     *             saying what is wrong with it, or what there is no room for
     */
    String expand(byte[] blob, BootFiles files) throws BlobException;
}
