package network.tender.webhook;

import java.util.List;
import java.util.Optional;

/**
 * Where the events of a store are sent, or those of one of its invoices.
 *
 * @param id opaque
 * @param storeId whose
 * @param invoiceId the only invoice whose events are sent; empty for all of the store's
 * @param url where to, http or https
 * @param secret what the bodies are signed with; empty for not at all, with an invoice's only
 * @param enabled false to send nothing
 * @param automaticRedelivery false to try each event only once
 * @param events which
 */
public record Webhook(
    String id,
    String storeId,
    Optional<String> invoiceId,
    String url,
    Optional<String> secret,
    boolean enabled,
    boolean automaticRedelivery,
    Events events) {
  /**
   * Which events are sent.
   *
   * @param everything all of them
   * @param specific if not all, these types; ones that don't exist are kept and never sent
   */
  public record Events(boolean everything, List<String> specific) {
    /** All events. */
    public static final Events ALL = new Events(true, List.of());

    /** Makes the list unmodifiable. */
    public Events {
      specific = List.copyOf(specific);
    }
  }

  /**
   * What may be set of a webhook; what is missing keeps its value, or gets the default in a new
   * one.
   *
   * @param url as it was checked
   * @param secret not empty
   * @param enabled default true
   * @param automaticRedelivery default true
   * @param events default all
   */
  public record Settings(
      Optional<String> url,
      Optional<String> secret,
      Optional<Boolean> enabled,
      Optional<Boolean> automaticRedelivery,
      Optional<Events> events) {}
}
