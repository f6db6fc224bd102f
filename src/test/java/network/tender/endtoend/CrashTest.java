package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import network.tender.cli.CommandRun;
import network.tender.script.Curve;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was acknowledged survives everything, nothing needs a hand, and nobody else gets at it. One
 * folder lives through it all, as a shop's would.
 */
@Timeout(180)
class CrashTest {
  @TempDir private Path folder;

  private NodeProcess node;

  @AfterEach
  void endNode() {
    if (node != null) {
      node.close();
    }
  }

  /**
   * Callers wait for a stuck commit only shortly, so that the test does too; and coins are written
   * and counted often, so that every end can be followed by a count.
   */
  private static NodeProcess startNode(Path data) {
    return NodeProcess.start(
        data,
        "--set",
        "settlement.maxWaitMillis=3000",
        "--set",
        "coins.flushMillis=1000",
        "--set",
        "coins.auditSeconds=1");
  }

  @Test
  void whatWasAcknowledgedIsThereAfterEveryKindOfEnd() throws Exception {
    Path data = folder.resolve("data");
    node = startNode(data);
    Api api = new Api(node);
    Wallet payer = Wallet.make(folder.resolve("payer.json"), node.http());
    Wallet payee = Wallet.make(folder.resolve("payee.json"), node.http());
    String address = payee.address();
    api.faucet(payer.address(), "10");

    // The node dies straight after its answer.
    String first = payer.pay(address, "1").path("txid").asText();
    ProcessHandle orphan = node.postgres().orElseThrow();
    node.kill();
    assertThat(orphan.isAlive()).describedAs("its PostgreSQL outlives it").isTrue();
    node = startNode(data);
    assertThat(orphan.isAlive()).describedAs("the orphan was found and ended").isFalse();
    api = new Api(node);
    payer = payer.at(node.http());
    payee = payee.at(node.http());
    api.get("/v1/receipts/" + first).expect(200);
    assertThat(payee.balanceSat()).isEqualTo(100_000_000);
    assertThat(api.supplyDifferenceSat()).isZero();

    // Its PostgreSQL dies straight after the node's answer.
    String second = payer.pay(address, "1").path("txid").asText();
    ProcessHandle server = node.postgres().orElseThrow();
    NodeProcess.signal(server, "KILL");
    server.onExit().get(20, TimeUnit.SECONDS);
    String third = payer.pay(address, "1").path("txid").asText();
    ProcessHandle next = node.postgres().orElseThrow();
    assertThat(next.pid()).describedAs("another server took over").isNotEqualTo(server.pid());
    api.get("/v1/receipts/" + second).expect(200);
    api.get("/v1/receipts/" + third).expect(200);
    assertThat(payee.balanceSat()).isEqualTo(300_000_000);
    assertThat(api.supplyDifferenceSat()).isZero();

    // Both die at once.
    String fourth = payer.pay(address, "1").path("txid").asText();
    NodeProcess.signal(next, "KILL");
    node.kill();
    next.onExit().get(20, TimeUnit.SECONDS);
    node = startNode(data);
    api = new Api(node);
    payer = payer.at(node.http());
    payee = payee.at(node.http());
    api.get("/v1/receipts/" + fourth).expect(200);
    assertThat(payee.balanceSat()).isEqualTo(400_000_000);
    assertThat(api.supplyDifferenceSat()).isZero();
    CommandRun verified = CommandRun.of("chain", "verify", "--json", "--node", node.http());
    assertThat(verified.exitCode()).describedAs(verified.err()).isZero();

    databaseThatHangsIsSurvived(api, payer, payee, address);
    secondNodeOnTheSameDatabaseIsRefused();

    // An orderly stop leaves nothing running.
    ProcessHandle last = node.postgres().orElseThrow();
    assertThat(node.stop()).isZero();
    assertThat(last.isAlive()).describedAs("PostgreSQL was stopped too").isFalse();
    theChainOfAStoppedNodeIsExported(data);
    folderOfAnotherNetworkIsRefused(data);
  }

  /** Writes are refused with 503 and a hint, reads go on, and it heals by itself. */
  private void databaseThatHangsIsSurvived(Api api, Wallet payer, Wallet payee, String address) {
    ProcessHandle server = node.postgres().orElseThrow();
    long before = payee.balanceSat();
    NodeProcess.signalTree(server, "STOP");
    try {
      NodeProcess.until(
          "a write is refused with 503",
          45,
          () ->
              api.post("/dev/faucet", Map.of("address", address, "amount", "0.1")).status() == 503);
      api.get("/v1/network").expect(200);
      api.post("/api/v1/stores", Map.of("name", "Nobody's")).expect(503);
      NodeProcess.until(
          "readiness says no",
          30,
          () -> api.get(node.management() + "/health/ready").status() == 503);
    } finally {
      NodeProcess.signalTree(server, "CONT");
    }
    NodeProcess.until(
        "readiness says yes again",
        60,
        () -> api.get(node.management() + "/health/ready").status() == 200);
    payer.pay(address, "0.5");
    // Faucet payments that were answered 503 may have settled since: never less, and no sat lost.
    assertThat(payee.balanceSat()).isGreaterThanOrEqualTo(before + 50_000_000);
    assertThat(api.supplyDifferenceSat()).isZero();
  }

  /** Another folder, the same database: the lease decides. */
  private void secondNodeOnTheSameDatabaseIsRefused() throws IOException {
    Postmaster postmaster = Postmaster.of(node.dataDir());
    NodeProcess.Refusal refusal =
        NodeProcess.expectRefusal(
            folder.resolve("second"),
            "--database",
            postmaster.url(),
            "--set",
            "database.password=" + postmaster.password());
    assertThat(refusal.exitCode()).describedAs(refusal.err()).isEqualTo(1);
    assertThat(refusal.err()).containsIgnoringCase("another node");
    assertThat(refusal.out()).doesNotContain("ready");
  }

  private void theChainOfAStoppedNodeIsExported(Path data) throws Exception {
    Path file = folder.resolve("chain.hex");
    TenderJar.run("chain", "export", "--data-dir", data.toString(), file.toString())
        .expectSuccess();
    assertThat(NodeProcess.find(data, "postmaster.pid"))
        .describedAs("its PostgreSQL is stopped again")
        .isEmpty();
    CommandRun run = CommandRun.of("chain", "verify", "--json", file.toString());
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    ExportedChain.verifyWithBitcoinj(Files.readAllLines(file));
  }

  private void folderOfAnotherNetworkIsRefused(Path data) throws IOException {
    // Any key that is not regtest's will do.
    byte[] secret = new byte[32];
    secret[31] = 7;
    byte[] key = Curve.load(Curve.Provider.AUTO).publicKey(secret);
    Path network =
        Files.writeString(
            folder.resolve("harbour.yaml"),
            String.join(
                "\n",
                "name: harbour",
                "hrp: hbr",
                "coinCode: HBR",
                "treasury:",
                "  script: '0014" + "11".repeat(20) + "'",
                "validators:",
                "  - '" + java.util.HexFormat.of().formatHex(key).substring(2) + "'",
                ""));
    NodeProcess.Refusal refusal = NodeProcess.expectRefusal(data, "--network", network.toString());
    assertThat(refusal.exitCode()).describedAs(refusal.err()).isEqualTo(1);
    assertThat(refusal.err()).contains("regtest").contains("harbour").doesNotContain("\tat ");
  }

  /**
   * How to reach the PostgreSQL that a node runs in its folder.
   *
   * @param url for {@code --database}
   * @param password its password
   */
  private record Postmaster(String url, String password) {
    static Postmaster of(Path dataDir) throws IOException {
      Path pid = NodeProcess.find(dataDir, "postmaster.pid").orElseThrow();
      // Line 4 is the port: PostgreSQL's documentation, "postmaster.pid".
      String port = Files.readAllLines(pid).get(3).strip();
      Path password = NodeProcess.find(dataDir, "password").orElseThrow();
      return new Postmaster(
          "postgresql://tender@127.0.0.1:" + port + "/postgres",
          Files.readString(password).strip());
    }
  }

  @Test
  void wrongSettingsAreNamedAndNothingIsStarted() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("tender.yaml"), "http:\n  prot: 80\nblock:\n  burst: 99\n");
    NodeProcess.Refusal refusal =
        NodeProcess.expectRefusal(folder.resolve("data"), "--config", config.toString());
    assertThat(refusal.exitCode()).isEqualTo(1);
    assertThat(refusal.err()).contains("http.prot").contains("block.burst");
    assertThat(folder.resolve("data")).doesNotExist();
  }
}
