package chronovisor.analysis;

import chronovisor.kitten.KittenOptions;
import java.util.ArrayList;
import java.util.List;

/** What a diagnosis is put together from, as it is found. */
final class Evidence {

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
}
