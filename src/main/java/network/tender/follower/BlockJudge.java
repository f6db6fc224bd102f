package network.tender.follower;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.BlockValidator;
import network.tender.ledger.BlockValidator.Spend;
import network.tender.ledger.BlockValidator.Verdict;
import network.tender.ledger.Certificate;
import network.tender.ledger.CertifiedBlock;
import network.tender.ledger.ChainState;
import network.tender.ledger.Coin;
import network.tender.ledger.Reason;
import network.tender.ledger.Rejection;
import network.tender.ledger.SealedBlock;
import network.tender.script.Curve;
import network.tender.script.TransferVerifier;
import network.tender.settlement.SignatureChecks;

/**
 * Judges blocks by the ledger's own rules, signatures on several threads. It waits for them, so it
 * is for a worker thread, one call at a time.
 */
final class BlockJudge implements AutoCloseable {
  /**
   * Blocks that decode.
   *
   * @param blocks with their certificates, up to the first that does not decode
   * @param broken the alarm about that one
   * @param wanted the coins from before these blocks that they spend
   */
  record Decoded(List<DecodedBlock> blocks, Optional<Alarm> broken, Set<Outpoint> wanted) {
    List<Block> bodies() {
      return blocks.stream().map(DecodedBlock::block).toList();
    }
  }

  /** A block whose transactions know their hashes. */
  record DecodedBlock(Block block, Certificate certificate) {}

  /**
   * What has come out.
   *
   * @param valid the blocks that keep every rule, in order
   * @param broken the first that does not
   */
  record Judgement(List<SealedBlock> valid, Optional<Alarm> broken) {}

  /** The coins that some blocks need, and what these blocks do to them. */
  private static final class Coins implements BlockValidator.CoinSet {
    private Map<Outpoint, Coin> coins = new HashMap<>();

    @Override
    public Optional<Coin> find(Outpoint outpoint) {
      return Optional.ofNullable(coins.get(outpoint));
    }

    @Override
    public void add(Outpoint outpoint, Coin coin) {
      coins.put(outpoint, coin);
    }

    @Override
    public void remove(Outpoint outpoint) {
      coins.remove(outpoint);
    }
  }

  private static final int HEADER_BYTES = 80;

  private final Coins coins = new Coins();
  private final BlockValidator validator;
  private final SignatureChecks signatures;
  private final InstantSource clock;
  private List<Spend> spends = List.of();

  /**
   * A judge of the blocks behind {@code start}.
   *
   * @param threadCount threads that check signatures
   */
  BlockJudge(
      Network network,
      Curve curve,
      TransferVerifier verifier,
      ChainState start,
      InstantSource clock,
      int threadCount) {
    this.validator =
        BlockValidator.resume(
            network,
            curve,
            coins,
            handed -> {
              spends = handed;
              return Optional.empty();
            },
            start);
    this.signatures = new SignatureChecks(verifier, threadCount);
    this.clock = clock;
  }

  /** The hash of a block of which perhaps not even the header is whole. */
  static Optional<Hash> hashOf(byte[] raw) {
    return raw.length < HEADER_BYTES
        ? Optional.empty()
        : Optional.of(Hashing.sha256d(raw, 0, HEADER_BYTES));
  }

  /** Decodes blocks, hashes their transactions and looks for the coins they need. */
  static Decoded decode(List<CertifiedBlock> blocks) {
    List<DecodedBlock> decoded = new ArrayList<>(blocks.size());
    Set<Hash> made = new HashSet<>();
    Set<Outpoint> wanted = new HashSet<>();
    for (CertifiedBlock certified : blocks) {
      Block block;
      try {
        block = Block.parse(certified.raw());
      } catch (MalformedException e) {
        return new Decoded(
            decoded,
            Optional.of(
                new Alarm(
                    certified.height(),
                    hashOf(certified.raw()),
                    Reason.BLOCK_DECODE_FAILED.code(),
                    "The block does not decode: " + e.getMessage() + ".")),
            wanted);
      }
      for (Transaction transaction : block.transactions()) {
        transaction.wtxid();
        for (int i = 0; i < transaction.inputCount(); i++) {
          Outpoint prevout = transaction.prevout(i);
          if (!made.contains(prevout.txid()) && !prevout.txid().equals(Hash.ZERO)) {
            wanted.add(prevout);
          }
        }
        made.add(transaction.txid());
      }
      decoded.add(new DecodedBlock(block, certificate(certified)));
    }
    return new Decoded(decoded, Optional.empty(), wanted);
  }

  /** One that can't be read is none: nobody has signed. */
  private static Certificate certificate(CertifiedBlock block) {
    try {
      return Certificate.parse(block.certificate());
    } catch (MalformedException e) {
      return new Certificate(List.of());
    }
  }

  /** Heights whose median times {@link #judge} must be given. */
  Set<Integer> missingTimes(Decoded decoded, Map<Outpoint, Coin> known) {
    return validator.missingTimes(decoded.bodies(), known);
  }

  /**
   * Judges the next blocks. After one that breaks a rule, the judge is of no use any more.
   *
   * @param known the wanted coins that there are
   * @param medians seconds by height
   */
  Judgement judge(Decoded decoded, Map<Outpoint, Coin> known, Map<Integer, Long> medians)
      throws InterruptedException {
    coins.coins = new HashMap<>(known);
    validator.setOlderMedians(medians);
    List<SealedBlock> valid = new ArrayList<>();
    Optional<Alarm> broken = Optional.empty();
    for (DecodedBlock next : decoded.blocks()) {
      int height = validator.state().height() + 1;
      spends = List.of();
      Verdict verdict =
          validator.validate(
              next.block(), Optional.of(next.certificate()), clock.instant().getEpochSecond());
      signatures.add(height, next.block().hash(), spends);
      if (verdict instanceof Verdict.Invalid invalid) {
        broken = Optional.of(Alarm.of(height, next.block().hash(), invalid.rejection()));
        break;
      }
      valid.add(((Verdict.Valid) verdict).block());
    }
    // Signatures are handed over only where all is well up to them, so they come first.
    Optional<SignatureChecks.Failure> failure = signatures.await();
    if (failure.isPresent()) {
      SignatureChecks.Failure first = failure.get();
      valid.removeIf(block -> block.height() >= first.height());
      Rejection rejection = first.rejection();
      broken = Optional.of(Alarm.of(first.height(), first.blockHash(), rejection));
    }
    return new Judgement(List.copyOf(valid), broken.isPresent() ? broken : decoded.broken());
  }

  /** Ends the threads. */
  @Override
  public void close() {
    signatures.close();
  }
}
