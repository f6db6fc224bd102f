package network.tender.journal;

/**
 * Stands before the first entry of a page, then at each of them in order.
 *
 * @param <C> the kind of cursor
 */
interface PageCursor<C> {
  /**
   * Goes on to the next entry; false if there is none.
   *
   * @throws IllegalArgumentException if the page is damaged
   */
  boolean next();

  /** The order of the keys of two entries, each where its cursor stands. */
  int compareKeys(C other);
}
