package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Network;
import network.tender.merchant.InvoiceViews;
import network.tender.merchant.TooManyFollowersException;
import network.tender.web.InvoiceFeed;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;

/** Live streams of invoices: each event is what {@code /i/{id}/status} answers at that moment. */
public final class InvoiceStatusFeed implements InvoiceFeed {
  private static final int RETRY_SECONDS = 5;

  private final InvoiceViews views;
  private final PaymentView view;
  private final InstantSource clock;

  /** A feed of all merchants' invoices. */
  public InvoiceStatusFeed(Network network, InvoiceViews views, InstantSource clock) {
    this.views = views;
    this.view = new PaymentView(network);
    this.clock = clock;
  }

  @Override
  public Future<Optional<Runnable>> subscribe(String invoiceId, Consumer<JsonObject> listener) {
    return views
        .follow(
            invoiceId, invoice -> listener.accept(new JsonObject(view.of(invoice, clock.millis()))))
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof TooManyFollowersException
                        ? Problem.of(ProblemCode.TOO_MANY_STREAMS)
                            .with(Problem.RETRY_AFTER_SECONDS, RETRY_SECONDS)
                            .toException()
                        : failure));
  }
}
