package network.tender.web.esplora;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.tender.chain.Network;
import network.tender.journal.ChainIndex;
import network.tender.journal.Journal;
import network.tender.settlement.Settlement;
import network.tender.web.AnswerRoom;
import network.tender.web.ErrorShape;
import network.tender.web.StreamMetrics;
import network.tender.web.Surface;
import network.tender.web.transfers.TransferIntake;

/**
 * Esplora for wallets, with what mempool.js asks beyond it. Its paths are under {@code /esplora},
 * and under {@code /api} as far as no other surface claims them. Success is always 200 and errors
 * are plain text.
 */
public final class EsploraSurface implements Surface {
  private static final List<String> BASES = List.of("/esplora", "/api");

  /** What mempool.js asks under a path that is otherwise another interface's. */
  private static final List<String> MEMPOOL_PATHS =
      List.of(
          "/v1/blocks",
          "/v1/block",
          "/v1/fees",
          "/v1/difficulty-adjustment",
          "/v1/cpfp",
          "/v1/transaction-times",
          SocketRoutes.PATH);

  private final BlockRoutes blocks;
  private final TransactionRoutes transactions;
  private final ScriptRoutes scripts;
  private final MempoolRoutes mempool;
  private final FeeRoutes fees;
  private final BroadcastRoutes broadcast;
  private final SocketRoutes sockets;
  private final AnswerRoom room;

  /** The surface over a journal and its index. */
  public EsploraSurface(
      Vertx vertx,
      Network network,
      Journal journal,
      ChainIndex index,
      Settlement settlement,
      TransferIntake intake,
      StreamMetrics streams,
      AnswerRoom room,
      MeterRegistry registry) {
    this.room = room;
    ChainReader chain = new ChainReader(journal, index, settlement);
    PendingReader pending = new PendingReader(vertx, settlement);
    EsploraJson json = new EsploraJson(network);
    BlockDetails details = new BlockDetails(vertx, network, chain);
    this.blocks = new BlockRoutes(vertx, chain, json, details);
    this.transactions = new TransactionRoutes(vertx, chain, settlement, json);
    this.scripts = new ScriptRoutes(vertx, network, chain, index, pending, settlement, json);
    this.mempool = new MempoolRoutes(vertx, network, pending);
    this.fees = new FeeRoutes(network, chain, settlement);
    SocketMetrics socketMetrics = new SocketMetrics(registry);
    SocketContent content = new SocketContent(vertx, network, chain, details, pending);
    SocketFeed feed = new SocketFeed(vertx, settlement, content, json, socketMetrics);
    this.sockets =
        new SocketRoutes(
            new WalletSocket.Parts(
                vertx, network, feed, content, pending, chain, json, streams, socketMetrics));
    this.broadcast = new BroadcastRoutes(intake, new PackageSubmission(settlement, chain));
  }

  @Override
  public void bind(RouterBuilder builder) {
    // Esplora has a contract of its own; clients do not keep to media types and such.
  }

  @Override
  public Map<String, ErrorShape> errorShapes() {
    Map<String, ErrorShape> shapes = new HashMap<>();
    for (String base : BASES) {
      shapes.put(base, EsploraErrors::write);
      MEMPOOL_PATHS.forEach(path -> shapes.put(base + path, EsploraErrors::write));
    }
    return shapes;
  }

  @Override
  public Set<String> crossOriginPrefixes() {
    return Set.copyOf(BASES);
  }

  @Override
  public Set<String> rawBodyPaths() {
    return BASES.stream()
        .flatMap(base -> Stream.of(base + "/tx", base + "/txs/package", base + SocketRoutes.PATH))
        .collect(Collectors.toSet());
  }

  @Override
  public Set<String> streamPaths() {
    return BASES.stream().map(base -> base + SocketRoutes.PATH).collect(Collectors.toSet());
  }

  @Override
  public void mount(Router router) {
    for (String base : BASES) {
      Routes routes = new Routes(router, base, room);
      blocks.mount(routes);
      transactions.mount(routes);
      scripts.mount(routes);
      mempool.mount(routes);
      fees.mount(routes);
      broadcast.mount(router, base);
      sockets.mount(router, base);
    }
  }

  @Override
  public void drain() {
    sockets.drain();
  }
}
