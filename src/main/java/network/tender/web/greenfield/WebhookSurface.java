package network.tender.web.greenfield;

import io.vertx.ext.web.openapi.router.RouterBuilder;
import network.tender.merchant.Merchant;
import network.tender.web.Surface;
import network.tender.webhook.WebhookService;

/** The part of {@code /api/v1} that tells others what happens: webhooks and the feed of events. */
public final class WebhookSurface implements Surface {
  private final GreenfieldSurface greenfield;
  private final WebhookOperations webhooks;
  private final EventOperations events;

  /**
   * The surface of a merchant's webhooks.
   *
   * @param greenfield what it is a part of
   */
  public WebhookSurface(GreenfieldSurface greenfield, Merchant merchant, WebhookService service) {
    this.greenfield = greenfield;
    this.webhooks = new WebhookOperations(merchant, service);
    this.events = new EventOperations(merchant, service.feed());
  }

  @Override
  public void bind(RouterBuilder builder) {
    GreenfieldSurface.Binder binder = greenfield.binder(builder);
    webhooks.bind(binder);
    events.bind(binder);
  }
}
