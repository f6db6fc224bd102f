package network.tender.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.chain.XOnlyKey;
import network.tender.follower.Said;
import network.tender.ledger.Certificate;
import network.tender.ledger.Reason;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.ReceiptVerifier;
import network.tender.script.Curve;

/**
 * Talks to a node over HTTP: its native API and its Esplora API; or to any other server that has
 * the Esplora API alone.
 */
final class NodeClient {
  /** Where a node listens unless told otherwise. */
  static final String DEFAULT_URL = "http://127.0.0.1:8080";

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

  /** From the question to the last byte of the answer: time for a full block on a slow line. */
  private static final Duration READ_LIMIT = Duration.ofMinutes(2);

  /** No fee that anybody pays is near: more than all coins for the smallest transfer. */
  private static final BigDecimal MAX_SAT_PER_VBYTE = BigDecimal.valueOf(100_000_000);

  /** Floating-point numbers have no more digits behind the point, unless they are next to zero. */
  private static final int MAX_FEE_DECIMALS = 30;

  /** Reads are tried so often: pauses of 0.25, 0.5, 1, 2 and 4 seconds. */
  private static final int MAX_ATTEMPTS = 6;

  private static final long FIRST_PAUSE_MILLIS = 250;

  /** A page of confirmed history in Esplora; a shorter one is the last. */
  private static final int HISTORY_PAGE = 25;

  /** Histories are cut here: a wallet address with more is not a wallet's. */
  private static final int MAX_HISTORY_PAGES = 4_000;

  /** More than a page of the largest transfers takes, as hex digits. */
  private static final long MAX_ANSWER_BYTES = 64_000_000;

  /**
   * Codes that say that a transfer is not settled and moved nothing. The same transfer with another
   * witness may well be settled.
   */
  private static final Set<String> REFUSALS =
      Arrays.stream(Reason.values())
          .filter(reason -> reason != Reason.OTHER_WITNESS)
          .map(Reason::code)
          .collect(Collectors.toUnmodifiableSet());

  /** What the node said to a transfer. */
  sealed interface SendOutcome {
    /**
     * It is in a durable block.
     *
     * @param answer the node's whole answer, with the receipt
     */
    record Settled(JsonNode answer) implements SendOutcome {}

    /**
     * It breaks a rule and will never be in a block as it is.
     *
     * @param code the node's code
     * @param detail the node's sentence
     */
    record Refused(String code, String detail) implements SendOutcome {}

    /**
     * It may or may not be settled: no answer, or the node can't tell yet.
     *
     * @param code a stable code
     * @param detail one sentence
     */
    record Unknown(String code, String detail) implements SendOutcome {}
  }

  private final String url;

  /** Path of the Esplora API below the address. */
  private final String esplora;

  private final HttpClient http;
  private final Duration readLimit;

  /**
   * A client of one node.
   *
   * @param url its address, such as {@link #DEFAULT_URL}
   * @throws CommandFailure if that is no HTTP address
   */
  NodeClient(String url) {
    this(url, "/esplora", READ_LIMIT);
  }

  private NodeClient(String url, String esplora, Duration readLimit) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.esplora = esplora;
    this.readLimit = readLimit;
    uri("");
    this.http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
  }

  /** The same with another limit on how long a question and its whole answer may take. */
  NodeClient withReadLimit(Duration limit) {
    return new NodeClient(url, esplora, limit);
  }

  /**
   * A client of a server that has the Esplora API only.
   *
   * @param url base address of that API, such as {@code http://127.0.0.1:3002}
   * @throws CommandFailure if that is no HTTP address
   */
  static NodeClient ofEsplora(String url) {
    return new NodeClient(url, "", READ_LIMIT);
  }

  /** True if the server has the Esplora API only: no receipts, and no facts of the network. */
  boolean isPlainEsplora() {
    return esplora.isEmpty();
  }

  private URI uri(String path) {
    try {
      URI uri = URI.create(url + path);
      String scheme = uri.getScheme();
      if (uri.getHost() != null
          && scheme != null
          && List.of("http", "https").contains(scheme.toLowerCase(Locale.ROOT))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // The same sentence as for a URI of another kind.
    }
    throw new CommandFailure(
        "bad-node-url", "'" + url + "' is no node address such as " + DEFAULT_URL + ".");
  }

  /** The network that the node serves. */
  NetworkFacts network() {
    if (isPlainEsplora()) {
      throw new CommandFailure(
          "unknown-network",
          "An Esplora server does not say which network it serves; add --network regtest, or name a"
              + " Tender node with --node URL.");
    }
    JsonNode json = getJson("/v1/network");
    return new NetworkFacts(
        demandedText(json, "name"),
        demandedText(json, "hrp"),
        json.path("pubKeyHashPrefix").asInt(0x6f),
        json.path("scriptHashPrefix").asInt(0xc4),
        demandedText(json, "coinCode"),
        demandedText(json, "uriScheme"),
        feeFloor(demanded(json, "feeFloorSatPerKvb")));
  }

  private long feeFloor(JsonNode satPerKvb) {
    boolean sane =
        satPerKvb.isIntegralNumber()
            && satPerKvb.canConvertToLong()
            && isSane(BigDecimal.valueOf(satPerKvb.asLong(), 3));
    if (!sane) {
      throw unexpected();
    }
    return satPerKvb.asLong();
  }

  /** True for a fee rate that can be reckoned with; what is paid at most is limited elsewhere. */
  private static boolean isSane(BigDecimal satPerVbyte) {
    return satPerVbyte.signum() >= 0
        && satPerVbyte.scale() <= MAX_FEE_DECIMALS
        && satPerVbyte.compareTo(MAX_SAT_PER_VBYTE) <= 0;
  }

  /**
   * A wallet's network as a plain Esplora server serves it.
   *
   * @throws CommandFailure if the server's chain is known to be another one
   */
  NetworkFacts network(String name, String hrp) {
    String genesis = genesis();
    boolean regtestChain = genesis.equals(Network.genesis().hash().toString());
    if (name.equals(Network.REGTEST_NAME) && !regtestChain) {
      throw new CommandFailure(
          "wrong-network",
          "The wallet is for network "
              + name
              + " but the server at "
              + url
              + " has another chain.");
    }
    return NetworkFacts.ofWallet(name, hrp);
  }

  /**
   * Hash of the first block of a plain Esplora server's chain.
   *
   * @throws CommandFailure if there is no such server
   */
  String genesis() {
    HttpResponse<byte[]> response = get(esplora + "/block-height/0", "text/plain, */*");
    String body = new String(response.body(), StandardCharsets.UTF_8).strip();
    boolean speaks = response.statusCode() == 200 && body.matches("[0-9a-f]{64}");
    if (!speaks && response.statusCode() < 500) {
      throw new CommandFailure(
          "no-esplora",
          "There is no Esplora API at "
              + url
              + "; name its base address, such as "
              + url
              + "/esplora for a Tender node.");
    }
    demandOk(response);
    return body;
  }

  private JsonNode demanded(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isValueNode() || value.isNull()) {
      throw new CommandFailure(
          "unexpected-answer",
          "What answers at " + url + " does not speak like a Tender node ('" + key + "' missing).");
    }
    return value;
  }

  private String demandedText(JsonNode json, String key) {
    return Said.of(demanded(json, key).asText());
  }

  /** Fee rate for the next block, in sat per vbyte, if the node estimates one. */
  Optional<BigDecimal> feeRate() {
    JsonNode rate = getJson(esplora + "/fee-estimates").path("1");
    if (!rate.isNumber()) {
      return Optional.empty();
    }
    if (!isSane(rate.decimalValue())) {
      throw unexpected();
    }
    return Optional.of(rate.decimalValue());
  }

  /** First page of a script's history, newest first: pending ones, then up to 25 in blocks. */
  JsonNode historyHead(Hash scriptHash) {
    return array(getJson(esplora + "/scripthash/" + scriptHash.toNaturalHex() + "/txs"));
  }

  /** The whole history of a script, newest first, behind its first page. */
  List<JsonNode> history(Hash scriptHash, JsonNode head) {
    List<JsonNode> all = new ArrayList<>();
    head.forEach(all::add);
    Set<String> seen = new HashSet<>();
    JsonNode page = head;
    for (int pages = 1; confirmedIn(page) >= HISTORY_PAGE; pages++) {
      if (pages >= MAX_HISTORY_PAGES) {
        throw new CommandFailure(
            "history-too-long", "One address has more transfers than this wallet can list.");
      }
      String last = page.get(page.size() - 1).path("txid").asText();
      if (!seen.add(last)) {
        throw new CommandFailure(
            "unexpected-answer",
            "The node at " + url + " lists the same transfers again and again; ask another one.");
      }
      page =
          array(
              getJson(esplora + "/scripthash/" + scriptHash.toNaturalHex() + "/txs/chain/" + last));
      page.forEach(all::add);
    }
    return all;
  }

  private static int confirmedIn(JsonNode page) {
    int confirmed = 0;
    for (JsonNode transfer : page) {
      confirmed += transfer.path("status").path("confirmed").asBoolean() ? 1 : 0;
    }
    return confirmed;
  }

  /** Unspent outputs of a script. */
  JsonNode unspent(Hash scriptHash) {
    return array(getJson(esplora + "/scripthash/" + scriptHash.toNaturalHex() + "/utxo"));
  }

  /**
   * A transaction that the server knows.
   *
   * @throws CommandFailure if it does not, or gives another one
   */
  Transaction transaction(Hash txid) {
    byte[] raw =
        demandOk(get(esplora + "/tx/" + txid + "/raw", "application/octet-stream, */*")).body();
    try {
      Transaction transaction = Transaction.parse(raw);
      if (transaction.txid().equals(txid)) {
        return transaction;
      }
    } catch (MalformedException e) {
      // The same sentence as for another transaction.
    }
    throw unexpected();
  }

  private JsonNode array(JsonNode json) {
    if (!json.isArray()) {
      throw unexpected();
    }
    return json;
  }

  /** A hash in an answer. */
  Hash hash(JsonNode json) {
    try {
      return Hash.fromDisplayHex(json.asText());
    } catch (IllegalArgumentException e) {
      throw unexpected();
    }
  }

  /** An amount in sat in an answer. */
  Amount amount(JsonNode json) {
    if (!json.canConvertToLong() || !Amount.inRange(json.asLong())) {
      throw unexpected();
    }
    return Amount.ofSat(json.asLong());
  }

  /** A sum of amounts in answers, in sat: nobody has more than there is. */
  long sum(long sat, Amount more) {
    if (!Amount.inRange(sat + more.sat())) {
      throw unexpected();
    }
    return sat + more.sat();
  }

  /** What a wallet has won or lost by one transfer of an answer, in sat. */
  long difference(long sat) {
    if (!Amount.inRange(Math.abs(sat))) {
      throw unexpected();
    }
    return sat;
  }

  /** A block's time in an answer, Unix seconds: headers have 32 bits for it. */
  long unixSeconds(JsonNode json) {
    if (!json.canConvertToLong() || json.asLong() < 0 || json.asLong() > 0xffff_ffffL) {
      throw unexpected();
    }
    return json.asLong();
  }

  private CommandFailure unexpected() {
    return new CommandFailure(
        "unexpected-answer",
        "What answers at "
            + url
            + " does not speak like "
            + (isPlainEsplora() ? "an Esplora server." : "a Tender node."));
  }

  /** Height of the newest block. */
  int tipHeight() {
    JsonNode height = getJson("/v1/network").path("tip").path("height");
    if (!height.canConvertToInt()) {
      throw unexpected();
    }
    return height.asInt();
  }

  /** A block as raw bytes. */
  byte[] rawBlock(int height) {
    return demandOk(get("/v1/blocks/" + height, "application/octet-stream")).body();
  }

  /** The validators' signatures over a block; none over the genesis block. */
  Certificate certificate(int height) {
    List<Certificate.Signature> signatures = new ArrayList<>();
    for (JsonNode signature : getJson("/v1/blocks/" + height).path("certificate")) {
      try {
        signatures.add(
            new Certificate.Signature(
                XOnlyKey.parse(signature.path("validator").asText()),
                HexFormat.of().parseHex(signature.path("signature").asText())));
      } catch (MalformedException | IllegalArgumentException e) {
        throw new CommandFailure(
            "unexpected-answer", "The certificate of block " + height + " is malformed.", e);
      }
    }
    return new Certificate(signatures);
  }

  /**
   * True if the answer's receipt proves the transfer. Where nobody knows the validators, those who
   * signed must do; whoever knows them verifies the saved receipt.
   */
  private static boolean proves(JsonNode answer, Transaction transfer, Optional<String> network) {
    Receipt receipt;
    try {
      receipt = ReceiptJson.parse(answer.path("receipt").toString());
    } catch (MalformedException e) {
      return false;
    }
    ValidatorSet validators =
        ValidatorSet.known(receipt.network()).orElseGet(() -> signersOf(receipt));
    return receipt.txid().equals(transfer.txid())
        && receipt.height() == answer.path("height").asInt()
        && receipt.network().equals(network.orElse(receipt.network()))
        && !validators.keys().isEmpty()
        && new ReceiptVerifier(Curve.load(Curve.Provider.AUTO))
            .verify(receipt, validators.keys(), validators.quorum())
            .isProved();
  }

  private static ValidatorSet signersOf(Receipt receipt) {
    List<XOnlyKey> signers =
        receipt.certificate().signatures().stream()
            .map(Certificate.Signature::validator)
            .distinct()
            .toList();
    return new ValidatorSet(signers, signers.size());
  }

  /**
   * Hands in a signed transfer and waits until it is settled, refused or doubtful. A node's word
   * that it is settled counts only with a receipt that proves it.
   *
   * @param network the network that the receipt must be of, if the sender knows
   */
  SendOutcome send(Transaction transfer, Optional<String> network, Duration timeout) {
    if (isPlainEsplora()) {
      return sendToEsplora(transfer, timeout);
    }
    HttpRequest request =
        HttpRequest.newBuilder(uri("/v1/transfers"))
            .timeout(timeout)
            .header("Content-Type", "application/octet-stream")
            .header("Accept", "application/json, application/problem+json")
            .POST(BodyPublishers.ofByteArray(transfer.toBytes()))
            .build();
    HttpResponse<byte[]> response;
    try {
      response = exchange(request, timeout);
    } catch (IOException e) {
      return new SendOutcome.Unknown(codeOf(e), sentenceOf(e));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    int status = response.statusCode();
    if (status == 200) {
      JsonNode answer = parse(response.body());
      return proves(answer, transfer, network)
          ? new SendOutcome.Settled(answer)
          : new SendOutcome.Unknown(
              "unexpected-answer",
              "The node's answer does not prove that the transfer is settled.");
    }
    Refusal refusal = refusal(response);
    // Only the ledger's own reasons are about the transfer. Any other 4xx is about this attempt or
    // comes from something in between, and says nothing of what an earlier attempt has moved.
    return status >= 400 && status < 500 && REFUSALS.contains(refusal.code())
        ? new SendOutcome.Refused(refusal.code(), refusal.detail())
        : new SendOutcome.Unknown(refusal.code(), refusal.detail());
  }

  /**
   * Hands a transfer to a plain Esplora server. Its answer only means that the transfer is known; a
   * block may take a while.
   */
  private SendOutcome sendToEsplora(Transaction transfer, Duration timeout) {
    HttpRequest request =
        HttpRequest.newBuilder(uri(esplora + "/tx"))
            .timeout(timeout)
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString(transfer.toHex()))
            .build();
    try {
      HttpResponse<byte[]> response = exchange(request, timeout);
      HttpResponse<byte[]> status =
          exchange(
              HttpRequest.newBuilder(uri(esplora + "/tx/" + transfer.txid()))
                  .timeout(timeout)
                  .build(),
              timeout);
      if (status.statusCode() == 200) {
        JsonNode place = parse(status.body()).path("status");
        return place.path("confirmed").asBoolean()
            ? new SendOutcome.Settled(
                Json.object()
                    .put("txid", transfer.txid().toString())
                    .put("height", place.path("block_height").asInt()))
            : new SendOutcome.Unknown(
                "not-confirmed", "The server knows the transfer, but no block has it yet.");
      }
      return refusedByEsplora(transfer, response)
          .orElseGet(() -> new SendOutcome.Unknown("not-known", refusal(response).detail()));
    } catch (IOException e) {
      return new SendOutcome.Unknown(codeOf(e), sentenceOf(e));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** What a plain server's answer to an unknown transfer proves, if anything. */
  private Optional<SendOutcome> refusedByEsplora(
      Transaction transfer, HttpResponse<byte[]> response) {
    String detail = refusal(response).detail();
    if (response.statusCode() != 400 || !detail.contains("RPC error")) {
      return Optional.empty();
    }
    if (detail.contains("missingorspent") || detail.contains("already")) {
      // Perhaps an earlier attempt has spent them, in a block that the server has not read yet.
      for (int i = 0; i < transfer.inputCount(); i++) {
        Outpoint coin = transfer.prevout(i);
        JsonNode spend = getJson(esplora + "/tx/" + coin.txid() + "/outspend/" + coin.index());
        if (spend.path("spent").asBoolean()
            && !spend.path("txid").asText().equals(transfer.txid().toString())) {
          return Optional.of(new SendOutcome.Refused(Reason.DOUBLE_SPEND.code(), detail));
        }
      }
      return Optional.empty();
    }
    return Optional.of(new SendOutcome.Refused("refused", detail));
  }

  /** Asks and reads the whole answer; the request's own timeout ends with the answer's head. */
  private HttpResponse<byte[]> exchange(HttpRequest request, Duration limit)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, LimitedBody.of(MAX_ANSWER_BYTES));
    try {
      return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no whole answer within " + limit);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } finally {
      // Closes the connection if the answer is not there; does nothing otherwise.
      answer.cancel(true);
    }
  }

  JsonNode getJson(String path) {
    return parse(demandOk(get(path, "application/json")).body());
  }

  /**
   * Fetches a path. A node that is busy or whose database is restarting says so with 503 and is
   * asked again for some seconds; other trouble on the way is a {@link CommandFailure}.
   */
  HttpResponse<byte[]> get(String path, String accept) {
    HttpRequest request =
        HttpRequest.newBuilder(uri(path)).timeout(READ_TIMEOUT).header("Accept", accept).build();
    long pauseMillis = FIRST_PAUSE_MILLIS;
    try {
      for (int attempt = 1; ; attempt++) {
        HttpResponse<byte[]> response = exchange(request, readLimit);
        if (response.statusCode() != 503 || attempt == MAX_ATTEMPTS) {
          return response;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
        pauseMillis *= 2;
      }
    } catch (IOException e) {
      throw new CommandFailure(codeOf(e), sentenceOf(e), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** The response if it is a 200, else the node's refusal as a failure. */
  HttpResponse<byte[]> demandOk(HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      Refusal refusal = refusal(response);
      throw new CommandFailure(refusal.code(), refusal.detail());
    }
    return response;
  }

  private record Refusal(String code, String detail) {}

  private Refusal refusal(HttpResponse<byte[]> response) {
    String body = new String(response.body(), StandardCharsets.UTF_8).strip();
    try {
      JsonNode json = Json.parse(response.body());
      if (json.path("code").isTextual()) {
        String detail = json.path("detail").asText(json.path("title").asText());
        return new Refusal(Said.of(json.path("code").asText()), Said.of(detail));
      }
    } catch (JsonProcessingException e) {
      // Esplora's errors are plain text.
    }
    return new Refusal(
        response.statusCode() == 503 ? "node-unavailable" : "http-" + response.statusCode(),
        "The node at " + url + " answered " + response.statusCode() + ": " + Said.of(body));
  }

  private JsonNode parse(byte[] body) {
    try {
      return Json.parse(body);
    } catch (JsonProcessingException e) {
      throw new CommandFailure(
          "unexpected-answer", "What answers at " + url + " does not speak JSON.", e);
    }
  }

  private static String codeOf(IOException e) {
    if (e instanceof ConnectException || e instanceof HttpConnectTimeoutException) {
      return "node-unreachable";
    }
    if (e instanceof LimitedBody.TooLargeException
        || e.getCause() instanceof LimitedBody.TooLargeException) {
      return "unexpected-answer";
    }
    return e instanceof HttpTimeoutException ? "node-timeout" : "node-connection-lost";
  }

  private String sentenceOf(IOException e) {
    return switch (codeOf(e)) {
      case "node-unreachable" ->
          "No node answers at " + url + "; start one, or say where it is with --node URL.";
      case "unexpected-answer" ->
          "What answers at " + url + " sends more than a node does; ask another one.";
      case "node-timeout" -> "The node at " + url + " did not answer in time; try again.";
      default -> "The connection to the node at " + url + " was lost; try again.";
    };
  }

  private static CommandFailure interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CommandFailure("interrupted", "Interrupted while waiting for the node.", e);
  }
}
