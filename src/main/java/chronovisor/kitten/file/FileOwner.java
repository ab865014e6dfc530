package chronovisor.kitten.file;

/**
 * Who is told by a signal that an open file has become ready (fcntl(2), F_SETOWN and F_SETSIG).
 *
 * @param file
 *            the open file
 * @param type
 *            {@link #THREAD} and the others
 * @param id
 *            of the thread, process or group; 0 for nobody
 * @param signal
 *            the signal; 0 is SIGIO that says nothing more
 */
public record FileOwner(long file, int type, int id, int signal) {

    public static final int THREAD = 0;
    public static final int PROCESS = 1;
    public static final int GROUP = 2;

    /** Nobody is told about a file. */
    public static FileOwner nobody(long file) {
        return new FileOwner(file, PROCESS, 0, 0);
    }
}
