package chronovisor.app.scenario;

import java.util.Map;

/**
 * What came of one run.
 *
 * @param console what the program printed, byte for byte
 * @param status its exit status; 128 + the signal's number when a signal killed it
 * @param events how many events of each type the journal holds; none of a type that is missing
 */
public record Outcome(byte[] console, int status, Map<String, Long> events) {}
