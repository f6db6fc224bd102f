package network.tender.endtoend;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Hashing;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.TransferSigner;

/**
 * A first measurement of a running regtest node from a process of its own: how many pre-signed
 * P2WPKH transfers (1 input, 2 outputs) it settles per second with a number of connections, and how
 * long one takes when the node is idle. No test; run it as the README says.
 *
 * <p>Arguments: {@code [base URL] [transfers] [connections]}.
 */
public final class SettlementRate {
  private static final int FAN_OUT = 1_000;
  private static final Amount COIN = Amount.ofSat(20_000);
  private static final Network NETWORK = Network.regtest();
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);

  private final HttpClient client;
  private final String base;
  private final byte[] secret =
      Hashing.sha256("tender settlement rate".getBytes(java.nio.charset.StandardCharsets.UTF_8));
  private final Script script = KeyScript.P2WPKH.of(CURVE, CURVE.publicKey(secret));
  private final TransferSigner signer = new TransferSigner(CURVE);

  private SettlementRate(HttpClient client, String base) {
    this.client = client;
    this.base = base;
  }

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    String base = args.length > 0 ? args[0] : "http://127.0.0.1:8080";
    int transfers = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
    int connections = args.length > 2 ? Integer.parseInt(args[2]) : 256;
    Vertx vertx = Vertx.vertx();
    try {
      HttpClient client =
          vertx.createHttpClient(
              new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(connections));
      new SettlementRate(client, base).measure(transfers, connections);
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private void measure(int transfers, int connections) throws Exception {
    List<Transaction> signed = new ArrayList<>();
    for (int i = 0; i < transfers; i += FAN_OUT) {
      Transaction fan = fanOut();
      for (int j = 0; j < Math.min(FAN_OUT, transfers - i); j++) {
        signed.add(spend(fan, j));
      }
    }
    System.out.printf(Locale.ROOT, "%d transfers signed%n", signed.size());
    long[] latencies = new long[signed.size()];
    long begun = System.nanoTime();
    closedLoop(signed, latencies, connections);
    double seconds = (System.nanoTime() - begun) / 1e9;
    print("under load, " + connections + " connections", latencies);
    System.out.printf(
        Locale.ROOT, "  settled per second: %.0f over %.1f s%n", signed.size() / seconds, seconds);

    Transaction fan = fanOut();
    long[] idle = new long[30];
    for (int i = 0; i < idle.length; i++) {
      long sent = System.nanoTime();
      post(spend(fan, i)).await(30, TimeUnit.SECONDS);
      idle[i] = System.nanoTime() - sent;
      TimeUnit.MILLISECONDS.sleep(333);
    }
    print("idle, three a second", idle);
  }

  private static void print(String what, long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "%s: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        what,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        sorted[sorted.length - 1] / 1e6);
  }

  private void closedLoop(List<Transaction> signed, long[] latencies, int connections)
      throws Exception {
    List<Future<Void>> lanes = new ArrayList<>();
    for (int lane = 0; lane < connections; lane++) {
      Promise<Void> done = Promise.promise();
      next(signed, latencies, lane, connections, done);
      lanes.add(done.future());
    }
    Future.all(lanes).await(10, TimeUnit.MINUTES);
  }

  private void next(
      List<Transaction> signed, long[] latencies, int at, int step, Promise<Void> done) {
    if (at >= signed.size()) {
      done.complete();
      return;
    }
    long sent = System.nanoTime();
    post(signed.get(at))
        .onSuccess(
            answer -> {
              latencies[at] = System.nanoTime() - sent;
              next(signed, latencies, at + step, step, done);
            })
        .onFailure(done::tryFail);
  }

  /** Posts a transfer until it is settled; a 503 is tried again. */
  private Future<JsonObject> post(Transaction transfer) {
    return send("/v1/transfers", "application/octet-stream", Buffer.buffer(transfer.toBytes()));
  }

  private Future<JsonObject> send(String path, String type, Buffer body) {
    return client
        .request(
            new io.vertx.core.http.RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(base + path)
                .putHeader("content-type", type))
        .compose(request -> request.send(body))
        .compose(
            response ->
                response
                    .body()
                    .compose(
                        text ->
                            response.statusCode() == 200
                                ? Future.succeededFuture(new JsonObject(text))
                                : response.statusCode() == 503
                                    ? send(path, type, body)
                                    : Future.failedFuture(
                                        path + ": " + response.statusCode() + " " + text)));
  }

  /** Coins from the faucet, split into many. */
  private Transaction fanOut() throws Exception {
    Amount fee = Amount.ofSat(100_000);
    Amount total = Amount.ofSat(COIN.sat() * FAN_OUT + fee.sat());
    JsonObject request =
        new JsonObject()
            .put("address", Address.format(script, NETWORK).orElseThrow())
            .put("amount", total.toCoinText());
    JsonObject answer =
        send("/dev/faucet", "application/json", request.toBuffer()).await(30, TimeUnit.SECONDS);
    Transaction paid =
        Transaction.parseHex(get("/esplora/tx/" + answer.getString("txid") + "/hex"));
    int output = 0;
    while (!paid.script(output).equals(script)) {
      output++;
    }
    Transaction fan =
        sign(
            paid.outpoint(output),
            paid.output(output),
            Collections.nCopies(FAN_OUT, new TransferOutput(COIN, script)));
    post(fan).await(30, TimeUnit.SECONDS);
    return fan;
  }

  private String get(String path) throws Exception {
    return client
        .request(
            new io.vertx.core.http.RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(base + path))
        .compose(request -> request.send())
        .compose(response -> response.body())
        .await(30, TimeUnit.SECONDS)
        .toString();
  }

  private Transaction spend(Transaction fan, int output) {
    Amount half = Amount.ofSat((COIN.sat() - 200) / 2);
    return sign(
        fan.outpoint(output),
        fan.output(output),
        List.of(new TransferOutput(half, script), new TransferOutput(half, script)));
  }

  private Transaction sign(Outpoint coin, TransferOutput spent, List<TransferOutput> outputs) {
    Transaction unsigned = Transaction.build(2, List.of(TransferInput.unsigned(coin)), outputs, 0);
    return signer.sign(unsigned, List.of(spent), List.of(secret));
  }
}
