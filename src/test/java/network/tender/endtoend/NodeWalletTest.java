package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A wallet of the JavaScript world pays an invoice and is told so by the web socket. */
@Timeout(120)
class NodeWalletTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 60;

  /** Surefire runs in the project's folder. */
  private static final Path SCRIPTS = Path.of("src", "test", "js");

  @TempDir private static Path folder;
  private static NodeProcess node;
  private static Api api;
  private static Path program;

  @BeforeAll
  static void startNode() {
    Optional<Path> found = nodeJs();
    boolean installed = Files.isDirectory(SCRIPTS.resolve("node_modules/@mempool/mempool.js"));
    String missing =
        found.isEmpty()
            ? "no node on the PATH"
            : installed ? "" : "no modules in " + SCRIPTS + ": run npm ci there";
    if (!missing.isEmpty()) {
      System.err.println("NodeWalletTest is skipped: " + missing);
    }
    assumeTrue(missing.isEmpty(), missing);
    program = found.orElseThrow();
    node = NodeProcess.start(folder.resolve("data"));
    api = new Api(node);
  }

  @AfterAll
  static void stopNode() {
    if (node != null) {
      node.close();
    }
  }

  private static Optional<Path> nodeJs() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(place -> Stream.of("node", "nodejs").map(name -> Path.of(place, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Test
  void anInvoiceIsPaidAndThePushSaysSo() throws Exception {
    Wallet shop = Wallet.make(folder.resolve("shop.json"), node.http());
    String store =
        api.post("/api/v1/stores", Map.of("name", "Corner shop"))
            .expect(200)
            .json()
            .path("id")
            .asText();
    api.put(
            "/api/v1/stores/" + store + "/payment-methods/TNDR-CHAIN",
            Map.of("enabled", true, "config", shop.xpub()))
        .expect(200);

    JsonNode seen = runWallet(store);
    String txid = seen.path("txid").asText();
    assertThat(txid).matches("[0-9a-f]{64}");
    assertThat(seen.path("broadcastAnswer").asText()).isEqualTo(txid);
    assertThat(seen.path("invoice").path("status").asText()).isEqualTo("Settled");
    assertThat(shop.balanceSat()).isEqualTo(25_000_000);

    JsonNode pushed = seen.path("push").path("block-transactions");
    assertThat(pushed).hasSize(1);
    assertThat(pushed.get(0).path("txid").asText()).isEqualTo(txid);
    assertThat(pushed.get(0).path("status").path("confirmed").asBoolean()).isTrue();
    assertThat(paidTo(pushed.get(0), seen.path("destination").asText())).isEqualTo(25_000_000);
    int height = pushed.get(0).path("status").path("block_height").asInt();
    assertThat(api.get("/v1/receipts/" + txid).expect(200).json().path("height").asInt())
        .isEqualTo(height);

    JsonNode shown = seen.path("shown");
    assertThat(shown.path("status").path("block_height").asInt()).isEqualTo(height);
    assertThat(shown.path("fee").asLong()).isEqualTo(seen.path("fee").asLong());
    assertThat(shown.path("vin")).hasSize(2);
    assertThat(shown.path("vin").get(0).path("prevout").path("scriptpubkey_type").asText())
        .isEqualTo("v0_p2wpkh");
    assertThat(shown.path("vin").get(1).path("prevout").path("scriptpubkey_type").asText())
        .isEqualTo("v1_p2tr");
    for (String rate : new String[] {"fastestFee", "halfHourFee", "hourFee", "economyFee"}) {
      assertThat(seen.path("fees").path(rate).asDouble()).as(rate).isPositive();
    }
  }

  private static long paidTo(JsonNode transaction, String address) {
    long sat = 0;
    for (JsonNode output : transaction.path("vout")) {
      if (output.path("scriptpubkey_address").asText().equals(address)) {
        sat += output.path("value").asLong();
      }
    }
    return sat;
  }

  private static JsonNode runWallet(String store) throws IOException, InterruptedException {
    Path out = folder.resolve("wallet.out");
    Path err = folder.resolve("wallet.err");
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), SCRIPTS.resolve("wallet.mjs").toString())
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("TENDER_URL", node.http());
    builder.environment().put("TENDER_API_KEY", node.adminKey());
    builder.environment().put("TENDER_STORE", store);
    // Whatever proxy the machine uses, the node is on it.
    builder.environment().put("NO_PROXY", "*");
    builder.environment().put("no_proxy", "*");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
          .as("the wallet ends: %s", Files.readString(err))
          .isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(out) + Files.readString(err)).isZero();
    return JSON.readTree(out.toFile());
  }
}
