package network.tender.web.pages;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Chromium without a window, driven by its DevTools protocol. */
public final class Browser implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  /** Pages on the way to one, redirects included. */
  private static final int MOST_PAGES = 5;

  private static final List<String> PROGRAMS =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome");
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");

  /** What the page wrote to its console as an error, and what its policy refused. */
  public final List<String> errors = new CopyOnWriteArrayList<>();

  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final Process process;
  private final Path profile;
  private final WebSocket socket;
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  /** The browser of this machine, if it has one. */
  public static Optional<Path> find() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(folder -> PROGRAMS.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public Browser(Path program) {
    try {
      profile = Files.createTempDirectory("tender-browser");
      process =
          new ProcessBuilder(
                  program.toString(),
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--disable-dev-shm-usage",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  "--remote-debugging-port=0",
                  "--user-data-dir=" + profile,
                  "about:blank")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      socket = connect(pageSocket(debuggingAddress()));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    call("Page.enable", new JsonObject());
    call("Runtime.enable", new JsonObject());
    call("Log.enable", new JsonObject());
    call("Network.enable", new JsonObject());
  }

  private String debuggingAddress() throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher matcher = LISTENING.matcher(line);
      if (matcher.find()) {
        Thread drain = new Thread(() -> lines.lines().forEach(ignored -> {}), "browser-stderr");
        drain.setDaemon(true);
        drain.start();
        return matcher.group(1);
      }
    }
    throw new IOException("the browser ended before it listened");
  }

  private static URI pageSocket(String address) throws IOException, InterruptedException {
    HttpResponse<String> list =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://" + address + "/json/list")).build(),
                HttpResponse.BodyHandlers.ofString());
    for (Object target : new JsonArray(list.body())) {
      if (((JsonObject) target).getString("type").equals("page")) {
        return URI.create(((JsonObject) target).getString("webSocketDebuggerUrl"));
      }
    }
    throw new IOException("the browser has no page: " + list.body());
  }

  private WebSocket connect(URI uri) {
    return HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri, new Reader()).join();
  }

  private final class Reader implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonObject message = new JsonObject(text.toString());
        text.setLength(0);
        take(message);
      }
      webSocket.request(1);
      return null;
    }
  }

  private void take(JsonObject message) {
    if (message.containsKey("id")) {
      answers.remove(message.getInteger("id")).complete(message);
      return;
    }
    JsonObject params = message.getJsonObject("params");
    switch (message.getString("method")) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Runtime.exceptionThrown" -> errors.add(params.encode());
      case "Log.entryAdded" -> {
        JsonObject entry = params.getJsonObject("entry");
        if (entry.getString("level").equals("error")) {
          errors.add(entry.getString("text") + " " + entry.getString("url"));
        }
      }
      default -> {}
    }
  }

  /** Sends a command of the protocol and waits for its result. */
  public JsonObject call(String method, JsonObject params) {
    int id = requests.incrementAndGet();
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket
        .sendText(
            new JsonObject().put("id", id).put("method", method).put("params", params).encode(),
            true)
        .join();
    JsonObject message = await(answer, method);
    if (message.containsKey("error")) {
      throw new IllegalStateException(method + ": " + message.getJsonObject("error").encode());
    }
    return message.getJsonObject("result");
  }

  private static <T> T await(CompletableFuture<T> future, String what) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(what, e);
    }
  }

  /** Opens a page and waits until it has loaded, its scripts included. */
  public void open(URI uri) {
    loaded = new CompletableFuture<>();
    call("Page.navigate", new JsonObject().put("url", uri.toString()));
    await(loaded, "loading " + uri);
  }

  public void resize(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        new JsonObject()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  /**
   * Saves what the page looks like, where the system property {@code screenshots.dir} asks for it.
   */
  public void screenshot(String name) {
    String folder = System.getProperty("screenshots.dir");
    if (folder == null) {
      return;
    }
    // Until what moves has come to rest.
    evaluate("new Promise((done) => setTimeout(done, 600))");
    String png = call("Page.captureScreenshot", new JsonObject()).getString("data");
    try {
      Files.write(
          Files.createDirectories(Path.of(folder)).resolve(name + ".png"),
          Base64.getDecoder().decode(png));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Shows pages as on a system that is set to {@code light} or {@code dark}. */
  public void colours(String scheme) {
    call(
        "Emulation.setEmulatedMedia",
        new JsonObject()
            .put(
                "features",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("name", "prefers-color-scheme")
                            .put("value", scheme))));
  }

  /** Moves the pointer onto what a selector finds, without pressing. */
  public void point(String selector) {
    JsonObject at =
        new JsonObject(
            (String)
                evaluate(
                    """
                    (() => {
                      const element = [...document.querySelectorAll('%s')].find(
                          (candidate) => candidate.getClientRects().length > 0);
                      const box = element.getBoundingClientRect();
                      return JSON.stringify({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
                    })()
                    """
                        .formatted(selector)));
    call("Input.dispatchMouseEvent", at.put("type", "mouseMoved"));
  }

  /**
   * The texts on the screen that stand out less from what is behind them than WCAG 2.2 asks for
   * (4.5, and 3 for large ones), each with its contrast.
   */
  public String faintTexts() {
    return (String)
        evaluate(
            """
            (() => {
              const colour = (text) => {
                const [r, g, b, a = 1] = text.match(/[0-9.]+/g).map(Number);
                return { r, g, b, a };
              };
              const over = (top, below) => ({
                r: top.r * top.a + below.r * (1 - top.a),
                g: top.g * top.a + below.g * (1 - top.a),
                b: top.b * top.a + below.b * (1 - top.a),
                a: 1,
              });
              const behind = (element) => {
                if (!element) return { r: 255, g: 255, b: 255, a: 1 };
                const own = colour(getComputedStyle(element).backgroundColor);
                return own.a === 1 ? own : over(own, behind(element.parentElement));
              };
              const light = (part) =>
                part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
              const luminance = ({ r, g, b }) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
              const faint = [];
              for (const element of document.querySelectorAll('body *')) {
                const says = [...element.childNodes].some(
                  (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
                if (!says || element.disabled || element.getClientRects().length === 0) continue;
                if (element.closest('svg, .unseen')) continue;
                const style = getComputedStyle(element);
                const ground = behind(element);
                const [a, b] = [luminance(over(colour(style.color), ground)), luminance(ground)];
                const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                const pixels = parseFloat(style.fontSize);
                const large = pixels >= 24 || (pixels >= 18.66 && Number(style.fontWeight) >= 700);
                if (contrast < (large ? 3 : 4.5)) {
                  faint.push(`${element.textContent.trim().slice(0, 40)}: ${contrast.toFixed(2)}`);
                }
              }
              return faint.join();
            })()
            """);
  }

  /** Makes requests to such addresses fail, as a broken network does; none for all is well. */
  public void block(String... patterns) {
    call(
        "Network.setBlockedURLs",
        new JsonObject().put("urls", new JsonArray(new ArrayList<>(List.of(patterns)))));
  }

  /** The value of an expression in the page. */
  public Object evaluate(String expression) {
    JsonObject result =
        call(
            "Runtime.evaluate",
            new JsonObject()
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("userGesture", true)
                .put("returnByValue", true));
    if (result.containsKey("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + result.encode());
    }
    return result.getJsonObject("result").getValue("value");
  }

  /** The text that a person sees in an element. */
  public String text(String selector) {
    return (String) evaluate("document.querySelector('" + selector + "').innerText.trim()");
  }

  /** Waits in the page until an expression is true. */
  public void until(String expression) {
    evaluate(
        """
        new Promise((done, fail) => {
          const started = performance.now();
          const look = () => {
            if (%s) done(true);
            else if (performance.now() - started > 15000) fail(new Error('waited in vain'));
            else setTimeout(look, 15);
          };
          look();
        })
        """
            .formatted(expression));
  }

  /** Waits until an expression is true, on this page or on one that it leads to. */
  public void arrive(String expression) {
    for (int pages = 0; ; pages++) {
      try {
        until(expression);
        return;
      } catch (IllegalStateException e) {
        boolean left = Pattern.compile("navigated|destroyed").matcher(e.getMessage()).find();
        if (!left || pages == MOST_PAGES) {
          throw e;
        }
      }
    }
  }

  /** Presses what a selector finds, if a person could: it is visible and not covered. */
  public void click(String selector) {
    JsonObject at =
        new JsonObject(
            (String)
                evaluate(
                    """
                    (() => {
                      const element = [...document.querySelectorAll('%s')].find(
                          (candidate) => candidate.getClientRects().length > 0);
                      element.scrollIntoView({ block: 'center', behavior: 'instant' });
                      const box = element.getBoundingClientRect();
                      const x = box.x + box.width / 2, y = box.y + box.height / 2;
                      const hit = document.elementFromPoint(x, y);
                      if (!element.contains(hit)) throw new Error('covered by ' + hit?.outerHTML);
                      return JSON.stringify({ x, y });
                    })()
                    """
                        .formatted(selector)));
    for (String type : List.of("mousePressed", "mouseReleased")) {
      call(
          "Input.dispatchMouseEvent",
          at.copy().put("type", type).put("button", "left").put("clickCount", 1));
    }
  }

  /** Types on the keyboard, one key for each character. */
  public void type(String characters) {
    for (int i = 0; i < characters.length(); i++) {
      String key = characters.substring(i, i + 1);
      key(key, key);
    }
  }

  /** Presses a key by its name, such as {@code Backspace}. */
  public void key(String name, String text) {
    JsonObject press = new JsonObject().put("key", name);
    call("Input.dispatchKeyEvent", press.copy().put("type", "keyDown").put("text", text));
    call("Input.dispatchKeyEvent", press.copy().put("type", "keyUp"));
  }

  @Override
  public void close() {
    socket.abort();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      try (Stream<Path> files = Files.walk(profile)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      // A helper process of the browser still wrote; the folder is temporary anyway.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
