package network.tender.ledger;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.chain.Utf8Text;
import network.tender.chain.XOnlyKey;

/**
 * Receipts as JSON text, for people and tools. Hashes are in display order, as everywhere in
 * Bitcoin's tools; header, keys and signatures are the plain bytes as hex digits.
 */
public final class ReceiptJson {
  /** More text than any receipt has. */
  private static final int MAX_CHARACTERS = 100_000;

  private static final int SIGNATURE_BYTES = 64;

  /** No tree of more transactions than a position can number. */
  private static final int MAX_BRANCH = 31;

  private static final Set<String> FIELDS =
      Set.of(
          "network",
          "txid",
          "height",
          "blockHash",
          "header",
          "position",
          "branch",
          "coinbase",
          "coinbaseBranch",
          "timeMillis",
          "certificate");
  private static final Set<String> SIGNATURE_FIELDS = Set.of("validator", "signature");
  private static final Pattern NETWORK_NAME = Pattern.compile("[a-z0-9-]{1,32}");
  private static final Pattern LOWER_HEX = Pattern.compile("[0-9a-f]*");

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final ObjectReader READER =
      MAPPER
          .reader()
          .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Jackson's usual layout, but the same on every platform. */
  private static final ObjectWriter PRETTY =
      MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  private ReceiptJson() {}

  /** A receipt as one JSON object on one line. */
  public static String write(Receipt receipt) {
    ReceiptWriter writer = new ReceiptWriter();
    Utf8Text json = new Utf8Text(writer.characters(receipt));
    writer.append(json, receipt);
    return json.toString();
  }

  /** A receipt as a JSON object with line breaks, for files that people open. */
  public static String writePretty(Receipt receipt) {
    try {
      return PRETTY.writeValueAsString(toNode(receipt));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  private static ObjectNode toNode(Receipt receipt) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("network", receipt.network());
    node.put("txid", receipt.txid().toString());
    node.put("height", receipt.height());
    node.put("blockHash", receipt.blockHash().toString());
    node.put("header", HexFormat.of().formatHex(receipt.header().toBytes()));
    node.put("position", receipt.position());
    putHashes(node.putArray("branch"), receipt.branch());
    node.put("coinbase", receipt.coinbase().toHex());
    putHashes(node.putArray("coinbaseBranch"), receipt.coinbaseBranch());
    node.put("timeMillis", receipt.timeMillis());
    ArrayNode certificate = node.putArray("certificate");
    for (Certificate.Signature signature : receipt.certificate().signatures()) {
      certificate
          .addObject()
          .put("validator", signature.validator().toString())
          .put("signature", HexFormat.of().formatHex(signature.bytes()));
    }
    return node;
  }

  private static void putHashes(ArrayNode array, List<Hash> hashes) {
    for (Hash hash : hashes) {
      array.add(hash.toString());
    }
  }

  /**
   * Reads what {@link #write} wrote, strictly: unknown, missing, doubled or malformed fields are
   * refused, upper-case hex digits too, and so is a block hash that is not the header's.
   *
   * @throws MalformedException if the text is no receipt
   */
  public static Receipt parse(String json) throws MalformedException {
    return read(tree(json));
  }

  /**
   * Reads a file that holds what {@link #write} or {@link #writePretty} wrote, to the byte; only a
   * line feed may follow. So no byte of the file can be changed without notice, not even one that
   * says the same in another spelling.
   *
   * @throws MalformedException if the file is no receipt or is written differently
   */
  public static Receipt parseFile(byte[] utf8) throws MalformedException {
    Receipt receipt = parse(new String(utf8, StandardCharsets.UTF_8));
    demandForm(utf8, List.of(write(receipt), writePretty(receipt)));
    return receipt;
  }

  /**
   * Demands that a file is one of some texts, to the byte; only a line feed may follow.
   *
   * @throws MalformedException if it is not
   */
  public static void demandForm(byte[] utf8, List<String> forms) throws MalformedException {
    for (String form : forms) {
      if (Arrays.equals(utf8, form.getBytes(StandardCharsets.UTF_8))
          || Arrays.equals(utf8, (form + "\n").getBytes(StandardCharsets.UTF_8))) {
        return;
      }
    }
    throw new MalformedException("not byte for byte as a node or wallet writes it");
  }

  private static JsonNode tree(String json) throws MalformedException {
    if (json.length() > MAX_CHARACTERS) {
      throw new MalformedException("too long for a receipt");
    }
    try {
      return READER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new MalformedException("not JSON");
    }
  }

  private static Receipt read(JsonNode node) throws MalformedException {
    requireFields(node, FIELDS, "a receipt");
    BlockHeader header = BlockHeader.parse(bytes(node, "header", BlockHeader.SIZE_BYTES));
    if (!hash(text(node, "blockHash"), "blockHash").equals(header.hash())) {
      throw new MalformedException("blockHash is not the hash of the header");
    }
    String network = text(node, "network");
    if (!NETWORK_NAME.matcher(network).matches()) {
      throw new MalformedException("network is no network's name");
    }
    List<Certificate.Signature> signatures = new ArrayList<>();
    for (JsonNode signature : array(node, "certificate", Certificate.MAX_SIGNATURES)) {
      requireFields(signature, SIGNATURE_FIELDS, "a signature");
      signatures.add(
          new Certificate.Signature(
              XOnlyKey.of(bytes(signature, "validator", Hash.SIZE_BYTES)),
              bytes(signature, "signature", SIGNATURE_BYTES)));
    }
    return new Receipt(
        network,
        hash(text(node, "txid"), "txid"),
        (int) number(node, "height", Integer.MAX_VALUE),
        header,
        (int) number(node, "position", Integer.MAX_VALUE),
        hashes(node, "branch"),
        coinbase(node),
        hashes(node, "coinbaseBranch"),
        number(node, "timeMillis", Long.MAX_VALUE),
        new Certificate(signatures));
  }

  private static List<Hash> hashes(JsonNode node, String field) throws MalformedException {
    List<Hash> hashes = new ArrayList<>();
    for (JsonNode hash : array(node, field, MAX_BRANCH)) {
      hashes.add(hash(hash.isTextual() ? hash.textValue() : "", field));
    }
    return hashes;
  }

  private static Transaction coinbase(JsonNode node) throws MalformedException {
    String hex = text(node, "coinbase");
    if (hex.length() % 2 != 0 || !LOWER_HEX.matcher(hex).matches()) {
      throw new MalformedException("coinbase has lower-case hex digits");
    }
    Transaction coinbase = Transaction.parseHex(hex);
    // A witness is no part of the txid, so nothing would prove it.
    if (!coinbase.isCoinbase() || coinbase.hasWitness()) {
      throw new MalformedException("coinbase is a block's first transaction without its witness");
    }
    return coinbase;
  }

  private static void requireFields(JsonNode node, Set<String> fields, String what)
      throws MalformedException {
    if (!node.isObject()) {
      throw new MalformedException(what + " is a JSON object");
    }
    Set<String> names = new HashSet<>();
    node.fieldNames().forEachRemaining(names::add);
    if (!names.equals(fields)) {
      throw new MalformedException(what + " has exactly the fields " + String.join(", ", fields));
    }
  }

  private static String text(JsonNode node, String field) throws MalformedException {
    JsonNode value = node.get(field);
    if (!value.isTextual()) {
      throw new MalformedException(field + " is a text");
    }
    return value.textValue();
  }

  private static JsonNode array(JsonNode node, String field, int most) throws MalformedException {
    JsonNode value = node.get(field);
    if (!value.isArray() || value.size() > most) {
      throw new MalformedException(field + " is an array of at most " + most);
    }
    return value;
  }

  private static long number(JsonNode node, String field, long most) throws MalformedException {
    JsonNode value = node.get(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 0
        || value.longValue() > most) {
      throw new MalformedException(field + " is a whole number from 0 to " + most);
    }
    return value.longValue();
  }

  private static byte[] bytes(JsonNode node, String field, int count) throws MalformedException {
    String hex = text(node, field);
    if (hex.length() != 2 * count || !LOWER_HEX.matcher(hex).matches()) {
      throw new MalformedException(field + " has " + 2 * count + " lower-case hex digits");
    }
    return HexFormat.of().parseHex(hex);
  }

  private static Hash hash(String hex, String field) throws MalformedException {
    if (hex.length() != 2 * Hash.SIZE_BYTES || !LOWER_HEX.matcher(hex).matches()) {
      throw new MalformedException(field + " has 64 lower-case hex digits each");
    }
    return Hash.fromDisplayHex(hex);
  }
}
