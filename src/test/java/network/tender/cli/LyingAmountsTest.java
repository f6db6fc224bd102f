package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.RegtestKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server that is wrong about what coins are worth. A segwit version 0 signature is over its own
 * input's amount only: whoever gets a wallet to sign twice, each time with another amount that is
 * too low, can put the two together, and the difference is a fee that nobody meant.
 */
class LyingAmountsTest {
  private static final long COIN_SAT = 1_000_000;

  @TempDir private Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Transaction> sent = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private Path wallet;
  private Script script;
  private Transaction previous;
  private long[] told = {COIN_SAT, COIN_SAT};
  private Transaction shown;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void makeWallet(ScriptKind kind) {
    wallet = folder.resolve("wallet.json");
    List<String> line =
        new ArrayList<>(
            List.of(
                "wallet", "new", "--words", "--network", "regtest", "--wallet", wallet.toString()));
    if (kind == ScriptKind.BIP86) {
      line.add("--taproot");
    }
    CommandRun made = CommandRun.withInput(RegtestKeys.DEMO_MNEMONIC, line.toArray(String[]::new));
    assertThat(made.exitCode()).as(made.err()).isZero();
    String address =
        CommandRun.of("wallet", "address", "--wallet", wallet.toString()).out().strip();
    script = NetworkFacts.of(Network.regtest()).scriptOf(address);
    TransferOutput coin = new TransferOutput(Amount.ofSat(COIN_SAT), script);
    previous =
        Transaction.build(
            2, List.of(TransferInput.unsigned(new Outpoint(Hash.ZERO, 7))), List.of(coin, coin), 0);
    shown = previous;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] asked = exchange.getRequestBody().readAllBytes();
      byte[] body = body(path, asked);
      exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private byte[] body(String path, byte[] asked) {
    String ours = "/scripthash/" + script.hash().toNaturalHex();
    if (path.endsWith("/raw")) {
      return shown.toBytes();
    }
    if (path.equals("/tx")) {
      try {
        sent.add(Transaction.parseHex(new String(asked, StandardCharsets.US_ASCII)));
      } catch (MalformedException e) {
        throw new IllegalStateException(e);
      }
    }
    String text =
        switch (path) {
          case "/block-height/0" -> Network.genesis().hash().toString();
          case "/fee-estimates" -> "{\"1\":1}";
          case "/tx" -> "known";
          default -> {
            if (path.equals(ours + "/txs")) {
              yield "[{\"txid\":\"" + previous.txid() + "\",\"status\":{\"confirmed\":true}}]";
            }
            if (path.equals(ours + "/utxo")) {
              yield "[" + coin(0) + "," + coin(1) + "]";
            }
            yield path.startsWith("/scripthash/")
                ? "[]"
                : path.startsWith("/tx/")
                    ? "{\"status\":{\"confirmed\":true,\"block_height\":5}}"
                    : "";
          }
        };
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private String coin(int index) {
    return "{\"txid\":\""
        + previous.txid()
        + "\",\"vout\":"
        + index
        + ",\"value\":"
        + told[index]
        + ",\"status\":{\"confirmed\":true}}";
  }

  private CommandRun pay() {
    return CommandRun.of(
        "wallet",
        "pay",
        NetworkFacts.of(Network.regtest()).addressOf(Script.p2wpkh(new byte[20])),
        "0.0105",
        "--wallet",
        wallet.toString(),
        "--gap-limit",
        "1",
        "--timeout",
        "5",
        "--esplora",
        "http://127.0.0.1:" + server.getAddress().getPort());
  }

  @ParameterizedTest
  @EnumSource(
      value = ScriptKind.class,
      names = {"BIP84", "BIP86"})
  void aTrueServerIsPaidThrough(ScriptKind kind) {
    makeWallet(kind);
    CommandRun run = pay();
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).inputCount()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"100000, 1000000", "1000000, 100000", "1000000, 2000000"})
  void nothingIsSignedForAmountsThatTheChainContradicts(long first, long second) {
    makeWallet(ScriptKind.BIP84);
    told = new long[] {first, second};
    CommandRun run = pay();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("contradicts itself about coin " + previous.txid());
    assertThat(sent).isEmpty();
  }

  @Test
  void aTransactionOfAnotherNameProvesNothing() {
    makeWallet(ScriptKind.BIP84);
    told = new long[] {100_000, COIN_SAT};
    TransferOutput small = new TransferOutput(Amount.ofSat(100_000), script);
    shown =
        Transaction.build(
            2,
            List.of(TransferInput.unsigned(new Outpoint(Hash.ZERO, 7))),
            List.of(small, previous.output(1)),
            0);
    CommandRun run = pay();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("does not speak like an Esplora server");
    assertThat(sent).isEmpty();
  }
}
