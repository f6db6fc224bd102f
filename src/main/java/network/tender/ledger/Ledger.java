package network.tender.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one chain: coins, pending transfers, and the next block. For one writer
 * only; nothing here is safe for a second thread. Deterministic: the same calls give the same
 * blocks.
 *
 * <p>The life of a transfer: {@link Rules#checkContextFree} on any thread, {@link #resolve}, the
 * signatures on any thread, {@link #admit}, {@link #seal}, and, once the block is durable, {@link
 * #committed}.
 *
 * <p>A sealed block changes no coins before it is durable. Until then its transfers are pending, so
 * that nothing has to be undone if it is abandoned.
 */
public final class Ledger {
  /** Header times kept for relative time locks; older ones are asked for when a coin needs them. */
  public static final int MAX_HEADER_TIMES = 4_096;

  /** Older medians kept, each asked for once. */
  private static final int MAX_MEDIAN_TIMES = 10_000;

  /** What a unit of signature operation cost weighs at least (Core: bytespersigop). */
  private static final int WEIGHT_PER_SIGOP_COST = 20;

  private static final long MAX_CLOCK_WAIT_MILLIS = 10_000;

  private final Network network;
  private final Policy policy;
  private final Rules rules;
  private final CoinCache coins;
  private final Mempool mempool;
  private final Cadence cadence;
  private final BlockAssembly assembly;
  private final HeaderTimes times;
  private final Map<Integer, Long> olderMedians = new LinkedHashMap<>();
  private ChainState tip;
  private @Nullable SealedBlock inFlight;

  /**
   * Goes on from a block.
   *
   * @param start where the chain stands; the coin store must stand at the same block
   */
  public Ledger(Network network, Policy policy, ChainState start, BlockSigner signer) {
    this.network = network;
    this.policy = policy;
    this.rules = new Rules(network, policy);
    this.coins = new CoinCache(policy.maxCleanCoins(), start.height(), policy.salt());
    this.mempool = new Mempool(policy);
    this.cadence = new Cadence(policy.blocksPerSecond(), policy.blockBurst());
    this.assembly = new BlockAssembly(network, signer);
    this.times = new HeaderTimes(start.height(), start.headerSeconds(), MAX_HEADER_TIMES);
    this.tip = start;
  }

  /** The rules without context, for any thread. */
  public Rules rules() {
    return rules;
  }

  /** Finds the coins that a transfer spends and applies all rules but the signatures'. */
  public Resolution resolve(Transaction transfer) {
    return resolve(transfer, null, Map.of());
  }

  /** Begins a load of coins that are not in memory; any number of transfers may share one. */
  public CoinLoad beginLoad(Collection<Outpoint> outpoints) {
    return coins.beginLoad(outpoints);
  }

  /**
   * Resolves a transfer with what the coin store had. Coins that the load asked for and did not
   * find are {@link Reason#UNKNOWN_COIN}; whether they ever were, only the chain index knows. If a
   * flush has ended since the load began, the answer is {@link Resolution.MissingCoins} again:
   * begin another load.
   *
   * @param load the load that has just ended
   * @param found all that it found
   */
  public Resolution resolve(
      Transaction transfer, @Nullable CoinLoad load, Map<Outpoint, Coin> found) {
    Resolution known = known(transfer);
    if (known != null) {
      return known;
    }
    if (!Rules.isFinal(transfer, tip.height() + 1, times.medianTimePast())) {
      return refused(
          Reason.NOT_FINAL,
          "Its lock time "
              + Integer.toUnsignedString(transfer.lockTime())
              + " is not reached; send it again later.");
    }
    Rejection conflict = firstConflict(transfer);
    if (conflict != null) {
      return new Resolution.Refused(conflict);
    }
    int count = transfer.inputCount();
    Coin[] spent = new Coin[count];
    List<Outpoint> missing = null;
    for (int i = 0; i < count; i++) {
      Outpoint prevout = transfer.prevout(i);
      Mempool.Pending parent = mempool.byTxid(prevout.txid());
      Coin coin;
      if (parent != null) {
        coin = parent.coin(prevout.index(), tip.height() + 1);
      } else {
        coin = coins.find(prevout);
        if (coin == null) {
          if (coins.isSpentUnflushed(prevout)) {
            return new Resolution.Refused(doubleSpend(prevout));
          }
          if (load == null
              || load.epoch() != coins.epoch()
              || !load.outpoints().contains(prevout)) {
            if (missing == null) {
              missing = new ArrayList<>(count);
            }
            missing.add(prevout);
            continue;
          }
          // Once for each load, however often it was looked for in memory before.
          coins.missed();
          coin = found.get(prevout);
          if (coin != null) {
            coins.keep(prevout, coin);
          }
        }
      }
      if (coin == null) {
        return refused(
            Reason.UNKNOWN_COIN,
            "There is no coin "
                + prevout
                + ", or it is spent; let the wallet look up its coins again.");
      }
      spent[i] = coin;
    }
    return missing != null ? new Resolution.MissingCoins(missing) : judge(transfer, List.of(spent));
  }

  /** What is to be said of a transfer whose txid is pending; null if it is not. */
  private @Nullable Resolution known(Transaction transfer) {
    Mempool.Pending same = mempool.byTxid(transfer.txid());
    if (same == null) {
      return null;
    }
    return same.transfer.wtxid().equals(transfer.wtxid())
        ? new Resolution.AlreadyPending(transfer.txid())
        : new Resolution.Refused(otherWitness(transfer));
  }

  private Resolution judge(Transaction transfer, List<Coin> spent) {
    Set<Integer> missingTimes = missingTimes(transfer, spent);
    if (!missingTimes.isEmpty()) {
      return new Resolution.MissingTimes(missingTimes);
    }
    Rejection rejection = Rules.checkRelativeLocks(transfer, spent, times, this::medianTimePastAt);
    if (rejection == null) {
      rejection = Rules.checkCoins(transfer, spent, tip.height() + 1);
    }
    if (rejection == null) {
      rejection = InputRules.check(transfer, spent);
    }
    int sigopCost = SigopCost.of(transfer, spent);
    if (rejection == null) {
      rejection = rules.checkSigops(sigopCost);
    }
    if (rejection != null) {
      return new Resolution.Refused(rejection);
    }
    long fee = -Rules.outputSum(transfer);
    for (Coin coin : spent) {
      fee += coin.amount().sat();
    }
    long floor = feeFloorSat(transfer, sigopCost);
    if (fee < floor) {
      return refused(
          Reason.FEE_TOO_LOW,
          "The transfer pays a fee of " + fee + " sat; the least for its size is " + floor + ".");
    }
    return new Resolution.Resolved(transfer, spent, Amount.ofSat(fee), sigopCost);
  }

  private Set<Integer> missingTimes(Transaction transfer, List<Coin> spent) {
    Set<Integer> heights = Rules.timeLockHeights(transfer, spent);
    if (heights.isEmpty()) {
      return heights;
    }
    Set<Integer> missing = new HashSet<>(heights);
    missing.removeIf(height -> times.knowsMedianAt(height) || olderMedians.containsKey(height));
    return missing;
  }

  private long medianTimePastAt(int height) {
    Long older = olderMedians.get(height);
    return older != null ? older : times.medianTimePastAt(height);
  }

  /**
   * Takes in medians of header times that are older than those in memory; they never change.
   *
   * @param medians seconds by height, for {@link Resolution.MissingTimes}
   */
  public void keepMedianTimes(Map<Integer, Long> medians) {
    Iterator<Integer> oldest = olderMedians.keySet().iterator();
    for (int surplus = olderMedians.size() + medians.size() - MAX_MEDIAN_TIMES;
        surplus > 0 && oldest.hasNext();
        surplus--) {
      oldest.next();
      oldest.remove();
    }
    olderMedians.putAll(medians);
  }

  /** The least fee, rounded up as Core does; signature operations count as 5 vbytes each. */
  private long feeFloorSat(Transaction transfer, int sigopCost) {
    long weight = Math.max(transfer.weight(), (long) sigopCost * WEIGHT_PER_SIGOP_COST);
    long virtualSize = (weight + Transaction.WITNESS_SCALE - 1) / Transaction.WITNESS_SCALE;
    return (network.feeFloorSatPerKvb() * virtualSize + 999) / 1_000;
  }

  /**
   * Takes a transfer whose signatures are good among the pending ones, if its coins are still
   * there. The first seen wins.
   *
   * @param nowMillis Unix time in milliseconds
   */
  public Admission admit(Resolution.Resolved resolved, long nowMillis) {
    Transaction transfer = resolved.transfer();
    Mempool.Pending same = mempool.byTxid(transfer.txid());
    if (same != null) {
      return same.transfer.wtxid().equals(transfer.wtxid())
          ? new Admission.AlreadyPending(transfer.txid())
          : new Admission.Refused(otherWitness(transfer));
    }
    Rejection conflict = firstConflict(transfer);
    if (conflict != null) {
      return new Admission.Refused(conflict);
    }
    int count = transfer.inputCount();
    Coin[] spent = new Coin[count];
    Mempool.@Nullable Pending @Nullable [] parents = null;
    for (int i = 0; i < count; i++) {
      Outpoint prevout = transfer.prevout(i);
      Mempool.Pending parent = mempool.byTxid(prevout.txid());
      Coin coin;
      if (parent != null) {
        if (parents == null) {
          parents = new Mempool.@Nullable Pending[count];
        }
        parents[i] = parent;
        coin = parent.coin(prevout.index(), tip.height() + 1);
      } else {
        coin = coins.peek(prevout);
      }
      if (coin == null) {
        return coins.isSpentUnflushed(prevout)
            ? new Admission.Refused(doubleSpend(prevout))
            : new Admission.Stale();
      }
      spent[i] = coin;
    }
    if (!mempool.hasRoomFor(transfer.weight())) {
      return new Admission.Full();
    }
    Rejection rejection =
        mempool.add(
            new Mempool.Pending(
                transfer, spent, parents, resolved.fee().sat(), resolved.sigopCost(), nowMillis));
    return rejection == null
        ? new Admission.Admitted(transfer.txid())
        : new Admission.Refused(rejection);
  }

  private static Resolution refused(Reason reason, String detail) {
    return new Resolution.Refused(Rejection.of(reason, detail));
  }

  private static Rejection otherWitness(Transaction transfer) {
    return Rejection.conflict(
        Reason.OTHER_WITNESS,
        "The same transfer is pending with other signatures; wait for it.",
        transfer.txid());
  }

  /** As in Core, a conflict is looked for at all inputs before any of their coins. */
  private @Nullable Rejection firstConflict(Transaction transfer) {
    for (int i = 0; i < transfer.inputCount(); i++) {
      Outpoint prevout = transfer.prevout(i);
      Mempool.Pending winner = mempool.spender(prevout);
      if (winner != null) {
        return conflict(prevout, winner);
      }
    }
    return null;
  }

  private static Rejection conflict(Outpoint prevout, Mempool.Pending winner) {
    Hash txid = winner.transfer.txid();
    return Rejection.conflict(
        Reason.CONFLICT,
        "The coin " + prevout + " is being spent by " + txid + ", which was seen first.",
        txid);
  }

  private static Rejection doubleSpend(Outpoint prevout) {
    return Rejection.of(
        Reason.DOUBLE_SPEND, "The coin " + prevout + " was spent by a settled transfer.");
  }

  /**
   * Seals the next block if transfers are pending, no block is in flight and the cadence allows.
   *
   * @param nowMillis Unix time in milliseconds
   * @throws IllegalStateException if the sums do not add up: a bug, nothing may be sealed any more
   */
  public Optional<SealedBlock> seal(long nowMillis) {
    if (!canSeal() || !cadence.tryTake(nowMillis)) {
      return Optional.empty();
    }
    int height = tip.height() + 1;
    int weight = network.maxBlockWeight() - BlockAssembly.reserve(network);
    int sigopCost = network.maxBlockSigopCost() - BlockAssembly.sigopReserve(network);
    long fees = 0;
    List<Transaction> transfers = new ArrayList<>();
    List<List<Coin>> spent = new ArrayList<>();
    for (Iterator<Mempool.Pending> oldestFirst = mempool.iterator(); oldestFirst.hasNext(); ) {
      Mempool.Pending pending = oldestFirst.next();
      weight -= pending.weight;
      sigopCost -= pending.sigopCost;
      if (weight < 0 || sigopCost < 0) {
        break;
      }
      transfers.add(pending.transfer);
      spent.add(pending.seal(height));
      fees += pending.feeSat;
    }
    Amount pay = Amount.ofSat(fees);
    SealedBlock block =
        assembly.assemble(tip, times.medianTimePast(), transfers, spent, pay, pay, nowMillis);
    inFlight = block;
    return Optional.of(block);
  }

  private boolean canSeal() {
    return inFlight == null && mempool.size() > 0 && !waitsForFlush();
  }

  /** True while no block is sealed because too many changes wait for a flush. */
  public boolean waitsForFlush() {
    return coins.unflushedChanges() > policy.maxUnflushedChanges();
  }

  /**
   * When {@link #seal} should next give a block; empty if nothing is pending, a block is in flight,
   * or too many changes wait for a flush.
   *
   * <p>A block's header time must be later than the median of the last ones, whatever the clock
   * says. So that it does not run away from the clock, the next block waits until its header would
   * be no more than a second ahead; not for longer than {@value #MAX_CLOCK_WAIT_MILLIS} ms, because
   * a clock that was set back further must not stop all payments until the old time is reached.
   * {@link #headerLeadMillis} tells then.
   *
   * @param nowMillis Unix time in milliseconds
   * @return Unix milliseconds, not before {@code nowMillis}
   */
  public OptionalLong nextSealMillis(long nowMillis) {
    if (!canSeal()) {
      return OptionalLong.empty();
    }
    long next = cadence.nextMillis(nowMillis);
    // The header would be at this time plus one second.
    long clock = times.medianTimePast() * 1_000;
    return OptionalLong.of(
        clock - nowMillis <= MAX_CLOCK_WAIT_MILLIS ? Math.max(next, clock) : next);
  }

  /**
   * How far the newest header's time is ahead of a clock, in milliseconds; 0 if it is not.
   *
   * @param nowMillis Unix time in milliseconds
   */
  public long headerLeadMillis(long nowMillis) {
    List<Long> seconds = tip.headerSeconds();
    return Math.max(0, seconds.get(seconds.size() - 1) * 1_000 - nowMillis);
  }

  /**
   * The block in flight is durable: its coins change hands, its transfers are settled.
   *
   * @throws IllegalStateException if it is not the one in flight
   */
  public void committed(SealedBlock block) {
    endFlight(block);
    advance(block);
    mempool.removeFirst(block.transferCount());
  }

  /**
   * The block in flight will never be durable: its transfers are first in the next block.
   *
   * @throws IllegalStateException if it is not the one in flight
   */
  public void abandoned(SealedBlock block) {
    endFlight(block);
  }

  @SuppressWarnings("ReferenceEquality") // it must be the very block that was sealed
  private void endFlight(SealedBlock block) {
    if (inFlight != block) {
      throw new IllegalStateException("block " + block.height() + " is not in flight");
    }
    inFlight = null;
  }

  private void advance(SealedBlock block) {
    coins.apply(block.height(), block.block().transactions(), block.spent());
    times.add(block.block().header().unixSeconds());
    tip =
        new ChainState(
            block.height(), block.hash(), block.timeMillis(), times.newest(), block.totals());
  }

  /**
   * Takes in a durable block at start-up, without checking signatures: the one that follows {@link
   * #tip}. Flushes may begin and end between blocks.
   *
   * @throws IllegalStateException if it does not follow, its sums do not add up, or transfers are
   *     pending already
   */
  public void replay(SealedBlock block) {
    if (mempool.size() > 0
        || block.height() != tip.height() + 1
        || !block.block().header().previous().equals(tip.hash())
        || !block.hash().equals(block.block().hash())) {
      throw new IllegalStateException(
          "block " + block.height() + " does not follow block " + tip.height());
    }
    if (!totals(block).equals(block.totals())) {
      throw new IllegalStateException(
          "the sums kept with block " + block.height() + " are not those of its transfers");
    }
    advance(block);
  }

  private ChainTotals totals(SealedBlock block) {
    Block body = block.block();
    Tally tally = new Tally(tip.totals());
    long fees = 0;
    for (int i = 1; i < body.transactions().size(); i++) {
      Transaction transfer = body.transactions().get(i);
      List<Coin> spent = block.spent().get(i);
      if (spent.size() != transfer.inputCount()) {
        throw new IllegalStateException("block " + block.height() + " lacks spent coins");
      }
      tally.transfer(transfer, spent);
      for (int j = 0; j < spent.size(); j++) {
        fees += spent.get(j).amount().sat();
      }
      fees -= Rules.outputSum(transfer);
    }
    tally.coinbase(body.transactions().get(0), fees);
    return tally.after();
  }

  /** Where the durable chain stands, with the {@value ChainState#MEDIAN_BLOCKS} last times. */
  public ChainState tip() {
    return tip;
  }

  /** The median of the last header times: what time locks are compared with (BIP113). */
  public long medianTimePast() {
    return times.medianTimePast();
  }

  /** The coins in memory, for flushes and lookups. */
  public CoinCache coins() {
    return coins;
  }

  /** The block that is sealed but not yet committed or abandoned. */
  public Optional<SealedBlock> inFlight() {
    return Optional.ofNullable(inFlight);
  }

  /** Number of pending transfers, those of the block in flight included. */
  public int pendingTransfers() {
    return mempool.size();
  }

  /** Their weight in weight units. */
  public long pendingWeight() {
    return mempool.weight();
  }

  /** A pending transfer; one in the block in flight is pending too. */
  public Optional<PendingTransfer> pending(Hash txid) {
    return Optional.ofNullable(mempool.byTxid(txid)).map(Mempool.Pending::view);
  }

  /** The pending transfer that spends an output. */
  public Optional<PendingTransfer> pendingSpender(Outpoint outpoint) {
    return Optional.ofNullable(mempool.spender(outpoint)).map(Mempool.Pending::view);
  }

  /**
   * All pending transfers, oldest first. The list never changes; it is the same list as last time
   * if the pending transfers are.
   */
  public List<PendingTransfer> pending() {
    return mempool.pending();
  }

  /** When the oldest pending transfer was admitted, Unix milliseconds. */
  public OptionalLong oldestPendingMillis() {
    Mempool.Pending first = mempool.first();
    return first == null ? OptionalLong.empty() : OptionalLong.of(first.admittedMillis);
  }
}
