/**
 * The Linux x86-64 user interface as numbers and layouts: error numbers, flags, structures. No behaviour, no state.
 */
@NullMarked
package chronovisor.kitten.abi;

import org.jspecify.annotations.NullMarked;
