package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.tender.Vectors;
import network.tender.chain.Amount;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.script.CoreVector;
import network.tender.script.ScriptError;
import network.tender.script.ScriptFlag;
import network.tender.script.ScriptFlags;
import org.junit.jupiter.api.Test;

/** Bitcoin Core's own cases, put to the command as another program would put them. */
class ChainCheckVectorsTest {
  private static final String SCRIPT_FAILED = "mempool-script-verify-flag-failed";

  /** The command's answers, one for each case. */
  private static List<JsonNode> answers(List<CoreVector> vectors) {
    StringBuilder lines = new StringBuilder();
    vectors.forEach(vector -> lines.append(line(vector)).append('\n'));
    CommandRun run = CommandRun.withInput(lines.toString(), "chain", "check");
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonNode> answers = new ArrayList<>();
    for (String answer : run.out().lines().toList()) {
      try {
        answers.add(Json.parse(answer));
      } catch (JsonProcessingException e) {
        throw new AssertionError("not one JSON value: " + answer, e);
      }
    }
    assertThat(answers).hasSameSizeAs(vectors);
    return answers;
  }

  private static ObjectNode line(CoreVector vector) {
    ObjectNode line = Json.object().put("tx", vector.transaction().toHex());
    ArrayNode prevouts = line.putArray("prevouts");
    for (Map.Entry<Outpoint, TransferOutput> prevout : vector.prevouts().entrySet()) {
      prevouts
          .addObject()
          .put("txid", prevout.getKey().txid().toString())
          .put("vout", Integer.toUnsignedLong(prevout.getKey().index()))
          .put("amount", prevout.getValue().amount().sat())
          .put("script", prevout.getValue().script().toHex());
    }
    ArrayNode flags = line.putArray("flags");
    vector.flags().forEach(flag -> flags.add(flag.name()));
    return line;
  }

  private static void assertValid(CoreVector vector, JsonNode answer) {
    assertThat(answer.get("valid").asBoolean()).as(vector.name() + answer).isTrue();
    assertThat(answer.get("reason").asText()).isEmpty();
  }

  private static void assertRefused(CoreVector vector, JsonNode answer, String reason) {
    assertThat(answer.get("valid").asBoolean()).as(vector.name()).isFalse();
    assertThat(answer.get("reason").asText()).as(vector.name()).isEqualTo(reason);
  }

  @Test
  void everyScriptTestHasCoresVerdictAndCoresError() {
    List<CoreVector> vectors = CoreVector.scriptTests();
    List<JsonNode> answers = answers(vectors);
    Set<ScriptError> errors = EnumSet.noneOf(ScriptError.class);
    int valid = 0;
    for (int i = 0; i < vectors.size(); i++) {
      CoreVector vector = vectors.get(i);
      if (vector.expected().equals(CoreVector.OK)) {
        assertValid(vector, answers.get(i));
        valid++;
      } else {
        ScriptError error = ScriptError.valueOf(vector.expected());
        assertRefused(vector, answers.get(i), SCRIPT_FAILED + " (" + error.text() + ")");
        errors.add(error);
      }
    }
    assertThat(vectors).hasSize(1_222);
    assertThat(valid).isEqualTo(675);
    assertThat(errors).hasSize(39);
    Vectors.report(
        "script_tests.json",
        vectors.size(),
        "through chain check: "
            + valid
            + " valid, "
            + (vectors.size() - valid)
            + " refused with Core's error, of "
            + errors.size()
            + " kinds");
  }

  @Test
  void everyValidTransactionIsValid() {
    List<CoreVector> vectors = CoreVector.validTransactions();
    List<JsonNode> answers = answers(vectors);
    for (int i = 0; i < vectors.size(); i++) {
      assertValid(vectors.get(i), answers.get(i));
    }
    assertThat(vectors).hasSize(121);
    Vectors.report("tx_valid.json", vectors.size(), "through chain check: all valid");
  }

  @Test
  void everyInvalidTransactionIsRefused() {
    List<CoreVector> vectors = CoreVector.invalidTransactions();
    List<JsonNode> answers = answers(vectors);
    int structure = 0;
    for (int i = 0; i < vectors.size(); i++) {
      CoreVector vector = vectors.get(i);
      assertThat(answers.get(i).get("valid").asBoolean()).as(vector.name()).isFalse();
      String reason = answers.get(i).get("reason").asText();
      if (vector.expected().equals(CoreVector.BAD_STRUCTURE)) {
        assertThat(reason).as(vector.name()).matches("bad-(txns|cb)-[a-z-]+");
        structure++;
      } else {
        assertThat(reason).as(vector.name()).startsWith(SCRIPT_FAILED + " (");
      }
    }
    assertThat(vectors).hasSize(93);
    assertThat(structure).isEqualTo(9);
    Vectors.report(
        "tx_invalid.json",
        vectors.size(),
        "through chain check: all refused, " + structure + " for their structure");
  }

  /** The signed transaction of BIP341's wallet vectors, and what it spends. */
  private static List<CoreVector> walletTransaction(Set<ScriptFlag> flags) throws Exception {
    List<CoreVector> vectors = new ArrayList<>();
    for (JsonNode spending : Vectors.json("bip341_wallet_vectors.json").get("keyPathSpending")) {
      Transaction transaction =
          Transaction.parseHex(spending.at("/auxiliary/fullySignedTx").asText());
      Map<Outpoint, TransferOutput> prevouts = new LinkedHashMap<>();
      for (int i = 0; i < transaction.inputCount(); i++) {
        JsonNode spent = spending.at("/given/utxosSpent").get(i);
        prevouts.put(
            transaction.prevout(i),
            new TransferOutput(
                Amount.ofSat(spent.get("amountSats").asLong()),
                Script.of(HexFormat.of().parseHex(spent.get("scriptPubKey").asText()))));
      }
      vectors.add(
          new CoreVector("the wallet's transaction", transaction, prevouts, flags, CoreVector.OK));
    }
    assertThat(vectors).hasSize(1);
    return vectors;
  }

  @Test
  void theWalletsTransactionIsValidByEverySetOfRules() throws Exception {
    int inputs = 0;
    for (ScriptFlags flags :
        List.of(ScriptFlags.NONE, ScriptFlags.CONSENSUS, ScriptFlags.STANDARD)) {
      List<CoreVector> vectors = walletTransaction(flags.flags());
      assertValid(vectors.get(0), answers(vectors).get(0));
      inputs = vectors.get(0).transaction().inputCount();
    }
    CoreVector vector = walletTransaction(Set.of()).get(0);
    ObjectNode byTheLedgersRules = line(vector);
    byTheLedgersRules.remove("flags");
    CommandRun run = CommandRun.withInput(byTheLedgersRules.toString(), "chain", "check");
    // Its second output is of no known type, which only the ledger minds.
    assertRefused(vector, run.json(), "scriptpubkey");
    assertThat(inputs).isEqualTo(9);
    Vectors.report(
        "bip341_wallet_vectors.json", 1, "transaction of 9 inputs through chain check: valid");
  }

  @Test
  void everyChangedByteOfTheWalletsWitnessesIsRefused() throws Exception {
    CoreVector vector = walletTransaction(ScriptFlags.CONSENSUS.flags()).get(0);
    byte[] raw = vector.transaction().toBytes();
    int witnessFrom = vector.transaction().strippedSize() + 2 - 4;
    StringBuilder lines = new StringBuilder();
    for (int i = witnessFrom; i < raw.length - 4; i++) {
      byte[] changed = raw.clone();
      changed[i] ^= 1;
      lines.append(line(vector).put("tx", HexFormat.of().formatHex(changed))).append('\n');
    }
    CommandRun run = CommandRun.withInput(lines.toString(), "chain", "check");
    List<String> answers = run.out().lines().toList();
    assertThat(answers)
        .hasSize(raw.length - 4 - witnessFrom)
        .allMatch(answer -> answer.startsWith("{\"valid\":false"));
    Vectors.report(
        "bip341_wallet_vectors.json",
        answers.size(),
        "changed bytes of its witnesses through chain check: all refused");
  }
}
