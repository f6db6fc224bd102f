package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.Opcode;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.junit.jupiter.api.Test;

/** Our verdict is Core's, bitcoinj's is not, and the list of deviations knows the case. */
class BitcoinjDeviationTest {
  private static BitcoinjDeviation shown(String script, ScriptFlag... rules) {
    return shown(spend(Script.EMPTY), CoreScript.parse(script), rules);
  }

  private static BitcoinjDeviation shown(Transaction spend, Script locking, ScriptFlag... rules) {
    List<TransferOutput> spent = List.of(new TransferOutput(Amount.ZERO, locking));
    ScriptFlags flags = ScriptFlags.of(List.of(rules));
    assertThat(ScriptJudge.tender().judge(spend, spent, 0, flags).valid()).isTrue();
    Optional<Disagreement> disagreement =
        Disagreement.between(ScriptJudge.tender(), ScriptJudge.bitcoinj(), spend, spent, 0, flags);
    assertThat(disagreement).as("bitcoinj has come to agree").isPresent();
    return BitcoinjDeviation.explanation(disagreement.orElseThrow()).orElseThrow();
  }

  private static Transaction spend(Script scriptSig) {
    return Transaction.build(
        2,
        List.of(new TransferInput(new Outpoint(Hash.ZERO, 0), scriptSig, 5, List.of())),
        List.of(new TransferOutput(Amount.ZERO, Script.EMPTY)),
        0);
  }

  /** A signature whose outer length is wrong, which nobody looked at before BIP66. */
  private static BitcoinjDeviation shownByLaxSignature() {
    byte[] secret = Hashing.sha256(new byte[] {3});
    Script locking =
        RandomSpend.script(
            RandomSpend.push(RandomSpend.CURVE.publicKey(secret)),
            new byte[] {(byte) Opcode.CHECKSIG});
    byte[] hash = LegacySignatureHash.of(spend(Script.EMPTY), 0, locking, SpendContext.ALL);
    byte[] signature = Der.encode(RandomSpend.CURVE.signEcdsa(secret, hash), SpendContext.ALL);
    signature[1] = (byte) (signature[1] + 32);
    return shown(spend(Script.push(signature)), locking);
  }

  private static Transaction payingLessThanNothing() throws MalformedException {
    String nothing = "00".repeat(8) + "00" + "00000000";
    String lessThanNothing = "fe" + "ff".repeat(7) + "00" + "00000000";
    return Transaction.parseHex(spend(Script.EMPTY).toHex().replace(nothing, lessThanNothing));
  }

  @Test
  void everyDeviationIsShown() throws Exception {
    Set<BitcoinjDeviation> shown = EnumSet.noneOf(BitcoinjDeviation.class);
    shown.add(shown("1 CHECKLOCKTIMEVERIFY", ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS));
    shown.add(shown("1 CHECKSEQUENCEVERIFY", ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS));
    shown.add(shownByLaxSignature());
    shown.add(shown(payingLessThanNothing(), CoreScript.parse("1")));
    assertThat(shown).containsExactly(BitcoinjDeviation.values());
  }
}
