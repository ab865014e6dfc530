/**
 * The 64-bit instruction set: opcode tables, decoder, disassembler. Stateless; knows nothing of a processor's state.
 *
 * <pre>
 *   bytes --> Decoder --> Instruction (row, operands, length) --> Disassembler --> text
 *                |             |
 *                |             +--> cpu binds it to its semantics by operation and operands
 *                +-- reads: OneByteMap, TwoByteMap, Map0F38, Map0F3A, Vex0FMap, Vex0F38Map, Vex0F3AMap
 * </pre>
 *
 * <p>Each map class is one opcode map of the manual (SDM vol. 2, appendix A), a row per encoding, readable top down. Whether the
 * machine executes a row is said in {@link chronovisor.isa.SupportStatus} and nowhere else.
 *
 * <p>Invariants: decoding is a pure function of the bytes; rows and instructions are immutable once a map is built; maps are built
 * when first needed, by plain calls. Any thread may decode.
 */
@NullMarked
package chronovisor.isa;

import org.jspecify.annotations.NullMarked;
