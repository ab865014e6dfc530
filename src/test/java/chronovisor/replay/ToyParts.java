package chronovisor.replay;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Engine;
import chronovisor.cpu.Exit;
import chronovisor.cpu.trace.StepTrace;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.BootInformation;
import chronovisor.vmm.Core;
import chronovisor.vmm.GuestKernel;
import chronovisor.vmm.KernelForm;
import chronovisor.vmm.VirtualMachine;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * A machine without a guest: an engine that makes a system call every 997 ticks, and a kernel whose state is stirred by
 * everything that comes through the door. Enough to show a replay that went wrong.
 */
final class ToyParts implements MachineParts {

    private static final int CALLS = 400;

    private final int wrongCall;

    /** A faithful toy. */
    ToyParts() {
        this(-1);
    }

    /** A toy that does something else at that call. */
    ToyParts(int wrongCall) {
        this.wrongCall = wrongCall;
    }

    @Override
    public Supplier<Engine> engine(String name) {
        return ToyEngine::new;
    }

    @Override
    public GuestKernel kernel(KittenOptions options, KittenObserver observer) {
        return new ToyKernel(observer, wrongCall);
    }

    private static final class ToyEngine implements Engine {
        @Override
        public int run(Cpu cpu, long ticksMax) {
            StepTrace trace = cpu.trace;
            if (trace != null) {
                trace.enter(cpu);
            }
            long ticks = Math.min(ticksMax, 997 - cpu.retired % 997);
            cpu.retired += ticks;
            if (trace != null) {
                trace.leave(cpu);
            }
            return cpu.retired % 997 == 0 ? Exit.SYSCALL : Exit.SLICE;
        }
    }

    private record State(long stirred, int calls, boolean idle) {}

    private static final class ToyKernel implements GuestKernel {
        private final KittenObserver observer;
        private final int wrongCall;
        private State state = new State(0, 0, false);

        ToyKernel(KittenObserver observer, int wrongCall) {
            this.observer = observer;
            this.wrongCall = wrongCall;
        }

        @Override
        public void boot(VirtualMachine vm, BootInformation info) {
            byte[] entropy = new byte[8];
            vm.environment().entropy(entropy);
            stir(ByteBuffer.wrap(entropy).getLong() ^ vm.bootTime_ns());
            observer.message("booted with " + info.modules().size() + " modules");
        }

        private void stir(long value) {
            state = new State((state.stirred ^ value) * 0x9E3779B97F4A7C15L + 1, state.calls, state.idle);
        }

        @Override
        public void syscall(Core core) {
            int call = state.calls + 1;
            observer.syscallEntered(core.index(), 1, call % 300, new long[]{state.stirred, call});
            if ((core.in8(0x3FD) & 1) != 0) {
                stir(core.in8(0x3F8));
            }
            if (call == wrongCall) {
                stir(1);
            }
            core.out8(0x3F8, (int) (state.stirred >>> 56));
            observer.syscallReturned(core.index(), 1, call % 300, state.stirred >>> 60);
            state = new State(state.stirred, call, call % 50 == 0);
            if (call == CALLS) {
                core.vm().shutdown(7, "the toy is done");
            }
        }

        @Override
        public void command(String command) {
            stir(command.hashCode());
            state = new State(state.stirred, state.calls, false);
        }

        @Override
        public void exception(Core core, int vector, long errorCode, long address) {
            throw new IllegalStateException("toys have no exceptions");
        }

        @Override
        public void interrupt(Core core, int vector) {
            throw new IllegalStateException("toys have no interrupts");
        }

        @Override
        public boolean idle(Core core) {
            return state.idle;
        }

        @Override
        public Object state() {
            return state;
        }

        @Override
        public void restore(Object saved) {
            state = (State) saved;
        }

        @Override
        public KernelForm form() {
            return new KernelForm() {
                @Override
                public byte[] encode(Object value) {
                    State toy = (State) value;
                    return ByteBuffer.allocate(13).putLong(toy.stirred).putInt(toy.calls).put((byte) (toy.idle ? 1 : 0))
                            .array();
                }

                @Override
                public Object decode(byte[] bytes) {
                    ByteBuffer in = ByteBuffer.wrap(bytes);
                    return new State(in.getLong(), in.getInt(), in.get() == 1);
                }
            };
        }
    }
}
