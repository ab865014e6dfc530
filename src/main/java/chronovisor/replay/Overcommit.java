package chronovisor.replay;

import chronovisor.device.Balloon;
import chronovisor.environment.Environment;
import chronovisor.environment.OperatedEnvironment;
import chronovisor.memory.FramePool;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Machines that have more memory together than their host, run by turns on one thread.
 *
 * <p>
 * When the host's frames run out while one of them runs, the others are asked to give back what they do not use, by their balloons: the
 * idle ones first, then those that have most frames. They stand at the end of a slice then, take the command as their next input, and
 * their balloon processes do what they can; the one in need goes on as if nothing had been. Where there are no balloons, or nothing is
 * left to give, it ends with an error, and its frames are the others'.
 */
public final class Overcommit implements AutoCloseable {

    /** Frames that the host wants to have before it stops asking: 16 MB. */
    private static final long WANTED_FRAMES = 4096;
    /** How long a machine may take to answer, in turns of its run loop. */
    private static final int ANSWER_TURNS_MAX = 64;

    /**
     * What became of a machine.
     *
     * @param balloonMax_frames
     *            the most that was in its balloon
     */
    public record Ended(String name, RunResult result, long ticks, long balloonMax_frames) {}

    /** What it took. */
    public record Report(List<Ended> machines, long shortages, long asked, long reclaimed_frames, long framesMax) {}

    private final class Machine {
        private final String name;
        private final Session session;
        private final OperatedEnvironment door;
        private @Nullable RunResult result;
        private long ticks;
        private long balloonMax;
        /** It looks for commands where a slice ends, so it can be asked once before it runs again. */
        private boolean hasAnswered;

        Machine(String name, Session session, OperatedEnvironment door) {
            this.name = name;
            this.session = session;
            this.door = door;
        }

        /** Runs a turn. */
        void run(long turnTicks) {
            VirtualMachine vm = session.vm();
            running = this;
            hasAnswered = false;
            RunResult turn = session.run((vm.tick() / turnTicks + 1) * turnTicks);
            running = null;
            framesMax = Math.max(framesMax, pool.framesUsed());
            if (turn.kind() != RunResult.Kind.TICK_REACHED) {
                result = turn;
                ticks = vm.tick();
                session.close();
            }
        }

        boolean canGive() {
            return result == null && this != running && !hasAnswered && booted() && session.vm().balloon() != null;
        }

        private boolean booted() {
            return session.vm().tick() > 0;
        }

        private Balloon.State balloon() {
            Balloon.State state = session.vm().balloon();
            if (state == null) {
                throw new IllegalStateException("no balloon");
            }
            return state;
        }

        /** Asks for all frames that it does not use and waits for the answer; how many the host has more. */
        long give() {
            long before = pool.framesUsed();
            long answers = balloon().answers();
            door.command("balloon " + (balloon().allocated_frames() + residentFrames()));
            hasAnswered = true;
            asked++;
            for (int i = 0; i < ANSWER_TURNS_MAX && balloon().answers() == answers; i++) {
                RunResult turn = session.vm().turn();
                if (turn.kind() != RunResult.Kind.TICK_REACHED) {
                    break;
                }
            }
            balloonMax = Math.max(balloonMax, balloon().allocated_frames());
            return before - pool.framesUsed();
        }

        private long residentFrames() {
            long[] count = {0};
            session.vm().memory().forEachFrame((gfn, host) -> count[0] += host == pool.zeroFrame() ? 0 : 1);
            return count[0];
        }
    }

    private final FramePool pool;
    private final MachineParts parts;
    private final List<Machine> machines = new ArrayList<>();
    private @Nullable Machine running;
    private long shortages;
    private long asked;
    private long reclaimed;
    private long framesMax;

    /**
     * A host without machines.
     *
     * @param budgetBytes
     *            what all of them may have of the host's memory
     */
    public Overcommit(long budgetBytes, MachineParts parts) {
        this.pool = new FramePool(budgetBytes);
        this.parts = parts;
        pool.onShortage(this::relieve);
    }

    /** One more machine; it boots in its first turn. */
    public void add(String name, MachineSetup setup, Environment inputs, OutputListener output) {
        OperatedEnvironment door = new OperatedEnvironment(inputs);
        machines.add(new Machine(name, Session.live(setup, parts, door, output, pool), door));
    }

    /**
     * Runs all machines to their ends.
     *
     * @param turnTicks
     *            how long a turn is
     */
    public Report run(long turnTicks) {
        boolean going = true;
        while (going) {
            going = false;
            for (Machine machine : machines) {
                if (machine.result == null) {
                    machine.run(turnTicks);
                    going = true;
                }
            }
        }
        return new Report(machines.stream().map(Overcommit::ended).toList(), shortages, asked, reclaimed, framesMax);
    }

    private static Ended ended(Machine machine) {
        RunResult result = machine.result;
        if (result == null) {
            throw new IllegalStateException(machine.name + " has not ended");
        }
        return new Ended(machine.name, result, machine.ticks, machine.balloonMax);
    }

    /** The pool is short of frames, in the middle of a machine's turn. */
    private void relieve() {
        shortages++;
        framesMax = Math.max(framesMax, pool.framesUsed());
        long wanted = WANTED_FRAMES;
        List<Machine> others = new ArrayList<>(machines.stream().filter(Machine::canGive).toList());
        others.sort(Comparator.comparing((Machine machine) -> !machine.session.vm().isIdle())
                .thenComparingLong(machine -> -machine.residentFrames()));
        for (Machine other : others) {
            if (wanted > 0) {
                long given = other.give();
                reclaimed += Math.max(0, given);
                wanted -= given;
            }
        }
    }

    /** Releases all memory. */
    @Override
    public void close() {
        machines.forEach(machine -> machine.session.close());
        pool.close();
    }
}
