package network.tender.script;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.tender.Vectors;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;

/**
 * One case of Bitcoin Core's script_tests.json, tx_valid.json or tx_invalid.json.
 *
 * @param name the case as the file has it
 * @param transaction what is judged
 * @param prevouts the outputs it may spend
 * @param flags the rules it is judged by
 * @param expected {@link #OK}, the name of the script error, or, for tx_invalid.json, {@link
 *     #BAD_STRUCTURE} or {@link #INVALID}
 */
public record CoreVector(
    String name,
    Transaction transaction,
    Map<Outpoint, TransferOutput> prevouts,
    Set<ScriptFlag> flags,
    String expected) {
  /** The verdict on a valid case. */
  public static final String OK = "OK";

  /** A case whose transaction is bad whatever its scripts do. */
  public static final String BAD_STRUCTURE = "BADTX";

  /** A case some script of which fails; the file does not say how. */
  public static final String INVALID = "INVALID";

  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final byte[] ONE = HexFormat.of().parseHex("00".repeat(31) + "01");
  private static final int TAPSCRIPT_LEAF = 0xc0;

  /** The outputs in the order of the inputs that spend them. */
  List<TransferOutput> spent() {
    List<TransferOutput> spent = new ArrayList<>();
    for (int i = 0; i < transaction.inputCount(); i++) {
      spent.add(prevouts.get(transaction.prevout(i)));
    }
    return spent;
  }

  /** The cases of script_tests.json. */
  public static List<CoreVector> scriptTests() {
    List<CoreVector> vectors = new ArrayList<>();
    for (JsonNode test : Vectors.json("script_tests.json")) {
      // The other rows, of one text each, are comments.
      if (test.size() > 1) {
        vectors.add(scriptTest(test));
      }
    }
    return vectors;
  }

  private static CoreVector scriptTest(JsonNode test) {
    boolean segwit = test.get(0).isArray();
    int at = segwit ? 1 : 0;
    Amount amount = Amount.ZERO;
    List<byte[]> witness = new ArrayList<>();
    byte[] outputKey = new byte[0];
    if (segwit) {
      JsonNode stack = test.get(0);
      int last = stack.size() - 1;
      amount = Amount.ofCoins(new BigDecimal(stack.get(last).asText()));
      for (int i = 0; i < last; i++) {
        String item = stack.get(i).asText();
        if (item.startsWith("#SCRIPT#")) {
          witness.add(CoreScript.parse(item.substring("#SCRIPT#".length())).toBytes());
        } else if (item.equals("#CONTROLBLOCK#")) {
          byte[] tweaked = onlyLeaf(witness.get(i - 1));
          outputKey = java.util.Arrays.copyOfRange(tweaked, 1, 33);
          byte[] control = CURVE.publicKey(ONE);
          control[0] = (byte) (TAPSCRIPT_LEAF | (tweaked[0] & 1));
          witness.add(control);
        } else {
          witness.add(HexFormat.of().parseHex(item));
        }
      }
    }
    Script scriptSig = CoreScript.parse(test.get(at).asText());
    String lockingText =
        test.get(at + 1)
            .asText()
            .replace("#TAPROOTOUTPUT#", "0x" + HexFormat.of().formatHex(outputKey));
    TransferOutput output = new TransferOutput(amount, CoreScript.parse(lockingText));
    return spend(
        test.toString(),
        output,
        scriptSig,
        witness,
        flags(test.get(at + 2).asText()),
        test.get(at + 3).asText());
  }

  /** The output key whose script tree is one tapscript and whose internal key is that of 1. */
  private static byte[] onlyLeaf(byte[] script) {
    byte[] internal = CURVE.publicKey(ONE);
    return CURVE.addTweak(
        internal, Taproot.tweak(internal, Taproot.leafHash(TAPSCRIPT_LEAF, script)));
  }

  /** How Core's script tests pay to a script and spend it. */
  private static CoreVector spend(
      String name,
      TransferOutput output,
      Script scriptSig,
      List<byte[]> witness,
      Set<ScriptFlag> flags,
      String expected) {
    TransferInput nothing =
        new TransferInput(
            Outpoint.NULL, Script.of(new byte[] {0, 0}), TransferInput.SEQUENCE_FINAL, List.of());
    Transaction credit = Transaction.build(1, List.of(nothing), List.of(output), 0);
    TransferInput input =
        new TransferInput(credit.outpoint(0), scriptSig, TransferInput.SEQUENCE_FINAL, witness);
    Transaction spend =
        Transaction.build(
            1, List.of(input), List.of(new TransferOutput(output.amount(), Script.EMPTY)), 0);
    return new CoreVector(name, spend, Map.of(credit.outpoint(0), output), flags, expected);
  }

  /** The cases of tx_valid.json, whose flags are those to be left out. */
  public static List<CoreVector> validTransactions() {
    List<CoreVector> vectors = new ArrayList<>();
    for (JsonNode test : transactionTests("tx_valid.json")) {
      EnumSet<ScriptFlag> excluded = EnumSet.noneOf(ScriptFlag.class);
      excluded.addAll(flags(test.get(2).asText()));
      vectors.add(transactionTest(test, EnumSet.complementOf(excluded), OK));
    }
    return vectors;
  }

  /** The cases of tx_invalid.json. */
  public static List<CoreVector> invalidTransactions() {
    List<CoreVector> vectors = new ArrayList<>();
    for (JsonNode test : transactionTests("tx_invalid.json")) {
      String flags = test.get(2).asText();
      vectors.add(
          flags.equals(BAD_STRUCTURE)
              ? transactionTest(test, Set.of(), BAD_STRUCTURE)
              : transactionTest(test, flags(flags), INVALID));
    }
    return vectors;
  }

  private static List<JsonNode> transactionTests(String file) {
    List<JsonNode> tests = new ArrayList<>();
    for (JsonNode test : Vectors.json(file)) {
      // The other rows are comments.
      if (test.path(0).isArray()) {
        tests.add(test);
      }
    }
    return tests;
  }

  private static CoreVector transactionTest(JsonNode test, Set<ScriptFlag> flags, String expected) {
    Map<Outpoint, TransferOutput> prevouts = new LinkedHashMap<>();
    for (JsonNode prevout : test.get(0)) {
      prevouts.put(
          new Outpoint(Hash.fromDisplayHex(prevout.get(0).asText()), prevout.get(1).asInt()),
          new TransferOutput(
              Amount.ofSat(prevout.path(3).asLong(0)), CoreScript.parse(prevout.get(2).asText())));
    }
    try {
      return new CoreVector(
          test.toString(), Transaction.parseHex(test.get(1).asText()), prevouts, flags, expected);
    } catch (MalformedException e) {
      throw new AssertionError("Core reads it: " + test, e);
    }
  }

  private static Set<ScriptFlag> flags(String names) {
    EnumSet<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
    for (String name : names.split(",", 0)) {
      if (!name.isEmpty() && !name.equals("NONE")) {
        flags.add(ScriptFlag.valueOf(name));
      }
    }
    return flags;
  }
}
