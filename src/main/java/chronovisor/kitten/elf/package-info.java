/**
 * A bounded, static reader of ELF64 executables: everything that can be refused about a program is refused here, before
 * anything boots, with file, offset and what was expected. No state, no machine.
 */
@NullMarked
package chronovisor.kitten.elf;

import org.jspecify.annotations.NullMarked;
