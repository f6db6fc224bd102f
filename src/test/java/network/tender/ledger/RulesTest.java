package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
  private static final Outpoint COIN = new Outpoint(new Hash(1, 2, 3, 4), 0);
  private static final Rules RULES = new Rules(Network.regtest(), Policy.DEFAULT);

  private static Optional<Reason> reason(Transaction transfer) {
    return RULES.checkContextFree(transfer).map(Rejection::reason);
  }

  private static Chains.Draft spend() {
    return Chains.spend(COIN);
  }

  @Test
  void anOrdinaryTransferPasses() {
    assertThat(reason(spend().pay(1_000, Chains.ALICE).pay(1_000, Chains.BOB).build())).isEmpty();
  }

  @Test
  void everyReasonHasItsOwnStableCodeAndAWireText() {
    Set<String> codes = new HashSet<>();
    for (Reason reason : Reason.values()) {
      assertThat(reason.code()).matches("[a-z0-9]+(-[a-z0-9]+)*");
      assertThat(codes.add(reason.code())).as(reason.code()).isTrue();
      assertThat(reason.wire()).isNotBlank();
    }
  }

  @Test
  void spendingNothingIsRefused() throws MalformedException {
    byte[] raw =
        new ByteWriter(10)
            .writeInt(2)
            .writeCompactSize(0)
            .writeCompactSize(0)
            .writeInt(0)
            .toBytes();
    assertThat(reason(Transaction.parse(raw))).contains(Reason.NO_INPUTS);
  }

  @Test
  void payingNobodyIsRefused() {
    assertThat(reason(spend().build())).contains(Reason.NO_OUTPUTS);
  }

  @Test
  void aTransferLargerThanABlockIsRefused() {
    Chains.Draft draft = spend();
    for (int i = 0; i < 33_000; i++) {
      draft.pay(1_000, Chains.ALICE);
    }
    assertThat(reason(draft.build())).contains(Reason.OVERSIZE);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, OUTPUT_NEGATIVE",
    "-9223372036854775808, 0, OUTPUT_NEGATIVE",
    "2100000000000001, 0, OUTPUT_TOO_LARGE",
    "9223372036854775807, 0, OUTPUT_TOO_LARGE",
    "2100000000000000, 1, OUTPUT_SUM_TOO_LARGE",
    "2000000000000000, 2000000000000000, OUTPUT_SUM_TOO_LARGE",
  })
  void amountsOutsideTheMoneyRangeAreRefused(long first, long second, Reason expected)
      throws MalformedException {
    assertThat(reason(withAmounts(first, second))).contains(expected);
  }

  private static Transaction withAmounts(long... sats) throws MalformedException {
    ByteWriter writer = new ByteWriter(200).writeInt(2).writeCompactSize(1);
    writer.writeHash(COIN.txid()).writeInt(0).writeSized(Script.EMPTY).writeInt(-1);
    writer.writeCompactSize(sats.length);
    for (long sat : sats) {
      writer.writeLong(sat).writeSized(Chains.BOB);
    }
    return Transaction.parse(writer.writeInt(0).toBytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 16, 17, 300})
  void oneCoinTwiceIsRefused(int inputs) {
    Chains.Draft distinct = new Chains.Draft();
    Chains.Draft doubled = new Chains.Draft();
    for (int i = 0; i < inputs; i++) {
      distinct.input(new Outpoint(COIN.txid(), i), -1);
      doubled.input(new Outpoint(COIN.txid(), i == inputs - 1 ? inputs / 2 - 1 : i), -1);
    }
    assertThat(reason(distinct.pay(1_000, Chains.ALICE).build())).isEmpty();
    assertThat(reason(doubled.pay(1_000, Chains.ALICE).build())).contains(Reason.DUPLICATE_INPUT);
  }

  @Test
  void theNullOutpointAmongOthersIsRefused() {
    assertThat(reason(Chains.spend(COIN, Outpoint.NULL).pay(1_000, Chains.ALICE).build()))
        .contains(Reason.NULL_PREVOUT);
  }

  @Test
  void aLooseCoinbaseIsRefused() {
    Transaction coinbase = Chains.BOOTSTRAP.get(0).block().transactions().get(0);
    assertThat(reason(coinbase)).contains(Reason.LOOSE_COINBASE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 101})
  void aCoinbaseScriptOfWrongLengthIsRefused(int length) {
    TransferInput input =
        new TransferInput(Outpoint.NULL, Script.of(new byte[length]), 0, List.of());
    Transaction coinbase =
        Transaction.build(2, List.of(input), List.of(Chains.output(1_000, Chains.ALICE)), 0);
    assertThat(reason(coinbase)).contains(Reason.COINBASE_SCRIPT_LENGTH);
  }

  @ParameterizedTest
  @CsvSource({"-1, false", "0, false", "1, true", "2, true", "3, true", "4, false"})
  void versionsOneToThreePass(int version, boolean passes) {
    Transaction transfer = spend().version(version).pay(1_000, Chains.ALICE).build();
    assertThat(reason(transfer)).isEqualTo(passes ? Optional.empty() : Optional.of(Reason.VERSION));
  }

  @Test
  void aTransferHeavierThanThePolicyAllowsIsRefused() {
    Chains.Draft draft = spend();
    for (int i = 0; i < 3_300; i++) {
      draft.pay(1_000, Chains.ALICE);
    }
    assertThat(reason(draft.build())).contains(Reason.TOO_HEAVY);
  }

  @Test
  void aTransferThatFitsIntoNoBlockOfTheNetworkIsRefused() {
    Rules small = new Rules(Chains.network(1_000, 3_000, 80_000), Policy.DEFAULT);
    Transaction transfer = spend().pay(1_000, Chains.ALICE).pay(1_000, Chains.BOB).build();
    assertThat(small.checkContextFree(transfer)).isEmpty();
    Chains.Draft draft = spend();
    for (int i = 0; i < 8; i++) {
      draft.pay(1_000, Chains.ALICE);
    }
    assertThat(small.checkContextFree(draft.build()).map(Rejection::reason))
        .contains(Reason.TOO_HEAVY);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "P2WPKH, 294",
    "P2WSH, 330",
    "P2TR, 330",
    "P2SH, 540",
    "P2PKH, 546",
  })
  void dustIsRefusedByTypeOfOutput(Script.Type type, long least) {
    Script script =
        switch (type) {
          case P2WPKH -> Script.p2wpkh(new byte[20]);
          case P2WSH -> Script.p2wsh(new byte[32]);
          case P2TR -> Script.p2tr(new byte[32]);
          case P2SH -> Script.p2sh(new byte[20]);
          default -> Script.p2pkh(new byte[20]);
        };
    assertThat(reason(spend().pay(least, script).build())).isEmpty();
    assertThat(reason(spend().pay(least - 1, script).build())).contains(Reason.DUST);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "51, OUTPUT_SCRIPT", // TRUE
    "51024e73, OUTPUT_SCRIPT", // pay to anchor
    "52200000000000000000000000000000000000000000000000000000000000000000, OUTPUT_SCRIPT",
    "6aac, OUTPUT_SCRIPT", // CHECKSIG behind RETURN
    "6a4c, OUTPUT_SCRIPT", // a push that is cut off
    "6a02ff, OUTPUT_SCRIPT",
    "6a, ''",
    "6a0401020304, ''",
    "6a60, ''",
  })
  void outputScriptsOfUnknownTypesAreRefused(String hex, String expected) {
    Script script = Script.of(HexFormat.of().parseHex(hex));
    Transaction transfer = spend().pay(1_000, script).pay(1_000, Chains.ALICE).build();
    assertThat(reason(transfer).map(Reason::name).orElse("")).isEqualTo(expected);
  }

  @Test
  void anEmptyOutputScriptIsRefused() {
    assertThat(reason(spend().pay(1_000, Script.EMPTY).build())).contains(Reason.OUTPUT_SCRIPT);
  }

  @Test
  void dataOutputsTogetherHaveALimit() {
    assertThat(reason(spend().pay(0, data(80)).build())).isEmpty();
    assertThat(reason(spend().pay(0, data(81)).build())).contains(Reason.DATA_TOO_LARGE);
    assertThat(reason(spend().pay(0, data(40)).pay(0, data(40)).build()))
        .contains(Reason.DATA_TOO_LARGE);
  }

  /** An OP_RETURN script that pushes some bytes; three bytes longer than they are. */
  private static Script data(int bytes) {
    byte[] script = new byte[3 + bytes];
    script[0] = 0x6a;
    script[1] = 0x4c;
    script[2] = (byte) bytes;
    return Script.of(script);
  }

  @Test
  void aTransferThatCouldPassForAMerkleNodeIsRefused() {
    // 4 + 1 + 41 + 1 + 8 + 1 + 4 bytes and the output script.
    Transaction sixtyFour = spend().pay(0, Script.of(new byte[] {0x6a, 2, 1, 2})).build();
    assertThat(sixtyFour.strippedSize()).isEqualTo(64);
    assertThat(reason(sixtyFour)).contains(Reason.TOO_SMALL);
    Transaction sixtyFive = spend().pay(0, Script.of(new byte[] {0x6a, 3, 1, 2, 3})).build();
    assertThat(reason(sixtyFive)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, true",
    "250, 0, true",
    "251, 0, false",
    "251, -1, true",
    "499999999, 0, false",
    "500000000, 0, true",
    "999999, 0, false",
    "1799999999, 0, true",
    "1800000000, 0, false",
    "-1, 0, false",
    "-1, -1, true",
  })
  void lockTimesAreComparedWithHeightAndMedianTime(int lockTime, int sequence, boolean isFinal) {
    Transaction transfer =
        new Chains.Draft()
            .input(COIN, sequence)
            .lockTime(lockTime)
            .pay(1_000, Chains.ALICE)
            .build();
    assertThat(Rules.isFinal(transfer, 251, 1_800_000_000L)).isEqualTo(isFinal);
  }

  @Test
  void inputsAboveAllMoneyAreRefused() {
    Coin all = new Coin(Amount.MAX, Chains.ALICE, 1, false);
    Transaction transfer =
        Chains.spend(COIN, new Outpoint(COIN.txid(), 1)).pay(1_000, Chains.ALICE).build();
    Rejection rejection = Rules.checkCoins(transfer, List.of(all, all), 200);
    assertThat(rejection).isNotNull();
    assertThat(rejection.reason()).isEqualTo(Reason.INPUTS_TOO_LARGE);
  }

  @Test
  void legacySignatureOperationsCountFourfoldAndSegwitOnesOnce() {
    Coin coin = new Coin(Amount.ofSat(10_000), Chains.ALICE, 1, false);
    Coin taproot = new Coin(Amount.ofSat(10_000), Chains.BOB, 1, false);
    Transaction transfer =
        Chains.spend(COIN, new Outpoint(COIN.txid(), 1))
            .pay(1_000, Script.p2pkh(new byte[20]))
            .pay(1_000, Chains.ALICE)
            .build();
    assertThat(SigopCost.of(transfer, List.of(coin, taproot))).isEqualTo(5);
    assertThat(SigopCost.legacy(script("51ae"))).isEqualTo(20);
    assertThat(SigopCost.legacy(script("ac02acacadaf"))).isEqualTo(22);
    assertThat(SigopCost.legacy(script("ac4d0500acac"))).isEqualTo(1);
  }

  private static Script script(String hex) {
    return Script.of(HexFormat.of().parseHex(hex));
  }
}
