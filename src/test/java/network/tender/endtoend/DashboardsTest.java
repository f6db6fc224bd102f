package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
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

/** Every panel of the dashboards, and every alert, asks for something that a node really tells. */
@Timeout(120)
class DashboardsTest {
  private static final Pattern METRIC = Pattern.compile("\\b(?:tender|vertx|jvm|process)_\\w+");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path folder;
  private static NodeProcess node;
  private static NodeProcess follower;

  @BeforeAll
  static void startNodeAndUseIt() {
    node = NodeProcess.start(folder.resolve("data"));
    Api api = new Api(node);
    Wallet wallet = Wallet.make(folder.resolve("wallet.json"), node.http());
    api.faucet(wallet.address(), "1");
    api.post("/v1/transfers", Map.of("hex", "00")).expect(400);
    follower = NodeProcess.start(folder.resolve("copy"), "--follow", node.http());
  }

  @AfterAll
  static void stopNode() {
    if (follower != null) {
      follower.close();
    }
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

  private static final Path ALERTS = Path.of("conf", "prometheus", "alerts.yml");

  /** An alert's name and what it asks for. */
  private static List<Question> alerts() throws IOException {
    List<Question> alerts = new ArrayList<>();
    for (JsonNode group : new YAMLMapper().readTree(ALERTS.toFile()).path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        alerts.add(new Question(rule.path("alert").asText(), rule.path("expr").asText()));
        assertThat(rule.path("labels").path("severity").asText()).isIn("page", "tell");
        assertThat(rule.path("annotations").path("summary").asText()).isNotBlank();
        assertThat(rule.path("annotations").path("description").asText()).isNotBlank();
      }
    }
    assertThat(alerts).isNotEmpty();
    return alerts;
  }

  private static Set<String> told(NodeProcess by) throws Exception {
    Set<String> told = new TreeSet<>();
    for (String line : get(by.management() + "/metrics").lines().toList()) {
      Matcher name = METRIC.matcher(line);
      if (!line.startsWith("#") && name.lookingAt()) {
        told.add(name.group());
      }
    }
    return told;
  }

  private static void assertTold(List<Question> questions, Set<String> told) {
    for (Question question : questions) {
      Matcher names = METRIC.matcher(question.expression());
      while (names.find()) {
        assertThat(told).as(question.panel()).contains(names.group());
      }
    }
  }

  @Test
  void everyMetricOfEveryPanelIsOnALiveScrape() throws Exception {
    assertTold(questions(), told(node));
  }

  @Test
  void everyMetricOfEveryAlertIsOnALiveScrapeOfANodeOrOfOneThatFollowsIt() throws Exception {
    Set<String> told = told(node);
    told.addAll(told(follower));
    assertTold(alerts(), told);
  }

  @Test
  void whatIsAskedOfShopsIsShown() throws Exception {
    String all = questions().toString();
    for (String metric : told(node)) {
      if (metric.matches("tender_(webhook|event_feed|idempotent|invoice_writes)_.*")
          && !metric.matches(".*_(max|bucket)")) {
        assertThat(all).contains(metric);
      }
    }
    assertThat(alerts().toString())
        .contains("tender_follower_alarm", "tender_follower_node_reachable", "up{job=\"tender\"}");
  }

  /** The rules as Prometheus itself reads them, and when they speak. */
  @Test
  void alertsSpeakWhenTheyShouldAndOnlyThen() throws Exception {
    Optional<Path> promtool = program("promtool");
    if (promtool.isEmpty()) {
      System.out.println("Skipped: there is no promtool on the PATH to try the alerts with");
    }
    assumeTrue(promtool.isPresent(), "there is no promtool on the PATH");
    Path test =
        Files.writeString(
            folder.resolve("alerts-test.yml"),
            """
            rule_files: ["%s"]
            evaluation_interval: 30s
            tests:
              - interval: 30s
                input_series:
                  - series: 'tender_follower_alarm{instance="copy"}'
                    values: '0 0 1 1'
                  - series: 'up{job="tender",instance="node"}'
                    values: '1 0 0 0'
                  - series: 'tender_follower_node_reachable{instance="copy"}'
                    values: '0x20'
                  - series: 'tender_event_feed_held_up_seconds{instance="node"}'
                    values: '0 30 61 90'
                  - series: 'tender_journal_available{instance="node"}'
                    values: '1 1 1 1'
                alert_rule_test:
                  - {eval_time: 30s, alertname: TenderFollowerAlarm}
                  - {eval_time: 60s, alertname: TenderNodeDown}
                  - {eval_time: 120s, alertname: TenderFollowedNodeUnreachable}
                  - {eval_time: 30s, alertname: TenderEventFeedHeldUp}
                  - {eval_time: 90s, alertname: TenderJournalUnavailable}
                promql_expr_test:
                  - expr: count(ALERTS{alertname="TenderNodeDown",alertstate="firing",severity="page"})
                    eval_time: 90s
                    exp_samples: [{value: 1}]
                  - expr: count(ALERTS{alertname="TenderFollowedNodeUnreachable",alertstate="firing"})
                    eval_time: 6m
                    exp_samples: [{value: 1}]
                  - expr: count(ALERTS{alertname="TenderFollowerAlarm",alertstate="firing",severity="page"})
                    eval_time: 60s
                    exp_samples: [{value: 1}]
                  - expr: count(ALERTS{alertname="TenderEventFeedHeldUp",alertstate="firing"})
                    eval_time: 60s
                    exp_samples: [{value: 1}]
            """
                .formatted(ALERTS.toAbsolutePath()));
    Process process =
        new ProcessBuilder(promtool.get().toString(), "test", "rules", test.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void aRealPrometheusAnswersEveryPanel() throws Exception {
    Optional<Path> prometheus = program("prometheus");
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
    Files.copy(ALERTS, folder.resolve("alerts.yml"));
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

  private static Optional<Path> program(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(entry -> Path.of(entry, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
