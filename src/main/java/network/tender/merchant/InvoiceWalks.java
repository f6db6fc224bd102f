package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks through lists of invoices that are longer than one answer of the database should be. Of
 * each walk only some invoices are in memory at a time, and no connection is held between them;
 * only so many walks are under way, and few of one store, so that none keeps the others out.
 */
public final class InvoiceWalks {
  /** Most walks at a time. */
  public static final int MAX_OPEN = 32;

  /** Most walks at a time of one store. */
  public static final int MAX_OF_STORE = 4;

  /** So many are read together. */
  static final int TOGETHER = 40;

  /** Reads some of a store's invoices. */
  @FunctionalInterface
  interface Reading {
    Future<ListPart<Invoice>> read(String storeId, InvoiceFilter filter);
  }

  private final Reading reading;
  private final Map<String, Integer> open = new HashMap<>();
  private int all;
  private final Counter refused;

  InvoiceWalks(Reading reading, MeterRegistry registry) {
    this.reading = reading;
    Gauge.builder("tender_invoice_walks", this, InvoiceWalks::count)
        .description("Long lists of invoices that are being read")
        .register(registry);
    this.refused =
        Counter.builder("tender_invoice_walks_refused")
            .description("Long lists of invoices refused because too many were being read")
            .register(registry);
  }

  private synchronized int count() {
    return all;
  }

  /**
   * Begins a walk through the invoices that pass a filter, newest first.
   *
   * @param read the first of them, which are known already; at least one
   * @param take how many in all; empty for all there are
   * @return empty if too many are under way
   */
  public Optional<Walk> begin(
      String storeId, InvoiceFilter filter, List<Invoice> read, Optional<Integer> take) {
    synchronized (this) {
      if (all >= MAX_OPEN || open.getOrDefault(storeId, 0) >= MAX_OF_STORE) {
        refused.increment();
        return Optional.empty();
      }
      all++;
      open.merge(storeId, 1, Integer::sum);
    }
    return Optional.of(new Walk(storeId, filter, read, take));
  }

  private synchronized void ended(String storeId) {
    all--;
    open.computeIfPresent(storeId, (id, count) -> count == 1 ? null : count - 1);
  }

  /** One walk; of one caller, who takes one step after the other. */
  public final class Walk {
    private final String storeId;
    private final InvoiceFilter filter;
    private final List<Invoice> read;
    private Optional<InvoiceCursor> place = Optional.empty();
    private long left;
    private boolean ended;

    private Walk(String storeId, InvoiceFilter filter, List<Invoice> read, Optional<Integer> take) {
      this.storeId = storeId;
      this.filter = filter;
      // A slow reader keeps no more of them in memory: the others are read again in time.
      this.read = new ArrayList<>(read.subList(0, Math.min(TOGETHER, read.size())));
      this.left = take.map(Integer::longValue).orElse(Long.MAX_VALUE);
    }

    /** The next invoices; none at the end. */
    public Future<List<Invoice>> next() {
      int most = (int) Math.min(TOGETHER, left);
      if (ended || most == 0) {
        return Future.succeededFuture(List.of());
      }
      if (!read.isEmpty()) {
        List<Invoice> known = read.subList(0, Math.min(most, read.size()));
        List<Invoice> next = List.copyOf(known);
        known.clear();
        place = Optional.of(InvoiceCursor.after(next.get(next.size() - 1)));
        left -= next.size();
        return Future.succeededFuture(next);
      }
      if (place.isEmpty()) {
        return Future.succeededFuture(List.of());
      }
      return reading
          .read(storeId, filter.from(place.get(), most))
          .compose(
              part -> {
                place = part.next().map(InvoiceCursor::at);
                left -= part.items().size();
                // None of them can be read, perhaps.
                return part.items().isEmpty() ? next() : Future.succeededFuture(part.items());
              });
    }

    /** Ends the walk, wherever it is; more than once does no harm. */
    public void end() {
      if (!ended) {
        ended = true;
        ended(storeId);
      }
    }
  }
}
