/**
 * Terminals and serial streams: the line discipline as a pure function over a value, and the 16550 driver that reaches
 * the machine by port I/O only.
 *
 * <pre>
 *   UART rx interrupt --&gt; SerialPort.drain --&gt; LineDiscipline.input --&gt; Terminal.ready --&gt; read()
 *   keyboard interrupt --&gt; KeyboardDriver --&gt; LineDiscipline.input, or the paper's InputBuffer --&gt; read()
 *   write() --&gt; LineDiscipline.output --&gt; SerialPort.transmit --&gt; UART tx FIFO
 * </pre>
 */
@NullMarked
package chronovisor.kitten.console;

import org.jspecify.annotations.NullMarked;
