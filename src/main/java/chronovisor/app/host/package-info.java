/**
 * Guests from images, and the long-running host that keeps many of them: Palacios's kernel module and its tools.
 *
 * <pre>
 *   v3_create, v3_launch, …                                            HostedVm ── thread ── Recording ── journal
 *   HostClient ── Wire (Unix domain socket, owner only) ── HostServer ── Host ─ HostedVm ── thread ── Recording ── journal
 *                                                          Commands      │     …
 *                                                                     FramePool, shared
 * </pre>
 *
 * Rules:
 * <ul>
 * <li>A machine runs on its own thread, and what becomes of it there ends no other. Tools are answered on threads of their
 * own, and never wait for one another but at the same machine.</li>
 * <li>What is done to a running machine goes in through its door, as an input at a position of its journal, so each machine's journal
 * replays by itself. Looking, saving and forking are done on the machine's thread while it stands still.</li>
 * <li>A machine never waits for a reader of its streams, nor does a reader that has gone keep anything.</li>
 * <li>When frames run short, Reclaim asks machines with balloons for what their guests do not use; what is asked goes in through their
 * doors, too.</li>
 * <li>Frames on the wire are bounded, and their codec is explicit. Only the host's own user can connect.</li>
 * </ul>
 */
@NullMarked
package chronovisor.app.host;

import org.jspecify.annotations.NullMarked;
