package network.tender.web.pages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.chain.MalformedException;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.Merchant;
import network.tender.merchant.StoreSettings;
import network.tender.merchant.Till;
import network.tender.script.Curve;
import network.tender.script.Mnemonic;
import network.tender.script.OutputDescriptor;
import network.tender.script.RegtestKeys;
import network.tender.script.WalletAccount;
import network.tender.web.Problems;

/** The merchant's side as it is. */
public final class MerchantShop implements Shop {
  /** Account of the well-known words that demo stores are paid to; wallets use the first ones. */
  private static final int DEMO_STORE_ACCOUNT = 7;

  private static final String DEMO_CURRENCY = "USD";

  private final Merchant merchant;
  private final Curve curve;
  private final OrderRepeats repeats;

  /** The shop of a node's merchants. */
  public MerchantShop(Merchant merchant, Curve curve) {
    this.merchant = merchant;
    this.curve = curve;
    this.repeats = new OrderRepeats(merchant.idempotentAnswers());
  }

  @Override
  public Future<Optional<Store>> store(String storeId) {
    return whileJournalIsThere(merchant.till().store(storeId).map(found -> found.map(this::card)));
  }

  private Store card(network.tender.merchant.Store store) {
    String currency = store.settings().defaultCurrency();
    return new Store(
        store.id(), store.settings().name(), currency, merchant.rates().digits(currency));
  }

  @Override
  public Future<Optional<InvoiceView>> invoice(String invoiceId) {
    return whileJournalIsThere(merchant.views().find(invoiceId));
  }

  @Override
  public Future<Optional<Runnable>> follow(String invoiceId, Runnable changed) {
    return merchant.views().follow(invoiceId, invoice -> changed.run());
  }

  @Override
  public Future<Answer<Reply>> charge(Sale sale, Order order) {
    return whileJournalIsThere(
        repeats.sell(
            order,
            once ->
                merchant
                    .till()
                    .open(
                        sale.storeId(),
                        sale.amount(),
                        Optional.empty(),
                        sale.description(),
                        Optional.of(sale.key()),
                        once)
                    .map(MerchantShop::answer)));
  }

  private static Answer<InvoiceView> answer(Till.Opened opened) {
    if (opened instanceof Till.Opened.Made made) {
      return new Answer.Done<>(made.view());
    }
    if (opened instanceof Till.Opened.Refused refused) {
      return new Answer.Refused<>(422, "charge-refused", refused.sentence());
    }
    return opened instanceof Till.Opened.KeyReused
        ? PageCode.SALE_KEY_REUSED.refused()
        : PageCode.STORE_NOT_FOUND.refused();
  }

  @Override
  public Future<Answer<Reply>> cancel(String storeId, String invoiceId, Order order) {
    return whileJournalIsThere(
        repeats.together(
            order,
            () ->
                merchant
                    .till()
                    .cancel(storeId, invoiceId)
                    .map(
                        found ->
                            found
                                .<Answer<InvoiceView>>map(Answer.Done::new)
                                .orElseGet(PageCode.INVOICE_NOT_FOUND::refused))));
  }

  @Override
  public Future<Answer<Store>> demoStore() {
    if (!merchant.network().isRegtest()) {
      return Future.succeededFuture(PageCode.NOT_FOUND.refused());
    }
    OutputDescriptor descriptor = demoDescriptor();
    ObjectNode config =
        ExactJson.object()
            .put("derivationScheme", descriptor.derivationScheme())
            .put("label", "Demo store");
    descriptor.accountKeyPath().ifPresent(path -> config.put("accountKeyPath", path));
    return whileJournalIsThere(
        merchant
            .stores()
            .create(demoSettings())
            .compose(
                store ->
                    merchant
                        .stores()
                        .setWallet(store.id(), descriptor, true, config)
                        .map(set -> new Answer.Done<>(card(store)))));
  }

  private OutputDescriptor demoDescriptor() {
    byte[] seed;
    try {
      seed = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("");
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
    return WalletAccount.of(seed, WalletAccount.Purpose.NATIVE_SEGWIT, DEMO_STORE_ACCOUNT, curve)
        .descriptor();
  }

  private StoreSettings demoSettings() {
    boolean hasRate = merchant.rates().perCoin(DEMO_CURRENCY).isPresent();
    ObjectNode request =
        ExactJson.object()
            .put("name", "Demo store")
            .put("defaultCurrency", hasRate ? DEMO_CURRENCY : merchant.rates().coinCode())
            .put("anyoneCanCreateInvoice", true);
    List<FieldError> errors = new ArrayList<>();
    StoreSettings settings = StoreSettings.defaults().merge(request, merchant.rates(), errors);
    if (!errors.isEmpty()) {
      throw new IllegalStateException("the demo store's own settings: " + errors);
    }
    return settings;
  }

  private static <T> Future<T> whileJournalIsThere(Future<T> answer) {
    return answer.recover(failure -> Future.failedFuture(Problems.unavailable(failure)));
  }
}
