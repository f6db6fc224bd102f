package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.TransferOutput;
import network.tender.cli.CommandRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Payments whose keys are elsewhere, and what else a wallet does beside paying. */
@Timeout(120)
class PsbtTest {
  @TempDir private static Path folder;

  private static NodeProcess node;
  private static Api api;
  private static int files;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start(folder.resolve("data"));
    api = new Api(node);
  }

  @AfterAll
  static void stopNode() {
    if (node != null) {
      node.close();
    }
  }

  private static Path newFile(String end) {
    return folder.resolve(++files + end);
  }

  private static Wallet newWallet(String... more) {
    return Wallet.make(newFile(".json"), node.http(), more);
  }

  private static CommandRun send(Path psbt) {
    return CommandRun.of(
        "wallet", "psbt", "send", "--json", "--node", node.http(), psbt.toString());
  }

  private static JsonNode sendSettled(Path psbt) {
    CommandRun run = send(psbt);
    assertThat(run.exitCode()).describedAs("%s%s", run.out(), run.err()).isZero();
    return run.json();
  }

  private static Path write(String text) {
    try {
      return Files.writeString(newFile(".txt"), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String code(CommandRun run) {
    return run.json().path("error").path("code").asText();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--taproot", "--verbose"})
  void aWalletThatWatchesPaysWithKeysThatAreElsewhere(String option) throws IOException {
    Wallet keys = newWallet(option);
    Wallet watching = Wallet.watch(newFile(".json"), node.http(), keys.descriptor());
    assertThat(watching.address()).isEqualTo(keys.address());
    assertThat(watching.xpub()).isEqualTo(keys.xpub());
    for (int i = 0; i < 3; i++) {
      api.faucet(watching.address(), "0.1");
    }
    assertThat(watching.balanceSat()).isEqualTo(30_000_000);
    String payee = newWallet().address();
    assertThat(code(watching.run("pay", payee, "0.25"))).isEqualTo("watch-only");

    Path created = newFile(".psbt");
    JsonNode plan = watching.succeed("psbt create", payee, "0.25", "--out", created.toString());
    assertThat(Files.readAllBytes(created))
        .isEqualTo(Base64.getDecoder().decode(plan.path("psbt").asText()));
    assertThat(plan.path("inputs")).hasSize(3);
    assertThat(plan.path("outputs").get(0).path("address").asText()).isEqualTo(payee);
    assertThat(plan.path("outputs").get(0).path("own").asBoolean()).isFalse();
    assertThat(plan.path("outputs").get(1).path("change").asBoolean()).isTrue();
    assertThat(plan.path("complete").asBoolean()).isFalse();
    assertThat(code(send(created))).isEqualTo("psbt-incomplete");
    assertThat(code(watching.run("psbt sign", created.toString()))).isEqualTo("watch-only");
    assertThat(code(newWallet().run("psbt sign", created.toString()))).isEqualTo("psbt-not-ours");

    Path signed = newFile(".txt");
    JsonNode result = keys.succeed("psbt sign", created.toString(), "--out", signed.toString());
    assertThat(result.path("signedInputs").asInt()).isEqualTo(3);
    assertThat(result.path("complete").asBoolean()).isTrue();
    assertThat(result.path("txid")).isEqualTo(plan.path("txid"));
    assertThat(watching.balanceSat()).as("nothing is sent yet").isEqualTo(30_000_000);

    JsonNode paid = sendSettled(signed);
    assertThat(paid.path("txid")).isEqualTo(plan.path("txid"));
    assertThat(paid.path("height").asInt()).isPositive();
    assertThat(paid.path("feeSat")).isEqualTo(plan.path("feeSat"));
    assertThat(sendSettled(signed).path("height")).as("again").isEqualTo(paid.path("height"));
    long change = plan.path("outputs").get(1).path("amountSat").asLong();
    assertThat(watching.balanceSat()).isEqualTo(change).isEqualTo(keys.balanceSat());
    JsonNode history = watching.history();
    assertThat(history).hasSize(4);
    assertThat(history.get(0).path("amountSat").asLong()).isEqualTo(change - 30_000_000);
  }

  @Test
  void twoPsbtsOfTheSameCoinsSettleOnlyOnce() {
    Wallet wallet = newWallet();
    api.faucet(wallet.address(), "1");
    Wallet payee = newWallet();
    Path first = write(wallet.succeed("psbt create", payee.address(), "0.1").path("psbt").asText());
    Path second =
        write(wallet.succeed("psbt create", payee.address(), "0.2").path("psbt").asText());
    sendSettled(write(wallet.succeed("psbt sign", first.toString()).path("psbt").asText()));
    CommandRun run =
        send(write(wallet.succeed("psbt sign", second.toString()).path("psbt").asText()));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(code(run)).isEqualTo("double-spend");
    assertThat(payee.balanceSat()).isEqualTo(10_000_000);
  }

  @Test
  void allThatIsSettledIsPaidAtOnceAndNothingStays() {
    Wallet wallet = newWallet("--taproot");
    FundingWallet funding = new FundingWallet(node, 1);
    List<TransferOutput> payments = new ArrayList<>();
    TransferOutput coin =
        new TransferOutput(Amount.ofSat(10_000), FundingWallet.scriptOf(wallet.address()));
    for (int i = 0; i < 60; i++) {
      payments.add(coin);
    }
    funding.payAll(payments);
    JsonNode coins = wallet.succeed("coins").path("coins");
    assertThat(coins).hasSize(60);
    assertThat(coins.get(0).path("settled").asBoolean()).isTrue();
    Wallet payee = newWallet();
    JsonNode paid = wallet.pay(payee.address(), "--all", "--fee-rate", "2.5");
    long fee = paid.path("feeSat").asLong();
    assertThat(paid.path("paidSat").asLong()).isEqualTo(600_000 - fee);
    JsonNode transfer = api.get("/esplora/tx/" + paid.path("txid").asText()).expect(200).json();
    long virtualSize = (transfer.path("weight").asLong() + 3) / 4;
    assertThat(fee).isEqualTo((virtualSize * 5 + 1) / 2);
    assertThat(wallet.balanceSat()).isZero();
    assertThat(wallet.succeed("coins").path("coins")).isEmpty();
    assertThat(payee.balanceSat()).isEqualTo(600_000 - fee);
    assertThat(code(wallet.run("pay", payee.address(), "--all"))).isEqualTo("insufficient-funds");
  }

  @Test
  void aLongHistoryIsListedWhole() {
    Wallet wallet = newWallet();
    new FundingWallet(node, 1).payOften(FundingWallet.scriptOf(wallet.address()), 5_000, 60);
    assertThat(wallet.history()).hasSize(60);
    assertThat(wallet.balanceSat()).isEqualTo(300_000);
  }

  @Test
  void whatHasNoKnownOutcomeIsSentAgainAndNotPaidTwice() {
    Wallet wallet = newWallet();
    api.faucet(wallet.address(), "0.3");
    String payee = newWallet().address();
    Path psbt = write(wallet.succeed("psbt create", payee, "0.1").path("psbt").asText());
    Path signed = write(wallet.succeed("psbt sign", psbt.toString()).path("psbt").asText());
    try (LossyProxy proxy = new LossyProxy(node.http(), Integer.MAX_VALUE)) {
      CommandRun run =
          CommandRun.of(
              "wallet",
              "psbt",
              "send",
              "--json",
              "--node",
              proxy.url(),
              "--timeout",
              "1",
              signed.toString());
      assertThat(code(run)).isEqualTo("outcome-unknown");
      CommandRun all = wallet.at(proxy.url()).run("pay", payee, "--all", "--timeout", "1");
      assertThat(code(all)).isEqualTo("outcome-unknown");
      JsonNode again = wallet.pay(payee, "--all");
      assertThat(all.err()).contains(again.path("txid").asText());
    }
    sendSettled(signed);
    assertThat(wallet.balanceSat()).isZero();
    assertThat(wallet.history()).hasSize(3);
  }

  @Test
  void feesThatAreNotMeantAreRefused() {
    Wallet wallet = newWallet();
    api.faucet(wallet.address(), "1");
    String payee = newWallet().address();
    assertThat(code(wallet.run("pay", payee, "0.1", "--fee-rate", "5000"))).isEqualTo("fee-absurd");
    assertThat(code(wallet.run("pay", payee, "0.1", "--fee-rate", "0"))).isEqualTo("bad-fee-rate");
    assertThat(code(wallet.run("pay", payee, "0.1", "--fee-rate", "x"))).isEqualTo("bad-fee-rate");
    assertThat(code(wallet.run("pay", payee, "0.1", "--max-fee", "0.00000001")))
        .isEqualTo("fee-absurd");
    assertThat(wallet.balanceSat()).isEqualTo(Amount.SAT_PER_COIN);
    JsonNode paid = wallet.pay(payee, "0.1", "--fee-rate", "5000", "--max-fee", "0.1");
    assertThat(paid.path("feeSat").asLong()).isGreaterThan(100_000);
  }

  @Test
  void aServerWithTheEsploraApiAloneIsEnough() {
    Wallet wallet = newWallet();
    api.faucet(wallet.address(), "0.5");
    Wallet payee = newWallet();
    String[] plain = {"--esplora", node.http() + "/esplora"};
    Wallet there = wallet.atEsplora(node.http() + "/esplora");
    assertThat(there.balanceSat()).isEqualTo(50_000_000);
    JsonNode paid = there.pay(payee.address(), "0.2");
    assertThat(paid.path("height").asInt()).isPositive();
    assertThat(payee.atEsplora(node.http() + "/api").balanceSat()).isEqualTo(20_000_000);
    assertThat(there.history().get(0).path("txid")).isEqualTo(paid.path("txid"));
    Path psbt = write(there.succeed("psbt create", payee.address(), "0.1").path("psbt").asText());
    Path signed = write(there.succeed("psbt sign", psbt.toString()).path("psbt").asText());
    CommandRun run =
        CommandRun.of("wallet", "psbt", "send", "--json", plain[0], plain[1], signed.toString());
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(payee.balanceSat()).isEqualTo(30_000_000);
    assertThat(there.run("pay", payee.address(), "0.1", "--save-receipt", "r").exitCode())
        .isEqualTo(2);
    assertThat(code(there.run("pay", payee.address(), "0.000001"))).isEqualTo("refused");
  }

  @ParameterizedTest
  @EnumSource(BdkWallet.Kind.class)
  void bdkSignsWhatThisWalletPlans(BdkWallet.Kind kind) {
    assumeBdk();
    String words = BdkWallet.newWords();
    try (BdkWallet signer = BdkWallet.ofWords(words, kind, node.http() + "/esplora")) {
      Wallet watching = Wallet.watch(newFile(".json"), node.http(), signer.publicDescriptor());
      assertThat(watching.address()).isEqualTo(signer.newAddress());
      api.faucet(watching.address(), "0.3");
      api.faucet(watching.address(), "0.3");
      Wallet payee = newWallet();
      JsonNode plan = watching.succeed("psbt create", payee.address(), "0.5");
      assertThat(plan.path("inputs")).hasSize(2);
      // BDK signs from the PSBT alone: it has not seen the chain.
      String signed = signer.sign(plan.path("psbt").asText());
      JsonNode shown = watching.succeed("psbt show", write(signed).toString());
      assertThat(shown.path("complete").asBoolean()).isTrue();
      assertThat(sendSettled(write(signed)).path("txid")).isEqualTo(plan.path("txid"));
      assertThat(payee.balanceSat()).isEqualTo(50_000_000);
      signer.fullScan(20);
      assertThat(signer.confirmedSat()).isEqualTo(watching.balanceSat()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(BdkWallet.Kind.class)
  void thisWalletSignsWhatBdkPlans(BdkWallet.Kind kind) {
    assumeBdk();
    Wallet signer = kind == BdkWallet.Kind.TR ? newWallet("--taproot") : newWallet();
    try (BdkWallet watching = BdkWallet.watching(signer.descriptor(), node.http() + "/esplora")) {
      String address = watching.newAddress();
      assertThat(address).isEqualTo(signer.address());
      api.faucet(address, "0.3");
      api.faucet(address, "0.3");
      watching.sync();
      Wallet payee = newWallet();
      Path plan = write(watching.psbt(payee.address(), 50_000_000));
      JsonNode signed = signer.succeed("psbt sign", plan.toString());
      assertThat(signed.path("signedInputs").asInt()).isEqualTo(2);
      assertThat(signed.path("outputs")).hasSize(2);
      assertThat(signed.path("outputs"))
          .filteredOn(output -> output.path("change").asBoolean())
          .hasSize(1);
      String txid = watching.broadcast(signed.path("psbt").asText());
      assertThat(signed.path("txid").asText()).isEqualTo(txid);
      assertThat(payee.balanceSat()).isEqualTo(50_000_000);
      watching.sync();
      assertThat(watching.confirmedSat()).isEqualTo(signer.balanceSat()).isPositive();
    }
  }

  private static void assumeBdk() {
    Optional<String> unavailable = BdkWallet.unavailable();
    unavailable.ifPresent(reason -> System.out.println("Skipped: " + reason));
    assumeTrue(unavailable.isEmpty(), () -> unavailable.orElse(""));
  }

  @Test
  void aPsbtComesOnStandardInputToo() {
    Wallet wallet = newWallet();
    api.faucet(wallet.address(), "0.1");
    String psbt =
        wallet.succeed("psbt create", newWallet().address(), "0.05").path("psbt").asText();
    CommandRun shown = CommandRun.withInput(psbt + "\n", "wallet", "psbt", "show", "-");
    assertThat(shown.exitCode()).isZero();
    assertThat(shown.out()).contains("pays", "pays (change?)", "--wallet");
    assertThat(shown.out()).doesNotContain("WARNING");
  }
}
