/**
 * Processes and tasks as values. A task is a thread; a process is what its threads share.
 *
 * <pre>
 *   Ready --schedule--&gt; Running --Block--&gt; Blocked --wake--&gt; Ready (its call is entered again) ...--&gt; Exited
 * </pre>
 */
@NullMarked
package chronovisor.kitten.task;

import org.jspecify.annotations.NullMarked;
