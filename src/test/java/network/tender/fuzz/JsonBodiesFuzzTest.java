package network.tender.fuzz;

import static network.tender.fuzz.FuzzRig.require;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.MalformedException;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Transaction;
import network.tender.cli.ChainCheckRun;
import network.tender.ledger.Certificate;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.merchant.ExactJson;
import network.tender.merchant.InvoiceRequest;
import network.tender.merchant.Rates;
import network.tender.merchant.StoreSettings;
import network.tender.script.Curve;
import network.tender.script.WalletAccount;
import network.tender.web.ProblemException;
import network.tender.web.greenfield.BodyReading;
import network.tender.web.transfers.TransferBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any body is refused in words or read as what it says, and what was read is written and read again
 * as the same. The first byte of an input says where the rest is sent.
 */
class JsonBodiesFuzzTest {
  private enum Kind {
    RECEIPT,
    TRANSFER_JSON,
    TRANSFER_HEX,
    TRANSFER_BYTES,
    INVOICE,
    STORE,
    WALLET,
    CHECK_LINES
  }

  private static final List<Kind> KINDS = List.of(Kind.values());

  /** A height below zero, and a line that is no JSON. */
  private static final int REFUSED_SEEDS = 2;

  private static final Network NETWORK = Network.regtest();
  private static final BodyReading MERCHANT = new BodyReading(NETWORK);
  private static final StoreSettings KIOSK =
      MERCHANT
          .storeSettings(StoreSettings.defaults(), ExactJson.object().put("name", "Kiosk"))
          .orElseThrow();
  private static final List<BigDecimal> RATES =
      List.of(new BigDecimal("0.00000001"), new BigDecimal("50000"), new BigDecimal("1e12"));
  private static final JsonMapper EXACT =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** {@code 1e0} is written as {@code 1}, which is another class of number. */
  private static final Comparator<JsonNode> BY_VALUE =
      (a, b) ->
          (a.isNumber() && b.isNumber() && a.decimalValue().compareTo(b.decimalValue()) == 0)
                  || a.equals(b)
              ? 0
              : 1;

  private interface TransferDecoder {
    Transaction decode(String contentType, Buffer body) throws MalformedException;
  }

  /** Takes white space for nothing, wherever it stands. */
  private static final TransferDecoder PLANTED =
      (type, body) ->
          TransferBody.decode(
              type,
              type.startsWith("text/")
                  ? Buffer.buffer(
                      body.toString(StandardCharsets.ISO_8859_1).replaceAll("\\s", ""),
                      "ISO-8859-1")
                  : body);

  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    String receipt = ReceiptJson.write(receipt());
    seeds.add(input(Kind.RECEIPT, receipt));
    seeds.add(input(Kind.RECEIPT, receipt.replace("\"height\":", "\"height\":-")));
    Transaction transfer = Shapes.segwit();
    seeds.add(input(Kind.TRANSFER_JSON, "{\"hex\":\"" + transfer.toHex() + "\"}"));
    seeds.add(input(Kind.TRANSFER_HEX, " " + Shapes.plain().toHex() + "\n"));
    seeds.add(input(Kind.TRANSFER_HEX, transfer.toHex().toUpperCase(Locale.ROOT)));
    seeds.add(
        input(Kind.TRANSFER_BYTES, new String(transfer.toBytes(), StandardCharsets.ISO_8859_1)));
    seeds.add(input(Kind.INVOICE, "{\"amount\":\"5.00\",\"currency\":\"USD\"}"));
    seeds.add(
        input(
            Kind.INVOICE,
            "{\"Amount\":1e-7,\"metadata\":{\"orderId\":\"7\",\"n\":[1.50,{}]},\"checkout\":{"
                + "\"speedPolicy\":\"HighSpeed\",\"paymentMethods\":[\"TNDR\"],"
                + "\"expirationMinutes\":\"0.5\",\"monitoringMinutes\":10,\"paymentTolerance\":1.5,"
                + "\"redirectURL\":\"https://a.example\",\"redirectAutomatically\":\"True\","
                + "\"defaultLanguage\":\"en\",\"lazyPaymentMethods\":null},"
                + "\"receipt\":{\"enabled\":true,\"showQR\":false},"
                + "\"additionalSearchTerms\":[\"x\",5]}"));
    seeds.add(
        input(
            Kind.STORE,
            "{\"name\":\"Shop\",\"defaultCurrency\":\"eur\",\"invoiceExpiration\":\"60\","
                + "\"website\":\"https://a.example\",\"paymentTolerance\":0.5,"
                + "\"networkFeeMode\":\"never\",\"archived\":\"TRUE\",\"receipt\":{},"
                + "\"additionalTrackedRates\":[\"USD\"]}"));
    String xpub = xpub();
    seeds.add(input(Kind.WALLET, "{\"config\":\"" + xpub + "\"}"));
    seeds.add(
        input(
            Kind.WALLET,
            "{\"enabled\":true,\"config\":{\"derivationScheme\":\""
                + xpub
                + "-[taproot]\",\"label\":\"x\",\"accountKeySettings\":[{\"rootFingerprint\":"
                + "\"73c5da0a\",\"accountKeyPath\":\"84'/1'/0'\"}]}}"));
    String prevouts =
        "\"prevouts\":[{\"txid\":\""
            + Shapes.plain().prevout(0).txid()
            + "\",\"vout\":1,\"amount\":60000,\"script\":\"7551\"}]";
    String tx = "{\"tx\":\"" + Shapes.plain().toHex() + "\",";
    seeds.add(input(Kind.CHECK_LINES, tx + prevouts + "}\n\nno JSON\n{\"tx\":\"00\"}"));
    seeds.add(input(Kind.CHECK_LINES, tx + prevouts + ",\"flags\":[\"P2SH\",\"NONE\"]}\n"));
    return seeds;
  }

  private static byte[] input(Kind kind, String rest) {
    return ((char) KINDS.indexOf(kind) + rest).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String xpub() {
    return WalletAccount.of(
            new byte[64], WalletAccount.Purpose.NATIVE_SEGWIT, 0, Curve.load(Curve.Provider.AUTO))
        .xpub();
  }

  private static Receipt receipt() {
    Transaction coinbase =
        Transaction.build(
            1,
            List.of(
                network.tender.chain.TransferInput.unsigned(network.tender.chain.Outpoint.NULL)),
            List.of(Shapes.coinbase().output(0)),
            0);
    Block block = Shapes.block(coinbase, Shapes.plain());
    return new Receipt(
        NETWORK.name(),
        Shapes.plain().txid(),
        253,
        block.header(),
        1,
        MerkleTree.branch(block.txids(), 1),
        coinbase,
        MerkleTree.branch(block.txids(), 0),
        1_700_000_000_123L,
        new Certificate(
            List.of(new Certificate.Signature(NETWORK.validators().get(0), new byte[64]))));
  }

  @MethodSource("seeds")
  @FuzzTest
  void jsonBody(byte[] input) {
    check(FuzzRig.PLANTED ? PLANTED : TransferBody::decode, input);
  }

  @Test
  void rigFindsAPlantedBug() {
    FuzzRig.assertFindsPlantedBug(
        seeds(), input -> check(TransferBody::decode, input), input -> check(PLANTED, input));
  }

  /** Checks one input; true if it was read. */
  private static boolean check(TransferDecoder decoder, byte[] input) {
    if (input.length == 0) {
      return false;
    }
    byte[] body = Arrays.copyOfRange(input, 1, input.length);
    return switch (KINDS.get(input[0] & 7)) {
      case RECEIPT -> checkReceipt(new String(body, StandardCharsets.UTF_8));
      case TRANSFER_JSON -> checkTransfer(decoder, "application/json;charset=utf-8", body);
      case TRANSFER_HEX -> checkTransfer(decoder, "text/plain", body);
      case TRANSFER_BYTES -> checkTransfer(decoder, "application/octet-stream", body);
      case INVOICE -> merchantBody(body).filter(JsonBodiesFuzzTest::checkInvoice).isPresent();
      case STORE -> merchantBody(body).filter(JsonBodiesFuzzTest::checkStore).isPresent();
      case WALLET -> merchantBody(body).filter(JsonBodiesFuzzTest::checkWallet).isPresent();
      case CHECK_LINES -> checkLines(body);
    };
  }

  /** Else the search would begin far from what matters. */
  @Test
  void seedsAreRead() {
    assertThat(seeds().stream().filter(seed -> check(TransferBody::decode, seed)).count())
        .isEqualTo(seeds().size() - REFUSED_SEEDS);
  }

  private static JsonNode parse(String json) {
    return parse(json.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode parse(byte[] json) {
    try {
      return EXACT.readTree(json);
    } catch (IOException e) {
      throw new AssertionError("not JSON", e);
    }
  }

  private static boolean checkReceipt(String json) {
    Receipt receipt;
    try {
      receipt = ReceiptJson.parse(json);
    } catch (MalformedException e) {
      return false;
    }
    String written = ReceiptJson.write(receipt);
    require(parse(written).equals(parse(json)), "a receipt says something else than was read");
    try {
      Receipt again = ReceiptJson.parse(written);
      require(ReceiptJson.write(again).equals(written), "a receipt written again differs");
      require(
          ReceiptJson.write(ReceiptJson.parse(ReceiptJson.writePretty(receipt))).equals(written),
          "a receipt with line breaks differs");
    } catch (MalformedException e) {
      throw new AssertionError("a receipt that was written is not readable", e);
    }
    return true;
  }

  private static boolean checkTransfer(TransferDecoder decoder, String type, byte[] body) {
    Optional<Transaction> read = decode(decoder, type, body);
    if (read.isEmpty()) {
      return false;
    }
    Transaction transfer = read.get();
    String hex = transfer.toHex();
    if (type.startsWith("text/")) {
      String text = new String(body, StandardCharsets.ISO_8859_1);
      require(text.trim().equalsIgnoreCase(hex), "another transfer than the digits say");
    } else if (type.startsWith("application/json")) {
      String text = parse(body).path("hex").asText();
      require(text.trim().equalsIgnoreCase(hex), "another transfer than the JSON says");
    } else if (type.equals("application/octet-stream")) {
      require(Arrays.equals(body, transfer.toBytes()), "another transfer than the bytes say");
    }
    byte[] digits = hex.getBytes(StandardCharsets.US_ASCII);
    byte[] json = ("{\"hex\":\"" + hex + "\"}").getBytes(StandardCharsets.US_ASCII);
    require(decode(decoder, "text/plain", digits).equals(read), "other digits");
    require(decode(decoder, "application/json", json).equals(read), "other JSON");
    require(
        decode(decoder, "application/octet-stream", transfer.toBytes()).equals(read),
        "other bytes");
    return true;
  }

  private static Optional<Transaction> decode(TransferDecoder decoder, String type, byte[] body) {
    try {
      return Optional.of(decoder.decode(type, Buffer.buffer(body)));
    } catch (MalformedException | ProblemException e) {
      return Optional.empty();
    }
  }

  /** The object of a request to the merchant API, which is written and read again as the same. */
  private static Optional<JsonNode> merchantBody(byte[] bytes) {
    Optional<JsonNode> body = MERCHANT.body(bytes);
    if (body.isPresent()) {
      String written = ExactJson.write(body.get());
      Optional<JsonNode> again = ExactJson.parse(written.getBytes(StandardCharsets.UTF_8));
      require(
          again.isPresent() && again.get().equals(BY_VALUE, body.get()),
          "JSON that was written says something else");
    }
    return body;
  }

  private static boolean checkInvoice(JsonNode body) {
    Optional<InvoiceRequest> read = MERCHANT.invoiceRequest(body);
    if (read.isEmpty()) {
      return false;
    }
    InvoiceRequest request = read.get();
    require(ExactJson.isStorable(request.metadata()), "metadata that the database refuses");
    request.amount().ifPresent(JsonBodiesFuzzTest::checkAmount);
    for (Optional<BigDecimal> number :
        List.of(
            request.expirationMinutes(), request.monitoringMinutes(), request.tolerancePercent())) {
      number.ifPresent(
          value -> {
            require(value.signum() >= 0, "a negative number");
            require(value.toPlainString().length() < 100, "a number too long to be stored");
          });
    }
    for (String term : request.searchTerms()) {
      require(term.length() <= 200, "a search term too long to be stored");
    }
    return true;
  }

  private static void checkAmount(BigDecimal amount) {
    require(amount.signum() >= 0, "a negative amount");
    require(amount.toPlainString().length() < 100, "an amount too long to be stored");
    BigDecimal rounded = MERCHANT.rates().round(amount, "USD");
    require(rounded.subtract(amount).abs().compareTo(BigDecimal.ONE) < 0, "rounded too far");
    for (BigDecimal rate : RATES) {
      Optional<Amount> coins = Rates.toCoins(amount, rate);
      require(
          coins.isEmpty() || coins.get().toCoins().multiply(rate).compareTo(amount) >= 0,
          "fewer coins than the amount costs");
    }
  }

  private static boolean checkStore(JsonNode body) {
    Optional<StoreSettings> read = MERCHANT.storeSettings(KIOSK, body);
    if (read.isEmpty()) {
      return false;
    }
    ObjectNode json = read.get().toJson();
    Optional<StoreSettings> again = MERCHANT.storeSettings(KIOSK, json);
    require(again.isPresent(), "settings that were accepted are refused when sent back");
    require(again.get().toJson().equals(json), "settings sent back differ");
    require(read.get().invoiceExpirationSeconds() >= 60, "no time to pay");
    require(read.get().monitoringExpirationSeconds() >= 600, "no time to monitor");
    require(read.get().tolerancePercent().signum() >= 0, "a negative tolerance");
    require(!read.get().name().isBlank(), "a store without a name");
    return true;
  }

  private static boolean checkWallet(JsonNode body) {
    Optional<JsonNode> config = MERCHANT.walletConfig(body);
    if (config.isEmpty()) {
      return false;
    }
    JsonNode sentBack = ExactJson.object().set("config", config.get());
    require(MERCHANT.walletConfig(sentBack).equals(config), "a wallet sent back differs");
    return true;
  }

  private static boolean checkLines(byte[] lines) {
    ChainCheckRun run = ChainCheckRun.of(lines);
    long asked =
        new String(lines, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).count();
    require(run.answers().size() == asked, "not one answer for each line");
    boolean malformed = false;
    for (String line : run.answers()) {
      JsonNode answer = parse(line);
      String reason = answer.path("reason").textValue();
      require(answer.path("valid").isBoolean() && reason != null, "an answer of another form");
      require(
          answer.path("valid").booleanValue() == reason.isEmpty(), "valid with a reason, or none");
      malformed |= reason.startsWith("malformed input");
    }
    require(run.exitCode() == (malformed ? 1 : 0), "an exit code that says something else");
    return !malformed;
  }
}
