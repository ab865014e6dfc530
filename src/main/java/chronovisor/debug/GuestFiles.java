package chronovisor.debug;

import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.kernel.FileData;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.timeline.View;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The guest's files where the machine stands, read behind the kernel's back. */
final class GuestFiles {

    private static final int PAGE = 4096;
    private static final int LINKS_MAX = 40;
    private static final int DEPTH_MAX = 256;

    private final View view;

    GuestFiles(View view) {
        this.view = view;
    }

    /** The file of an absolute path, links followed. */
    Optional<Inode> find(String path) {
        return view.kernel().flatMap(state -> Optional.ofNullable(walk(state, path)));
    }

    /** A path of an inode, where a directory holds it. */
    Optional<String> path(long inode) {
        return view.kernel().flatMap(state -> {
            String path = "";
            long child = inode;
            for (int depth = 0; depth < DEPTH_MAX && child != KernelState.ROOT; depth++) {
                Map.Entry<String, Inode> holder = holder(state, child);
                if (holder == null) {
                    return Optional.empty();
                }
                path = "/" + holder.getKey() + path;
                child = holder.getValue().number();
            }
            return Optional.of(path);
        });
    }

    private static Map.@Nullable Entry<String, Inode> holder(KernelState state, long child) {
        for (Inode inode : state.inodes().values()) {
            if (inode.content() instanceof Inode.Directory directory) {
                for (Map.Entry<String, Long> entry : directory.entries().entrySet()) {
                    if (entry.getValue() == child) {
                        return Map.entry(entry.getKey(), inode);
                    }
                }
            }
        }
        return null;
    }

    private static @Nullable Inode walk(KernelState state, String path) {
        Deque<String> left = new ArrayDeque<>(List.of(path.split("/", -1)));
        Inode at = over(state, KernelState.ROOT);
        Deque<Inode> above = new ArrayDeque<>();
        int links = 0;
        while (at != null && !left.isEmpty()) {
            String name = left.pop();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                at = above.isEmpty() ? at : above.pop();
                continue;
            }
            if (!(at.content() instanceof Inode.Directory directory)) {
                return null;
            }
            Inode next = over(state, directory.entries().getOrDefault(name, 0L));
            if (next != null && next.content() instanceof Inode.Link(String to)) {
                if (++links > LINKS_MAX) {
                    return null;
                }
                for (String part : Arrays.asList(to.split("/", -1)).reversed()) {
                    left.push(part);
                }
                if (to.startsWith("/")) {
                    above.clear();
                    at = over(state, KernelState.ROOT);
                }
                continue;
            }
            above.push(at);
            at = next;
        }
        return at;
    }

    /** An inode, or the root of what is mounted over it. */
    private static @Nullable Inode over(KernelState state, long number) {
        long at = number;
        Mount mount = state.mounts().get(at);
        for (int i = 0; mount != null && i < LINKS_MAX; i++) {
            at = mount.root();
            mount = state.mounts().get(at);
        }
        return state.inodes().get(at);
    }

    /** Reads up to so many bytes of a file; fewer where it ends. */
    static byte[] read(View view, Inode inode, long offset, int lengthMax) {
        int length = (int) Math.max(0, Math.min(lengthMax, inode.size() - offset));
        byte[] bytes = new byte[length];
        for (int done = 0; done < length;) {
            long at = offset + done;
            int part = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            Long frame = FileData.page(inode, at / PAGE);
            if (frame != null) {
                System.arraycopy(view.physical((frame << 12) + (at & PAGE - 1), part), 0, bytes, done, part);
            }
            done += part;
        }
        return bytes;
    }
}
