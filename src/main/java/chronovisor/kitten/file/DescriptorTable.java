package chronovisor.kitten.file;

import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** Descriptor numbers to open files; threads share a table. */
public record DescriptorTable(int id, int users, TreePMap<Integer, Descriptor> entries) {

    /** A descriptor: which open file, and whether execve closes it. */
    public record Descriptor(long file, boolean closeOnExec) {}

    public @Nullable Descriptor get(int number) {
        return entries.get(number);
    }

    /** The lowest free number that is at least {@code minimum}. */
    public int lowestFree(int minimum) {
        int number = minimum;
        for (int taken : entries.tailMap(minimum, true).keySet()) {
            if (taken != number) {
                break;
            }
            number++;
        }
        return number;
    }

    public DescriptorTable with(int number, Descriptor descriptor) {
        return new DescriptorTable(id, users, entries.plus(number, descriptor));
    }

    public DescriptorTable without(int number) {
        return new DescriptorTable(id, users, entries.minus(number));
    }

    public DescriptorTable withUsers(int count) {
        return new DescriptorTable(id, count, entries);
    }
}
