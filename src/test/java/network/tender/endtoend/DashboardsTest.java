package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every panel of the dashboards asks for something that a node really tells. */
@Timeout(120)
class DashboardsTest {
  private static final Pattern METRIC = Pattern.compile("\\b(?:tender|vertx|jvm|process)_\\w+");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path folder;
  private static NodeProcess node;

  @BeforeAll
  static void startNodeAndUseIt() {
    node = NodeProcess.start(folder.resolve("data"));
    Api api = new Api(node);
    Wallet wallet = Wallet.make(folder.resolve("wallet.json"), node.http());
    api.faucet(wallet.address(), "1");
    api.post("/v1/transfers", Map.of("hex", "00")).expect(400);
  }

  @AfterAll
  static void stopNode() {
    if (node != null) {
      node.close();
    }
  }

  /** A panel's title and what it asks for. */
  private record Question(String panel, String expression) {}

  private static List<Question> questions() throws IOException {
    List<Question> questions = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("grafana", "dashboards"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
        for (JsonNode panel : JSON.readTree(file.toFile()).path("panels")) {
          for (JsonNode target : panel.path("targets")) {
            questions.add(new Question(panel.path("title").asText(), target.path("expr").asText()));
          }
        }
      }
    }
    assertThat(questions).isNotEmpty();
    return questions;
  }

  private static String get(String url) throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void everyMetricOfEveryPanelIsOnALiveScrape() throws Exception {
    Set<String> told = new TreeSet<>();
    for (String line : get(node.management() + "/metrics").lines().toList()) {
      Matcher name = METRIC.matcher(line);
      if (!line.startsWith("#") && name.lookingAt()) {
        told.add(name.group());
      }
    }
    for (Question question : questions()) {
      Matcher names = METRIC.matcher(question.expression());
      while (names.find()) {
        assertThat(told).as(question.panel()).contains(names.group());
      }
    }
  }

  @Test
  void aRealPrometheusAnswersEveryPanel() throws Exception {
    Optional<Path> prometheus = prometheus();
    if (prometheus.isEmpty()) {
      System.out.println(
          "Skipped: there is no prometheus on the PATH to ask the panels' questions");
    }
    assumeTrue(prometheus.isPresent(), "there is no prometheus on the PATH");
    String scrape = Files.readString(Path.of("conf", "prometheus", "prometheus.yml"));
    String here =
        scrape
            .replace("node:8081", URI.create(node.management()).getAuthority())
            .replace("5s", "1s");
    assertThat(here).isNotEqualTo(scrape);
    Path config = Files.writeString(folder.resolve("prometheus.yml"), here);
    int port = freePort();
    Process process =
        new ProcessBuilder(
                prometheus.get().toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    try {
      NodeProcess.until(
          "Prometheus has scraped twice",
          60,
          () -> !answer(port, "rate(tender_chain_height[10s])").isEmpty());
      for (Question question : questions()) {
        String expression =
            question.expression().replace("$instance", ".*").replace("$__rate_interval", "10s");
        // Of refusals there may be none to show; the question must still be a good one.
        boolean mayBeEmpty = expression.endsWith("> 0");
        assertThat(mayBeEmpty || !answer(port, expression).isEmpty())
            .as("%s: %s", question.panel(), expression)
            .isTrue();
      }
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  /** The result of a query; empty also while Prometheus does not answer yet. */
  private static JsonNode answer(int port, String expression) {
    String url =
        "http://127.0.0.1:"
            + port
            + "/api/v1/query?query="
            + URLEncoder.encode(expression, StandardCharsets.UTF_8);
    try {
      JsonNode answer = JSON.readTree(get(url));
      assertThat(answer.path("status").asText()).as(expression).isEqualTo("success");
      return answer.path("data").path("result");
    } catch (IOException e) {
      return JSON.createArrayNode();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Path> prometheus() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(entry -> Path.of(entry, "prometheus"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
