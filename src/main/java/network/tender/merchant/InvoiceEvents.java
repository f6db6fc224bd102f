package network.tender.merchant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who wait for an invoice (open checkout pages, streams) that it has changed. Listeners
 * are found by invoice, so that a change costs what its own listeners cost, however many others
 * there are. Safe for any thread; listeners are called on the thread that publishes and must return
 * at once.
 */
public final class InvoiceEvents {
  /** Most subscriptions at a time; a page that gets none still polls. */
  public static final int MAX_SUBSCRIPTIONS = 20_000;

  private static final Logger LOG = LoggerFactory.getLogger(InvoiceEvents.class);

  private final Map<String, List<Consumer<InvoiceChange>>> byInvoice = new HashMap<>();
  private int count;

  /**
   * Listens to one invoice.
   *
   * @return closes the subscription; empty if there are too many
   */
  public synchronized Optional<Runnable> subscribe(
      String invoiceId, Consumer<InvoiceChange> listener) {
    if (count >= MAX_SUBSCRIPTIONS) {
      return Optional.empty();
    }
    count++;
    // Wrapped, so that the same listener can be subscribed twice and closed once.
    Consumer<InvoiceChange> entry = change -> listener.accept(change);
    byInvoice.computeIfAbsent(invoiceId, id -> new ArrayList<>(1)).add(entry);
    return Optional.of(() -> remove(invoiceId, entry));
  }

  private synchronized void remove(String invoiceId, Consumer<InvoiceChange> entry) {
    List<Consumer<InvoiceChange>> listeners = byInvoice.get(invoiceId);
    if (listeners != null && listeners.remove(entry)) {
      count--;
      if (listeners.isEmpty()) {
        byInvoice.remove(invoiceId);
      }
    }
  }

  /** How many subscriptions are open: for a metric. */
  public synchronized int size() {
    return count;
  }

  /** Tells of a change, once what is written of it is durable. */
  void publish(InvoiceChange change) {
    JoinedTransaction.afterCommit(() -> tell(change));
  }

  private void tell(InvoiceChange change) {
    List<Consumer<InvoiceChange>> listeners;
    synchronized (this) {
      listeners = List.copyOf(byInvoice.getOrDefault(change.invoiceId(), List.of()));
    }
    for (Consumer<InvoiceChange> listener : listeners) {
      try {
        listener.accept(change);
      } catch (RuntimeException e) {
        LOG.error("A listener to invoice changes failed", e);
      }
    }
  }
}
