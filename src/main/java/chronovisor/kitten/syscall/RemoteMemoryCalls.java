package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Tracing;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.syscall.Transfer.Span;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.util.ArrayList;
import java.util.List;

/** The memory of other processes: process_vm_readv(2) and process_vm_writev(2). */
final class RemoteMemoryCalls {

    private RemoteMemoryCalls() {}

    static Outcome read(Trap t, Call c) {
        return transfer(t, c, false);
    }

    static Outcome write(Trap t, Call c) {
        return transfer(t, c, true);
    }

    private static Outcome transfer(Trap t, Call c, boolean writes) {
        if (c.a5() != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        List<Span> mine = pages(Transfer.vectors(t, c.a1(), c.a2()));
        if (mine.isEmpty()) {
            return Outcome.ZERO;
        }
        List<Span> theirs = pages(Transfer.vectors(t, c.a3(), c.a4()));
        if (theirs.isEmpty()) {
            return Outcome.ZERO;
        }
        Task task = t.findTask((int) c.a0());
        if (task == null || t.process(task.process()).exit().ended()) {
            return Outcome.error(Errno.ESRCH);
        }
        UserProcess other = t.process(task.process());
        Tracing.requireAccess(t, other);
        return copy(t, mine, other.addressSpace(), theirs, writes);
    }

    /** The spans cut at page borders: a page can be accessed or not, and what was before it has been transferred. */
    private static List<Span> pages(List<Span> spans) {
        List<Span> pages = new ArrayList<>();
        for (Span span : spans) {
            long done = 0;
            while (done < span.length()) {
                long at = span.address() + done;
                long length = Math.min(span.length() - done, 4096 - (at & 4095));
                pages.add(new Span(at, length));
                done += length;
            }
        }
        return pages;
    }

    private static Outcome copy(Trap t, List<Span> mine, int space, List<Span> theirs, boolean writes) {
        int here = t.process().addressSpace();
        long done = 0;
        int myPage = 0;
        int theirPage = 0;
        long myOffset = 0;
        long theirOffset = 0;
        try {
            while (myPage < mine.size() && theirPage < theirs.size()) {
                Span my = mine.get(myPage);
                Span their = theirs.get(theirPage);
                int length = (int) Math.min(my.length() - myOffset, their.length() - theirOffset);
                byte[] bytes = new byte[length];
                long from = writes ? my.address() + myOffset : their.address() + theirOffset;
                long to = writes ? their.address() + theirOffset : my.address() + myOffset;
                UserMemory.read(t, writes ? here : space, from, bytes, 0, length);
                UserMemory.write(t, writes ? space : here, to, bytes, 0, length);
                done += length;
                myOffset += length;
                theirOffset += length;
                if (myOffset == my.length()) {
                    myPage++;
                    myOffset = 0;
                }
                if (theirOffset == their.length()) {
                    theirPage++;
                    theirOffset = 0;
                }
            }
        } catch (LinuxError e) {
            if (done == 0) {
                throw e;
            }
        }
        return Outcome.of(done);
    }
}
