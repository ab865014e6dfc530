/**
 * Which code of the guest's own programs ran, counted exactly from the steps of a journal.
 *
 * <pre>
 *   journal ──steps──▶ steps.TaskSteps ──rip──▶ Executed (counts by address, a file each)
 *   Timeline ──files as they were in the guest──▶ steps.GuestPrograms ──▶ CodeFile (instructions, functions, source lines)
 *                                                   Coverage = both ──▶ Lcov, Listing
 * </pre>
 *
 * <table>
 * <caption>Types</caption>
 * <tr><td>{@link chronovisor.analysis.coverage.Coverage}</td><td>the door: the files of a run with what ran of them</td></tr>
 * <tr><td>{@code CodeFile}</td><td>what could run: a file's instructions, by its code sections and symbols</td></tr>
 * <tr><td>{@code Executed}</td><td>how often the instruction at each address ran</td></tr>
 * <tr><td>{@link chronovisor.analysis.coverage.Lcov}</td><td>lcov's trace files</td></tr>
 * <tr><td>{@code Listing}</td><td>a disassembly that stands in for sources that are not known</td></tr>
 * </table>
 *
 * <p>
 * What could run is found by decoding each code section from the beginning of each function on. Code that is made while the program
 * runs, and code that no file has, is counted together as outside of all files. Invariants: the same journal gives the same report; the
 * counts of all files and of what lies outside add up to the journal's instructions. On the caller's thread.
 */
@NullMarked
package chronovisor.analysis.coverage;

import org.jspecify.annotations.NullMarked;
