package network.tender.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Scenario {@code replay}: how fast the chain is judged by somebody else, block by block and rule
 * by rule: by {@code chain verify}, against the signature library alone, and by a following node.
 */
final class ReplayRun {
  private static final int DEFAULT_TRANSFERS = 100_000;
  private static final long LIMIT_SECONDS = 3_600;

  private final Rig rig;
  private final BenchOptions options;

  ReplayRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
  }

  Report run() {
    rig.node().demandOwn(Scenario.REPLAY);
    int count = options.transfers().orElse(DEFAULT_TRANSFERS);
    ReadsRun.settled(rig, count);
    JsonNode verified = verify();
    Follower follower = follow();

    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.REPLAY.toString());
    json.put("transfers", rig.api().totalTransfers());
    json.set("verify", verified);
    json.put("ratio", verified.path("rawRatio").asDouble());
    json.put("ceilingPerSecond", verified.path("rawVerificationsPerSecond").asDouble());
    ObjectNode following = json.putObject("follow");
    following.put("seconds", Usage.rounded(follower.seconds()));
    following.put("transfersPerSecond", Usage.rounded(follower.transfers() / follower.seconds()));
    following.put("agrees", follower.agrees());
    following.put("residentBytes", follower.usage().peakResidentBytes());
    TextReport text = new TextReport();
    text.line(
        "chain verify",
        "%,d transfers/s, %,d signatures/s, %.3f of the library alone (%.3f by processor time)",
        verified.path("transfersPerSecond").asLong(),
        verified.path("verificationsPerSecond").asLong(),
        verified.path("rawRatio").asDouble(),
        verified.path("rawCpuRatio").asDouble());
    text.line(
        "following node",
        "%,.0f transfers/s, %,d MiB at most%s",
        follower.transfers() / follower.seconds(),
        follower.usage().peakResidentBytes() >> 20,
        follower.agrees() ? "" : ": ITS CHAIN IS ANOTHER ONE");
    return new Report(
        json, text.toString(), follower.agrees() && verified.path("valid").asBoolean());
  }

  private JsonNode verify() {
    Progress.Phase phase = rig.progress().begin("chain verify", 0);
    JsonNode answer =
        JavaProcess.answer(
            List.of(
                options.mainClass(),
                "chain",
                "verify",
                "--measure",
                "--json",
                "--data-dir",
                rig.node().dataDir().toString()));
    phase.end("%,d transfers/s".formatted(answer.path("transfersPerSecond").asLong()));
    return answer;
  }

  private record Follower(double seconds, long transfers, boolean agrees, ProcessUsage usage) {}

  private Follower follow() {
    Progress.Phase phase = rig.progress().begin("follow", rig.api().totalTransfers());
    JsonNode target = rig.api().getJson("/v1/network");
    BenchOptions following = options.following(rig.api().url());
    try (NodeUnderTest copy = NodeUnderTest.open(following)) {
      long begin = System.nanoTime();
      long had = copy.api().totalTransfers();
      while (true) {
        JsonNode now = copy.api().getJson("/v1/network");
        double seconds = (System.nanoTime() - begin) / 1e9;
        long has = now.path("totals").path("transfers").asLong();
        phase.at(has);
        if (now.path("tip").path("height").asInt() >= target.path("tip").path("height").asInt()) {
          phase.end("%,.0f transfers/s".formatted((has - had) / seconds));
          return new Follower(
              seconds,
              has - had,
              now.path("tip").path("hash").equals(target.path("tip").path("hash")),
              copy.usage().node());
        }
        if (seconds > LIMIT_SECONDS || now.path("follows").has("alarm")) {
          throw new BenchException("follower-stopped", "The following node stopped: " + now);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }
}
