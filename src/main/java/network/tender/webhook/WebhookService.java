package network.tender.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.sqlclient.Pool;
import java.security.SecureRandom;
import java.time.InstantSource;
import network.tender.merchant.HostLookup;
import network.tender.merchant.Ids;
import network.tender.merchant.InvoiceEventLog;
import network.tender.merchant.JoinedTransaction;
import network.tender.merchant.JoiningPool;
import network.tender.merchant.Merchant;

/** Everything that has to do with telling others of invoices. */
public final class WebhookService {
  /**
   * What the service needs from outside.
   *
   * @param guard which addresses may be sent to
   * @param lookup finds addresses of hosts
   * @param dispatch limits
   * @param client how TLS certificates are judged, if not as Java does
   * @param userAgent what receivers see
   */
  public record Options(
      AddressGuard guard,
      HostLookup lookup,
      DispatchSettings dispatch,
      HttpClientOptions client,
      String userAgent) {}

  private final HookTargets targets;
  private final HookSender sender;
  private final Dispatcher dispatcher;
  private final Webhooks webhooks;
  private final Deliveries deliveries;
  private final EventFeed feed;
  private final Runnable endListening;
  private final Pruning pruning;
  private final FeedDelay feedDelay;

  private WebhookService(
      Vertx vertx,
      Pool pool,
      Merchant merchant,
      Options options,
      InstantSource clock,
      SecureRandom random,
      MeterRegistry registry) {
    InvoiceEventLog log = merchant.eventLog();
    this.targets = new HookTargets(options.guard(), options.lookup());
    DispatchSettings settings = options.dispatch();
    this.sender =
        new HookSender(
            vertx,
            targets,
            options.client(),
            settings.answerMillis(),
            settings.places().toHost(),
            options.userAgent());
    this.dispatcher =
        new Dispatcher(
            vertx,
            new Outbox(pool, settings.places().toReceiver()),
            sender,
            settings,
            clock,
            new DispatchMetrics(registry));
    JoiningPool joined = new JoiningPool(pool);
    this.webhooks =
        new Webhooks(
            joined,
            new Ids(random),
            clock,
            store -> JoinedTransaction.afterCommit(() -> dispatcher.hasWebhook(store)));
    this.deliveries =
        new Deliveries(
            joined,
            clock,
            receiver -> JoinedTransaction.afterCommit(() -> dispatcher.wake(receiver)));
    this.feed = new EventFeed(vertx, log, registry);
    this.feedDelay = new FeedDelay(vertx, log, clock, registry);
    this.endListening = log.onWritten(dispatcher::written);
    this.pruning =
        new Pruning(vertx, clock, log, deliveries, new HookPruner(pool, clock), registry);
  }

  /** Starts sending what is in the outbox, also what was left there before. */
  public static WebhookService start(
      Vertx vertx,
      Pool pool,
      Merchant merchant,
      Options options,
      InstantSource clock,
      SecureRandom random,
      MeterRegistry registry) {
    WebhookService service =
        new WebhookService(vertx, pool, merchant, options, clock, random, registry);
    merchant.checkHooksBy(service.targets::problem);
    service.dispatcher.start();
    return service;
  }

  /** The webhooks of stores. */
  public Webhooks webhooks() {
    return webhooks;
  }

  /** What was and is to be sent to them. */
  public Deliveries deliveries() {
    return deliveries;
  }

  /** Which links may be sent to. */
  public HookTargets targets() {
    return targets;
  }

  /** The events of stores. */
  public EventFeed feed() {
    return feed;
  }

  /** Drops all that is old enough. */
  Future<Void> pruneAll() {
    return pruning.all();
  }

  /** Looks what the feed waits for, for the metric. */
  Future<Void> measureFeed() {
    return feedDelay.look();
  }

  /** Stops when what is being sent has been answered; the pool is its owner's to close. */
  public Future<Void> close() {
    pruning.stop();
    feedDelay.close();
    endListening.run();
    feed.close();
    return dispatcher.stop().compose(v -> sender.close());
  }
}
