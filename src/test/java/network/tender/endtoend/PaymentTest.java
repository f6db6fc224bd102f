package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import network.tender.chain.Address;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.cli.CommandRun;
import network.tender.script.Curve;
import network.tender.script.OutputDescriptor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What customers, shops and auditors do with a node, through the real jar and real HTTP. */
@Timeout(120)
class PaymentTest {
  @TempDir private static Path folder;

  private static NodeProcess node;
  private static Api api;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start(folder.resolve("data"), "--set", "coins.auditSeconds=1");
    api = new Api(node);
  }

  @AfterAll
  static void stopNode() {
    if (node != null) {
      node.close();
    }
  }

  private static Wallet fundedWallet(String name, String coins, String... more) {
    Wallet wallet = Wallet.make(folder.resolve(name + ".json"), node.http(), more);
    api.faucet(wallet.address(), coins);
    return wallet;
  }

  @Test
  void anInvoiceMadeWithCurlAndPaidWithTheWalletIsSettledInLessThanASecond() throws IOException {
    Wallet shop = Wallet.make(folder.resolve("shop.json"), node.http());
    String store =
        api.post("/api/v1/stores", Map.of("name", "Corner shop"))
            .expect(200)
            .json()
            .path("id")
            .asText();
    api.put(
            "/api/v1/stores/" + store + "/payment-methods/TNDR-CHAIN",
            Map.of("enabled", true, "config", shop.xpub()))
        .expect(200);
    String invoices = "/api/v1/stores/" + store + "/invoices";
    String invoice =
        api.post(invoices, Map.of("amount", "0.25", "currency", "TNDR"))
            .expect(200)
            .json()
            .path("id")
            .asText();
    JsonNode method =
        api.get(invoices + "/" + invoice + "/payment-methods").expect(200).json().get(0);
    assertThat(method.path("paymentMethodId").asText()).isEqualTo("TNDR-CHAIN");

    Wallet customer = fundedWallet("customer", "1");
    Path receipt = folder.resolve("receipt.json");
    JsonNode paid =
        customer
            .runJar(
                "pay", method.path("paymentLink").asText(), "--save-receipt", receipt.toString())
            .expectSuccess()
            .json();
    assertThat(paid.path("settledMillis").asLong()).isLessThan(1_000);
    assertThat(paid.path("height").asInt()).isPositive();

    // No waiting: the block and what it means for the invoice are one commit.
    JsonNode settled = api.get(invoices + "/" + invoice).expect(200).json();
    assertThat(settled.path("status").asText()).isEqualTo("Settled");
    assertThat(shop.balanceSat()).isEqualTo(25_000_000);

    // The receipt needs no node: verify it with the public key alone.
    JsonNode proved =
        TenderJar.run("receipt", "verify", "--json", receipt.toString()).expectSuccess().json();
    assertThat(proved.path("txid").asText()).isEqualTo(paid.path("txid").asText());
    String text = Files.readString(receipt);
    String header =
        api.get("/v1/receipts/" + paid.path("txid").asText()).json().path("header").asText();
    int at = text.indexOf(header) + 100;
    char other = text.charAt(at) == '0' ? '1' : '0';
    Path forged =
        Files.writeString(
            folder.resolve("forged.json"), text.substring(0, at) + other + text.substring(at + 1));
    assertThat(TenderJar.run("receipt", "verify", forged.toString()).exitCode()).isEqualTo(1);
  }

  @Test
  void anInvoiceNeverGetsAnAddressThatWasPaidBefore() {
    Wallet shop = fundedWallet("mixed", "0.01");
    String used = addressAt(shop, 0); // The faucet paid to it.
    String store =
        api.post("/api/v1/stores", Map.of("name", "Mixed")).expect(200).json().path("id").asText();
    api.put(
            "/api/v1/stores/" + store + "/payment-methods/TNDR-CHAIN",
            Map.of("enabled", true, "config", shop.xpub()))
        .expect(200);
    String invoices = "/api/v1/stores/" + store + "/invoices";
    String invoice =
        api.post(invoices, Map.of("amount", "0.25", "currency", "TNDR"))
            .expect(200)
            .json()
            .path("id")
            .asText();
    JsonNode method =
        api.get(invoices + "/" + invoice + "/payment-methods").expect(200).json().get(0);
    assertThat(method.path("destination").asText())
        .isEqualTo(addressAt(shop, 1))
        .isNotEqualTo(used);
  }

  private static String addressAt(Wallet wallet, int index) {
    try {
      Script script =
          OutputDescriptor.parse(wallet.xpub(), Curve.load(Curve.Provider.AUTO)).scriptAt(index);
      return Address.format(script, Network.regtest()).orElseThrow();
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void walletsOfBothKindsPayEachOtherAndTellWhatHappened() {
    Wallet segwit = fundedWallet("segwit", "0.5");
    Wallet taproot = Wallet.make(folder.resolve("taproot.json"), node.http(), "--taproot");
    assertThat(taproot.address()).startsWith("bcrt1p");
    JsonNode there = segwit.pay(taproot.address(), "0.2");
    JsonNode back = taproot.pay(segwit.address(), "0.05");
    assertThat(back.path("height").asInt()).isGreaterThan(there.path("height").asInt());

    JsonNode history = segwit.history();
    assertThat(history).hasSize(3);
    assertThat(history.get(0).path("txid")).isEqualTo(back.path("txid"));
    assertThat(history.get(0).path("amountSat").asLong()).isEqualTo(5_000_000);
    long fee = history.get(1).path("feeSat").asLong();
    assertThat(fee).isPositive();
    assertThat(history.get(1).path("amountSat").asLong()).isEqualTo(-20_000_000 - fee);
    assertThat(segwit.balanceSat()).isEqualTo(50_000_000 - 20_000_000 - fee + 5_000_000);
    assertThat(api.supplyDifferenceSat()).isZero();
  }

  @Test
  void anAddressThatWasPaidIsNotGivenOutAgain() {
    Wallet wallet = Wallet.make(folder.resolve("addresses.json"), node.http());
    String first = wallet.address();
    assertThat(wallet.address()).isEqualTo(first);
    api.faucet(first, "0.01");
    assertThat(wallet.address()).isNotEqualTo(first);
  }

  @Test
  void moneyBehindManyUnpaidInvoicesIsFound() {
    Wallet shop = Wallet.make(folder.resolve("quiet.json"), node.http());
    api.faucet(addressAt(shop, 59), "0.01");
    assertThat(shop.balanceSat()).isEqualTo(1_000_000);
    assertThat(shop.history()).hasSize(1);
    CommandRun run = shop.run("balance", "--gap-limit", "59");
    assertThat(run.json().path("balanceSat").asLong()).as("59 unused addresses end it").isZero();
    String payee = Wallet.make(folder.resolve("supplier.json"), node.http()).address();
    assertThat(shop.pay(payee, "0.005").path("height").asInt()).isPositive();
  }

  @Test
  void aPaidReceiptThatCanNotBeSavedIsAWarning() {
    Wallet wallet = fundedWallet("forgetful", "0.1");
    Wallet payee = Wallet.make(folder.resolve("paid.json"), node.http());
    // Nobody can make a file of this name, but its folder can be written to.
    String name = folder.resolve("x".repeat(300)).toString();
    CommandRun run = wallet.run("pay", payee.address(), "0.05", "--save-receipt", name);
    assertThat(run.exitCode()).describedAs("a script that sees a failure pays again").isZero();
    assertThat(run.json().path("txid").asText()).hasSize(64);
    assertThat(run.json().has("receipt")).isFalse();
    assertThat(run.json().path("receiptError").asText())
        .contains("/v1/receipts/" + run.json().path("txid").asText());
    assertThat(run.err()).contains("is settled, but its receipt can't be written");
    assertThat(payee.balanceSat()).isEqualTo(5_000_000);

    CommandRun before =
        wallet.run(
            "pay",
            payee.address(),
            "0.01",
            "--save-receipt",
            folder.resolve("no/r.json").toString());
    assertThat(before.exitCode()).isEqualTo(1);
    assertThat(before.json().path("error").path("code").asText()).isEqualTo("receipt-not-writable");
    assertThat(payee.balanceSat()).as("checked before paying").isEqualTo(5_000_000);
  }

  @Test
  void paymentsAtTheSameTimeFromOneWalletSpendDifferentCoins() throws Exception {
    Wallet wallet = fundedWallet("busy", "0.3");
    api.faucet(wallet.address(), "0.3");
    Wallet payee = Wallet.make(folder.resolve("payee.json"), node.http());
    String address = payee.address();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      Callable<String> payment = () -> wallet.pay(address, "0.1").path("txid").asText();
      Set<String> txids = new HashSet<>();
      for (Future<String> txid : threads.invokeAll(List.of(payment, payment, payment))) {
        txids.add(txid.get());
      }
      assertThat(txids).hasSize(3);
    } finally {
      threads.shutdownNow();
    }
    assertThat(payee.balanceSat()).isEqualTo(30_000_000);
  }

  @Test
  void aLostAnswerIsAskedForAgainAndNothingIsPaidTwice() {
    Wallet wallet = fundedWallet("unlucky", "0.3");
    Wallet payee = Wallet.make(folder.resolve("lucky.json"), node.http());
    try (LossyProxy proxy = new LossyProxy(node.http(), 2)) {
      wallet.at(proxy.url()).pay(payee.address(), "0.1");
      assertThat(proxy.lost()).isEqualTo(2);
    }
    assertThat(payee.balanceSat()).isEqualTo(10_000_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {LossyProxy.NO_ANSWER, 400, 401, 403, 404, 413})
  void anUnknownOutcomeIsSaidAndPayingAgainSendsTheSameTransfer(int answered) {
    Wallet wallet = fundedWallet("doubtful" + answered, "0.3");
    Wallet payee = Wallet.make(folder.resolve("sure" + answered + ".json"), node.http());
    String address = payee.address();
    String heard;
    try (LossyProxy proxy = new LossyProxy(node.http(), Integer.MAX_VALUE, answered)) {
      CommandRun run = wallet.at(proxy.url()).run("pay", address, "0.1", "--timeout", "1");
      assertThat(proxy.lost()).isPositive();
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.json().path("error").path("code").asText()).isEqualTo("outcome-unknown");
      heard = run.json().path("error").path("detail").asText();
    }
    String txid = wallet.pay(address, "0.1").path("txid").asText();
    assertThat(heard).contains(txid);
    assertThat(payee.balanceSat()).isEqualTo(10_000_000);
    // Once that is known, the same again is a new payment.
    assertThat(wallet.pay(address, "0.1").path("txid").asText()).isNotEqualTo(txid);
    assertThat(payee.balanceSat()).isEqualTo(20_000_000);
  }

  @Test
  void aPaymentThatCanNotBeIsRefusedAndMovesNothing() {
    Wallet wallet = fundedWallet("careful", "0.1");
    String payee = Wallet.make(folder.resolve("nobody.json"), node.http()).address();
    long before = wallet.balanceSat();
    expectRefusal(wallet, "insufficient-funds", payee, "5");
    expectRefusal(wallet, "bad-amount", "bitcoin:" + payee + "?amount=0");
    expectWrongUsage(wallet, "bad-amount", payee, "0");
    expectWrongUsage(wallet, "bad-amount", payee, "0.000000001");
    expectWrongUsage(wallet, "bad-amount", payee);
    expectWrongUsage(wallet, "bad-amount", "bitcoin:" + payee);
    expectWrongUsage(wallet, "bad-amount", "bitcoin:" + payee + "?amount=0.01", "0.02");
    expectWrongUsage(wallet, "bad-gap-limit", payee, "0.01", "--gap-limit", "0");
    expectRefusal(wallet, "bad-payment-uri", "bitcoin:" + payee + "?amount=0.01&req-x=1");
    expectRefusal(wallet, "bad-address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "0.01");
    char last = payee.charAt(payee.length() - 1) == 'x' ? 'q' : 'x';
    expectRefusal(wallet, "bad-address", payee.substring(0, payee.length() - 1) + last, "0.01");
    expectRefusal(wallet, "dust", payee, "0.00000100");
    assertThat(wallet.balanceSat()).isEqualTo(before);
  }

  private static void expectRefusal(Wallet wallet, String code, String... payment) {
    expect(1, wallet, code, payment);
  }

  private static void expectWrongUsage(Wallet wallet, String code, String... payment) {
    expect(2, wallet, code, payment);
  }

  private static void expect(int exitCode, Wallet wallet, String code, String... payment) {
    CommandRun run = wallet.run("pay", payment);
    assertThat(run.exitCode()).describedAs(run.out()).isEqualTo(exitCode);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo(code);
  }

  @Test
  void theExportedChainIsJudgedValidByBitcoinsOwnSoftware() throws Exception {
    fundedWallet("auditor", "0.1")
        .pay(Wallet.make(folder.resolve("other.json"), node.http()).address(), "0.01");
    Path file = folder.resolve("chain.hex");
    TenderJar.run("chain", "export", "--json", "--node", node.http(), file.toString())
        .expectSuccess();
    JsonNode own =
        TenderJar.run("chain", "verify", "--json", file.toString()).expectSuccess().json();
    assertThat(own.path("valid").asBoolean()).isTrue();
    assertThat(own.path("transfers").asLong()).isGreaterThanOrEqualTo(2);

    List<String> blocks = Files.readAllLines(file);
    assertThat(blocks).hasSize(own.path("height").asInt() + 1);
    ExportedChain.verifyWithBitcoinj(blocks);
    ExportedChain.verifyWithBitcoinKmp(blocks);
  }

  @Test
  void aChainFetchedFromANodeIsVerifiedWithItsCertificates() {
    CommandRun run = CommandRun.of("chain", "verify", "--json", "--node", node.http());
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(run.json().path("certificatesChecked").asBoolean()).isTrue();
    assertThat(run.json().path("height").asInt()).isGreaterThanOrEqualTo(250);
  }

  @Test
  void theChainIsReadFromTheFolderOfARunningNodeToo() {
    CommandRun run =
        CommandRun.of("chain", "verify", "--json", "--data-dir", node.dataDir().toString());
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(run.json().path("certificatesChecked").asBoolean()).isTrue();
    assertThat(run.json().path("height").asInt()).isGreaterThanOrEqualTo(250);
    // Reading took nothing away from the node.
    api.faucet(Wallet.make(folder.resolve("reader.json"), node.http()).address(), "0.01");
  }

  @Test
  void aPartOfTheChainIsExported() throws IOException {
    Path file = folder.resolve("part.hex");
    CommandRun run =
        CommandRun.of(
            "chain", "export", "--node", node.http(), "--from", "3", "--to", "7", file.toString());
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(Files.readAllLines(file)).hasSize(5);
    assertThat(CommandRun.of("chain", "export", "--node", node.http(), file.toString()).exitCode())
        .describedAs("an existing file is not overwritten")
        .isEqualTo(1);
    assertThat(
            CommandRun.of("chain", "export", "--node", node.http(), "--to", "9999999").exitCode())
        .isEqualTo(1);
  }

  @Test
  void aSecondNodeOnTheSameFolderRefusesAndSaysWhy() {
    NodeProcess.Refusal refusal = NodeProcess.expectRefusal(node.dataDir());
    assertThat(refusal.exitCode()).isEqualTo(1);
    assertThat(refusal.err()).contains(node.dataDir().toString()).doesNotContain("\tat ");
    assertThat(refusal.out()).doesNotContain("ready");
    // And the first one does not notice.
    api.get("/v1/network").expect(200);
  }
}
