package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.tender.chain.Hash;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex;
import network.tender.ledger.SealedBlock;

/**
 * The next unused addresses of wallets, derived and looked up in the chain ahead of the invoices
 * that get them, so that making an invoice asks the database for nothing.
 *
 * <p>The database's unique constraint on (wallet, number) is what really hands a number out; this
 * is only the guess that the insert is made with. A wrong guess (another process was faster) makes
 * the insert fail; then the wallet is forgotten here and its newest number is read again. So no
 * number is used twice and none is lost by a crash.
 *
 * <p>An address that waits here is given to nobody once a block pays to it: each block is looked
 * through from before the chain is asked about the address.
 */
final class FreshAddresses {
  /** Most wallets with addresses in memory; the one that was used least recently goes first. */
  private static final int MAX_WALLETS = 1_000;

  /** A wallet's first addresses; each further time twice as many, for it seems to need them. */
  private static final int FIRST_ADDRESSES = 8;

  private static final int MOST_ADDRESSES = 256;

  /** Most used addresses that one request passes by; the next one goes on from there. */
  private static final int MAX_USED_IN_A_ROW = 1_000;

  private static final String NEXT_INDEX =
      "SELECT coalesce(max(address_index) + 1, 0) FROM invoice WHERE wallet_id = $1";

  /**
   * An address nobody has got yet.
   *
   * @param index its number in its wallet
   * @param script its output script
   */
  record Address(int index, Script script) {}

  /** What is known of a wallet. */
  private static final class Book {
    final Deque<Address> ready = new ArrayDeque<>();

    /** The first number that was not derived yet; negative as long as it is not known. */
    int next = -1;

    int step = FIRST_ADDRESSES;
    Optional<Future<Void>> filling = Optional.empty();
  }

  private final Vertx vertx;
  private final Pool pool;
  private volatile Optional<ChainIndex> chain = Optional.empty();

  /**
   * The scripts of all addresses in the books, being looked up, or taken and not used yet. With how
   * often: a wallet that is forgotten while it is looked up has its addresses twice.
   */
  private final Map<Script, Integer> held = new ConcurrentHashMap<>();

  private final Map<Long, Book> books =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Book> eldest) {
          boolean tooMany = size() > MAX_WALLETS;
          if (tooMany) {
            letGo(eldest.getValue());
          }
          return tooMany;
        }
      };

  FreshAddresses(Vertx vertx, Pool pool) {
    this.vertx = vertx;
    this.pool = pool;
  }

  /** From now on addresses that this index knows are passed by. */
  void passByThoseIn(ChainIndex index) {
    chain = Optional.of(index);
  }

  /** Looks through a block that has become durable, after the index was told of it. */
  void onBlock(SealedBlock block) {
    if (held.isEmpty()) {
      return;
    }
    for (Transaction transaction : block.block().transactions()) {
      for (int i = 0; i < transaction.outputCount(); i++) {
        held.remove(transaction.script(i));
      }
    }
  }

  /**
   * Takes a wallet's next address; empty if {@link #provide} has to be called first. What becomes
   * of it is to be told with {@link #used}, {@link #giveBack} or {@link #forget}.
   */
  synchronized Optional<Address> take(StoreWallet wallet) {
    Book book = books.get(wallet.walletId());
    if (book == null) {
      return Optional.empty();
    }
    Address next = book.ready.poll();
    while (next != null && !held.containsKey(next.script())) {
      next = book.ready.poll();
    }
    if (book.ready.size() < book.step / 4) {
      // Those who come after this one shall not wait for it either.
      fill(wallet, book);
    }
    return Optional.ofNullable(next);
  }

  /** An address that was taken is an invoice's now. */
  void used(Address address) {
    held.remove(address.script());
  }

  /**
   * Some addresses of a wallet that were taken are certainly no invoice's: the next ones get them,
   * so that they leave no gap.
   *
   * @param unused in the order of their numbers
   */
  synchronized void giveBack(long walletId, List<Address> unused) {
    Book book = books.get(walletId);
    for (int i = unused.size() - 1; i >= 0; i--) {
      Address address = unused.get(i);
      if (book == null || address.index() >= book.next) {
        letGo(address);
      } else {
        book.ready.addFirst(address);
      }
    }
  }

  /** Forgets a wallet's numbers, because a guess was wrong or nobody knows what was written. */
  synchronized void forget(long walletId) {
    Book book = books.remove(walletId);
    if (book != null) {
      letGo(book);
    }
  }

  private void letGo(Book book) {
    book.ready.forEach(this::letGo);
    book.ready.clear();
  }

  private void letGo(Address address) {
    held.computeIfPresent(address.script(), (script, times) -> times == 1 ? null : times - 1);
  }

  /** Makes sure that some addresses of a wallet can be taken. */
  Future<Void> provide(StoreWallet wallet, int count) {
    return provide(wallet, count, 0);
  }

  private Future<Void> provide(StoreWallet wallet, int count, int derived) {
    Future<Void> filled;
    synchronized (this) {
      Book book = books.computeIfAbsent(wallet.walletId(), id -> new Book());
      if (book.ready.size() >= count) {
        return Future.succeededFuture();
      }
      if (derived >= MAX_USED_IN_A_ROW + count) {
        return Future.failedFuture(
            new IllegalStateException(
                "the wallet's next " + derived + " addresses have nearly all been used before"));
      }
      filled = fill(wallet, book);
      derived += book.step;
    }
    int soFar = derived;
    return filled.compose(done -> provide(wallet, count, soFar));
  }

  private synchronized Future<Void> fill(StoreWallet wallet, Book book) {
    if (book.filling.isPresent()) {
      return book.filling.get();
    }
    Future<Void> filling = nextIndex(wallet.walletId(), book).compose(first -> add(wallet, book));
    if (filling.isComplete()) {
      return filling;
    }
    book.filling = Optional.of(filling);
    filling.onComplete(done -> filled(book));
    return filling;
  }

  private synchronized void filled(Book book) {
    book.filling = Optional.empty();
  }

  private synchronized Future<Integer> nextIndex(long walletId, Book book) {
    if (book.next >= 0) {
      return Future.succeededFuture(book.next);
    }
    return pool.preparedQuery(NEXT_INDEX)
        .execute(Tuple.of(walletId))
        .map(rows -> learn(book, rows.iterator().next().getInteger(0)));
  }

  private synchronized int learn(Book book, int next) {
    book.next = next;
    return next;
  }

  private Future<Void> add(StoreWallet wallet, Book book) {
    int first;
    int count;
    synchronized (this) {
      first = book.next;
      count = book.step;
    }
    return vertx
        .executeBlocking(() -> derive(wallet, first, count), false)
        .compose(
            addresses -> {
              // Before the chain is asked: a block in between is seen by the one or the other.
              addresses.forEach(address -> held.merge(address.script(), 1, Integer::sum));
              return known(addresses)
                  .onFailure(error -> addresses.forEach(this::letGo))
                  .map(known -> put(wallet.walletId(), book, addresses, known));
            });
  }

  private static List<Address> derive(StoreWallet wallet, int first, int count) {
    List<Address> addresses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int index = Math.addExact(first, i);
      addresses.add(new Address(index, wallet.descriptor().scriptAt(index)));
    }
    return addresses;
  }

  private Future<Set<Hash>> known(List<Address> addresses) {
    return chain
        .map(index -> index.known(addresses.stream().map(a -> a.script().hash()).toList()))
        .orElseGet(() -> Future.succeededFuture(Set.of()));
  }

  private synchronized Void put(
      long walletId, Book book, List<Address> addresses, Set<Hash> known) {
    boolean current = books.get(walletId) == book;
    for (Address address : addresses) {
      if (known.contains(address.script().hash())) {
        held.remove(address.script());
      } else if (!current) {
        letGo(address);
      } else {
        book.ready.add(address);
      }
    }
    book.next = Math.addExact(book.next, addresses.size());
    book.step = Math.min(MOST_ADDRESSES, 2 * book.step);
    return null;
  }
}
