package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.Mnemonic;
import network.tender.script.RegtestKeys;
import network.tender.script.ScriptBudget;
import org.junit.jupiter.api.Test;

class CoinSelectionTest {
  private static final Script TARGET = Script.p2wpkh(new byte[20]);

  @Property(tries = 300)
  void nothingIsLostAndTheFeeIsRight(
      @ForAll("coins") List<WalletCoin> coins,
      @ForAll @LongRange(min = 294, max = 3_000_000) long sat,
      @ForAll @LongRange(min = 0, max = 20_000) long satPerKvb,
      @ForAll ScriptKind kind) {
    BigDecimal rate = BigDecimal.valueOf(satPerKvb, 3);
    CoinSelection selection;
    try {
      selection = CoinSelection.select(coins, Amount.ofSat(sat), TARGET, kind, rate);
    } catch (CommandFailure e) {
      assertThat(e.code()).isEqualTo("insufficient-funds");
      long sum = sum(coins);
      // Refused only if even all coins do not cover amount and fee; coins that cost more to spend
      // than they are worth are left out, which may round to the price of two vbytes.
      assertThat(sum)
          .isLessThan(sat + fee(coins.size(), kind, false, rate) + rate.longValue() * 2 + 2);
      return;
    }
    long in = sum(selection.coins());
    long change = selection.change().map(Amount::sat).orElse(0L);
    assertThat(in).isEqualTo(sat + change + selection.fee().sat());
    assertThat(selection.coins()).doesNotHaveDuplicates();
    selection
        .change()
        .ifPresent(some -> assertThat(some.sat()).isGreaterThanOrEqualTo(kind.dustSat()));
    long least = fee(selection.coins().size(), kind, selection.change().isPresent(), rate);
    assertThat(selection.fee().sat()).isGreaterThanOrEqualTo(least);
    // Without change at most dust and the price of a change output go to the fee.
    long most = fee(selection.coins().size(), kind, true, rate) + kind.dustSat();
    assertThat(selection.fee().sat()).isLessThan(Math.max(most, least + 1));
  }

  /** The weight a real transfer of that shape has, by the codec's own count. */
  private static long fee(int inputs, ScriptKind kind, boolean change, BigDecimal rate) {
    List<byte[]> witness =
        kind == ScriptKind.BIP84 ? List.of(new byte[72], new byte[33]) : List.of(new byte[64]);
    List<TransferInput> in = new ArrayList<>();
    for (int i = 0; i < Math.max(1, inputs); i++) {
      in.add(TransferInput.unsigned(new Outpoint(Hash.ZERO, i)).withWitness(witness));
    }
    List<TransferOutput> out = new ArrayList<>();
    out.add(new TransferOutput(Amount.ofSat(1), TARGET));
    if (change) {
      out.add(
          new TransferOutput(
              Amount.ofSat(1), kind == ScriptKind.BIP84 ? TARGET : Script.p2tr(new byte[32])));
    }
    int vbytes = Transaction.build(2, in, out, 0).virtualSize();
    return rate.multiply(BigDecimal.valueOf(vbytes))
        .setScale(0, RoundingMode.CEILING)
        .longValueExact();
  }

  private static long sum(List<WalletCoin> coins) {
    return coins.stream().mapToLong(coin -> coin.amount().sat()).sum();
  }

  @Provide
  Arbitrary<List<WalletCoin>> coins() {
    return Arbitraries.longs()
        .between(1, 2_000_000)
        .list()
        .ofMaxSize(12)
        .map(
            amounts -> {
              List<WalletCoin> coins = new ArrayList<>();
              for (int i = 0; i < amounts.size(); i++) {
                coins.add(coin(i, amounts.get(i)));
              }
              return coins;
            });
  }

  private static WalletCoin coin(int index, long sat) {
    return new WalletCoin(
        new Outpoint(Hash.ZERO, index), Amount.ofSat(sat), new KeyPlace(false, index), true);
  }

  @Test
  void theLargestCoinsGoFirst() {
    List<WalletCoin> coins = List.of(coin(0, 1_000), coin(1, 90_000), coin(2, 50_000));
    CoinSelection selection =
        CoinSelection.select(
            coins, Amount.ofSat(100_000), TARGET, ScriptKind.BIP84, BigDecimal.ONE);
    assertThat(selection.coins()).extracting(coin -> coin.outpoint().index()).containsExactly(1, 2);
  }

  @Test
  void changeThatIsNotWorthAnOutputGoesToTheFee() {
    CoinSelection selection =
        CoinSelection.select(
            List.of(coin(0, 10_400)),
            Amount.ofSat(10_000),
            TARGET,
            ScriptKind.BIP84,
            BigDecimal.ONE);
    assertThat(selection.change()).isEmpty();
    assertThat(selection.fee()).isEqualTo(Amount.ofSat(400));
  }

  @Test
  void oneCoinThatNeedsNoChangeIsTakenBeforeLargerOnes() {
    BigDecimal rate = BigDecimal.ONE;
    long fee = fee(1, ScriptKind.BIP84, false, rate);
    List<WalletCoin> coins = List.of(coin(0, 900_000), coin(1, 50_000 + fee), coin(2, 50_000));
    CoinSelection selection =
        CoinSelection.select(coins, Amount.ofSat(50_000), TARGET, ScriptKind.BIP84, rate);
    assertThat(selection.coins()).extracting(coin -> coin.outpoint().index()).containsExactly(1);
    assertThat(selection.fee()).isEqualTo(Amount.ofSat(fee));
    assertThat(selection.change()).isEmpty();
  }

  @Test
  void coinsThatCostMoreThanTheyAreWorthStay() {
    BigDecimal rate = BigDecimal.valueOf(10);
    List<WalletCoin> coins = new ArrayList<>(List.of(coin(0, 100_000)));
    for (int i = 1; i < 50; i++) {
      coins.add(coin(i, 600));
    }
    CoinSelection all = CoinSelection.all(coins, TARGET, ScriptKind.BIP84, rate);
    assertThat(all.coins()).hasSize(1);
    assertThat(all.paid().sat()).isEqualTo(100_000 - fee(1, ScriptKind.BIP84, false, rate));
    assertThatThrownBy(
            () ->
                CoinSelection.select(coins, Amount.ofSat(100_000), TARGET, ScriptKind.BIP84, rate))
        .isInstanceOf(CommandFailure.class)
        .extracting(e -> ((CommandFailure) e).code())
        .isEqualTo("insufficient-funds");
    assertThatThrownBy(
            () -> CoinSelection.all(coins.subList(1, 50), TARGET, ScriptKind.BIP84, rate))
        .isInstanceOf(CommandFailure.class);
  }

  @Property(tries = 200)
  void allLeavesNothingButTheFee(
      @ForAll("coins") List<WalletCoin> coins,
      @ForAll @LongRange(min = 0, max = 20_000) long satPerKvb,
      @ForAll ScriptKind kind) {
    BigDecimal rate = BigDecimal.valueOf(satPerKvb, 3);
    CoinSelection all;
    try {
      all = CoinSelection.all(coins, TARGET, kind, rate);
    } catch (CommandFailure e) {
      assertThat(e.code()).isEqualTo("insufficient-funds");
      return;
    }
    assertThat(all.change()).isEmpty();
    assertThat(all.fee().sat()).isEqualTo(fee(all.coins().size(), kind, false, rate));
    assertThat(sum(all.coins())).isEqualTo(all.paid().sat() + all.fee().sat());
  }

  @Test
  void asManyCoinsAsFitArePaidAtOnce() {
    List<WalletCoin> coins = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      coins.add(coin(i, 1_000 + i));
    }
    CoinSelection all = CoinSelection.all(coins, TARGET, ScriptKind.BIP84, BigDecimal.ONE);
    // A node takes no transfer with more inputs, whatever they weigh.
    assertThat(all.coins()).hasSize(ScriptBudget.MAX_CHECKS);
    assertThat(all.coins().get(0).amount().sat()).isEqualTo(2_999);
    assertThatThrownBy(
            () ->
                CoinSelection.select(
                    coins.subList(0, 700),
                    Amount.ofSat(900_000),
                    TARGET,
                    ScriptKind.BIP86,
                    BigDecimal.ONE))
        .isInstanceOf(CommandFailure.class)
        .extracting(e -> ((CommandFailure) e).code())
        .isEqualTo("too-many-coins");
  }

  @Test
  void coinsOnTheirWayAreNotSpent() throws MalformedException {
    WalletKeys keys = new WalletKeys(Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC), ScriptKind.BIP84);
    KeyPlace place = new KeyPlace(false, 0);
    WalletCoin settled =
        new WalletCoin(new Outpoint(Hash.ZERO, 0), Amount.ofSat(10_000), place, true);
    WalletCoin pending =
        new WalletCoin(new Outpoint(Hash.ZERO, 1), Amount.ofSat(70_000), place, false);
    PaymentOrder order = new PaymentOrder("", TARGET, Optional.of(Amount.ofSat(20_000)));
    assertThatThrownBy(
            () ->
                PaymentPlan.of(
                    order, List.of(settled, pending), keys, 0, BigDecimal.ONE, new FeeLimit()))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("0.0007 is on its way");
    PaymentPlan plan =
        PaymentPlan.of(
            new PaymentOrder("", TARGET, Optional.empty()),
            List.of(settled, pending),
            keys,
            0,
            BigDecimal.ONE,
            new FeeLimit());
    assertThat(plan.coins()).containsExactly(settled);
    assertThat(plan.coinsLeft()).isZero();
  }

  @Test
  void moreCoinsThanATransferMaySpendAreRefused() {
    List<WalletCoin> dust = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      dust.add(coin(i, 1_000));
    }
    assertThatThrownBy(
            () ->
                CoinSelection.select(
                    dust, Amount.ofSat(1_900_000), TARGET, ScriptKind.BIP84, BigDecimal.ZERO))
        .isInstanceOf(CommandFailure.class)
        .extracting(e -> ((CommandFailure) e).code())
        .isEqualTo("too-many-coins");
  }

  @Test
  void addressesAreThoseOfTheBips() throws MalformedException {
    NetworkFacts mainnetLike = NetworkFacts.ofWallet("regtest", "bcrt");
    WalletKeys segwit = new WalletKeys(Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC), ScriptKind.BIP84);
    // The first address of these words on every test network, as other wallets show it.
    assertThat(mainnetLike.addressOf(segwit.script(new KeyPlace(false, 0))))
        .isEqualTo("bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk");
    WalletKeys taproot =
        new WalletKeys(Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC), ScriptKind.BIP86);
    assertThat(taproot.xpub()).startsWith("tpub").endsWith("-[taproot]");
    assertThat(taproot.script(new KeyPlace(true, 3)).type()).isEqualTo(Script.Type.P2TR);
  }
}
