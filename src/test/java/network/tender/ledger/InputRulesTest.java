package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Network;
import network.tender.chain.Opcode;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import org.junit.jupiter.api.Test;

/** The rules about signature scripts and witnesses, and the count of signature operations. */
class InputRulesTest {
  private static final Rules RULES = new Rules(Network.regtest(), Policy.DEFAULT);
  private static final Script ONE_CHECK = script("ac");

  private static Script script(String hex) {
    return Script.of(HexFormat.of().parseHex(hex));
  }

  private static Script repeated(int count, int opcode) {
    return Script.of(Chains.filled(count, opcode));
  }

  private static Script scriptHash(Script redeem) {
    return Script.p2sh(Hashing.hash160(redeem.toBytes()));
  }

  private static Script witnessScriptHash(Script script) {
    return Script.p2wsh(Hashing.sha256(script.toBytes()));
  }

  private static Coin coin(Script locking) {
    return new Coin(Amount.ofSat(10_000), locking, 1, false);
  }

  private static Transaction transfer(Script scriptSig, List<byte[]> witness) {
    return transfer(1, scriptSig, witness);
  }

  private static Transaction transfer(int inputs, Script scriptSig, List<byte[]> witness) {
    List<TransferInput> list = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      list.add(
          new TransferInput(
              new Outpoint(new Hash(1, 2, 3, 4), i),
              scriptSig,
              TransferInput.SEQUENCE_FINAL,
              witness));
    }
    return Transaction.build(2, list, List.of(Chains.output(5_000, Chains.BOB)), 0);
  }

  private static Optional<Reason> contextFree(Script scriptSig) {
    return RULES.checkContextFree(transfer(scriptSig, List.of())).map(Rejection::reason);
  }

  private static Optional<Reason> check(Script locking, Script scriptSig, List<byte[]> witness) {
    return Optional.ofNullable(
            InputRules.check(transfer(scriptSig, witness), List.of(coin(locking))))
        .map(Rejection::reason);
  }

  private static List<byte[]> items(int count, int bytes, byte[]... last) {
    List<byte[]> items = new ArrayList<>(Collections.nCopies(count, Chains.filled(bytes, 1)));
    items.addAll(Arrays.asList(last));
    return items;
  }

  @Test
  void signatureScriptsArePushesOfLimitedSize() {
    assertThat(contextFree(script("51600102"))).isEmpty();
    assertThat(contextFree(script("61"))).contains(Reason.SIGNATURE_SCRIPT_NOT_PUSH);
    assertThat(contextFree(script("02ff"))).contains(Reason.SIGNATURE_SCRIPT_NOT_PUSH);
    assertThat(contextFree(repeated(1_650, Opcode.OP_1))).isEmpty();
    assertThat(contextFree(repeated(1_651, Opcode.OP_1))).contains(Reason.SIGNATURE_SCRIPT_SIZE);
    assertThat(contextFree(repeated(1_651, Opcode.NOP))).contains(Reason.SIGNATURE_SCRIPT_SIZE);
  }

  @Test
  void aTransferOfTooManyInputsIsRefusedBeforeAnySignatureIsLookedAt() {
    assertThat(RULES.checkContextFree(transfer(600, Script.EMPTY, List.of()))).isEmpty();
    assertThat(RULES.checkContextFree(transfer(601, Script.EMPTY, List.of())))
        .map(Rejection::reason)
        .contains(Reason.TOO_COSTLY);
  }

  @Test
  void severalKeysAreOnlyPaidBehindAHash() {
    String key = "21" + "02" + "11".repeat(32);
    for (Script bare :
        List.of(script("51" + key + "51ae"), script("52" + key + key + key + "53ae"))) {
      assertThat(bare.type()).isEqualTo(Script.Type.MULTISIG);
      Transaction transfer =
          Chains.spend(new Outpoint(new Hash(1, 2, 3, 4), 0)).pay(5_000, bare).build();
      assertThat(RULES.checkContextFree(transfer).map(Rejection::reason))
          .contains(Reason.BARE_MULTISIG);
    }
    for (String other :
        List.of(
            "53" + key + key + "52ae",
            "51" + key.repeat(4) + "54ae",
            "51" + key + "52ae",
            "51" + "20" + "11".repeat(32) + "51ae",
            "00" + key + "51ae",
            "ae",
            "51ae")) {
      assertThat(script(other).type()).as(other).isEqualTo(Script.Type.UNKNOWN);
    }
  }

  @Test
  void everyOutputScriptIsLookedAtBeforeAnyDust() {
    Transaction transfer =
        Chains.spend(new Outpoint(new Hash(1, 2, 3, 4), 0))
            .pay(1, Chains.ALICE)
            .pay(5_000, script("51"))
            .build();
    assertThat(RULES.checkContextFree(transfer).map(Rejection::reason))
        .contains(Reason.OUTPUT_SCRIPT);
  }

  @Test
  void coinsOfUnknownScriptsCantBeSpent() {
    for (String unknown : List.of("51", "", "51024e73", "5220" + "00".repeat(32), "0003010203")) {
      assertThat(check(script(unknown), Script.EMPTY, List.of()))
          .as(unknown)
          .contains(Reason.INPUT_SCRIPT);
    }
    assertThat(check(Script.p2pkh(new byte[20]), Script.EMPTY, List.of())).isEmpty();
  }

  @Test
  void aScriptHashNeedsItsScriptAndHasFewSignatureOperations() {
    Script fifteen = repeated(15, Opcode.CHECKSIG);
    Script sixteen = repeated(16, Opcode.CHECKSIG);
    assertThat(check(scriptHash(fifteen), Script.push(fifteen.toBytes()), List.of())).isEmpty();
    assertThat(check(scriptHash(sixteen), Script.push(sixteen.toBytes()), List.of()))
        .contains(Reason.INPUT_SCRIPT);
    assertThat(check(scriptHash(fifteen), Script.EMPTY, List.of())).contains(Reason.INPUT_SCRIPT);
  }

  @Test
  void operationsOutsideTheWitnessAreLimitedForTheWholeTransfer() {
    Script fifteen = repeated(15, Opcode.CHECKSIG);
    Script push = Script.push(fifteen.toBytes());
    for (int inputs : List.of(166, 167)) {
      Rejection rejection =
          InputRules.check(
              transfer(inputs, push, List.of()),
              Collections.nCopies(inputs, coin(scriptHash(fifteen))));
      assertThat(Optional.ofNullable(rejection).map(Rejection::reason))
          .isEqualTo(inputs == 166 ? Optional.empty() : Optional.of(Reason.INPUT_SCRIPT));
    }
  }

  @Test
  void aWitnessIsOnlyForCoinsThatAskForOne() {
    List<byte[]> some = List.of(new byte[1]);
    assertThat(check(Script.p2pkh(new byte[20]), Script.EMPTY, some))
        .contains(Reason.WITNESS_NOT_STANDARD);
    assertThat(check(scriptHash(ONE_CHECK), Script.push(ONE_CHECK.toBytes()), some))
        .contains(Reason.WITNESS_NOT_STANDARD);
    assertThat(check(Chains.ALICE, Script.EMPTY, some)).isEmpty();
    Script wrapped = Script.p2wpkh(new byte[20]);
    assertThat(check(scriptHash(wrapped), Script.push(wrapped.toBytes()), some)).isEmpty();
  }

  @Test
  void witnessScriptsAndTheirItemsAreLimited() {
    byte[] script = Chains.filled(3_600, Opcode.NOP);
    Script locking = witnessScriptHash(Script.of(script));
    assertThat(check(locking, Script.EMPTY, items(100, 80, script))).isEmpty();
    assertThat(check(locking, Script.EMPTY, items(101, 80, script)))
        .contains(Reason.WITNESS_NOT_STANDARD);
    assertThat(check(locking, Script.EMPTY, items(1, 81, script)))
        .contains(Reason.WITNESS_NOT_STANDARD);
    assertThat(check(locking, Script.EMPTY, List.of(Chains.filled(3_601, Opcode.NOP))))
        .contains(Reason.WITNESS_NOT_STANDARD);
    Script push = Script.push(locking.toBytes());
    assertThat(check(scriptHash(locking), push, items(1, 81, script)))
        .contains(Reason.WITNESS_NOT_STANDARD);
  }

  @Test
  void taprootHasNoAnnexAndSmallItems() {
    byte[] leaf = Chains.filled(5_000, Opcode.NOP);
    byte[] control = Chains.filled(33, 0xc0);
    byte[] unknownLeaf = Chains.filled(33, 0xc2);
    assertThat(check(Chains.BOB, Script.EMPTY, items(300, 80, leaf, control))).isEmpty();
    assertThat(check(Chains.BOB, Script.EMPTY, items(1, 81, leaf, control)))
        .contains(Reason.WITNESS_NOT_STANDARD);
    assertThat(check(Chains.BOB, Script.EMPTY, items(1, 81, leaf, unknownLeaf))).isEmpty();
    assertThat(check(Chains.BOB, Script.EMPTY, items(1, 64, new byte[] {0x50})))
        .contains(Reason.WITNESS_NOT_STANDARD);
    assertThat(check(Chains.BOB, Script.EMPTY, items(1, 64, new byte[0])))
        .contains(Reason.WITNESS_NOT_STANDARD);
    assertThat(check(Chains.BOB, Script.EMPTY, items(1, 64))).isEmpty();
  }

  private static int sigopCost(Script locking, Script scriptSig, List<byte[]> witness) {
    // The output of the transfer itself costs nothing.
    return SigopCost.of(transfer(scriptSig, witness), List.of(coin(locking)));
  }

  @Test
  void signatureOperationsBehindHashesAreCounted() {
    Script twoOfThree = script("52ac53ae");
    byte[] bytes = twoOfThree.toBytes();
    assertThat(SigopCost.accurate(twoOfThree)).isEqualTo(4);
    assertThat(SigopCost.legacy(script("ac53ae"))).isEqualTo(21);
    assertThat(sigopCost(scriptHash(twoOfThree), Script.push(bytes), List.of())).isEqualTo(16);
    assertThat(sigopCost(witnessScriptHash(twoOfThree), Script.EMPTY, List.of(bytes))).isEqualTo(4);
    Script wrapped = witnessScriptHash(twoOfThree);
    assertThat(sigopCost(scriptHash(wrapped), Script.push(wrapped.toBytes()), List.of(bytes)))
        .isEqualTo(4);
    Script wrappedKey = Script.p2wpkh(new byte[20]);
    assertThat(
            sigopCost(
                scriptHash(wrappedKey), Script.push(wrappedKey.toBytes()), List.of(new byte[1])))
        .isEqualTo(1);
    assertThat(sigopCost(witnessScriptHash(twoOfThree), Script.EMPTY, List.of())).isZero();
    assertThat(sigopCost(scriptHash(twoOfThree), script("61" + "04" + "52ac53ae"), List.of()))
        .as("not only pushes: no script is looked for")
        .isZero();
    assertThat(sigopCost(Chains.BOB, Script.EMPTY, List.of(bytes, new byte[33]))).isZero();
  }
}
