package chronovisor.debug;

/** What the client asked for cannot be done, and why. */
final class Refused extends Exception {

    private static final long serialVersionUID = 1L;

    Refused(String why) {
        super(why);
    }
}
