package network.tender.settlement;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.ledger.BlockSigner;
import network.tender.ledger.Coin;
import network.tender.ledger.Policy;
import network.tender.ledger.Reason;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.RegtestKeys;
import network.tender.script.TransferSigner;
import network.tender.script.TransferVerifier;
import network.tender.telemetry.ChainMetrics;
import network.tender.telemetry.SettlementMetrics;

/** A pipeline on the development network, and transfers for it that are really signed. */
public final class TestChain {
  public static final Network NETWORK = Network.regtest();
  public static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  public static final byte[] SECRET = RegtestKeys.treasurySecret();
  public static final Script SCRIPT = NETWORK.treasury();
  public static final Amount FEE = Amount.ofSat(1_000);
  private static final TransferSigner SIGNER = new TransferSigner(CURVE);

  public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  public final BlockingQueue<String> fatal = new LinkedBlockingQueue<>();
  private final Vertx vertx;
  private final Supplier<Future<Storage>> storage;
  private SettlementSettings settings =
      new SettlementSettings(10_000, 10_000, 2, 50, 5_000, 15_000);
  private Policy policy = Policy.DEFAULT;

  TestChain(Vertx vertx, Storage storage) {
    this(vertx, () -> Future.succeededFuture(storage));
  }

  public TestChain(Vertx vertx, Supplier<Future<Storage>> storage) {
    this.vertx = vertx;
    this.storage = storage;
  }

  TestChain with(SettlementSettings other) {
    settings = other;
    return this;
  }

  TestChain with(Policy other) {
    policy = other;
    return this;
  }

  public Future<Pipeline> start() {
    return Pipeline.start(
        vertx,
        new SettlementParts(
            NETWORK,
            policy,
            BlockSigner.single(CURVE, RegtestKeys.validatorSecret()),
            new TransferVerifier(CURVE),
            storage,
            settings,
            InstantSource.system(),
            System::nanoTime,
            new SettlementMetrics(
                registry,
                Arrays.stream(Reason.values()).map(Reason::code).toList(),
                Arrays.stream(Outcome.Cause.values()).map(Outcome.Cause::code).toList()),
            new ChainMetrics(registry),
            fatal::add));
  }

  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  /** Mature treasury coins of 50, oldest first. */
  public static List<Map.Entry<Outpoint, Coin>> treasuryCoins(Settlement settlement) {
    return await(settlement.coinsOf(SCRIPT.hash(), 1_000)).entrySet().stream()
        .filter(e -> e.getValue().coinbase() && e.getValue().amount().sat() >= 5_000_000_000L)
        .sorted(Comparator.comparingInt(e -> e.getValue().height()))
        .toList();
  }

  /** Another script for each number. */
  public static Script script(int number) {
    return KeyScript.P2WPKH.of(CURVE, CURVE.publicKey(secret(number)));
  }

  static byte[] secret(int number) {
    byte[] secret = new byte[32];
    secret[0] = 1;
    secret[30] = (byte) (number >> 8);
    secret[31] = (byte) number;
    return secret;
  }

  /** Spends a treasury coin: one coin to a script, the rest back. */
  public static Transaction spend(Map.Entry<Outpoint, Coin> coin, Script to) {
    return spend(coin.getKey(), coin.getValue().output(), to, Amount.ofSat(100_000_000));
  }

  static Transaction spend(Outpoint outpoint, TransferOutput output, Script to, Amount amount) {
    List<TransferOutput> outputs = new ArrayList<>();
    outputs.add(new TransferOutput(amount, to));
    Amount rest = output.amount().minus(amount).minus(FEE);
    if (!rest.isZero()) {
      outputs.add(new TransferOutput(rest, SCRIPT));
    }
    return SIGNER.sign(
        Transaction.build(2, List.of(TransferInput.unsigned(outpoint)), outputs, 0),
        List.of(output),
        Collections.singletonList(SECRET));
  }
}
