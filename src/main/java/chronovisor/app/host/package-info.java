/**
 * Guests from images, and the long-running host that keeps many of them.
 */
@NullMarked
package chronovisor.app.host;

import org.jspecify.annotations.NullMarked;
