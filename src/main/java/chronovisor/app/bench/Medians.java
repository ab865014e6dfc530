package chronovisor.app.bench;

import java.util.List;

/** Medians and other quantiles. */
final class Medians {

    private Medians() {}

    /** The middle one, or the mean of the two in the middle. */
    static double of(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The smallest one that so many hundredths of them do not exceed. */
    static double percentile(List<Double> values, int hundredths) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(Math.max(0, (sorted.size() * hundredths + 99) / 100 - 1));
    }
}
