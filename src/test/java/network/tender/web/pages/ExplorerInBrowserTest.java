package network.tender.web.pages;

import static network.tender.web.TestServer.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.ledger.BlockSigner;
import network.tender.ledger.Certificate;
import network.tender.ledger.Coin;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.script.RegtestKeys;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.Surface;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The explorer in a real browser, over the public API of a node without merchants. */
class ExplorerInBrowserTest {
  private static final String READY = "document.documentElement?.dataset.ready === 'true'";
  private static final String LIVE =
      "(({ hidden, dataset }) => !hidden && dataset.link === 'live')"
          + "(document.querySelector('[data-link]'))";
  private static final String VERDICT = "document.documentElement.dataset.judged";
  private static final String HOSTILE = "<img src=x onerror=alert(1)> \"'&";

  private static Vertx vertx;
  private static TestChain chain;
  private static TestServer server;
  private static Browser browser;
  private static List<Transaction> block;
  private static Script payee;
  private static volatile boolean indexOff;

  @BeforeAll
  static void start() {
    Optional<Path> program = Browser.find();
    if (program.isEmpty()) {
      System.err.println("ExplorerInBrowserTest is skipped: no Chromium on the PATH");
    }
    assumeTrue(program.isPresent(), "no Chromium on the PATH");
    vertx = Vertx.vertx();
    chain = new TestChain();
    payee = script(7);
    block = settleTogether(6);
    List<Surface> surfaces = new ArrayList<>(List.of(new SwitchedOffIndex()));
    surfaces.addAll(List.of(TestSurfaces.of(vertx, chain)));
    surfaces.add(new ExplorerSurface(PageAssets.load(chain.network), Optional.empty()));
    server = TestServer.start(vertx, surfaces.toArray(Surface[]::new));
    browser = new Browser(program.get());
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
      server.close();
      await(vertx.close());
    }
  }

  @BeforeEach
  void phone() {
    browser.block();
    browser.errors.clear();
    browser.resize(390, 844);
  }

  @AfterEach
  void thePageIsLeft() {
    browser.block();
    browser.open(server.uri("/static/none/icon.svg"));
  }

  private static final String NO_INDEX =
      "This node keeps no index of transactions; ask one that does";

  /** Answers as a node does that keeps no index, while it is switched off. */
  private static final class SwitchedOffIndex implements Surface {
    @Override
    public void bind(RouterBuilder builder) {}

    @Override
    public void mount(Router router) {
      router
          .getWithRegex("/esplora/(tx/.*|(address|scripthash)/[^/]+(/txs.*)?)")
          .handler(
              ctx -> {
                if (indexOff) {
                  ctx.response().setStatusCode(501).end(NO_INDEX);
                } else {
                  ctx.next();
                }
              });
    }
  }

  /** What the pages' scripts have done wrong; an answer that there is no such thing is no error. */
  private static List<String> complaints() {
    return browser.errors.stream()
        .filter(error -> !(error.contains("404") && error.contains("/esplora/")))
        .toList();
  }

  // What happens on the chain.

  /** A witness program that nobody has a key for. */
  private static Script script(int number) {
    return Script.of(HexFormat.of().parseHex("0014" + "%040x".formatted(number)));
  }

  private static Script data(byte[] content) {
    byte[] script = new byte[content.length + 2];
    script[0] = 0x6a;
    script[1] = (byte) content.length;
    System.arraycopy(content, 0, script, 2, content.length);
    return Script.of(script);
  }

  /** A coin of the treasury that no test has spent; one with the block reward of the beginning. */
  private static Map.Entry<Outpoint, Coin> freshCoin() {
    return chain.treasuryCoins().stream()
        .filter(entry -> entry.getValue().amount().sat() > 2_000_000_000L)
        .findFirst()
        .orElseThrow();
  }

  private static Transaction settle(Transaction transfer) {
    assertThat(await(chain.submit(transfer, Settlement.Wait.SETTLED)))
        .isInstanceOf(Outcome.Settled.class);
    return transfer;
  }

  private static Transaction pay(Script to, long sat) {
    return settle(chain.payment(freshCoin(), to, sat));
  }

  /** Some transfers in one block. */
  private static List<Transaction> settleTogether(int transfers) {
    chain.hold();
    List<Transaction> sent = new ArrayList<>();
    List<Map.Entry<Outpoint, Coin>> coins = chain.treasuryCoins();
    for (int i = 0; i < transfers; i++) {
      Transaction transfer = chain.payment(coins.get(i), payee, 1_000_000 + i);
      await(chain.submit(transfer, Settlement.Wait.ACCEPTED));
      sent.add(transfer);
    }
    chain.seal();
    return sent;
  }

  private static String address(Script script) {
    return Address.format(script, chain.network).orElseThrow();
  }

  private static int tip() {
    return chain.status().height();
  }

  private static Receipt receipt(Transaction transfer) {
    return await(chain.receipt(transfer.txid())).orElseThrow();
  }

  private static void open(String path) {
    browser.open(server.uri(path));
    browser.until(READY);
  }

  private static String text(String selector) {
    return browser.text(selector).replace('\u00a0', ' ');
  }

  // The newest blocks.

  @Test
  void theNewestBlockAppearsWhenATransferIsSettled() {
    open("/explorer");
    browser.until(LIVE);
    String first = "document.querySelector('[data-blocks] a').textContent";
    browser.until(first + " === '" + tip() + "'");
    Object height = browser.evaluate("document.documentElement.scrollHeight");
    pay(payee, 5_000);
    browser.until(first + " === '" + tip() + "'");
    assertThat(browser.evaluate("document.querySelectorAll('[data-blocks] tr').length"))
        .isEqualTo(14);
    assertThat(browser.evaluate("document.documentElement.scrollHeight"))
        .as("nothing below the list moves")
        .isEqualTo(height);
    browser.until("document.querySelector('[data-figure=height]').textContent === '" + tip() + "'");
    assertThat(text("[data-figure=issued]")).isEqualTo("7,475 TNDR");
    assertThat(text("[data-voice]")).contains("Block " + tip());
    assertThat(complaints()).isEmpty();
  }

  @Test
  void theListStandsStillWhileItIsPaused() {
    open("/explorer");
    browser.until(LIVE);
    String first = "document.querySelector('[data-blocks] a').textContent";
    browser.until(first + " === '" + tip() + "'");
    int before = tip();
    browser.click("[data-pause]");
    pay(payee, 5_000);
    browser.until("document.querySelector('[data-pause]').textContent.includes('1 new')");
    assertThat(browser.evaluate(first)).isEqualTo(Integer.toString(before));
    browser.click("[data-pause]");
    browser.until(first + " === '" + tip() + "'");
  }

  @Test
  void anAnswerThatIsLateDoesNotMoveAPausedList() {
    open("/explorer");
    browser.until(LIVE);
    String first = "document.querySelector('[data-blocks] a').textContent";
    browser.until(first + " === '" + tip() + "'");
    int before = tip();
    browser.evaluate(
        """
        (() => {
          const really = fetch;
          const later = new Promise((go) => { window.release = go; });
          window.fetch = async (...question) => {
            if (!String(question[0]).includes('/v1/blocks?')) return really(...question);
            await later;
            const answer = await really(...question);
            setTimeout(() => { window.shown = true; }, 100);
            return answer;
          };
        })()""");
    browser.click("[data-pause]");
    browser.click("[data-pause]");
    browser.click("[data-pause]");
    pay(payee, 5_000);
    browser.until("document.querySelector('[data-pause]').textContent.includes('1 new')");
    browser.evaluate("window.release()");
    browser.until("window.shown === true");
    assertThat(browser.evaluate(first)).isEqualTo(Integer.toString(before));
    browser.click("[data-pause]");
    browser.until(first + " === '" + tip() + "'");
  }

  @Test
  void blocksThatCameWithoutAConnectionAreThereAfterIt() {
    browser.block("*/v1/stream*");
    open("/explorer");
    browser.until("document.querySelector('[data-link]').dataset.link === 'lost'");
    assertThat(text("[data-link]")).contains("No connection");
    int before = tip();
    pay(payee, 5_000);
    pay(payee, 5_000);
    assertThat(text("[data-blocks] a")).isEqualTo(Integer.toString(before));
    browser.block();
    browser.evaluate("window.dispatchEvent(new Event('online'))");
    browser.until(LIVE);
    browser.until("document.querySelector('[data-blocks] a').textContent === '" + tip() + "'");
  }

  @Test
  void olderBlocksAreReachedPageByPage() {
    open("/explorer?before=10");
    assertThat(text("[data-blocks]")).startsWith("9\t");
    assertThat(browser.evaluate("document.querySelector('[data-older]').hidden")).isEqualTo(true);
    browser.click("[data-newer]");
    browser.arrive(READY + " && location.search === ''");
    browser.click("[data-older]");
    browser.arrive(READY + " && location.search.startsWith('?before=')");
    browser.arrive(
        "document.querySelector('[data-blocks] a')?.textContent === '" + (tip() - 14) + "'");
  }

  // Blocks.

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBlockIsShownByHeightAndByHashAndIsCheckedHere(boolean byHash) {
    Receipt receipt = receipt(block.get(0));
    open("/explorer/block/" + (byHash ? receipt.blockHash() : receipt.height()));
    assertThat(text("h1")).isEqualTo("Block " + receipt.height());
    assertThat(text("[data-facts]"))
        .contains(receipt.blockHash().toString(), receipt.header().merkleRoot().toString());
    assertThat(text("[data-checks]"))
        .contains("all 7 transactions", "1 of 1 validator signed this block");
    assertThat(browser.evaluate("document.querySelectorAll('.checks .passed').length"))
        .isEqualTo(3);
    assertThat(browser.evaluate("document.querySelectorAll('[data-transactions] li').length"))
        .isEqualTo(7);
    assertThat(text("[data-transactions]")).contains("the block’s own first transaction");
    browser.click("[data-previous]");
    browser.arrive(READY + " && document.title.startsWith('Block " + (receipt.height() - 1) + "')");
    assertThat(complaints()).isEmpty();
  }

  @Test
  void theFirstBlockAndNoBlockHaveAPage() {
    open("/explorer/block/0");
    assertThat(text("[data-facts]")).contains("none: this is the first");
    assertThat(browser.evaluate("document.querySelectorAll('.checks .passed').length"))
        .isEqualTo(2);
    open("/explorer/block/99999");
    assertThat(text("[data-status]")).contains("There is no such block", "" + tip());
  }

  @Test
  void aBlockOfManyTransactionsIsReadPageByPage() {
    List<Transaction> many = settleTogether(40);
    Receipt receipt = receipt(many.get(0));
    String lines = "document.querySelectorAll('[data-transactions] li').length";
    open("/explorer/block/" + receipt.height());
    assertThat(text("#transactions")).isEqualTo("41 Transactions");
    assertThat(browser.evaluate(lines)).isEqualTo(25);
    assertThat(text("[data-range]")).isEqualTo("1 to 25 of 41");
    browser.click("[data-later]");
    browser.arrive(READY + " && " + lines + " === 16");
    assertThat(text("[data-range]")).isEqualTo("26 to 41 of 41");
    String last =
        await(chain.byHeight(receipt.height())).orElseThrow().block().txids().get(40).toString();
    assertThat(
            browser.evaluate("document.querySelector('[data-transactions] li:last-child a').title"))
        .isEqualTo(last);
    browser.click("[data-earlier]");
    browser.arrive(READY + " && " + lines + " === 25");

    open("/explorer/receipt/" + many.get(30).txid());
    assertThat(browser.evaluate(VERDICT)).isEqualTo("proved");
    assertThat(browser.evaluate("document.querySelectorAll('.picture .box').length"))
        .as("a signature, the header, its root, and two for each of six levels")
        .isEqualTo(3 + 2 * 6);
  }

  // Transactions.

  @Test
  void aTransactionShowsWhereItsCoinsCameFromAndWentTo() {
    Transaction first = pay(script(40), 123_456_789);
    Transaction second =
        settle(
            chain.transfer(
                Map.entry(
                    first.outpoint(1), new Coin(first.amount(1), first.script(1), tip(), false)),
                new TransferOutput(Amount.ofSat(1), data(HOSTILE.getBytes(StandardCharsets.UTF_8))),
                new TransferOutput(
                    Amount.ofSat(first.amount(1).sat() - 10_001), chain.network.treasury())));
    open("/explorer/tx/" + first.txid());
    browser.until("document.querySelector('[data-outputs]').innerText.includes('spent in')");
    assertThat(text("[data-state]")).isEqualTo("Settled");
    assertThat(text("[data-facts]")).contains("0.00001 TNDR");
    assertThat(text("[data-inputs]")).contains("from output");
    assertThat(text("[data-outputs]")).contains("1.23456789 TNDR", "unspent", "spent in");
    assertThat(
            browser.evaluate(
                "[...document.querySelectorAll('[data-outputs] a')].map((a) => a.pathname)"
                    + ".join(' ')"))
        .isEqualTo(
            "/explorer/address/"
                + address(script(40))
                + " /explorer/address/"
                + address(chain.network.treasury())
                + " /explorer/tx/"
                + second.txid());

    open("/explorer/tx/" + second.txid());
    assertThat(text("[data-outputs]"))
        .contains("“" + HOSTILE + "”", "never spendable", "0.00000001 TNDR");
    assertThat(browser.evaluate("document.querySelectorAll('main img').length")).isEqualTo(0);
    assertThat(browser.evaluate("document.querySelector('[data-proof-link]').pathname"))
        .isEqualTo("/explorer/receipt/" + second.txid());
    assertThat(complaints()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "41e280ae42, a character that turns the line round",
    "4100, a control character",
    "ff41, no text"
  })
  void dataThatIsNotPlainTextIsShownAsDigitsOnly(String hex) {
    Transaction transfer =
        settle(
            chain.transfer(
                freshCoin(),
                new TransferOutput(Amount.ofSat(0), data(HexFormat.of().parseHex(hex))),
                new TransferOutput(Amount.ofSat(1_000_000_000), chain.network.treasury())));
    open("/explorer/tx/" + transfer.txid());
    assertThat(text("[data-outputs]")).contains(hex).doesNotContain("“");
  }

  @Test
  void aNewChainHasNoBeatUntilPaymentsGiveItOne() {
    TestChain fresh = new TestChain();
    List<Surface> surfaces = new ArrayList<>(List.of(TestSurfaces.of(vertx, fresh)));
    surfaces.add(new ExplorerSurface(PageAssets.load(fresh.network), Optional.empty()));
    try (TestServer own = TestServer.start(vertx, surfaces.toArray(Surface[]::new))) {
      browser.open(own.uri("/explorer"));
      browser.until(LIVE);
      assertThat(text("[data-figure=interval]")).isEqualTo("–");
      for (int i = 0; i < 2; i++) {
        await(
            fresh.submit(
                fresh.payment(fresh.treasuryCoins().get(i), payee, 1_000 + i),
                Settlement.Wait.SETTLED));
        int height = 251 + i;
        browser.until(
            "document.querySelector('[data-blocks]').innerText.includes('" + height + "')");
        if (i == 0) {
          assertThat(text("[data-voice]")).isEqualTo("Block 251 with 1 transfer.");
          assertThat(text("[data-figure=interval]")).isEqualTo("–");
        }
      }
      assertThat(text("[data-figure=interval]")).matches("[0-9.]+ (ms|s)");
    } finally {
      browser.open(server.uri("/static/none/icon.svg"));
    }
  }

  @Test
  void aPendingTransactionTurnsToSettledByItself() {
    Transaction transfer = chain.payment(freshCoin(), payee, 77_000);
    chain.hold();
    await(chain.submit(transfer, Settlement.Wait.ACCEPTED));
    open("/explorer/tx/" + transfer.txid());
    browser.until("/wait/i.test(document.querySelector('[data-status]').textContent)");
    chain.seal();
    browser.until("document.querySelector('[data-state]').textContent === 'Settled'");
    assertThat(text("[data-status]")).isEqualTo("It has just been settled.");
    assertThat(text("[data-outputs]")).contains("0.00077 TNDR");
  }

  @Test
  void anUnknownTransactionSaysSo() {
    open("/explorer/tx/" + "ab".repeat(32));
    assertThat(text("[data-status]")).contains("There is no transaction of this name");
  }

  // Addresses.

  @Test
  void anAddressShowsItsBalanceItsCoinsAndNewMoneyAtOnce() {
    Script own = script(50);
    pay(own, 150_000_000);
    open("/explorer/address/" + address(own));
    browser.until(LIVE);
    assertThat(text("[data-figure=balance]")).isEqualTo("1.5 TNDR");
    assertThat(text("[data-history]")).contains("+1.5 TNDR", "block");
    Transaction second = pay(own, 25_000_000);
    browser.until("document.querySelectorAll('[data-history] li').length === 2");
    browser.until("document.querySelectorAll('[data-coins] li').length === 2");
    browser.until("document.querySelector('[data-figure=balance]').textContent.startsWith('1.75')");
    assertThat(browser.evaluate("document.querySelector('[data-history] li').dataset.txid"))
        .isEqualTo(second.txid().toString());
    open("/explorer/address/" + own.hash().toNaturalHex());
    assertThat(text("h1")).isEqualTo("Script");
    assertThat(text("[data-figure=balance]")).isEqualTo("1.75 TNDR");
    assertThat(text("[data-history]")).contains("+0.25 TNDR");
    assertThat(complaints()).isEmpty();
  }

  @Test
  void aLongHistoryIsReadPageByPage() {
    Script own = script(51);
    List<Hash> txids = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      txids.add(0, pay(own, 10_000 + i).txid());
    }
    open("/explorer/address/" + address(own));
    String lines = "document.querySelectorAll('[data-history] li').length";
    assertThat(browser.evaluate(lines)).isEqualTo(25);
    browser.click("[data-older]");
    browser.until(lines + " === 50");
    pay(own, 20_000);
    browser.until(lines + " === 51");
    browser.click("[data-older]");
    browser.until(lines + " === 61");
    assertThat(browser.evaluate("document.querySelector('[data-older]').hidden")).isEqualTo(true);
    String shown =
        (String)
            browser.evaluate(
                "[...document.querySelectorAll('[data-history] li')].slice(1)"
                    + ".map((li) => li.dataset.txid).join(' ')");
    assertThat(shown).isEqualTo(String.join(" ", txids.stream().map(Hash::toString).toList()));
    assertThat(browser.evaluate("document.querySelectorAll('[data-coins] li').length"))
        .isEqualTo(10);
    browser.click("[data-all-coins]");
    browser.until("document.querySelectorAll('[data-coins] li').length === 61");
  }

  @Test
  void unusedAndWrongAddressesSaySo() {
    open("/explorer/address/" + address(script(999)));
    assertThat(text("[data-hint]")).contains("not been used yet");
    assertThat(text("[data-figure=balance]")).isEqualTo("0 TNDR");
    String right = address(script(999));
    String wrong = right.substring(0, right.length() - 1) + (right.endsWith("q") ? "p" : "q");
    browser.open(server.uri("/explorer/address/" + wrong));
    browser.until(READY);
    assertThat(text("[data-complaint]")).contains("no address of this network");
  }

  @Test
  void withoutTheIndexTheCoinsAndASentenceAreStillThere() {
    Script own = script(52);
    Transaction transfer = pay(own, 30_000_000);
    indexOff = true;
    try {
      open("/explorer/address/" + address(own));
      assertThat(text("[data-figure=balance]")).isEqualTo("0.3 TNDR");
      assertThat(text("[data-coins]")).contains("0.3 TNDR");
      assertThat(text("[data-hint]")).contains(NO_INDEX, "are shown all the same");
      open("/explorer/tx/" + transfer.txid());
      assertThat(text("[data-complaint]")).contains(NO_INDEX);
      open("/explorer/block/" + tip());
      assertThat(text("[data-transactions]")).contains(transfer.txid().toString().substring(0, 10));
    } finally {
      indexOff = false;
    }
  }

  // Search.

  private static void search(String query) {
    open("/explorer");
    browser.evaluate(
        "document.getElementById('q').value = "
            + new JsonArray().add(query).encode().replaceAll("^\\[|]$", ""));
    browser.click(".search button");
  }

  @Test
  void everyKindOfNameIsFound() {
    Receipt receipt = receipt(block.get(2));
    String address = address(payee);
    String bech32Upper = address.toUpperCase(Locale.ROOT);
    Map<String, String> paths =
        Map.of(
            " 251 ",
            "/explorer/block/251",
            "0",
            "/explorer/block/0",
            receipt.blockHash().toString(),
            "/explorer/block/" + receipt.blockHash(),
            receipt.txid().toString().toUpperCase(Locale.ROOT),
            "/explorer/tx/" + receipt.txid(),
            address,
            "/explorer/address/" + address,
            bech32Upper,
            "/explorer/address/" + bech32Upper,
            payee.hash().toNaturalHex(),
            "/explorer/address/" + payee.hash().toNaturalHex(),
            "bitcoin:" + address + "?amount=0.5&label=Corner%20Coffee",
            "/explorer/address/" + address);
    paths.forEach(
        (query, path) -> {
          search(query);
          browser.arrive("location.pathname === '" + path + "'");
        });
    browser.open(server.uri("/explorer/search?q=" + receipt.txid()));
    browser.arrive("location.pathname === '/explorer/tx/" + receipt.txid() + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "99999, There is no block 99999 yet",
    "12345678901, There is no block 12345678901 yet",
    "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq, no address of this network",
    "<b>x</b>, That is no height",
    "abababababababababababababababababababababababababababababababab, There is no block"
  })
  void whatIsNotFoundIsSaidBelowTheBox(String query, String sentence) {
    search(query);
    browser.until("!document.querySelector('[data-search-complaint]').hidden");
    assertThat(text("[data-search-complaint]")).contains(sentence);
    assertThat(browser.evaluate("document.activeElement.id")).isEqualTo("q");
  }

  // Receipts.

  @Test
  void aReceiptIsProvedInTheBrowser() {
    Receipt receipt = receipt(block.get(3));
    open("/explorer/receipt/" + receipt.txid());
    assertThat(browser.evaluate(VERDICT)).isEqualTo("proved");
    assertThat(text("[data-verdict]"))
        .startsWith("Proved")
        .contains("is settled in block " + receipt.height() + " of network regtest");
    assertThat(browser.evaluate("document.querySelectorAll('.checks .passed').length"))
        .isEqualTo(9);
    assertThat(browser.evaluate("document.querySelector('.picture svg').ariaLabel"))
        .isEqualTo(
            "1 signature over the header of block "
                + receipt.height()
                + "; from its merkle root 3 steps down to the transfer "
                + receipt.txid()
                + ".");
    assertThat(text("[data-keys]")).contains(chain.network.validators().get(0).toString());
    assertThat(complaints()).isEmpty();
  }

  /** Puts a receipt into the page for receipts of any kind and waits for its judgement. */
  private static String judge(String receipt) {
    String asText = new JsonArray().add(receipt).encode();
    browser.evaluate(
        """
        (() => {
          delete document.documentElement.dataset.judged;
          const area = document.querySelector('[data-text]');
          area.value = %s[0];
          area.dispatchEvent(new Event('input'));
        })()
        """
            .formatted(asText));
    browser.until(VERDICT + " !== undefined");
    return (String) browser.evaluate(VERDICT);
  }

  private static String with(Receipt receipt, UnaryOperator<JsonObject> change) {
    return change.apply(new JsonObject(ReceiptJson.write(receipt))).encode();
  }

  private static String flipped(String hex, int at) {
    char other = hex.charAt(at) == '0' ? '1' : '0';
    return hex.substring(0, at) + other + hex.substring(at + 1);
  }

  @Test
  void everyWayToChangeAReceiptIsRedAtTheRightStep() {
    Receipt good = receipt(block.get(1));
    String written = ReceiptJson.write(good);
    String pretty = ReceiptJson.writePretty(good);
    Receipt other = receipt(block.get(4));
    Receipt elsewhere = receipt(pay(payee, 4_000));
    BlockSigner stranger = BlockSigner.single(chain.curve, RegtestKeys.treasurySecret());
    Certificate foreign = stranger.sign(good.blockHash(), good.height());
    JsonArray foreignJson =
        new JsonObject(
                ReceiptJson.write(
                    new Receipt(
                        good.network(),
                        good.txid(),
                        good.height(),
                        good.header(),
                        good.position(),
                        good.branch(),
                        good.coinbase(),
                        good.coinbaseBranch(),
                        good.timeMillis(),
                        foreign)))
            .getJsonArray("certificate");
    open("/explorer/verify");
    assertThat(judge(written)).isEqualTo("proved");
    assertThat(judge(written + "\n")).isEqualTo("proved");
    assertThat(judge(pretty)).isEqualTo("proved");
    assertThat(judge(settledAnswer(good))).isEqualTo("proved");

    assertThat(judge(written.replace(":", ": "))).isEqualTo("receipt-malformed");
    assertThat(judge(pretty + "\n\n")).isEqualTo("receipt-malformed");
    assertThat(judge(settledAnswer(good).replaceFirst("\"height\":251", "\"height\":252")))
        .isEqualTo("receipt-malformed");
    assertThat(judge(written.replace("\"height\":251", "\"height\":251.0")))
        .isEqualTo("receipt-malformed");
    assertThat(judge(written.replace("{\"network\"", "{\"height\":251,\"network\"")))
        .isEqualTo("receipt-malformed");
    assertThat(judge("not a receipt")).isEqualTo("receipt-malformed");
    assertThat(judge(written)).isEqualTo("proved");
    assertThat(judge(with(good, r -> r.put("network", new JsonObject().put("toString", 1)))))
        .isEqualTo("receipt-malformed");
    assertThat(judge(with(good, r -> r.put("blockHash", flipped(r.getString("blockHash"), 9)))))
        .isEqualTo("receipt-block-hash");
    assertThat(judge(with(good, r -> r.put("position", 0)))).isEqualTo("receipt-position");
    assertThat(judge(with(good, r -> r.put("position", 8)))).isEqualTo("receipt-position");
    // Seven transactions: position 7 is the copy of the last one.
    assertThat(judge(with(receipt(lastOfBlock()), r -> r.put("position", 7))))
        .isEqualTo("receipt-position");
    assertThat(judge(with(good, r -> r.put("txid", flipped(r.getString("txid"), 20)))))
        .isEqualTo("receipt-branch");
    assertThat(judge(with(good, r -> r.put("txid", other.txid().toString()))))
        .isEqualTo("receipt-branch");
    assertThat(judge(with(good, r -> r.put("position", good.position() ^ 1))))
        .isEqualTo("receipt-branch");
    assertThat(judge(with(good, r -> r.put("network", "street")))).isEqualTo("receipt-coinbase");
    assertThat(judge(with(good, r -> r.put("height", good.height() + 1))))
        .isEqualTo("receipt-coinbase");
    assertThat(judge(with(good, r -> r.put("timeMillis", good.timeMillis() + 1))))
        .isEqualTo("receipt-coinbase");
    assertThat(judge(with(good, r -> r.put("coinbase", elsewhere.coinbase().toHex()))))
        .isEqualTo("receipt-coinbase");
    assertThat(judge(withAnotherTarget(good))).isEqualTo("receipt-header");
    assertThat(judge(with(good, r -> r.put("certificate", foreignJson))))
        .isEqualTo("receipt-validator");
    assertThat(
            judge(
                with(
                    good,
                    r -> {
                      JsonObject signature = r.getJsonArray("certificate").getJsonObject(0);
                      signature.put("signature", flipped(signature.getString("signature"), 100));
                      return r;
                    })))
        .isEqualTo("receipt-signature");
    assertThat(judge(with(good, r -> r.put("certificate", new JsonArray()))))
        .isEqualTo("receipt-quorum");
    assertThat(text("[data-verdict]"))
        .isEqualTo("Proves nothing\n\nOnly 0 of 1 validators needed signed.");
    assertThat(browser.evaluate("document.querySelectorAll('.checks .failed').length"))
        .isEqualTo(1);
    assertThat(judge(written)).isEqualTo("proved");
    assertThat(complaints()).isEmpty();
  }

  private static Transaction lastOfBlock() {
    Hash last = null;
    for (Transaction transfer : block) {
      if (receipt(transfer).position() == 6) {
        last = transfer.txid();
      }
    }
    Hash txid = last;
    return block.stream()
        .filter(transfer -> transfer.txid().equals(txid))
        .findFirst()
        .orElseThrow();
  }

  /** What a node answers to the sender of a settled transfer. */
  private static String settledAnswer(Receipt receipt) {
    Transaction transfer =
        block.stream().filter(sent -> sent.txid().equals(receipt.txid())).findFirst().orElseThrow();
    return server.post("/v1/transfers", "text/plain", transfer.toHex()).body();
  }

  private static String withAnotherTarget(Receipt good) {
    var header = good.header();
    var easy =
        new BlockHeader(
            header.version(),
            header.previous(),
            header.merkleRoot(),
            header.timeSeconds(),
            0x2100ffff,
            0);
    BlockSigner signer = BlockSigner.single(chain.curve, RegtestKeys.validatorSecret());
    return ReceiptJson.write(
        new Receipt(
            good.network(),
            good.txid(),
            good.height(),
            easy,
            good.position(),
            good.branch(),
            good.coinbase(),
            good.coinbaseBranch(),
            good.timeMillis(),
            signer.sign(easy.hash(), good.height())));
  }

  /** The browser says what the node's own verifier says, whatever character is changed. */
  @Test
  void noCharacterOfAReceiptCanBeChanged() {
    Receipt good = receipt(block.get(1));
    open("/explorer/verify");
    for (String form : List.of(ReceiptJson.write(good), ReceiptJson.writePretty(good))) {
      Object proved =
          browser.evaluate(
              """
              (async () => {
                const { check, parseValidators } = await import(document.querySelector('script').src
                    .replace('explorer-receipt.js', 'proof.js'));
                const keys = parseValidators(%s[0]);
                const form = %s[0];
                if (!check(form, keys).proved) return 'the receipt itself';
                for (let at = 0; at < form.length; at++) {
                  for (const bit of [0, 5]) {
                    const changed = String.fromCharCode(form.charCodeAt(at) ^ (1 << bit));
                    const text = form.slice(0, at) + changed + form.slice(at + 1);
                    if (check(text, keys).proved) return `character ${at} as ${changed}`;
                  }
                }
                return 'nothing else';
              })()
              """
                  .formatted(
                      new JsonArray().add(server.get("/v1/validators").body()).encode(),
                      new JsonArray().add(form).encode()));
      assertThat(proved).isEqualTo("nothing else");
    }
  }

  @Test
  void ownKeysDecideInsteadOfTheNodes() {
    Receipt receipt = receipt(block.get(3));
    open("/explorer/receipt/" + receipt.txid());
    String key = chain.network.validators().get(0).toString();
    String stranger = "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";
    assertThat(judgeWithKeys(stranger)).isEqualTo("receipt-validator");
    assertThat(text("[data-keys-note]")).contains("you pasted");
    assertThat(judgeWithKeys(key + " # mine\n" + stranger)).isEqualTo("receipt-quorum");
    assertThat(
            judgeWithKeys(
                new JsonObject()
                    .put("network", "regtest")
                    .put("quorum", 1)
                    .put("validators", new JsonArray().add(key).add(stranger))
                    .encode()))
        .isEqualTo("proved");
    assertThat(
            judgeWithKeys(
                new JsonObject()
                    .put("network", "street")
                    .put("validators", new JsonArray().add(key))
                    .encode()))
        .isEqualTo("receipt-validator");
    assertThat(judgeWithKeys("")).isEqualTo("proved");
  }

  private static String judgeWithKeys(String keys) {
    browser.evaluate(
        """
        (() => {
          delete document.documentElement.dataset.judged;
          const area = document.querySelector('[data-own-keys]');
          area.value = %s[0];
          area.dispatchEvent(new Event('input'));
        })()
        """
            .formatted(new JsonArray().add(keys).encode()));
    browser.until(VERDICT + " !== undefined");
    return (String) browser.evaluate(VERDICT);
  }

  @Test
  void aFileIsTakenAsItIs() {
    String written = ReceiptJson.write(receipt(block.get(5)));
    open("/explorer/verify");
    assertThat(dropped(written)).isEqualTo("proved");
    assertThat(dropped("\ufeff" + written)).isEqualTo("receipt-malformed");
    assertThat(dropped(written.replace("regtest", "regtesu"))).isEqualTo("receipt-coinbase");
  }

  private static String dropped(String content) {
    browser.evaluate(
        """
        (() => {
          delete document.documentElement.dataset.judged;
          const data = new DataTransfer();
          data.items.add(new File([%s[0]], 'receipt.json', { type: 'application/json' }));
          document.querySelector('[data-drop]').dispatchEvent(
              new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
        })()
        """
            .formatted(new JsonArray().add(content).encode()));
    browser.until(VERDICT + " !== undefined");
    return (String) browser.evaluate(VERDICT);
  }

  @Test
  void receiptsThatAreNotThereSaySo() {
    open("/explorer/receipt/" + "ab".repeat(32));
    assertThat(text("[data-complaint]")).contains("There is no receipt of this transfer");
  }

  /** Bitcoin's own vectors for the signatures, if they are here. */
  @Test
  void signaturesAreJudgedAsTheStandardSays() throws IOException {
    String folder = System.getProperty("vectors.dir", "");
    Path file = Path.of(folder, "bip340.csv");
    if (folder.isEmpty() || !Files.exists(file)) {
      System.err.println("BIP340's vectors in the browser: skipped, no -Dvectors.dir");
    }
    assumeTrue(!folder.isEmpty() && Files.exists(file), "no vectors");
    open("/explorer/verify");
    List<String> lines = Files.readAllLines(file);
    JsonArray vectors = new JsonArray();
    lines.stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .forEach(
            cells ->
                vectors.add(
                    new JsonArray()
                        .add(cells[5].toLowerCase(Locale.ROOT))
                        .add(cells[4].toLowerCase(Locale.ROOT))
                        .add(cells[2].toLowerCase(Locale.ROOT))
                        .add(cells[6].equals("TRUE"))));
    assertThat(vectors).hasSizeGreaterThanOrEqualTo(19);
    assertThat(
            browser.evaluate(
                """
                (async () => {
                  const base = document.querySelector('script').src.replace('explorer-receipt.js', '');
                  const { verifies } = await import(base + 'schnorr.js');
                  const { fromHex } = await import(base + 'sha256.js');
                  const wrong = %s.filter(([signature, message, key, valid]) =>
                    verifies(fromHex(signature), fromHex(message), fromHex(key)) !== valid);
                  return wrong.length;
                })()
                """
                    .formatted(vectors.encode())))
        .isEqualTo(0);
  }

  // All of them.

  @ParameterizedTest
  @CsvSource({"390", "320", "1280"})
  void noPageIsWiderThanItsScreenOrComplains(int width) {
    Receipt receipt = receipt(block.get(1));
    browser.resize(width, 844);
    for (String path :
        List.of(
            "/explorer",
            "/explorer/block/" + receipt.height(),
            "/explorer/tx/" + receipt.txid(),
            "/explorer/address/" + address(payee),
            "/explorer/receipt/" + receipt.txid(),
            "/explorer/search?q=%3Cb%3E",
            "/explorer/verify")) {
      browser.open(server.uri(path));
      if (!path.contains("search")) {
        browser.until(READY);
      }
      assertThat(
              browser.evaluate(
                  "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
          .as(path + " at " + width)
          .isEqualTo(0);
      assertThat(
              browser.evaluate(
                  "[...document.querySelectorAll('main *, header *')].filter((e) =>"
                      + " e.getClientRects().length && !e.closest('pre, .unseen, .skip')"
                      + " && e.getBoundingClientRect().right > innerWidth + 1)"
                      + ".map((e) => e.outerHTML.slice(0, 80)).join(' ')"))
          .as(path + " at " + width)
          .isEqualTo("");
      assertThat(
              browser.evaluate(
                  """
                  [...document.querySelectorAll('button, .button, input, textarea, summary')]
                    .filter((e) => e.getClientRects().length > 0 && !e.closest('.unseen'))
                    .filter((e) => e.getBoundingClientRect().height < 44)
                    .map((e) => e.outerHTML).join(' ')
                  """))
          .as(path + " at " + width)
          .isEqualTo("");
      assertThat(
              browser.evaluate(
                  """
                  [...document.querySelectorAll('a:not(.skip)')]
                    .filter((e) => e.getClientRects().length > 0 && !e.closest('p'))
                    .filter((e) => e.getBoundingClientRect().height < 24)
                    .map((e) => e.outerHTML).join(' ')
                  """))
          .as(path + " at " + width)
          .isEqualTo("");
      assertThat(
              browser.evaluate(
                  """
                  [...document.querySelectorAll('input, textarea, button, a')]
                    .filter((e) => e.getClientRects().length > 0)
                    .filter((e) => !(e.labels?.length || e.ariaLabel || e.textContent.trim()))
                    .map((e) => e.outerHTML).join(' ')
                  """))
          .as("without a name: " + path)
          .isEqualTo("");
    }
    assertThat(complaints()).isEmpty();
  }
}
