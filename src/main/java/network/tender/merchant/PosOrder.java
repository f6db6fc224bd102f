package network.tender.merchant;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * What somebody wants at a point of sale.
 *
 * @param entries what and how many; at most {@link #MAX_ENTRIES}
 * @param discountPercent 0 to 100
 * @param tip on top
 * @param description what a cashier notes about it
 */
public record PosOrder(
    List<Entry> entries, BigDecimal discountPercent, Tip tip, Optional<String> description) {
  /** Most entries. */
  public static final int MAX_ENTRIES = 100;

  /** Most of one item. */
  public static final int MAX_COUNT = 9_999;

  /**
   * One thing.
   *
   * @param itemId the item; empty for an amount that was keyed in
   * @param count how many, from 1
   * @param price what the page said that one costs; the payer's choice where there is one
   */
  public record Entry(Optional<String> itemId, int count, Optional<BigDecimal> price) {}

  /**
   * What is given on top.
   *
   * @param percent of what is left after the discount; the tip's amount if empty
   * @param amount the tip, unless there is a percentage
   */
  public record Tip(Optional<BigDecimal> percent, BigDecimal amount) {
    /** No tip. */
    public static final Tip NONE = new Tip(Optional.empty(), BigDecimal.ZERO);
  }

  /** Makes the list unmodifiable. */
  public PosOrder {
    entries = List.copyOf(entries);
  }
}
