package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.tender.chain.Network;
import network.tender.journal.CommitParticipant;
import network.tender.ledger.Policy;
import network.tender.script.Curve;

/** Everything merchants have to do with: stores, keys, invoices and what blocks do to them. */
public final class Merchant {
  private final Network network;
  private final Rates rates;
  private final StoreRates storeRates;
  private final HttpRates httpRates;
  private final ApiKeys apiKeys;
  private final Accounts accounts;
  private final Sessions sessions;
  private final Sessions tillSessions;
  private final StoreUsers storeUsers;
  private final Stores stores;
  private final Invoices invoices;
  private final InvoiceIssuer issuer;
  private final InvoiceViews views;
  private final Till till;
  private final PosApps posApps;
  private final PosSales posSales;
  private final InvoiceEvents events;
  private final InvoiceEventLog eventLog;
  private final InvoiceSettlement settlement;
  private final ExpirySweeper sweeper;
  private final IdempotentAnswers answers;
  private final AnswerPruner pruner;

  private volatile Function<String, Future<Optional<String>>> hookCheck =
      url -> Future.succeededFuture(Optional.of("This node sends no webhooks."));

  private Merchant(
      Vertx vertx,
      JoiningPool pool,
      Network network,
      Curve curve,
      Policy.Dust dust,
      Rates rates,
      WatchedScripts watched,
      InstantSource clock,
      SecureRandom random,
      MeterRegistry registry) {
    this.network = network;
    this.rates = rates;
    Ids ids = new Ids(random);
    this.events = new InvoiceEvents();
    this.eventLog = new InvoiceEventLog(pool);
    EventDetails details = new EventDetails(network);
    this.apiKeys = new ApiKeys(pool, ids, clock);
    this.accounts =
        new Accounts(vertx, pool, ids, apiKeys, clock, System::nanoTime, random, registry);
    this.sessions = Sessions.ofPages(pool, ids, clock);
    this.tillSessions = Sessions.ofTills(pool, ids, clock);
    this.storeUsers = new StoreUsers(pool, clock, accounts);
    this.httpRates =
        new HttpRates(
            vertx,
            new PublicAddresses(network.isRegtest()),
            HostLookup.ofVertx(vertx, registry),
            clock,
            HttpRates.TIMEOUT_MILLIS,
            registry);
    this.storeRates = new StoreRates(rates, httpRates);
    this.stores = new Stores(pool, network, curve, ids, clock, accounts::forget, registry);
    this.invoices = new Invoices(vertx, pool, clock, watched, events, details, eventLog, registry);
    this.issuer = new InvoiceIssuer(network, dust, rates, storeRates, invoices, ids, clock);
    Counter retries =
        Counter.builder("tender_invoice_read_retries")
            .description("Reads of changed invoices, for pages and streams, after a failed one")
            .register(registry);
    this.views =
        new InvoiceViews(
            network, rates, stores, invoices, events, new InvoiceFollower.Reads(vertx, retries));
    this.till = new Till(stores, issuer, invoices, views);
    this.posApps = new PosApps(pool, rates, ids, clock, registry);
    this.posSales = new PosSales(pool, rates, stores, issuer, invoices, views, clock);
    this.settlement =
        new InvoiceSettlement(network, watched, events, new InvoiceTransitions(details), eventLog);
    this.sweeper = new ExpirySweeper(vertx, invoices);
    this.answers = new IdempotentAnswers(pool, clock, registry);
    this.pruner = new AnswerPruner(vertx, answers);
  }

  /**
   * Reads which addresses are watched and starts expiring invoices. To be done before the first
   * block is committed, with the only process that commits blocks: it watches the addresses that it
   * handed out itself.
   *
   * @param fixedRates as in {@link Rates}
   */
  public static Future<Merchant> open(
      Vertx vertx,
      Pool pool,
      Network network,
      Curve curve,
      Policy.Dust dust,
      Map<String, BigDecimal> fixedRates,
      InstantSource clock,
      SecureRandom random,
      MeterRegistry registry) {
    WatchedScripts watched = new WatchedScripts();
    Merchant merchant =
        new Merchant(
            vertx,
            new JoiningPool(pool),
            network,
            curve,
            dust,
            new Rates(network, fixedRates),
            watched,
            clock,
            random,
            registry);
    Gauge.builder("tender_invoice_watched_addresses", watched, WatchedScripts::size)
        .description("Addresses of invoices that blocks are searched for")
        .register(registry);
    Gauge.builder("tender_invoice_subscriptions", merchant.events, InvoiceEvents::size)
        .description("Pages and streams that wait for a change of an invoice")
        .register(registry);
    Gauge.builder("tender_app_counted_sales", merchant.posSales, PosSales::waiting)
        .description("Sales of items with an inventory that wait for others or are being made")
        .register(registry);
    return InvoiceEventLog.open(pool)
        .compose(opened -> InvoiceSettlement.load(pool, watched))
        .map(
            loaded -> {
              merchant.sweeper.start();
              merchant.pruner.start();
              return merchant;
            });
  }

  /** The network whose coin is taken. */
  public Network network() {
    return network;
  }

  /** Currencies and rates. */
  public Rates rates() {
    return rates;
  }

  /** What a coin costs, as a store sees it. */
  public StoreRates storeRates() {
    return storeRates;
  }

  /** API keys. */
  public ApiKeys apiKeys() {
    return apiKeys;
  }

  /** People and their passwords. */
  public Accounts accounts() {
    return accounts;
  }

  /** Browsers that somebody has logged in with. */
  public Sessions sessions() {
    return sessions;
  }

  /** Tills that somebody has signed in at with a password. */
  public Sessions tillSessions() {
    return tillSessions;
  }

  /** Who works in which store. */
  public StoreUsers storeUsers() {
    return storeUsers;
  }

  /** Stores and their wallets. */
  public Stores stores() {
    return stores;
  }

  /** Invoices as merchants see them. */
  public Invoices invoices() {
    return invoices;
  }

  /** Makes invoices for those who have a key. */
  public InvoiceIssuer issuer() {
    return issuer;
  }

  /** Invoices as customers see them. */
  public InvoiceViews views() {
    return views;
  }

  /** Makes invoices for till pages. */
  public Till till() {
    return till;
  }

  /** First answers to requests that may be repeated. */
  public IdempotentAnswers idempotentAnswers() {
    return answers;
  }

  /** Points of sale. */
  public PosApps posApps() {
    return posApps;
  }

  /** What points of sale sell. */
  public PosSales posSales() {
    return posSales;
  }

  /** Tells of changes of invoices. */
  public InvoiceEvents events() {
    return events;
  }

  /**
   * Says how links are checked that single invoices' events are to be sent to.
   *
   * @param check what is wrong with a link, as a sentence; empty if nothing is
   */
  public void checkHooksBy(Function<String, Future<Optional<String>>> check) {
    hookCheck = check;
  }

  /** What is wrong with a link that an invoice's events are to be sent to; empty if nothing is. */
  public Future<Optional<String>> hookProblem(String url) {
    return hookCheck.apply(url);
  }

  /** The log of what happened to invoices. */
  public InvoiceEventLog eventLog() {
    return eventLog;
  }

  /** What has to take part in the commit of each block. */
  public CommitParticipant participant() {
    return settlement;
  }

  /** Stops expiring invoices; the pool is its owner's to close. */
  public Future<Void> close() {
    return sweeper
        .stop()
        .eventually(pruner::stop)
        .eventually(accounts::close)
        .eventually(httpRates::close);
  }
}
