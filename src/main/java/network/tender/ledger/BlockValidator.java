package network.tender.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.chain.WitnessCommitment;
import network.tender.script.Curve;
import network.tender.script.ScriptVerdict;
import network.tender.script.TransferVerifier;
import org.jspecify.annotations.Nullable;

/**
 * Judges a chain from its first block on, by nothing but its blocks and certificates: Bitcoin's
 * consensus rules on regtest, the validators' certificate, and that nothing is issued after the
 * bootstrap. Keeps its own place in the chain; not safe for a second thread.
 */
public final class BlockValidator {
  /** Header times that are kept: four bytes for every block of any chain that one would replay. */
  private static final int MAX_HEADER_TIMES = 1 << 28;

  /** Most blocks that {@link #missingTimes} looks at together. */
  public static final int MAX_BLOCKS_AHEAD = 500;

  private static final int MIN_VERSION = 4;

  /** Core: MAX_STANDARD_TX_SIGOPS_COST. */
  private static final int MAX_TRANSFER_SIGOP_COST = 16_000;

  private static final long MAX_SECONDS_AHEAD = 2 * 60 * 60;
  private static final Certificate NO_CERTIFICATE = new Certificate(List.of());
  private static final int SEQUENCE_FINAL = 0xffffffff;

  /** The unspent coins, as a validation changes them. */
  public interface CoinSet {
    /** A coin, if it is unspent. */
    Optional<Coin> find(Outpoint outpoint);

    /** Adds a coin. */
    void add(Outpoint outpoint, Coin coin);

    /** Removes a coin. */
    void remove(Outpoint outpoint);
  }

  /**
   * A transaction and the outputs it spends.
   *
   * @param transaction the transaction
   * @param spent what its inputs spend, in order
   */
  public record Spend(Transaction transaction, List<TransferOutput> spent) {}

  /** Checks the signatures of a whole block, perhaps on many threads. */
  @FunctionalInterface
  public interface SignatureCheck {
    /**
     * The refusal of the first spend whose signatures do not hold, if there is one. All rules about
     * the block but its certificate have been applied before.
     *
     * <p>A check may also answer that all is well, look at the signatures later, and let the
     * validator run ahead: coins depend on no signature. It must then know itself that a failure it
     * finds comes before anything that the validator says after it was asked.
     */
    Optional<Rejection> firstFailure(List<Spend> spends);

    /** A check of one spend after the other, by the ledger's rules. */
    static SignatureCheck sequential(TransferVerifier verifier) {
      return sequential(verifier, RuleSet.LEDGER);
    }

    /** A check of one spend after the other. */
    static SignatureCheck sequential(TransferVerifier verifier, RuleSet ruleSet) {
      return spends -> {
        for (int i = 0; i < spends.size(); i++) {
          Optional<Rejection> failure = check(verifier, ruleSet, spends.get(i), i);
          if (failure.isPresent()) {
            return failure;
          }
        }
        return Optional.empty();
      };
    }

    /**
     * The refusal of one spend by the ledger's rules; for checks on many threads.
     *
     * @param index of the spend among those of its block, which are behind the coinbase
     */
    static Optional<Rejection> check(TransferVerifier verifier, Spend spend, int index) {
      return check(verifier, RuleSet.LEDGER, spend, index);
    }

    /**
     * The refusal of one spend if its signatures do not hold; for checks on many threads.
     *
     * @param index of the spend among those of its block, which are behind the coinbase
     */
    static Optional<Rejection> check(
        TransferVerifier verifier, RuleSet ruleSet, Spend spend, int index) {
      ScriptVerdict verdict =
          verifier.verify(
              spend.transaction(), spend.spent(), ruleSet.scriptFlags(), ruleSet.scriptBudget());
      return verdict instanceof ScriptVerdict.Invalid invalid
          ? Optional.of(in(index + 1, Rejection.blockScript(invalid)))
          : Optional.empty();
    }
  }

  /** What became of a block. */
  public sealed interface Verdict {
    /**
     * It keeps every rule.
     *
     * @param block the block with all that was found about it
     */
    record Valid(SealedBlock block) implements Verdict {}

    /**
     * It breaks one; coins and chain state are as before.
     *
     * @param rejection which and why
     */
    record Invalid(Rejection rejection) implements Verdict {}
  }

  private final Network network;
  private final ReceiptVerifier certificates;
  private final CoinSet coins;
  private final SignatureCheck signatureCheck;
  private final RuleSet ruleSet;
  private final HeaderTimes times;
  private Map<Integer, Long> olderMedians = Map.of();
  private ChainState state;

  /**
   * Begins behind the genesis block, by the ledger's rules.
   *
   * @param coins an empty set
   */
  public BlockValidator(
      Network network, Curve curve, CoinSet coins, SignatureCheck signatureCheck) {
    this(network, RuleSet.LEDGER, curve, coins, signatureCheck);
  }

  /**
   * Begins behind the genesis block.
   *
   * @param ruleSet which rules to judge by; the signature check must do so too
   * @param coins an empty set
   */
  public BlockValidator(
      Network network, RuleSet ruleSet, Curve curve, CoinSet coins, SignatureCheck signatureCheck) {
    this(
        network,
        ruleSet,
        curve,
        coins,
        signatureCheck,
        ChainState.genesis(),
        new HeaderTimes(0, ChainState.genesis().headerSeconds(), MAX_HEADER_TIMES));
  }

  private BlockValidator(
      Network network,
      RuleSet ruleSet,
      Curve curve,
      CoinSet coins,
      SignatureCheck signatureCheck,
      ChainState start,
      HeaderTimes times) {
    this.network = network;
    this.ruleSet = ruleSet;
    this.certificates = new ReceiptVerifier(curve);
    this.coins = coins;
    this.signatureCheck = signatureCheck;
    this.state = start;
    this.times = times;
  }

  /**
   * Goes on behind a block that was judged before, by the ledger's rules.
   *
   * <p>It keeps no more header times than a ledger does: before blocks are judged, ask {@link
   * #missingTimes} what they need beyond, and give it to {@link #setOlderMedians}.
   *
   * @param coins the unspent coins behind that block; it may leave out those that the next blocks
   *     don't spend, for no transfer can have the txid of another since heights are in coinbases
   *     (BIP34), so that the rule of BIP30 can't be broken
   * @param start where the chain stands
   */
  public static BlockValidator resume(
      Network network,
      Curve curve,
      CoinSet coins,
      SignatureCheck signatureCheck,
      ChainState start) {
    return new BlockValidator(
        network,
        RuleSet.LEDGER,
        curve,
        coins,
        signatureCheck,
        start,
        new HeaderTimes(start.height(), start.headerSeconds(), Ledger.MAX_HEADER_TIMES));
  }

  /**
   * Heights whose median times must be given before some blocks can be judged.
   *
   * @param blocks the next blocks, at most {@value #MAX_BLOCKS_AHEAD}
   * @param known the coins from before these blocks
   */
  public Set<Integer> missingTimes(List<Block> blocks, Map<Outpoint, Coin> known) {
    if (blocks.size() > MAX_BLOCKS_AHEAD) {
      throw new IllegalArgumentException("too many blocks: " + blocks.size());
    }
    int oldestSafe = state.height() - Ledger.MAX_HEADER_TIMES + 2 * MAX_BLOCKS_AHEAD;
    Set<Integer> missing = new HashSet<>();
    for (Block block : blocks) {
      for (Transaction transaction : block.transactions()) {
        for (int i = 0; i < transaction.inputCount(); i++) {
          Coin coin = known.get(transaction.prevout(i));
          if (coin != null && Rules.isLockedByTime(transaction, i)) {
            int height = Math.max(coin.height() - 1, 0);
            if (height < oldestSafe || !times.knowsMedianAt(height)) {
              missing.add(height);
            }
          }
        }
      }
    }
    return missing;
  }

  /**
   * Gives medians that are older than the times in memory; those given before are forgotten.
   *
   * @param medians seconds by height (BIP113)
   */
  public void setOlderMedians(Map<Integer, Long> medians) {
    olderMedians = Map.copyOf(medians);
  }

  private long medianTimePastAt(int height) {
    Long older = olderMedians.get(height);
    return older != null ? older : times.medianTimePastAt(height);
  }

  /** A coin set in memory. */
  public static CoinSet coinsInMemory() {
    Map<Outpoint, Coin> map = new HashMap<>();
    return new CoinSet() {
      @Override
      public Optional<Coin> find(Outpoint outpoint) {
        return Optional.ofNullable(map.get(outpoint));
      }

      @Override
      public void add(Outpoint outpoint, Coin coin) {
        map.put(outpoint, coin);
      }

      @Override
      public void remove(Outpoint outpoint) {
        map.remove(outpoint);
      }
    };
  }

  /** Where the chain stands after the last valid block. */
  public ChainState state() {
    return state;
  }

  /**
   * Judges the next block and, if it is valid, takes it in.
   *
   * @param certificate the validators' signatures; empty if only Bitcoin's rules are to be judged,
   *     as on a chain that was exported without certificates
   * @param nowSeconds Unix time, for the limit on times in the future
   */
  public Verdict validate(Block block, Optional<Certificate> certificate, long nowSeconds) {
    int height = state.height() + 1;
    Rejection rejection = checkHeader(block.header(), nowSeconds);
    if (rejection == null) {
      rejection = checkBody(block);
    }
    if (rejection == null) {
      rejection = checkPlace(block, height);
    }
    if (rejection != null) {
      return new Verdict.Invalid(rejection);
    }
    Connection connection = new Connection(height);
    rejection = connection.connect(block.transactions());
    if (rejection == null && certificate.isPresent()) {
      rejection = checkCertificate(block.hash(), height, certificate.get());
    }
    if (rejection != null) {
      return new Verdict.Invalid(rejection);
    }
    SealedBlock valid =
        new SealedBlock(
            height,
            block.hash(),
            block,
            Coinbase.timeMillisOf(block.transactions().get(0), network.name())
                .orElse(block.header().unixSeconds() * 1_000),
            certificate.orElse(NO_CERTIFICATE),
            connection.spentCoins,
            connection.tally.after());
    connection.apply();
    times.add(block.header().unixSeconds());
    state =
        new ChainState(height, valid.hash(), valid.timeMillis(), times.newest(), valid.totals());
    return new Verdict.Valid(valid);
  }

  private @Nullable Rejection checkHeader(BlockHeader header, long nowSeconds) {
    if (!header.meetsTarget()) {
      return Rejection.of(Reason.HIGH_HASH, "The header's hash is above its target.");
    }
    if (!header.previous().equals(state.hash())) {
      return Rejection.of(
          Reason.BAD_PREVIOUS, "The block does not follow block " + state.height() + ".");
    }
    if (header.bits() != Network.BITS) {
      return Rejection.of(Reason.BAD_BITS, "The header's target is not the chain's.");
    }
    if (header.unixSeconds() <= times.medianTimePast()) {
      return Rejection.of(
          Reason.TIME_TOO_OLD, "The header's time is not after the median of the last 11.");
    }
    if (header.unixSeconds() > nowSeconds + MAX_SECONDS_AHEAD) {
      return Rejection.of(Reason.TIME_TOO_NEW, "The header's time is more than two hours ahead.");
    }
    if (header.version() < MIN_VERSION) {
      return Rejection.of(Reason.BLOCK_VERSION, "The header's version is below 4.");
    }
    return null;
  }

  /** The rules about a block by itself (Core: CheckBlock). */
  private @Nullable Rejection checkBody(Block block) {
    List<Transaction> transactions = block.transactions();
    if (transactions.isEmpty()) {
      return Rejection.of(Reason.BLOCK_LENGTH, "The block has no transactions.");
    }
    List<Hash> txids = block.txids();
    if (!MerkleTree.root(txids).equals(block.header().merkleRoot())) {
      return Rejection.of(Reason.MERKLE_ROOT, "The merkle root is not that of the transactions.");
    }
    if (MerkleTree.hasEqualNeighbours(txids)) {
      return Rejection.of(
          Reason.MERKLE_DUPLICATE, "Equal neighbours in the merkle tree (CVE-2012-2459).");
    }
    if ((long) transactions.size() * Transaction.WITNESS_SCALE > Block.MAX_WEIGHT
        || strippedSize(block) * Transaction.WITNESS_SCALE > Block.MAX_WEIGHT) {
      return Rejection.of(Reason.BLOCK_LENGTH, "The block is larger than any may be.");
    }
    if (!Rules.isCoinbase(transactions.get(0))) {
      return Rejection.of(Reason.COINBASE_MISSING, "The first transaction is no coinbase.");
    }
    for (int i = 1; i < transactions.size(); i++) {
      if (Rules.isCoinbase(transactions.get(i))) {
        return Rejection.of(Reason.COINBASE_MULTIPLE, "Transaction " + i + " is a coinbase too.");
      }
    }
    long sigops = 0;
    for (int i = 0; i < transactions.size(); i++) {
      Rejection rejection = checkAlone(transactions.get(i), i > 0);
      if (rejection != null) {
        return in(i, rejection);
      }
      sigops += SigopCost.legacy(transactions.get(i));
    }
    return sigops * Transaction.WITNESS_SCALE > network.maxBlockSigopCost()
        ? tooManySigops()
        : null;
  }

  private static Rejection tooManySigops() {
    return Rejection.of(
        Reason.BLOCK_SIGOPS, "The block's signature operation cost is above the network's limit.");
  }

  /** The rules about a block at its place in the chain (Core: ContextualCheckBlock). */
  private @Nullable Rejection checkPlace(Block block, int height) {
    List<Transaction> transactions = block.transactions();
    for (int i = 0; i < transactions.size(); i++) {
      if (!Rules.isFinal(transactions.get(i), height, times.medianTimePast())) {
        return in(i, Rejection.of(Reason.BLOCK_NOT_FINAL, "Its lock time is not reached."));
      }
    }
    Transaction coinbase = transactions.get(0);
    if (!Coinbase.hasHeight(coinbase, height)) {
      return Rejection.of(Reason.COINBASE_HEIGHT, "The coinbase does not begin with the height.");
    }
    if (coinbase.lockTime() != height - 1 || coinbase.sequence(0) == SEQUENCE_FINAL) {
      return Rejection.of(
          Reason.COINBASE_LOCK, "The coinbase is not locked to the height before (BIP54).");
    }
    Rejection rejection = checkWitnessCommitment(transactions);
    if (rejection != null) {
      return rejection;
    }
    if (block.weight() > network.maxBlockWeight()) {
      return Rejection.of(
          Reason.BLOCK_WEIGHT, "The block weighs more than the network's limit allows.");
    }
    return null;
  }

  private static long strippedSize(Block block) {
    long size = BlockHeader.SIZE_BYTES;
    for (Transaction transaction : block.transactions()) {
      size += transaction.strippedSize();
    }
    return size;
  }

  private @Nullable Rejection checkAlone(Transaction transaction, boolean transfer) {
    Rejection rejection = Rules.checkStructure(transaction);
    if (rejection != null) {
      return rejection;
    }
    if (transaction.strippedSize() == Rules.MERKLE_PAIR_BYTES) {
      return Rejection.of(
          Reason.TOO_SMALL, "Without its witness it could pass for a merkle node (BIP54).");
    }
    return transfer && ruleSet == RuleSet.LEDGER ? Rules.checkLedgerRules(transaction) : null;
  }

  private static @Nullable Rejection checkWitnessCommitment(List<Transaction> transactions) {
    Transaction coinbase = transactions.get(0);
    Optional<Hash> commitment = WitnessCommitment.find(coinbase);
    if (commitment.isEmpty()) {
      for (Transaction transaction : transactions) {
        if (transaction.hasWitness()) {
          return Rejection.of(
              Reason.UNEXPECTED_WITNESS, "The block has witnesses but no commitment to them.");
        }
      }
      return null;
    }
    List<byte[]> witness = coinbase.witness(0);
    if (witness.size() != 1 || witness.get(0).length != Hash.SIZE_BYTES) {
      return Rejection.of(
          Reason.WITNESS_NONCE, "The coinbase's witness is not one item of 32 bytes.");
    }
    Hash nonce = Hash.of(witness.get(0));
    if (!WitnessCommitment.compute(transactions, nonce).equals(commitment.get())) {
      return Rejection.of(
          Reason.WITNESS_COMMITMENT, "The commitment is not that of the transactions.");
    }
    return null;
  }

  private @Nullable Rejection checkCertificate(Hash hash, int height, Certificate certificate) {
    ReceiptVerifier.Verdict verdict =
        certificates.verify(
            hash, height, certificate, network.validators(), network.validators().size());
    return verdict instanceof ReceiptVerifier.Verdict.Refused refused
        ? Rejection.of(Reason.CERTIFICATE, refused.detail())
        : null;
  }

  private static Rejection in(int position, Rejection rejection) {
    return new Rejection(
        rejection.reason(),
        "Transaction " + position + ": " + rejection.detail(),
        rejection.conflict(),
        rejection.scriptError());
  }

  /** What a block would do to the coins; nothing is done to them before it is known to be valid. */
  private final class Connection {
    private final int height;
    private final Map<Outpoint, Coin> made = new HashMap<>();
    private final Set<Outpoint> gone = new HashSet<>();
    private final List<List<Coin>> spentCoins = new ArrayList<>();
    private final List<Spend> spends = new ArrayList<>();
    private final Tally tally = new Tally(state.totals());
    private int sigopCost;
    private long feesSat;

    Connection(int height) {
      this.height = height;
    }

    @Nullable Rejection connect(List<Transaction> transactions) {
      for (int i = 0; i < transactions.size(); i++) {
        if (overwrites(transactions.get(i))) {
          return in(
              i,
              Rejection.of(Reason.DUPLICATE_TXID, "Its txid still has unspent outputs (BIP30)."));
        }
      }
      for (int i = 0; i < transactions.size(); i++) {
        Rejection rejection = connect(transactions.get(i), i == 0);
        if (rejection != null) {
          return in(i, rejection);
        }
        if (sigopCost > network.maxBlockSigopCost()) {
          return tooManySigops();
        }
      }
      Transaction coinbase = transactions.get(0);
      long subsidy = height <= Network.ISSUING_BLOCKS ? Network.subsidy(height).sat() : 0;
      if (Rules.outputSum(coinbase) > subsidy + feesSat) {
        return Rejection.of(
            Reason.COINBASE_AMOUNT,
            "The coinbase pays out more than "
                + subsidy
                + " sat of subsidy and "
                + feesSat
                + " sat of fees.");
      }
      if (ruleSet == RuleSet.LEDGER && !paysTreasury(coinbase)) {
        return Rejection.of(
            Reason.COINBASE_PAYEE,
            "The coinbase pays somebody else than the treasury of network " + network.name() + ".");
      }
      tally.coinbase(coinbase, feesSat);
      return signatureCheck.firstFailure(spends).orElse(null);
    }

    private boolean paysTreasury(Transaction coinbase) {
      for (int i = 0; i < coinbase.outputCount(); i++) {
        Script script = coinbase.script(i);
        if (!script.isUnspendable() && !script.equals(network.treasury())) {
          return false;
        }
      }
      return true;
    }

    private boolean overwrites(Transaction transaction) {
      for (int i = 0; i < transaction.outputCount(); i++) {
        if (coins.find(transaction.outpoint(i)).isPresent()) {
          return true;
        }
      }
      return false;
    }

    private @Nullable Rejection connect(Transaction transaction, boolean coinbase) {
      List<Coin> spent = List.of();
      if (!coinbase) {
        Coin[] found = new Coin[transaction.inputCount()];
        for (int i = 0; i < found.length; i++) {
          Outpoint prevout = transaction.prevout(i);
          Coin coin = find(prevout);
          if (coin == null) {
            return gone.contains(prevout)
                ? Rejection.of(
                    Reason.DOUBLE_SPEND, "The coin " + prevout + " was spent before in the block.")
                : Rejection.of(
                    Reason.UNKNOWN_COIN, "There is no coin " + prevout + ", or it is spent.");
          }
          found[i] = coin;
        }
        spent = List.of(found);
        Rejection rejection = checkSpends(transaction, spent);
        if (rejection != null) {
          return rejection;
        }
        for (int i = 0; i < found.length; i++) {
          Outpoint prevout = transaction.prevout(i);
          gone.add(prevout);
          made.remove(prevout);
          feesSat += found[i].amount().sat();
        }
        feesSat -= Rules.outputSum(transaction);
        tally.transfer(transaction, spent);
        spends.add(new Spend(transaction, outputs(found)));
      }
      spentCoins.add(spent);
      sigopCost += SigopCost.of(transaction, spent);
      for (int i = 0; i < transaction.outputCount(); i++) {
        Script script = transaction.script(i);
        if (!script.isUnspendable()) {
          made.put(
              transaction.outpoint(i),
              new Coin(transaction.amount(i), script.detached(), height, coinbase));
        }
      }
      return null;
    }

    private @Nullable Rejection checkSpends(Transaction transaction, List<Coin> spent) {
      Rejection rejection = Rules.checkCoins(transaction, spent, height);
      if (rejection != null) {
        return rejection;
      }
      if (Rules.checkRelativeLocks(transaction, spent, times, BlockValidator.this::medianTimePastAt)
          != null) {
        return Rejection.of(Reason.BLOCK_NOT_FINAL, "A relative lock is not reached (BIP68).");
      }
      if (ruleSet == RuleSet.CONSENSUS) {
        return null;
      }
      rejection = InputRules.check(transaction, spent);
      return rejection == null && SigopCost.of(transaction, spent) > MAX_TRANSFER_SIGOP_COST
          ? Rejection.of(
              Reason.TOO_MANY_SIGOPS,
              "Its signature operation cost is above " + MAX_TRANSFER_SIGOP_COST + ".")
          : rejection;
    }

    private List<TransferOutput> outputs(Coin[] found) {
      List<TransferOutput> outputs = new ArrayList<>(found.length);
      for (Coin coin : found) {
        outputs.add(coin.output());
      }
      return outputs;
    }

    private @Nullable Coin find(Outpoint outpoint) {
      if (gone.contains(outpoint)) {
        return null;
      }
      Coin coin = made.get(outpoint);
      return coin != null ? coin : coins.find(outpoint).orElse(null);
    }

    void apply() {
      gone.forEach(coins::remove);
      made.forEach(coins::add);
    }
  }
}
