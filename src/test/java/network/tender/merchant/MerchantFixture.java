package network.tender.merchant;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.journal.Database;
import network.tender.journal.TestDatabase;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Policy;
import network.tender.ledger.SealedBlock;
import network.tender.script.Curve;
import network.tender.script.OutputDescriptor;
import network.tender.script.WalletAccount;

/** The merchant's side on a real database, with a clock that the test moves. */
public final class MerchantFixture implements AutoCloseable {
  private static final long START_MILLIS = 1_800_000_000_000L;

  public final Vertx vertx = Vertx.vertx();
  public final Network network = Network.regtest();
  public final Curve curve = Curve.load(Curve.Provider.AUTO);
  public final AtomicLong now = new AtomicLong(START_MILLIS);
  public final InstantSource clock = () -> Instant.ofEpochMilli(now.get());
  public final SecureRandom random = new SecureRandom();
  public final MeterRegistry registry = new SimpleMeterRegistry();
  public final Database database;
  public final Merchant merchant;
  private int height = 1_000;

  public MerchantFixture(TestDatabase testDatabase) {
    this.database = await(Database.open(vertx, testDatabase.options(), network));
    this.merchant = open();
  }

  /** Another instance on the same database, as after a restart. */
  public Merchant open() {
    return await(
        Merchant.open(
            vertx,
            pool(),
            network,
            curve,
            Policy.Dust.DEFAULT,
            Map.of(network.coinCode() + "_USD", new BigDecimal("50000")),
            clock,
            random,
            registry));
  }

  public Pool pool() {
    return database.pool();
  }

  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  public OutputDescriptor descriptor(String text) {
    try {
      return OutputDescriptor.parse(text, curve);
    } catch (MalformedException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A new store that is paid to a key. */
  public Store store(String key) {
    StoreSettings settings =
        StoreSettings.defaults()
            .merge(ExactJson.object().put("name", "Kiosk"), merchant.rates(), new ArrayList<>());
    Store store = await(merchant.stores().create(settings));
    await(merchant.stores().setWallet(store.id(), descriptor(key), true, ExactJson.object()));
    return await(merchant.stores().find(store.id())).orElseThrow();
  }

  /** A wallet that no other test uses. */
  public WalletAccount freshWallet(WalletAccount.Purpose purpose) {
    byte[] seed = new byte[32];
    random.nextBytes(seed);
    return WalletAccount.of(seed, purpose, 0, curve);
  }

  /** A new store that is paid to a native segwit key of its own. */
  public Store store() {
    return store(freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub());
  }

  public Invoice invoice(Store store, String amount, String currency) {
    InvoiceRequest request = InvoiceRequest.of(new BigDecimal(amount), Optional.of(currency));
    InvoiceIssuer.Issued issued = await(merchant.issuer().issue(store, request));
    return ((InvoiceIssuer.Issued.Made) issued).invoice();
  }

  public Invoice read(Invoice invoice) {
    return await(merchant.invoices().find(invoice.id())).orElseThrow();
  }

  public static TransferOutput pays(Invoice invoice, long sat) {
    return new TransferOutput(Amount.ofSat(sat), invoice.target().orElseThrow().script());
  }

  /** A block with one transfer that has these outputs, sealed now. */
  public SealedBlock block(TransferOutput... outputs) {
    return block(now.get(), outputs);
  }

  public SealedBlock block(long sealedMillis, TransferOutput... outputs) {
    height++;
    Hash anything = new Hash(random.nextLong(), random.nextLong(), 0, 0);
    Transaction coinbase =
        transaction(Outpoint.NULL, new TransferOutput(Amount.ZERO, Script.of(new byte[] {0x51})));
    Transaction transfer = transaction(new Outpoint(anything, 0), outputs);
    List<Transaction> all = List.of(coinbase, transfer);
    BlockHeader header =
        new BlockHeader(
            1,
            anything,
            MerkleTree.root(all.stream().map(Transaction::txid).toList()),
            (int) (sealedMillis / 1_000),
            Network.BITS,
            0);
    Block block = new Block(header, all);
    return new SealedBlock(
        height,
        block.hash(),
        block,
        sealedMillis,
        new Certificate(List.of()),
        List.of(List.of(), List.of()),
        ChainTotals.NONE);
  }

  private static Transaction transaction(Outpoint spent, TransferOutput... outputs) {
    return Transaction.build(2, List.of(TransferInput.unsigned(spent)), List.of(outputs), 0);
  }

  /** Writes a block as the journal does: in a transaction, then tells that it is durable. */
  public void commit(SealedBlock block) {
    commit(merchant, block);
  }

  public void commit(Merchant to, SealedBlock block) {
    await(pool().withTransaction(connection -> to.participant().write(connection, block)));
    to.participant().committed(block);
  }

  /** Does something while no invoice can be written, so that all that is asked for waits. */
  public <T> T whileInvoicesAreLocked(Supplier<T> work) {
    SqlConnection connection = await(pool().getConnection());
    try {
      io.vertx.sqlclient.Transaction lock = await(connection.begin());
      await(connection.query("LOCK TABLE invoice IN EXCLUSIVE MODE").execute());
      T result = work.get();
      await(lock.rollback());
      return result;
    } finally {
      await(connection.close());
    }
  }

  /** Does something while as many invoices of a store wait as may; they are made afterwards. */
  public <T> T whileNoMoreInvoicesAreTaken(String storeId, Supplier<T> work) {
    Store store = await(merchant.stores().find(storeId)).orElseThrow();
    InvoiceRequest request = InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"));
    List<Future<InvoiceIssuer.Issued>> waiting = new ArrayList<>();
    T result =
        whileInvoicesAreLocked(
            () -> {
              for (int i = 0; i < InvoiceWriter.MAX_WAITING; i++) {
                waiting.add(merchant.issuer().issue(store, request));
              }
              return work.get();
            });
    waiting.forEach(MerchantFixture::await);
    return result;
  }

  @Override
  public void close() {
    await(merchant.close());
    await(database.close());
    await(vertx.close());
  }
}
