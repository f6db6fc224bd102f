package network.tender.web;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.journal.ChainIndex;
import network.tender.journal.Journal;
import network.tender.journal.ScriptTotals;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Admission;
import network.tender.ledger.BlockSigner;
import network.tender.ledger.Bootstrap;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainState;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.Ledger;
import network.tender.ledger.PendingTransfer;
import network.tender.ledger.Policy;
import network.tender.ledger.Reason;
import network.tender.ledger.Receipt;
import network.tender.ledger.Receipts;
import network.tender.ledger.Rejection;
import network.tender.ledger.Resolution;
import network.tender.ledger.SealedBlock;
import network.tender.script.Curve;
import network.tender.script.RegtestKeys;
import network.tender.script.ScriptVerdict;
import network.tender.script.TransferSigner;
import network.tender.script.TransferVerifier;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;

/**
 * A whole regtest chain in memory, around the real ledger with real signatures: it stands in for
 * the pipeline and the database, so that HTTP surfaces can be tested alone, with troubles that a
 * real database has rarely. Its clock ticks a second a block.
 */
public final class TestChain implements Settlement, Journal, ChainIndex {
  public final Network network = Network.regtest();
  public final Curve curve = Curve.load(Curve.Provider.AUTO);
  private final BlockSigner signer = BlockSigner.single(curve, RegtestKeys.validatorSecret());
  private final TransferVerifier verifier = new TransferVerifier(curve);
  private final Ledger ledger = new Ledger(network, Policy.DEFAULT, ChainState.genesis(), signer);
  private final List<StoredBlock> blocks = new ArrayList<>();
  private final Map<Outpoint, Coin> coins = new LinkedHashMap<>();
  private final List<Consumer<SealedBlock>> listeners = new ArrayList<>();
  private final List<Consumer<PendingTransfer>> pendingListeners = new ArrayList<>();
  private final Map<Hash, List<Promise<Outcome>>> waiting = new HashMap<>();
  private long nowMillis;
  private boolean holding;
  private boolean full;
  private Optional<Outcome> trouble = Optional.empty();
  private Optional<Throwable> readFailure = Optional.empty();
  private boolean holdingReads;
  private final List<Runnable> heldReads = new ArrayList<>();

  /** A chain with its 250 first blocks. */
  public TestChain() {
    blocks.add(
        new StoredBlock(
            0,
            Network.genesis().hash(),
            Network.genesis(),
            Network.genesis().header().unixSeconds() * 1_000,
            new Certificate(List.of()),
            List.of(List.of()),
            ChainTotals.NONE));
    for (SealedBlock block : Bootstrap.blocks(network, signer)) {
      ledger.replay(block);
      store(block);
    }
    nowMillis = ledger.tip().timeMillis();
  }

  // What tests do with it.

  /** From now on transfers stay pending until {@link #seal}. */
  public synchronized void hold() {
    holding = true;
  }

  /** Seals what is pending and goes on as usual. */
  public synchronized void seal() {
    holding = false;
    sealNow();
  }

  /** Turns every transfer away unread, or no more. */
  public synchronized void full(boolean now) {
    full = now;
  }

  @Override
  public synchronized boolean turnsAway() {
    return full;
  }

  /** From now on transfers have this outcome; none ends it. */
  public synchronized void trouble(Optional<Outcome> outcome) {
    trouble = outcome;
  }

  /** Whether reading fails, as without a database. */
  public synchronized void unreadable(boolean now) {
    readsFail(now ? Optional.of(new java.io.IOException("connection refused")) : Optional.empty());
  }

  /** From now on reads fail like this; none ends it. */
  public synchronized void readsFail(Optional<Throwable> failure) {
    readFailure = failure;
  }

  /** From now on reads of consecutive blocks wait for {@link #releaseReads}. */
  public synchronized void holdReads() {
    holdingReads = true;
  }

  /** How many reads wait. */
  public synchronized int heldReads() {
    return heldReads.size();
  }

  /** Answers the reads that wait and goes on as usual. */
  public void releaseReads() {
    List<Runnable> held;
    synchronized (this) {
      holdingReads = false;
      held = List.copyOf(heldReads);
      heldReads.clear();
    }
    held.forEach(Runnable::run);
  }

  /** Number of pending transfers. */
  public synchronized int pending() {
    return ledger.pendingTransfers();
  }

  /** The mature treasury coins in order of height. */
  public synchronized List<Map.Entry<Outpoint, Coin>> treasuryCoins() {
    return coins.entrySet().stream()
        .filter(entry -> entry.getValue().script().equals(network.treasury()))
        .filter(entry -> !entry.getValue().coinbase() || entry.getValue().height() <= height() - 99)
        .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** A signed transfer of one treasury coin to some outputs; what is left over is the fee. */
  public Transaction transfer(Map.Entry<Outpoint, Coin> coin, TransferOutput... outputs) {
    Transaction unsigned =
        Transaction.build(2, List.of(TransferInput.unsigned(coin.getKey())), List.of(outputs), 0);
    return new TransferSigner(curve)
        .sign(unsigned, List.of(coin.getValue().output()), List.of(RegtestKeys.treasurySecret()));
  }

  /** A signed transfer that pays and returns the rest, with a fee of 1,000 sat. */
  public Transaction payment(Map.Entry<Outpoint, Coin> coin, Script to, long sat) {
    return transfer(
        coin,
        new TransferOutput(Amount.ofSat(sat), to),
        new TransferOutput(
            Amount.ofSat(coin.getValue().amount().sat() - sat - 1_000), network.treasury()));
  }

  private synchronized int height() {
    return blocks.size() - 1;
  }

  // Settlement.

  @Override
  public synchronized Future<Outcome> submit(Transaction transfer, Wait wait) {
    if (trouble.isPresent()) {
      return Future.succeededFuture(trouble.get());
    }
    Optional<Rejection> rejection = ledger.rules().checkContextFree(transfer);
    if (rejection.isPresent()) {
      return refused(rejection.get());
    }
    Optional<Receipt> known = settled(transfer.txid());
    if (known.isPresent()) {
      return Future.succeededFuture(new Outcome.Settled(known.get()));
    }
    Resolution resolution = ledger.resolve(transfer);
    if (resolution instanceof Resolution.MissingCoins missing) {
      for (Outpoint outpoint : missing.outpoints()) {
        Optional<Hash> spender = spenderTxid(outpoint);
        if (spender.isPresent()) {
          return refused(
              Rejection.conflict(
                  Reason.DOUBLE_SPEND, "Another transfer has spent the coin.", spender.get()));
        }
      }
      resolution = ledger.resolve(transfer, ledger.beginLoad(missing.outpoints()), Map.of());
    }
    if (resolution instanceof Resolution.Refused refused) {
      Optional<Hash> spender = spenderTxid(transfer.prevout(0));
      return refused(
          refused.rejection().reason() == Reason.DOUBLE_SPEND && spender.isPresent()
              ? Rejection.conflict(Reason.DOUBLE_SPEND, refused.rejection().detail(), spender.get())
              : refused.rejection());
    }
    if (resolution instanceof Resolution.Resolved resolved) {
      if (verifier.verify(transfer, resolved.spentOutputs())
          instanceof ScriptVerdict.Invalid invalid) {
        return refused(
            Rejection.of(
                Reason.SCRIPT_FAILED, invalid.error().code() + ": input " + invalid.input()));
      }
      Admission admission = ledger.admit(resolved, nowMillis);
      if (admission instanceof Admission.Refused refused) {
        return refused(refused.rejection());
      }
      if (admission instanceof Admission.Admitted) {
        PendingTransfer pending = ledger.pending(transfer.txid()).orElseThrow();
        List.copyOf(pendingListeners).forEach(listener -> listener.accept(pending));
      }
    }
    Promise<Outcome> promise = Promise.promise();
    if (wait == Wait.ACCEPTED) {
      promise.complete(new Outcome.Accepted(transfer.txid()));
    } else {
      waiting.computeIfAbsent(transfer.txid(), txid -> new ArrayList<>()).add(promise);
    }
    if (!holding) {
      sealNow();
    }
    return promise.future();
  }

  private static Future<Outcome> refused(Rejection rejection) {
    return Future.succeededFuture(new Outcome.Refused(rejection));
  }

  private void sealNow() {
    nowMillis += 1_000;
    ledger
        .seal(nowMillis)
        .ifPresent(
            block -> {
              ledger.committed(block);
              store(block);
              List.copyOf(listeners).forEach(listener -> listener.accept(block));
              for (Hash txid : block.block().txids()) {
                List<Promise<Outcome>> promises = waiting.remove(txid);
                if (promises != null) {
                  Outcome outcome = new Outcome.Settled(settled(txid).orElseThrow());
                  promises.forEach(promise -> promise.complete(outcome));
                }
              }
            });
  }

  private void store(SealedBlock block) {
    blocks.add(
        new StoredBlock(
            block.height(),
            block.hash(),
            block.block(),
            block.timeMillis(),
            block.certificate(),
            block.spent(),
            block.totals()));
    for (Transaction transaction : block.block().transactions()) {
      for (int i = 0; i < transaction.inputCount(); i++) {
        coins.remove(transaction.prevout(i));
      }
      for (int i = 0; i < transaction.outputCount(); i++) {
        if (!transaction.script(i).isUnspendable()) {
          coins.put(
              transaction.outpoint(i),
              new Coin(
                  transaction.amount(i),
                  transaction.script(i),
                  block.height(),
                  transaction.isCoinbase()));
        }
      }
    }
  }

  private Optional<Receipt> settled(Hash txid) {
    return place(txid)
        .map(
            place -> {
              StoredBlock block = blocks.get(place.height());
              return new Receipts(
                      network.name(),
                      block.height(),
                      block.block(),
                      block.timeMillis(),
                      block.certificate())
                  .receipt(place.position());
            });
  }

  @Override
  public synchronized Future<Optional<Receipt>> receipt(Hash txid) {
    return read(settled(txid));
  }

  @Override
  public synchronized Future<Optional<PendingTransfer>> pending(Hash txid) {
    return read(ledger.pending(txid));
  }

  @Override
  public synchronized Future<Map<Outpoint, PendingTransfer>> pendingSpenders(
      Collection<Outpoint> outpoints) {
    Map<Outpoint, PendingTransfer> spenders = new HashMap<>();
    for (Outpoint outpoint : outpoints) {
      ledger.pendingSpender(outpoint).ifPresent(spender -> spenders.put(outpoint, spender));
    }
    return read(spenders);
  }

  @Override
  public synchronized Future<Pending> pendingTransfers() {
    return read(new Pending(height(), ledger.pending()));
  }

  @Override
  public synchronized Runnable onPending(Consumer<PendingTransfer> listener) {
    pendingListeners.add(listener);
    return () -> {
      synchronized (this) {
        pendingListeners.remove(listener);
      }
    };
  }

  @Override
  public synchronized Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit) {
    Map<Outpoint, Coin> found = new LinkedHashMap<>();
    coins.forEach(
        (outpoint, coin) -> {
          if (found.size() < limit && coin.script().hash().equals(scriptHash)) {
            found.put(outpoint, coin);
          }
        });
    return read(found);
  }

  @Override
  public synchronized Status status() {
    StoredBlock tip = blocks.get(height());
    return new Status(
        tip.height(), tip.hash(), tip.timeMillis(), tip.totals(), ledger.pendingTransfers());
  }

  @Override
  public synchronized Runnable onBlock(Consumer<SealedBlock> listener) {
    listeners.add(listener);
    return () -> {
      synchronized (this) {
        listeners.remove(listener);
      }
    };
  }

  // Journal.

  private <T> Future<T> read(T value) {
    return readFailure
        .<Future<T>>map(Future::failedFuture)
        .orElseGet(() -> Future.succeededFuture(value));
  }

  @Override
  public Future<Appended> append(SealedBlock block) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized boolean isAvailable() {
    return readFailure.isEmpty();
  }

  @Override
  public synchronized Future<Optional<StoredBlock>> byHeight(int height) {
    return read(height <= height() ? Optional.of(blocks.get(height)) : Optional.empty());
  }

  @Override
  public synchronized Future<Optional<StoredBlock>> byHash(Hash hash) {
    return read(blocks.stream().filter(block -> block.hash().equals(hash)).findFirst());
  }

  @Override
  public Future<List<Long>> headerTimes(int fromHeight, int count) {
    return read(fromHeight, count)
        .map(found -> found.stream().map(stored -> stored.block().header().unixSeconds()).toList());
  }

  @Override
  public synchronized Future<List<StoredBlock>> read(int fromHeight, int maxBlocks) {
    if (holdingReads) {
      Promise<List<StoredBlock>> promise = Promise.promise();
      heldReads.add(() -> read(fromHeight, maxBlocks).onComplete(promise));
      return promise.future();
    }
    int to = Math.min(blocks.size(), fromHeight + maxBlocks);
    return read(fromHeight >= to ? List.of() : List.copyOf(blocks.subList(fromHeight, to)));
  }

  @Override
  public synchronized Future<StoredBlock> tip() {
    return read(blocks.get(height()));
  }

  // ChainIndex.

  private Optional<Place> place(Hash txid) {
    for (int height = height(); height > 0; height--) {
      int position = blocks.get(height).block().txids().indexOf(txid);
      if (position >= 0) {
        return Optional.of(new Place(height, position));
      }
    }
    return Optional.empty();
  }

  private Optional<Place> spenderPlace(Outpoint outpoint) {
    for (StoredBlock block : blocks) {
      for (int position = 1; position < block.block().transactions().size(); position++) {
        Transaction transaction = block.block().transactions().get(position);
        for (int i = 0; i < transaction.inputCount(); i++) {
          if (transaction.prevout(i).equals(outpoint)) {
            return Optional.of(new Place(block.height(), position));
          }
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Hash> spenderTxid(Outpoint outpoint) {
    return spenderPlace(outpoint)
        .map(place -> blocks.get(place.height()).block().txids().get(place.position()));
  }

  @Override
  public void onBlock(SealedBlock block) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized Future<Optional<Place>> find(Hash txid) {
    return read(place(txid));
  }

  @Override
  public synchronized Future<Optional<Spending>> spending(List<Outpoint> outpoints) {
    for (Outpoint outpoint : outpoints) {
      Optional<Place> place = spenderPlace(outpoint);
      if (place.isPresent()) {
        return read(Optional.of(new Spending(outpoint, place.get())));
      }
    }
    return read(Optional.empty());
  }

  @Override
  public synchronized Future<List<Place>> history(
      Hash scriptHash, Optional<Place> before, int limit) {
    List<Place> places = new ArrayList<>();
    for (StoredBlock block : blocks) {
      for (int position = 0; position < block.block().transactions().size(); position++) {
        Transaction transaction = block.block().transactions().get(position);
        boolean touches =
            block.spent().get(position).stream()
                .anyMatch(coin -> coin.script().hash().equals(scriptHash));
        for (int i = 0; i < transaction.outputCount(); i++) {
          touches |= transaction.script(i).hash().equals(scriptHash);
        }
        if (touches) {
          places.add(new Place(block.height(), position));
        }
      }
    }
    Collections.reverse(places);
    return read(
        places.stream()
            .filter(
                place ->
                    before.isEmpty()
                        || place.height() < before.get().height()
                        || (place.height() == before.get().height()
                            && place.position() < before.get().position()))
            .limit(limit)
            .toList());
  }

  @Override
  public synchronized Future<ScriptTotals> totals(Hash scriptHash, int height) {
    ScriptTotals totals = ScriptTotals.NONE;
    for (StoredBlock block : blocks.subList(1, height + 1)) {
      for (int i = 0; i < block.block().transactions().size(); i++) {
        Transaction transaction = block.block().transactions().get(i);
        ScriptTotals before = totals;
        for (Coin coin : block.spent().get(i)) {
          if (coin.script().hash().equals(scriptHash)) {
            totals = totals.spent(coin.amount().sat());
          }
        }
        for (int j = 0; j < transaction.outputCount(); j++) {
          if (transaction.script(j).hash().equals(scriptHash)) {
            totals = totals.funded(transaction.outputSat(j));
          }
        }
        if (!totals.equals(before)) {
          totals = totals.plus(new ScriptTotals(1, 0, 0, 0, 0));
        }
      }
    }
    return read(totals);
  }

  @Override
  public synchronized int cursor() {
    return height();
  }
}
