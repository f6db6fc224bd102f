package network.tender.merchant;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A part of a list that is read part by part. Where the list ends is told by what is stored, not by
 * what could be read of it.
 *
 * @param items what is in it
 * @param next where the list goes on; empty if this was the last part
 */
public record ListPart<T>(List<T> items, Optional<Place> next) {
  /**
   * A place in a list: behind an item.
   *
   * @param createdMillis when the item was made, Unix milliseconds
   * @param id its id
   */
  public record Place(long createdMillis, String id) {
    /** The place before all items. */
    public static final Place START = new Place(Long.MIN_VALUE, "");
  }

  /**
   * The part that some rows with {@code created_millis} and {@code id} make up.
   *
   * @param together how many a part has that is not the last
   * @param read gives what is in them, all or those that can be read
   */
  static <T> ListPart<T> of(RowSet<Row> rows, int together, Function<RowSet<Row>, List<T>> read) {
    Optional<Place> next = Optional.empty();
    if (rows.size() >= together) {
      for (Row row : rows) {
        next =
            Optional.of(
                new Place(
                    Objects.requireNonNull(row.getLong("created_millis")), row.getString("id")));
      }
    }
    return new ListPart<>(read.apply(rows), next);
  }
}
