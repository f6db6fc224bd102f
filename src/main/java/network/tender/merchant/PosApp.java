package network.tender.merchant;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A point of sale of a store.
 *
 * @param id opaque
 * @param storeId whose it is
 * @param name what its owner calls it
 * @param settings how it sells
 * @param items what it sells, in the order that it is shown in
 * @param stockMillis when the items' inventories were true, Unix milliseconds
 * @param createdMillis when it was made, Unix milliseconds
 */
public record PosApp(
    String id,
    String storeId,
    String name,
    PosSettings settings,
    List<PosItem> items,
    long stockMillis,
    long createdMillis) {
  /** The API's word for apps of this kind. */
  public static final String TYPE = "PointOfSale";

  /** Makes the list unmodifiable. */
  public PosApp {
    items = List.copyOf(items);
  }

  /** What customers call it. */
  public String title() {
    return settings.title().isBlank() ? name : settings.title();
  }

  /** True if there is anything whose number is counted. */
  boolean countsStock() {
    return items.stream().anyMatch(item -> item.inventory().isPresent());
  }

  /** The same with what was sold taken off the inventories. */
  PosApp without(Map<String, Long> sold) {
    List<PosItem> left =
        items.stream().map(item -> item.without(sold.getOrDefault(item.id(), 0L))).toList();
    return new PosApp(id, storeId, name, settings, left, stockMillis, createdMillis);
  }

  /** An item by its id. */
  public Optional<PosItem> item(String itemId) {
    return items.stream().filter(item -> item.id().equals(itemId)).findFirst();
  }
}
