package chronovisor.replay;

/** Ends a replay at its first difference. */
final class DivergenceException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Divergence divergence;

    DivergenceException(Divergence divergence) {
        super(divergence.toString());
        this.divergence = divergence;
    }

    Divergence divergence() {
        return divergence;
    }
}
