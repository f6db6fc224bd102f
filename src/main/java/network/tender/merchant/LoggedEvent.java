package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.sqlclient.Row;

/**
 * An event as it is in the log, forever the same.
 *
 * @param storeId whose
 * @param invoiceId which invoice's
 * @param type by the name of the API
 * @param atMillis when it happened, Unix milliseconds
 * @param details what else it says, a JSON object as text
 * @param metadata the merchant's data as they were then, a JSON object as text
 */
public record LoggedEvent(
    String storeId, String invoiceId, String type, long atMillis, String details, String metadata) {
  /** The columns of an event {@code e} that {@link #read} needs. */
  public static final String COLUMNS =
      "e.store_id, e.invoice_id, e.type, e.event_millis, e.details::text AS details,"
          + " e.metadata::text AS metadata";

  private static final int MILLIS_PER_SECOND = 1_000;

  /** Reads a row with the {@link #COLUMNS}. */
  public static LoggedEvent read(Row row) {
    return new LoggedEvent(
        row.getString("store_id"),
        row.getString("invoice_id"),
        row.getString("type"),
        row.getLong("event_millis"),
        row.getString("details"),
        row.getString("metadata"));
  }

  /**
   * Adds the event to an object in the shape of the API; the same event always gives the same keys
   * with the same values in the same order.
   */
  public void addTo(ObjectNode json) {
    json.put("type", type);
    json.put("timestamp", Math.floorDiv(atMillis, MILLIS_PER_SECOND));
    json.put("storeId", storeId);
    json.put("invoiceId", invoiceId);
    json.setAll((ObjectNode) ExactJson.read(details));
    json.set("metadata", ExactJson.read(metadata));
  }
}
