package chronovisor.analysis.report;

import chronovisor.analysis.Resources;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A profile as a flame graph: one SVG or HTML file that needs nothing else, with zoom by clicking, search, and details. */
public final class FlameGraph {

    private static final int WIDTH = 1200;
    private static final int ROW = 17;
    private static final int TOP = 44;
    private static final double CHARACTER = 6.6;

    /** A narrower frame cannot be seen, not even when its parent fills the picture. */
    private static final double SHARE_MIN = 1.0 / 40_000;

    private record Frame(int node, double x, int depth) {}

    private FlameGraph() {}

    /** An SVG document. */
    public static void svg(Profile profile, String title, Writer out) throws IOException {
        CallTree tree = profile.tree();
        long[] totals = tree.totals();
        List<Frame> frames = layout(tree, totals);
        int depth = frames.stream().mapToInt(Frame::depth).max().orElse(0);
        int height = TOP + (depth + 1) * ROW + 30;
        out.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + height + "\" width=\"100%\""
                        + " font-family=\"monospace\" font-size=\"11\" data-width=\"" + WIDTH + "\">\n");
        out.append("<style>.f{cursor:pointer}.f:hover rect{stroke:#000}.m rect{fill:#d0f!important}.off{display:none}"
                + ".p rect{opacity:.5}</style>\n");
        out.append("<text x=\"8\" y=\"18\" font-size=\"14\">" + Resources.xml(title) + "</text>\n");
        out.append(
                "<text x=\"8\" y=\"36\" id=\"detail\">" + Resources.xml(String.format(Locale.ROOT, "%,d instructions",
                        profile.steps())) + "</text>\n");
        out.append("<text x=\"" + (WIDTH - 180) + "\" y=\"18\" id=\"search\" class=\"f\">search</text>\n");
        out.append("<text x=\"" + (WIDTH - 90) + "\" y=\"18\" id=\"reset\" class=\"f\">reset zoom</text>\n");
        for (Frame frame : frames) {
            frame(out, tree, totals, frame);
        }
        out.append(
                "<script><![CDATA[\n" + Resources.text(FlameGraph.class, "flame-graph.js") + "]]></script>\n</svg>\n");
        out.flush();
    }

    /** The same inside a page. */
    public static void html(Profile profile, String title, Writer out) throws IOException {
        out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + Resources.xml(title)
                + "</title></head>\n<body style=\"margin:0\">\n");
        // In an inline SVG a CDATA section is one for HTML's parser, too.
        svg(profile, title, out);
        out.append("</body></html>\n");
        out.flush();
    }

    private static List<Frame> layout(CallTree tree, long[] totals) {
        List<List<Integer>> children = tree.children();
        List<Frame> frames = new ArrayList<>();
        ArrayList<Frame> open = new ArrayList<>(List.of(new Frame(0, 0, 0)));
        while (!open.isEmpty()) {
            Frame frame = open.removeLast();
            frames.add(frame);
            double x = frame.x;
            List<Integer> below = new ArrayList<>(children.get(frame.node));
            // By name, so that two profiles of one program lie side by side alike.
            below.sort(Comparator.comparing(tree::nameOf));
            for (int child : below) {
                if (totals[child] >= Math.max(1, SHARE_MIN * totals[0])) {
                    open.add(new Frame(child, x, frame.depth + 1));
                }
                x += WIDTH * (double) totals[child] / Math.max(1, totals[0]);
            }
        }
        return frames;
    }

    private static void frame(Writer out, CallTree tree, long[] totals, Frame frame) throws IOException {
        double width = WIDTH * (double) totals[frame.node] / Math.max(1, totals[0]);
        int y = TOP + frame.depth * ROW;
        String name = tree.nameOf(frame.node);
        String detail = String.format(Locale.ROOT, "%s: %,d instructions (%.2f%%), %,d in itself, called %,d times",
                name,
                totals[frame.node], 100.0 * totals[frame.node] / Math.max(1, totals[0]), tree.self(frame.node),
                tree.calls(frame.node));
        int room = (int) ((width - 4) / CHARACTER);
        String label = room < 3 ? "" : name.length() <= room ? name : name.substring(0, room - 2) + "..";
        out.append(String.format(Locale.ROOT,
                "<g class=\"f\" data-x=\"%.3f\" data-w=\"%.3f\" data-d=\"%d\" data-n=\"%s\"><title>%s</title>"
                        + "<rect x=\"%.3f\" y=\"%d\" width=\"%.3f\" height=\"%d\" fill=\"%s\" rx=\"1\"/>"
                        + "<text x=\"%.3f\" y=\"%d\">%s</text></g>%n",
                frame.x, width, frame.depth, Resources.xml(name), Resources.xml(detail), frame.x, y,
                Math.max(width - 0.3, 0.1), ROW - 1,
                colour(name), frame.x + 2, y + 12, Resources.xml(label)).replace("\r\n", "\n"));
    }

    /** The same for the same name, everywhere. */
    private static String colour(String name) {
        int hash = name.hashCode();
        return "rgb(" + (205 + Math.floorMod(hash, 50)) + "," + (90 + Math.floorMod(hash >> 6, 120)) + ","
                + Math.floorMod(hash >> 13, 60) + ")";
    }
}
