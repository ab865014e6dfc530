/**
 * The system calls. {@link chronovisor.kitten.syscall.SyscallTable} is the table: a row a call, with its handler and how
 * far it is supported; the other classes are its handlers by family. A handler gets the trap and the call, and returns an
 * outcome; it throws {@link chronovisor.kitten.abi.LinuxError} to fail. Calls that block are entered again when woken, so
 * a handler begins by looking at the world, not at how it got there.
 */
@NullMarked
package chronovisor.kitten.syscall;

import org.jspecify.annotations.NullMarked;
