/** Wiring: where threads, files and sockets live. The rooms below are {@code cli}, {@code scenario} and {@code host}. */
@NullMarked
package chronovisor.app;

import org.jspecify.annotations.NullMarked;
