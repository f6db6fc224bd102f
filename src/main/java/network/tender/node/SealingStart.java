package network.tender.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import network.tender.journal.ChainRole;
import network.tender.journal.Database;
import network.tender.journal.WriterLease;
import network.tender.ledger.BlockSigner;
import network.tender.merchant.HostLookup;
import network.tender.merchant.Merchant;
import network.tender.script.RegtestKeys;
import network.tender.script.TransferVerifier;
import network.tender.script.VerifiedTransfers;
import network.tender.settlement.HouseWallet;
import network.tender.settlement.Pipeline;
import network.tender.settlement.SettlementParts;
import network.tender.webhook.AddressGuard;
import network.tender.webhook.DispatchSettings;
import network.tender.webhook.WebhookService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts what makes a node the writer of its chain: merchants, pipeline, and wallets for play. */
final class SealingStart {
  private static final Logger LOG = LoggerFactory.getLogger(SealingStart.class);

  /** Transfers found good that are remembered: as many as may be pending. */
  private static final int MAX_VERIFIED_TRANSFERS = 50_000;

  private static final int SALT_BYTES = 32;

  /** A developer's shop is on the same machine. */
  private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1");

  private final Parts parts;
  private final Database database;
  private final WriterLease lease;
  private final Closers closers;
  private final NodeFiles files;
  private final Consumer<String> fatal;

  SealingStart(
      Parts parts,
      Database database,
      WriterLease lease,
      Closers closers,
      NodeFiles files,
      Consumer<String> fatal) {
    this.parts = parts;
    this.database = database;
    this.lease = lease;
    this.closers = closers;
    this.files = files;
    this.fatal = fatal;
  }

  /**
   * Starts all of it.
   *
   * @param validatorSecret what blocks are certified with
   */
  Future<Opened> open(byte[] validatorSecret) {
    return ChainRole.demandWriter(database)
        .compose(
            done ->
                Merchant.open(
                    parts.vertx(),
                    database.pool(),
                    parts.network(),
                    parts.curve(),
                    parts.policy().dust(),
                    parts.configuration().merchant().rates(),
                    parts.clock(),
                    parts.random(),
                    parts.meters().registry()))
        .compose(
            merchant -> {
              closers.add("merchant", merchant::close);
              WebhookService webhooks = webhooks(merchant);
              closers.add("webhooks", webhooks::close);
              return ensureAdministratorKey(parts.vertx(), merchant, files)
                  .compose(
                      done -> Pipeline.start(parts.vertx(), pipeline(merchant, validatorSecret)))
                  .compose(
                      pipeline -> {
                        closers.add("settlement", pipeline::stop);
                        return purses(pipeline)
                            .map(
                                purses ->
                                    new Opened(
                                        pipeline,
                                        pipeline.storage(),
                                        lease,
                                        pipeline::waitsForFlush,
                                        new Opened.Role.Sealing(merchant, webhooks, purses)));
                      });
            });
  }

  private WebhookService webhooks(Merchant merchant) {
    List<String> allowed =
        parts
            .configuration()
            .webhook()
            .allow()
            .orElse(parts.network().isRegtest() ? LOOPBACK : List.of());
    return WebhookService.start(
        parts.vertx(),
        database.pool(),
        merchant,
        new WebhookService.Options(
            AddressGuard.allowing(allowed),
            HostLookup.ofVertx(parts.vertx(), parts.meters().registry()),
            DispatchSettings.DEFAULT,
            new HttpClientOptions(),
            BuildVersion.userAgent()),
        parts.clock(),
        parts.random(),
        parts.meters().registry());
  }

  private SettlementParts pipeline(Merchant merchant, byte[] validatorSecret) {
    ChainStorage storage =
        new ChainStorage(database, lease, parts.configuration().index().enabled(), closers);
    return new SettlementParts(
        parts.network(),
        parts.policy(),
        BlockSigner.single(parts.curve(), validatorSecret),
        verifier(),
        () -> storage.open(List.of(merchant.participant())),
        ChainStorage.settings(parts.configuration()),
        parts.clock(),
        System::nanoTime,
        parts.settlementMetrics(),
        parts.chainMetrics(),
        fatal);
  }

  private TransferVerifier verifier() {
    byte[] salt = new byte[SALT_BYTES];
    parts.random().nextBytes(salt);
    VerifiedTransfers verified = new VerifiedTransfers(MAX_VERIFIED_TRANSFERS, salt);
    parts.settlementMetrics().verified(verified::size, verified::hits);
    return new TransferVerifier(parts.curve(), verified);
  }

  private Future<Void> ensureAdministratorKey(Vertx vertx, Merchant merchant, NodeFiles files) {
    Function<String, Future<Void>> keep =
        key ->
            vertx.executeBlocking(
                () -> {
                  files.writeAdminKey(key);
                  return null;
                });
    if (parts.configuration().merchant().renewAdminKey()) {
      LOG.warn("A new administrator's key is made and the first one revoked, as configured");
      return merchant
          .apiKeys()
          .ensureAdministratorKey(keep)
          .compose(
              made ->
                  made ? Future.succeededFuture() : merchant.apiKeys().renewAdministratorKey(keep));
    }
    return merchant
        .apiKeys()
        .ensureAdministratorKey(keep)
        .compose(made -> vertx.executeBlocking(files::adminKey))
        .map(
            key -> {
              if (key.isEmpty()) {
                LOG.info(
                    "There is no admin.key in the data folder. If nobody has the administrator's"
                        + " key any more, start once with --set merchant.renewAdminKey=true.");
              }
              return null;
            });
  }

  /** The wallets that newcomers try payments with; on regtest only. */
  private Future<Optional<Opened.Purses>> purses(Pipeline pipeline) {
    if (!parts.network().isRegtest()) {
      return Future.succeededFuture(Optional.empty());
    }
    return HouseWallet.open(
            parts.vertx(),
            "faucet",
            pipeline,
            parts.network(),
            parts.curve(),
            RegtestKeys.treasurySecret(),
            Optional.empty())
        .compose(
            faucet ->
                parts
                    .ahead()
                    .demoSecret()
                    .compose(
                        secret ->
                            HouseWallet.open(
                                parts.vertx(),
                                "demo wallet",
                                pipeline,
                                parts.network(),
                                parts.curve(),
                                secret,
                                Optional.of(faucet)))
                    .map(demo -> Optional.of(new Opened.Purses(faucet, demo))));
  }
}
