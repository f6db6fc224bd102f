package network.tender.ledger;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.stream.IntStream;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.RegtestKeys;
import network.tender.script.TransferSigner;

/**
 * A regtest chain of transfers with real signatures, made by the ledger's own assembly and without
 * a node: after the bootstrap, one block that splits treasury coins, then blocks of transfers with
 * one input and two outputs, P2WPKH and P2TR in turn. The same calls give the same chain.
 */
public final class SignedChain {
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final Network NETWORK = Network.regtest();

  /** Long after the bootstrap, and past. */
  private static final long FIRST_MILLIS = 1_700_000_000_000L;

  private static final long BLOCK_MILLIS = 200;
  private static final long FEE_SAT = 200;

  /** Keys that own the coins; many, so that nothing gains from seeing one again. */
  private static final int KEYS = 512;

  private record OwnCoin(Outpoint outpoint, Coin coin) {}

  private record Unsigned(Transaction transaction, List<OwnCoin> spent) {}

  private final BlockSigner signer = BlockSigner.single(CURVE, RegtestKeys.validatorSecret());
  private final BlockAssembly assembly = new BlockAssembly(NETWORK, signer);
  private final TransferSigner transferSigner = new TransferSigner(CURVE);
  private final List<Script> scripts = new ArrayList<>();
  private final Map<Script, byte[]> secrets = new HashMap<>();
  private final List<Block> bootstrap = new ArrayList<>();

  /** The coins to spend, oldest first, so that no line of transfers grows long. */
  private final Queue<OwnCoin> coins = new ArrayDeque<>();

  private final HeaderTimes times;
  private ChainState tip = ChainState.genesis();
  private int nextKey;

  /** A chain that ends with the bootstrap. */
  public SignedChain() {
    times = new HeaderTimes(0, tip.headerSeconds(), 2 * ChainState.MEDIAN_BLOCKS);
    for (int i = 0; i < KEYS; i++) {
      byte[] secret =
          Hashing.sha256(("tender signed chain " + i).getBytes(StandardCharsets.US_ASCII));
      KeyScript kind = i % 2 == 0 ? KeyScript.P2WPKH : KeyScript.P2TR;
      Script script = kind.of(CURVE, CURVE.publicKey(secret));
      scripts.add(script);
      secrets.put(script, secret);
    }
    secrets.put(NETWORK.treasury(), RegtestKeys.treasurySecret());
    bootstrap.add(Network.genesis());
    for (SealedBlock block : Bootstrap.blocks(NETWORK, signer)) {
      bootstrap.add(block.block());
      extend(block);
    }
  }

  /** The genesis block and the bootstrap. */
  public List<Block> bootstrap() {
    return List.copyOf(bootstrap);
  }

  /** When the block at a height behind the bootstrap is sealed, Unix milliseconds. */
  public long sealedMillis(int height) {
    return FIRST_MILLIS + (height - 1) * BLOCK_MILLIS;
  }

  /** A block of this chain as a node hands it to another. */
  public CertifiedBlock certified(int height, Block block) {
    return new CertifiedBlock(
        height,
        block.toBytes(),
        height == 0
            ? new Certificate(List.of()).toBytes()
            : signer.sign(block.hash(), height).toBytes());
  }

  /** The unspent coins by the hash of their script, fees of the treasury's included, in sat. */
  public Map<Hash, Long> balancesSat(List<Block> blocks) {
    BlockValidator.CoinSet none = BlockValidator.coinsInMemory();
    Map<Outpoint, Coin> unspent = new HashMap<>();
    BlockValidator.CoinSet counted =
        new BlockValidator.CoinSet() {
          @Override
          public Optional<Coin> find(Outpoint outpoint) {
            return none.find(outpoint);
          }

          @Override
          public void add(Outpoint outpoint, Coin coin) {
            none.add(outpoint, coin);
            unspent.put(outpoint, coin);
          }

          @Override
          public void remove(Outpoint outpoint) {
            none.remove(outpoint);
            unspent.remove(outpoint);
          }
        };
    BlockValidator validator =
        new BlockValidator(NETWORK, CURVE, counted, spends -> Optional.empty());
    for (Block block : blocks.subList(1, blocks.size())) {
      BlockValidator.Verdict verdict =
          validator.validate(block, Optional.empty(), Long.MAX_VALUE / 2);
      if (!(verdict instanceof BlockValidator.Verdict.Valid)) {
        throw new AssertionError(verdict.toString());
      }
    }
    Map<Hash, Long> balances = new HashMap<>();
    unspent
        .values()
        .forEach(coin -> balances.merge(coin.script().hash(), coin.amount().sat(), Long::sum));
    return balances;
  }

  /** Coins that may be spent. */
  public int coins() {
    return coins.size();
  }

  /**
   * The block that splits treasury coins; the first behind the bootstrap.
   *
   * @param treasuryCoins how many of them, at most 100
   * @param parts into how many each
   */
  public Block split(int treasuryCoins, int parts) {
    List<Unsigned> transfers = new ArrayList<>();
    for (int i = 0; i < treasuryCoins; i++) {
      Transaction coinbase = bootstrap.get(1 + i).transactions().get(0);
      Coin coin = new Coin(coinbase.amount(0), coinbase.script(0), 1 + i, true);
      OwnCoin spent = new OwnCoin(coinbase.outpoint(0), coin);
      transfers.add(pay(spent, parts, FEE_SAT * parts));
    }
    return seal(transfers, Set.of());
  }

  /** The next block, all of whose signatures hold. */
  public Block next(int transfers) {
    return next(transfers, Set.of());
  }

  /**
   * The next block.
   *
   * @param transfers how many it has, no more than there are coins
   * @param forged the transfers whose signatures do not hold, counted from 0
   */
  public Block next(int transfers, Set<Integer> forged) {
    List<Unsigned> unsigned = new ArrayList<>(transfers);
    for (int i = 0; i < transfers; i++) {
      unsigned.add(pay(coins.remove(), 2, FEE_SAT));
    }
    return seal(unsigned, forged);
  }

  /** Pays a coin to oneself in parts; they may be spent at once. */
  private Unsigned pay(OwnCoin spent, int parts, long feeSat) {
    long part = (spent.coin.amount().sat() - feeSat) / parts;
    List<TransferOutput> outputs = new ArrayList<>(parts);
    for (int i = 0; i < parts; i++) {
      outputs.add(new TransferOutput(Amount.ofSat(part), scripts.get(nextKey)));
      nextKey = (nextKey + 1) % KEYS;
    }
    Transaction transaction =
        Transaction.build(2, List.of(TransferInput.unsigned(spent.outpoint)), outputs, 0);
    for (int i = 0; i < parts; i++) {
      Script script = outputs.get(i).script();
      Coin coin = new Coin(outputs.get(i).amount(), script, tip.height() + 1, false);
      coins.add(new OwnCoin(transaction.outpoint(i), coin));
    }
    return new Unsigned(transaction, List.of(spent));
  }

  private Block seal(List<Unsigned> unsigned, Set<Integer> forged) {
    List<Transaction> signed =
        IntStream.range(0, unsigned.size())
            .parallel()
            .mapToObj(
                i -> forged.contains(i) ? forge(sign(unsigned.get(i))) : sign(unsigned.get(i)))
            .toList();
    List<List<Coin>> spent =
        unsigned.stream()
            .map(transfer -> transfer.spent.stream().map(OwnCoin::coin).toList())
            .toList();
    long feesSat = 0;
    for (int i = 0; i < signed.size(); i++) {
      for (Coin coin : spent.get(i)) {
        feesSat += coin.amount().sat();
      }
      feesSat -= Rules.outputSum(signed.get(i));
    }
    Amount fees = Amount.ofSat(feesSat);
    long millis = FIRST_MILLIS + tip.height() * BLOCK_MILLIS;
    SealedBlock block =
        assembly.assemble(tip, times.medianTimePast(), signed, spent, fees, fees, millis);
    extend(block);
    return block.block();
  }

  private Transaction sign(Unsigned transfer) {
    return transferSigner.sign(
        transfer.transaction,
        transfer.spent.stream().map(spent -> spent.coin.output()).toList(),
        transfer.spent.stream().map(spent -> secret(spent.coin.script())).toList());
  }

  private byte[] secret(Script script) {
    return Objects.requireNonNull(secrets.get(script));
  }

  /** The same transfer with one bit of its first signature changed, whose form stays right. */
  private static Transaction forge(Transaction signed) {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < signed.inputCount(); i++) {
      List<byte[]> witness = signed.witness(i);
      if (i == 0) {
        witness.get(0)[20] ^= 1;
      }
      inputs.add(new TransferInput(signed.prevout(i), Script.EMPTY, signed.sequence(i), witness));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < signed.outputCount(); i++) {
      outputs.add(signed.output(i));
    }
    return Transaction.build(signed.version(), inputs, outputs, signed.lockTime());
  }

  private void extend(SealedBlock block) {
    tip = tip.plus(block, ChainState.MEDIAN_BLOCKS);
    times.add(block.block().header().unixSeconds());
  }
}
