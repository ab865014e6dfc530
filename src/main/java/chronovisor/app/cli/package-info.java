/**
 * The command line: one class a command, all of them wiring only. Exit codes: 0 fine, 1 an expectation or the guest
 * failed, 2 usage, 3 divergence, 4 damaged journal.
 */
@NullMarked
package chronovisor.app.cli;

import org.jspecify.annotations.NullMarked;
