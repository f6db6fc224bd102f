package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** {@code tender bench} as people run it; what it counts, not how fast anything is. */
class BenchTest {
  @Test
  void transfersAreCountedAsTheChainHasThem() {
    TenderJar.Run run =
        TenderJar.run(
            "bench",
            "transfers",
            "--json",
            "--transfers=600",
            "--connections=32",
            "--warmup-seconds=0",
            "--ceiling-seconds=1");
    JsonNode json = run.expectSuccess().json();
    assertThat(json.path("scenario").asText()).isEqualTo("transfers");
    assertThat(json.path("settled").asInt()).isEqualTo(600);
    assertThat(json.path("chain").path("transfersAdded").asInt()).isEqualTo(600);
    assertThat(json.path("chain").path("agrees").asBoolean()).isTrue();
    assertThat(json.path("index").has("catchUpSeconds")).isTrue();
    for (String figure : new String[] {"settledPerSecond", "ceilingPerSecond", "ratio"}) {
      assertThat(json.path(figure).asDouble()).describedAs(figure).isPositive();
    }
    assertThat(json.path("ratio").asDouble())
        .isCloseTo(
            json.path("settledPerSecond").asDouble() / json.path("ceilingPerSecond").asDouble(),
            org.assertj.core.data.Offset.offset(0.002));
    JsonNode latency = json.path("latencyMillis");
    assertThat(latency.path("p50").asDouble())
        .isPositive()
        .isLessThanOrEqualTo(latency.path("p99").asDouble());
    assertThat(latency.path("p99").asDouble()).isLessThanOrEqualTo(latency.path("p999").asDouble());
    assertThat(json.path("nodeResidentBytes").asLong()).isPositive();
    for (String process : new String[] {"node", "postgres", "client"}) {
      assertThat(json.path("cpuSeconds").path(process).isNumber()).describedAs(process).isTrue();
    }
    assertThat(json.path("cpuSeconds").path("node").asDouble()).isPositive();
    assertThat(run.err()).contains("measure").contains("ceiling").doesNotContain("\u001b");
  }

  @Test
  void aMixOfEverythingIsSettled() {
    assumeAll();
    JsonNode json =
        TenderJar.run(
                "bench",
                "mixed",
                "--json",
                "--transfers=800",
                "--seconds=2",
                "--rate=200",
                "--connections=64",
                "--warmup-seconds=0")
            .expectSuccess()
            .json();
    assertThat(json.path("settled").asInt()).isBetween(300, 400);
    assertThat(json.path("refused")).isEmpty();
    assertThat(json.path("reads").path("refused")).isEmpty();
    assertThat(json.path("reads").path("answeredPerSecond").asDouble()).isPositive();
    assertThat(json.path("invoices").path("settled").asInt()).isBetween(10, 15);
    assertThat(json.path("paidButNotSettled").asInt()).isZero();
  }

  @Test
  void anOverloadIsRefusedAndNotLost() {
    assumeAll();
    JsonNode json =
        TenderJar.run(
                "bench",
                "overload",
                "--json",
                "--seconds=3",
                "--connections=100",
                "--warmup-seconds=2",
                "--set=settlement.maxInFlight=200")
            .expectSuccess()
            .json();
    assertThat(json.path("overload").path("refused").path("node-busy").asInt()).isPositive();
    assertThat(json.path("overload").path("lostAnswers").asInt()).isZero();
    assertThat(json.path("afterwards").path("refused")).isEmpty();
    assertThat(json.path("chain").path("agrees").asBoolean()).isTrue();
    assertThat(json.path("ratio").asDouble()).isPositive();
  }

  @Test
  void nothingSettledIsGoneAfterAKill() {
    assumeAll();
    JsonNode json =
        TenderJar.run("bench", "restart", "--json", "--transfers=1000", "--coins=4000")
            .expectSuccess()
            .json();
    assertThat(json.path("settled").asInt()).isEqualTo(1_000);
    assertThat(json.path("coins").asInt()).isGreaterThanOrEqualTo(4_000);
    assertThat(json.path("unflushedBlocks").asInt()).isPositive();
    assertThat(json.path("transfersAfterKill").asLong())
        .isGreaterThanOrEqualTo(1_000)
        .isEqualTo(json.path("transfersBeforeKill").asLong());
    assertThat(json.path("cleanRestartSeconds").asDouble()).isPositive();
    assertThat(json.path("killedRestartSeconds").asDouble()).isPositive();
  }

  /** The build has no time for each scenario. */
  private static void assumeAll() {
    String reason = "scenarios beside 'transfers' are run with -Dbench.all=true";
    if (!Boolean.getBoolean("bench.all")) {
      System.out.println("BenchTest: skipped: " + reason);
    }
    assumeTrue(Boolean.getBoolean("bench.all"), reason);
  }
}
