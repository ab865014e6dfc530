package chronovisor.analysis;

import chronovisor.journal.CpuEvent;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.syscall.Answers;
import chronovisor.kitten.syscall.Syscall;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Timeline;
import java.util.Set;
import java.util.TreeSet;

/** Where a switch of the kernel begins to matter in a run. */
public final class Switches {

    private Switches() {}

    /**
     * The position of the first thing in a run that other options of the kernel answer otherwise: a system call, or an exception when
     * those are taken otherwise. The first position when there is none such, as for switches that are about boot or about order.
     */
    public static Position firstUse(Timeline timeline, KittenOptions changed) {
        KittenOptions own = timeline.setup().kernel();
        TreeSet<Integer> numbers = new TreeSet<>();
        for (int number : Answers.numbers()) {
            Syscall before = Answers.to(own, number);
            Syscall after = Answers.to(changed, number);
            if (before == null ? after != null : !before.equals(after)) {
                numbers.add(number);
            }
        }
        boolean exceptions = own.has("signals") != changed.has("signals");
        Condition.Event use = new Condition.Event("use", event -> uses(event, numbers, exceptions));
        return timeline.nextEvent(timeline.first(), use).map(GuestEvent::at).orElse(timeline.first());
    }

    private static boolean uses(GuestEvent event, Set<Integer> numbers, boolean exceptions) {
        return event instanceof KittenEvent.SyscallEntered entered && numbers.contains(entered.number())
                || exceptions && event instanceof CpuEvent.ExceptionRaised;
    }
}
