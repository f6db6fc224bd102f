package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import network.tender.Vectors;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Opcode;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.junit.jupiter.api.Test;

/** The control blocks of BIP341's wallet vectors prove their leaves, and nothing else does. */
class ScriptPathVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final int TAPSCRIPT_LEAF = 0xc0;

  private record Leaf(Script script, int version) {}

  private static List<Leaf> leaves(JsonNode tree) {
    List<Leaf> leaves = new ArrayList<>();
    if (tree.isArray()) {
      tree.forEach(branch -> leaves.addAll(leaves(branch)));
    } else if (tree.isObject()) {
      leaves.add(
          new Leaf(
              Script.of(HEX.parseHex(tree.get("script").asText())),
              tree.get("leafVersion").asInt()));
    }
    return leaves;
  }

  private static Optional<ScriptError> verify(
      Script locking, ScriptFlags flags, List<byte[]> witness) {
    Transaction spend =
        Transaction.build(
            2,
            List.of(TransferInput.unsigned(new Outpoint(Hash.ZERO, 0)).withWitness(witness)),
            List.of(new TransferOutput(Amount.ofSat(1), Script.EMPTY)),
            0);
    return ScriptVerifier.verify(
        CURVE,
        new SpendContext(spend, List.of(new TransferOutput(Amount.ofSat(2), locking))),
        0,
        flags,
        ScriptBudget.unlimited());
  }

  /** The items below leaf and control block: an empty signature where the leaf asks for one. */
  private static List<byte[]> witness(Script script, byte[] control) {
    return asksForSignature(script)
        ? List.of(new byte[0], script.toBytes(), control)
        : List.of(script.toBytes(), control);
  }

  private static boolean asksForSignature(Script script) {
    return script.byteAt(script.length() - 1) == Opcode.CHECKSIG;
  }

  /** What running a leaf comes to if its commitment holds. */
  private static Optional<ScriptError> outcome(Leaf leaf, ScriptFlags flags) {
    if (leaf.version() != TAPSCRIPT_LEAF) {
      return flags.has(ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION)
          ? Optional.of(ScriptError.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION)
          : Optional.empty();
    }
    return asksForSignature(leaf.script()) ? Optional.of(ScriptError.EVAL_FALSE) : Optional.empty();
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] changed = bytes.clone();
    changed[bit / 8] ^= (byte) (1 << (bit % 8));
    return changed;
  }

  @Test
  void everyControlBlockProvesItsLeafAndNoChangedOneDoes() {
    int proved = 0;
    int refused = 0;
    for (JsonNode vector : Vectors.json("bip341_wallet_vectors.json").get("scriptPubKey")) {
      Script locking = Script.of(HEX.parseHex(vector.at("/expected/scriptPubKey").asText()));
      JsonNode blocks = vector.at("/expected/scriptPathControlBlocks");
      List<Leaf> leaves = leaves(vector.at("/given/scriptTree"));
      assertThat(leaves).hasSize(blocks.size());
      for (int i = 0; i < leaves.size(); i++) {
        Leaf leaf = leaves.get(i);
        byte[] control = HEX.parseHex(blocks.get(i).asText());
        for (ScriptFlags flags : List.of(ScriptFlags.CONSENSUS, ScriptFlags.STANDARD)) {
          assertThat(verify(locking, flags, witness(leaf.script(), control)))
              .isEqualTo(outcome(leaf, flags));
          proved++;
        }
        for (int bit = 0; bit < 8 * control.length; bit++) {
          assertThat(
                  verify(
                      locking,
                      ScriptFlags.CONSENSUS,
                      witness(leaf.script(), flipped(control, bit))))
              .as("bit %d of the control block", bit)
              .contains(ScriptError.WITNESS_PROGRAM_MISMATCH);
          refused++;
        }
        for (int bit = 0; bit < 8 * leaf.script().length(); bit++) {
          assertThat(
                  verify(
                      locking,
                      ScriptFlags.CONSENSUS,
                      List.of(new byte[0], flipped(leaf.script().toBytes(), bit), control)))
              .as("bit %d of the leaf", bit)
              .contains(ScriptError.WITNESS_PROGRAM_MISMATCH);
          refused++;
        }
      }
    }
    assertThat(proved).isEqualTo(2 * 12);
    Vectors.report(
        "bip341_wallet_vectors.json",
        proved / 2,
        "control blocks prove their leaves, " + refused + " with a changed bit refused");
  }
}
