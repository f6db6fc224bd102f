package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.ledger.CertifiedBlock;

/** Reads durable blocks; needs no lease, and never sees a block that is not durable. */
public final class BlockReader {
  /** Most blocks of one {@link #read}. */
  public static final int MAX_BLOCKS = 500;

  /** What the blocks of one {@link #read} may take, unless a single one takes more. */
  static final int MAX_BYTES = 16_000_000;

  /** Above this, parsing is too long a step for an event loop. */
  private static final int INLINE_BYTES = 100_000;

  /** Blocks that were read lately, and nearly two of G1's regions for those that were written. */
  private static final int CACHE_BYTES = 16_000_000;

  private static final String COLUMNS =
      "height, hash, body, time_millis, certificate, spent, total_transfers, total_coins,"
          + " unspent_sat, burned_sat, issued_sat";
  private static final String BY_HEIGHT = "SELECT " + COLUMNS + " FROM block WHERE height = $1";
  private static final String BY_HASH = "SELECT " + COLUMNS + " FROM block WHERE hash = $1";
  private static final String TIP =
      "SELECT " + COLUMNS + " FROM block ORDER BY height DESC LIMIT 1";

  /** The lengths of large values are known without reading them. */
  private static final String FROM_HEIGHT =
      "SELECT "
          + COLUMNS
          + " FROM (SELECT *, sum(octet_length(body) + octet_length(spent))"
          + " OVER (ORDER BY height) AS bytes"
          + " FROM block WHERE height >= $1 AND height < $2) AS part"
          + " WHERE bytes <= $3 OR height = $1 ORDER BY height";

  private static final String CERTIFIED =
      """
      SELECT height, body, certificate
      FROM (SELECT height, body, certificate, sum(octet_length(body)) OVER (ORDER BY height) AS bytes
            FROM block WHERE height >= $1 AND height < $2) AS part
      WHERE bytes <= $3 OR height = $1 ORDER BY height""";

  private static final String HEADERS =
      "SELECT header FROM block WHERE height >= $1 AND height < $2 ORDER BY height";

  private final Vertx vertx;
  private final Pool pool;
  private final BlockCache cache = new BlockCache(CACHE_BYTES, CACHE_BYTES);

  /** Reads from a database. */
  public BlockReader(Database database) {
    this(database.vertx(), database.pool());
  }

  BlockReader(Vertx vertx, Pool pool) {
    this.vertx = vertx;
    this.pool = pool;
  }

  /** The block at a height, if the chain is that long. */
  public Future<Optional<StoredBlock>> byHeight(int height) {
    Optional<StoredBlock> read = cache.read(height);
    if (read.isPresent()) {
      return Future.succeededFuture(read);
    }
    return cache
        .written(height)
        .map(written -> unpack(List.of(written)).map(this::rememberFirst))
        .orElseGet(() -> one(BY_HEIGHT, Tuple.of(height)));
  }

  /** The block of a hash. */
  public Future<Optional<StoredBlock>> byHash(Hash hash) {
    return one(BY_HASH, Tuple.of(Buffer.buffer(hash.toBytes())));
  }

  /** The newest block; empty only before the genesis block was written. */
  public Future<Optional<StoredBlock>> tip() {
    return one(TIP, Tuple.tuple());
  }

  /**
   * Up to {@code maxBlocks} consecutive blocks from a height upwards, fewer if they are large;
   * empty behind the tip.
   */
  public Future<List<StoredBlock>> read(int fromHeight, int maxBlocks) {
    int count = Math.min(maxBlocks, MAX_BLOCKS);
    return pool.preparedQuery(FROM_HEIGHT)
        .execute(Tuple.of(fromHeight, fromHeight + count, MAX_BYTES))
        .compose(this::decode);
  }

  /**
   * Up to {@code maxBlocks} consecutive blocks as they are stored, not decoded: for another node.
   *
   * @param maxBytes what their bodies may take together, unless the first alone takes more
   */
  public Future<List<CertifiedBlock>> certified(int fromHeight, int maxBlocks, int maxBytes) {
    int count = Math.min(maxBlocks, MAX_BLOCKS);
    return pool.preparedQuery(CERTIFIED)
        .execute(Tuple.of(fromHeight, fromHeight + count, maxBytes))
        .map(
            rows -> {
              List<CertifiedBlock> blocks = new ArrayList<>(rows.size());
              for (Row row : rows) {
                blocks.add(
                    new CertifiedBlock(
                        row.getInteger("height"),
                        row.getBuffer("body").getBytes(),
                        row.getBuffer("certificate").getBytes()));
              }
              return blocks;
            });
  }

  /** Header times of up to {@code count} consecutive blocks, Unix seconds. */
  public Future<List<Long>> headerTimes(int fromHeight, int count) {
    return pool.preparedQuery(HEADERS)
        .execute(Tuple.of(fromHeight, fromHeight + count))
        .map(
            rows -> {
              List<Long> times = new ArrayList<>(rows.size());
              for (Row row : rows) {
                times.add(headerTime(row.getBuffer("header").getBytes()));
              }
              return times;
            });
  }

  private static long headerTime(byte[] header) {
    try {
      return BlockHeader.parse(header).unixSeconds();
    } catch (MalformedException e) {
      throw new IllegalStateException("a header in the journal is damaged", e);
    }
  }

  private Future<Optional<StoredBlock>> one(String sql, Tuple parameters) {
    return pool.preparedQuery(sql)
        .execute(parameters)
        .compose(this::decode)
        .map(this::rememberFirst);
  }

  private Optional<StoredBlock> rememberFirst(List<StoredBlock> blocks) {
    Optional<StoredBlock> first = blocks.stream().findFirst();
    first.ifPresent(cache::putRead);
    return first;
  }

  /** Keeps a block that has just become durable, because it will be asked for soonest. */
  void remember(PackedBlock block) {
    cache.putWritten(block);
  }

  private Future<List<StoredBlock>> decode(RowSet<Row> rows) {
    return unpack(rows.stream().map(PackedBlock::of).toList());
  }

  private Future<List<StoredBlock>> unpack(List<PackedBlock> blocks) {
    if (blocks.stream().mapToLong(PackedBlock::bytes).sum() <= INLINE_BYTES) {
      return Future.succeededFuture(blocks.stream().map(PackedBlock::unpack).toList());
    }
    return vertx.executeBlocking(() -> blocks.stream().map(PackedBlock::unpack).toList(), false);
  }
}
