package chronovisor.analysis.export;

import chronovisor.analysis.export.Canvas.Kind;
import chronovisor.analysis.export.Canvas.Track;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tracks of a picture, made when something is first drawn on them, and the slices that are open on each. */
final class Lanes {

    /** The group of the machine itself; groups of processes have their numbers, which are from 1 on. */
    private static final int MACHINE = 1_000_000;

    /** A track of slices, and the names of what is open on it. */
    static final class Lane {
        final Track track;
        final Deque<String> open = new ArrayDeque<>();

        Lane(Track track) {
            this.track = track;
        }
    }

    private final Canvas canvas;
    private final String machine;
    private final Map<Integer, Track> groups = new HashMap<>();
    private final Map<Integer, Lane> cores = new HashMap<>();
    private final Map<Integer, Lane> tasks = new HashMap<>();
    private final Map<String, Track> counters = new HashMap<>();
    private final Map<Integer, Integer> processes = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();
    private long tracks;

    Lanes(Canvas canvas, String machine) {
        this.canvas = canvas;
        this.machine = machine;
    }

    /** A task has begun; what was drawn of another one of that number stays there. */
    void started(int task, int process, String name) {
        processes.put(task, process);
        names.put(task, name);
        tasks.remove(task);
        if (task == process) {
            groups.remove(process);
        }
    }

    /** The process of a task: itself where nothing else is known. */
    int process(int task) {
        return processes.getOrDefault(task, task);
    }

    /** A task's name. */
    String name(int task) {
        return names.getOrDefault(task, "task");
    }

    /** A core's track. Viewers know threads by number alone, so cores have other numbers than tasks. */
    Lane core(int core) throws IOException {
        Lane lane = cores.get(core);
        if (lane == null) {
            lane = new Lane(make(Kind.THREAD, MACHINE, MACHINE + core + 1, "core " + core, machine()));
            cores.put(core, lane);
        }
        return lane;
    }

    /** A task's track. */
    Lane task(int task) throws IOException {
        Lane lane = tasks.get(task);
        if (lane == null) {
            int process = process(task);
            lane = new Lane(make(Kind.THREAD, process, task, name(task) + " " + task, group(process)));
            tasks.put(task, lane);
        }
        return lane;
    }

    /** All lanes of tasks and cores, for their ends. */
    Iterable<Lane> all() {
        List<Lane> lanes = new ArrayList<>(new TreeMap<>(cores).values());
        lanes.addAll(new TreeMap<>(tasks).values());
        return lanes;
    }

    /** The machine's group. */
    Track machine() throws IOException {
        return group(MACHINE);
    }

    /** A process's group. */
    Track group(int number) throws IOException {
        Track group = groups.get(number);
        if (group == null) {
            group = make(Kind.GROUP, number, number, number == MACHINE ? machine : name(number), null);
            groups.put(number, group);
        }
        return group;
    }

    /** A counter of a group. */
    Track counter(Kind kind, Track group, String name) throws IOException {
        String key = group.id() + " " + name;
        Track counter = counters.get(key);
        if (counter == null) {
            counter = make(kind, group.group(), 0, name, group);
            counters.put(key, counter);
        }
        return counter;
    }

    private Track make(Kind kind, int group, int number, String name, @Nullable Track parent) throws IOException {
        Track track = new Track(++tracks, kind, group, number, name, parent);
        canvas.track(track);
        return track;
    }
}
