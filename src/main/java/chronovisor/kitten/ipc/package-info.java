/**
 * System V inter-process communication (sysvipc(7)) and POSIX message queues (mq_overview(7)) as values.
 *
 * <pre>
 *   KernelState --&gt; Ipc --identifier--&gt; Segment (an inode's pages) | SemaphoreSet | MessageQueue | PosixQueue
 * </pre>
 *
 * Invariants: what messages and segments hold is bytes in guest frames of the kernel memory pool; here are only the
 * frame numbers. An identifier is never given out again before its sequence number has gone round.
 */
@NullMarked
package chronovisor.kitten.ipc;

import org.jspecify.annotations.NullMarked;
