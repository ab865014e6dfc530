package chronovisor.analysis;

import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.syscall.Syscall;
import chronovisor.kitten.syscall.SyscallTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a diagnosis is put together from, as it is found. */
final class Evidence {

    private static final int PATH_SHOWN_MAX = 120;

    final Scene scene;
    final History history;
    final Ending ending;
    final KittenOptions kernel;
    final List<Finding> findings = new ArrayList<>();
    final List<Suspect> suspects = new ArrayList<>();

    Evidence(Scene scene, History history, Ending ending) {
        this.scene = scene;
        this.history = history;
        this.ending = ending;
        this.kernel = scene.timeline().setup().kernel();
    }

    void find(String title, List<String> lines) {
        if (!lines.isEmpty()) {
            findings.add(new Finding(title, lines));
        }
    }

    void suspect(Suspect suspect) {
        suspects.add(suspect);
    }

    /** A call that failed, in words: whose, of which file where it names one, and how. */
    String failed(History.Called call) {
        String path = path(call);
        return Words.call(call.number()) + " of " + history.name(call.entered().task())
                + (path.isEmpty() ? "" : ", of \"" + path + "\",") + " failed with " + Words.error(-call.result());
    }

    /** The path that a call was given, by the table of calls; empty when it takes none. */
    private String path(History.Called call) {
        Syscall row = SyscallTable.row(call.number());
        int index = row == null ? -1 : List.of(row.arguments().split(", ")).indexOf("path");
        long address = switch (index) {
            case 0 -> call.entered().a0();
            case 1 -> call.entered().a1();
            case 2 -> call.entered().a2();
            default -> 0;
        };
        if (address == 0) {
            return "";
        }
        scene.before(call.at());
        byte[] bytes = scene.view().memory(scene.root(call.entered().task()), address, PATH_SHOWN_MAX);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf('\0') < 0 ? text : text.substring(0, text.indexOf('\0'));
    }
}
