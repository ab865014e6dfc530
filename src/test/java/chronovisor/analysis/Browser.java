package chronovisor.analysis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A page in a headless Chromium, driven over the DevTools protocol: scripts, mouse and keys, and what the page asked the network for. The
 * test is skipped with a message where there is no Chromium.
 */
public final class Browser implements AutoCloseable {

    private static final int SECONDS_MAX = 60;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Process process;
    private final WebSocket socket;
    private final HttpClient client;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Boolean> loaded = new CompletableFuture<>();

    private Browser(Process process, HttpClient client, URI page) throws Exception {
        this.process = process;
        this.client = client;
        socket = client.newWebSocketBuilder().buildAsync(page, new Listener()).get(SECONDS_MAX, TimeUnit.SECONDS);
    }

    /** Opens a page that is a file. */
    public static Browser open(Path page, Path scratch) throws Exception {
        Path chromium = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome").stream()
                .map(Path::of).filter(Files::isExecutable).findFirst().orElse(null);
        assumeTrue(chromium != null, "there is no Chromium on this host: the page was not opened");
        Path profile = scratch.resolve("profile");
        Process process = new ProcessBuilder(String.valueOf(chromium), "--headless", "--no-sandbox", "--disable-gpu",
                "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-port=0", "--window-size=1400,900",
                "--user-data-dir=" + profile, "about:blank").redirectOutput(scratch.resolve("out.txt").toFile())
                .redirectError(scratch.resolve("errors.txt").toFile()).start();
        try {
            int port = port(profile.resolve("DevToolsActivePort"), process);
            HttpClient client = HttpClient.newHttpClient();
            JsonNode target = target(client, port);
            Browser browser = new Browser(process, client, URI.create(target.path("webSocketDebuggerUrl").asString()));
            browser.command("Network.enable", Map.of());
            browser.command("Page.enable", Map.of());
            browser.command("Page.navigate", Map.of("url", page.toUri().toString()));
            browser.loaded.get(SECONDS_MAX, TimeUnit.SECONDS);
            return browser;
        } catch (Exception | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static int port(Path file, Process process) throws IOException, InterruptedException {
        for (int i = 0; i < SECONDS_MAX * 20; i++) {
            if (Files.exists(file)) {
                List<String> lines = Files.readAllLines(file);
                if (lines.size() > 1) {
                    return Integer.parseInt(lines.getFirst());
                }
            }
            assumeTrue(process.isAlive(), "Chromium does not start on this host");
            Thread.sleep(50);
        }
        throw new AssertionError("Chromium tells no port for its DevTools");
    }

    private static JsonNode target(HttpClient client, int port) throws IOException, InterruptedException {
        var request = java.net.http.HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                .build();
        String list = client.send(request, java.net.http.HttpResponse.BodyHandlers.ofString()).body();
        for (JsonNode target : JSON.readTree(list)) {
            if (target.path("type").asString().equals("page")) {
                return target;
            }
        }
        throw new AssertionError("no page in " + list);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                JsonNode message = JSON.readTree(text.toString());
                text.setLength(0);
                received(message);
            }
            from.request(1);
            return null;
        }
    }

    private void received(JsonNode message) {
        CompletableFuture<JsonNode> waiting = answers.remove(message.path("id").asInt(-1));
        if (waiting != null) {
            waiting.complete(message);
        }
        switch (message.path("method").asString("")) {
            case "Network.requestWillBeSent" -> requests
                    .add(message.path("params").path("request").path("url").asString());
            case "Page.loadEventFired" -> loaded.complete(true);
            default -> {
                // Nothing that is asked for here.
            }
        }
    }

    private JsonNode command(String method, Map<String, ?> parameters)
            throws InterruptedException, ExecutionException, TimeoutException {
        int number = numbers.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(number, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", number, "method", method, "params", parameters)), true)
                .get(SECONDS_MAX, TimeUnit.SECONDS);
        JsonNode message = answer.get(SECONDS_MAX, TimeUnit.SECONDS);
        if (message.has("error")) {
            throw new AssertionError(method + ": " + message.path("error"));
        }
        return message.path("result");
    }

    /** The value of an expression in the page. */
    public JsonNode value(String expression) throws Exception {
        JsonNode result = command("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** What an element says. */
    public String text(String id) throws Exception {
        return value("document.getElementById('" + id + "').textContent").asString("");
    }

    /** Clicks. */
    public void click(double x, double y) throws Exception {
        for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
            command("Input.dispatchMouseEvent", Map.of("type", type, "x", x, "y", y, "button",
                    type.equals("mouseMoved") ? "none" : "left", "clickCount", type.equals("mouseMoved") ? 0 : 1));
        }
    }

    /** Clicks into the middle of an element. */
    public void click(String selector) throws Exception {
        JsonNode place = value("(() => { const r = document.querySelector(" + JSON.writeValueAsString(selector)
                + ").getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; })()");
        click(place.path(0).asDouble(), place.path(1).asDouble());
    }

    /** Turns the wheel; away from oneself is less than zero. */
    public void wheel(double x, double y, double by) throws Exception {
        command("Input.dispatchMouseEvent",
                Map.of("type", "mouseWheel", "x", x, "y", y, "deltaX", 0, "deltaY", by));
    }

    /** Types where the focus is. */
    public void type(String text) throws Exception {
        command("Input.insertText", Map.of("text", text));
    }

    /** Presses Enter. */
    public void enter() throws Exception {
        for (String type : List.of("keyDown", "keyUp")) {
            command("Input.dispatchKeyEvent", Map.of("type", type, "key", "Enter", "code", "Enter", "text", "\r",
                    "windowsVirtualKeyCode", 13));
        }
    }

    /** All that the page has asked for, itself included. */
    public List<String> requests() {
        return new ArrayList<>(requests);
    }

    /** Ends the browser with all its processes: one that outlives it would still write into the profile while that is being removed. */
    @Override
    public void close() {
        socket.abort();
        client.close();
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        process.destroy();
        try {
            CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
                    .get(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            all.forEach(handle -> handle.onExit().join());
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot wait for Chromium's end", e);
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
