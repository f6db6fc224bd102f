package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.TransferOutput;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A wallet of others, unmodified, lives on a node's Esplora API. */
@Timeout(180)
class BdkWalletTest {
  private static final int GAP = 20;

  @TempDir private static Path folder;

  private static NodeProcess node;
  private static Api api;

  @BeforeAll
  static void startNode() {
    Optional<String> unavailable = BdkWallet.unavailable();
    unavailable.ifPresent(reason -> System.out.println("Skipped: " + reason));
    assumeTrue(unavailable.isEmpty(), () -> unavailable.orElse(""));
    node = NodeProcess.start(folder.resolve("data"));
    api = new Api(node);
  }

  @AfterAll
  static void stopNode() {
    if (node != null) {
      node.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"WPKH,/esplora", "TR,/api"})
  void aNewWalletIsPaidPaysAnInvoiceAtTheTillAndSeesBoth(BdkWallet.Kind kind, String base) {
    try (BdkWallet wallet = BdkWallet.ofWords(BdkWallet.newWords(), kind, node.http() + base)) {
      wallet.fullScan(GAP);
      assertThat(wallet.totalSat()).isZero();
      assertThat(wallet.transfers()).isEmpty();

      String paidBy = api.faucet(wallet.newAddress(), "2");
      wallet.sync();
      assertThat(wallet.confirmedSat()).isEqualTo(2 * Amount.SAT_PER_COIN);

      Invoice invoice = Invoice.make(kind + " till", "0.25");
      String paidTo = wallet.pay(invoice.address, invoice.sat);
      // No waiting: the node answers a broadcast when it is settled.
      assertThat(invoice.status()).isEqualTo("Settled");

      wallet.sync();
      List<BdkWallet.Seen> seen = wallet.transfers();
      assertThat(seen).extracting(BdkWallet.Seen::txid).containsExactlyInAnyOrder(paidBy, paidTo);
      for (BdkWallet.Seen transfer : seen) {
        JsonNode status = api.get("/esplora/tx/" + transfer.txid()).expect(200).json();
        assertThat(transfer.height())
            .isPositive()
            .isEqualTo(status.path("status").path("block_height").asInt());
        long fee = status.path("fee").asLong();
        assertThat(transfer.deltaSat())
            .isEqualTo(
                transfer.txid().equals(paidBy) ? 2 * Amount.SAT_PER_COIN : -invoice.sat - fee);
      }
      assertThat(wallet.confirmedSat())
          .isEqualTo(seen.stream().mapToLong(BdkWallet.Seen::deltaSat).sum())
          .isEqualTo(wallet.totalSat());
    }
  }

  /**
   * An invoice at a new shop.
   *
   * @param path where it is in the API
   * @param address where to pay
   * @param sat how much
   */
  private record Invoice(String path, String address, long sat) {
    static Invoice make(String shop, String coins) {
      Wallet till = Wallet.make(folder.resolve(shop + ".json"), node.http());
      String store =
          api.post("/api/v1/stores", Map.of("name", shop)).expect(200).json().path("id").asText();
      api.put(
              "/api/v1/stores/" + store + "/payment-methods/TNDR-CHAIN",
              Map.of("enabled", true, "config", till.xpub()))
          .expect(200);
      String invoices = "/api/v1/stores/" + store + "/invoices";
      String path =
          invoices
              + "/"
              + api.post(invoices, Map.of("amount", coins, "currency", "TNDR"))
                  .expect(200)
                  .json()
                  .path("id")
                  .asText();
      JsonNode method = api.get(path + "/payment-methods").expect(200).json().get(0);
      return new Invoice(
          path,
          method.path("destination").asText(),
          Amount.parseCoins(method.path("due").asText()).sat());
    }

    String status() {
      return api.get(path).expect(200).json().path("status").asText();
    }
  }

  @ParameterizedTest
  @EnumSource(BdkWallet.Kind.class)
  void fiveHundredAddressesAndSixtyTransfersOnOneScript(BdkWallet.Kind kind) {
    String words = BdkWallet.newWords();
    String base = node.http() + "/esplora";
    try (BdkWallet wallet = BdkWallet.ofWords(words, kind, base);
        BdkWallet restored = BdkWallet.ofWords(words, kind, base)) {
      List<String> addresses = wallet.addresses(500);
      FundingWallet funding = new FundingWallet(node, 50);
      List<TransferOutput> payments = new ArrayList<>();
      long sum = 0;
      for (int i = 0; i < addresses.size(); i++) {
        payments.add(
            new TransferOutput(Amount.ofSat(10_000 + i), FundingWallet.scriptOf(addresses.get(i))));
        sum += 10_000 + i;
      }
      Set<String> txids = new HashSet<>();
      // Not in one transfer: every address's history would have all of its outputs.
      for (int i = 0; i < payments.size(); i += 25) {
        txids.add(funding.payAll(payments.subList(i, i + 25)));
      }
      txids.addAll(funding.payOften(FundingWallet.scriptOf(addresses.get(7)), 1_234, 60));
      sum += 60 * 1_234;

      wallet.sync();
      expect(wallet, sum, txids);
      restored.fullScan(GAP);
      expect(restored, sum, txids);

      // And all of it can be spent, from many addresses at once.
      String payee = Wallet.make(folder.resolve(kind + " payee.json"), node.http()).address();
      txids.add(restored.pay(payee, 2_000_000));
      restored.sync();
      wallet.sync();
      assertThat(restored.transfers()).extracting(BdkWallet.Seen::txid).hasSameElementsAs(txids);
      assertThat(restored.confirmedSat()).isEqualTo(restored.totalSat());
    }
  }

  private static void expect(BdkWallet wallet, long sat, Set<String> txids) {
    assertThat(wallet.confirmedSat()).isEqualTo(sat);
    assertThat(wallet.totalSat()).isEqualTo(sat);
    assertThat(wallet.transfers()).extracting(BdkWallet.Seen::txid).hasSameElementsAs(txids);
    assertThat(wallet.transfers()).allSatisfy(seen -> assertThat(seen.height()).isPositive());
  }
}
