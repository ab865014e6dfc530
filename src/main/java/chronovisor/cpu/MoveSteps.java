package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operand.Kind;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** MOV, MOVZX, MOVSX, MOVSXD, MOVBE, MOVNTI, LEA, CMOVcc, SETcc, XLAT (SDM vol. 2). */
final class MoveSteps {
    private MoveSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case MOV -> move(i, address);
            case MOVNTI, MOVZX -> copy(Place.of(i, 0, address), Place.of(i, 1, address));
            case MOVSX, MOVSXD -> {
                int from = i.operand(1).bits();
                Place d = Place.of(i, 0, address);
                Place s = Place.of(i, 1, address);
                yield cpu -> d.set(cpu, Flags.extend(from, s.get(cpu)));
            }
            case MOVBE -> movbe(i, Place.of(i, 0, address), Place.of(i, 1, address));
            case LEA -> {
                AddressForm a = Objects.requireNonNull(address);
                Place d = Place.of(i, 0, null);
                yield cpu -> d.set(cpu, a.of(cpu));
            }
            case CMOVCC -> {
                int condition = Objects.requireNonNull(i.condition()).ordinal();
                Place d = Place.of(i, 0, address);
                Place s = Place.of(i, 1, address);
                yield cpu -> {
                    long v = s.get(cpu);
                    d.set(cpu, Flags.condition(condition, cpu.flagResult, cpu.flagAux) ? v : d.get(cpu));
                };
            }
            case SETCC -> {
                int condition = Objects.requireNonNull(i.condition()).ordinal();
                Place d = Place.of(i, 0, address);
                yield cpu -> d.set(cpu, Flags.condition(condition, cpu.flagResult, cpu.flagAux) ? 1 : 0);
            }
            case XLAT -> xlat(i);
            default -> null;
        };
    }

    private static Step copy(Place d, Place s) {
        return cpu -> d.set(cpu, s.get(cpu));
    }

    private static Step move(Instruction i, @Nullable AddressForm address) {
        Kind to = i.operand(0).kind();
        Kind from = i.operand(1).kind();
        if (to == Kind.CONTROL || from == Kind.CONTROL) {
            boolean read = from == Kind.CONTROL;
            int control = i.operand(read ? 1 : 0).register();
            int register = i.operand(read ? 0 : 1).register();
            return cpu -> {
                cpu.requirePrivilege();
                cpu.exitControl = control;
                cpu.exitRegister = register;
                cpu.exitIn = read;
                throw cpu.exit(Exit.CR_ACCESS);
            };
        }
        if (to == Kind.DEBUG || from == Kind.DEBUG) {
            boolean read = from == Kind.DEBUG;
            int debug = i.operand(read ? 1 : 0).register();
            int register = i.operand(read ? 0 : 1).register();
            return read
                    ? cpu -> cpu.gpr[register] = DebugTraps.read(cpu, debug)
                    : cpu -> DebugTraps.write(cpu, debug, cpu.gpr[register]);
        }
        return copy(Place.of(i, 0, address), Place.of(i, 1, address));
    }

    private static Step movbe(Instruction i, Place d, Place s) {
        int bits = i.operandSize();
        return cpu -> d.set(cpu, Bits.reverse(bits, s.get(cpu)));
    }

    private static Step xlat(Instruction i) {
        int segment = segmentSlot(i);
        return cpu -> {
            long offset = Flags.mask(i.addressSize(), cpu.gpr[3] + (cpu.gpr[0] & 0xFF));
            long v = cpu.mmu.load8(cpu.gpr[segment] + offset) & 0xFF;
            cpu.gpr[0] = cpu.gpr[0] & ~0xFFL | v;
        };
    }

    /** The slot of the base that an FS or GS override adds. */
    static int segmentSlot(Instruction i) {
        return switch (i.segmentOverride()) {
            case Operand.FS -> Cpu.SLOT_FS;
            case Operand.GS -> Cpu.SLOT_GS;
            default -> Cpu.SLOT_ZERO; // the other segments are flat in 64-bit mode
        };
    }
}
