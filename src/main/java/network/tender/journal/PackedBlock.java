package network.tender.journal;

import io.vertx.sqlclient.Row;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.SealedBlock;

/**
 * A durable block as the journal stores it. Few blocks are ever read again, and as objects each
 * would be thousands of them.
 *
 * @param height its height
 * @param hash its hash
 * @param body header and transactions, serialised
 * @param timeMillis when it was sealed, Unix milliseconds
 * @param certificate the validators' signatures, serialised
 * @param spent the coins that it spends, as {@link BlockCodec} writes them
 * @param totals sums over the chain up to and including it
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and never changed.
record PackedBlock(
    int height,
    Hash hash,
    byte[] body,
    long timeMillis,
    byte[] certificate,
    byte[] spent,
    ChainTotals totals) {
  static PackedBlock of(SealedBlock block) {
    return new PackedBlock(
        block.height(),
        block.hash(),
        block.block().toBytes(),
        block.timeMillis(),
        block.certificate().toBytes(),
        BlockCodec.encodeSpent(block.spent()),
        block.totals());
  }

  static PackedBlock of(Row row) {
    return new PackedBlock(
        row.getInteger("height"),
        Hash.of(row.getBuffer("hash").getBytes()),
        row.getBuffer("body").getBytes(),
        row.getLong("time_millis"),
        row.getBuffer("certificate").getBytes(),
        row.getBuffer("spent").getBytes(),
        new ChainTotals(
            row.getLong("total_transfers"),
            row.getLong("total_coins"),
            Amount.ofSat(row.getLong("unspent_sat")),
            Amount.ofSat(row.getLong("burned_sat")),
            Amount.ofSat(row.getLong("issued_sat"))));
  }

  /** The room it takes. */
  long bytes() {
    return (long) body.length + spent.length + certificate.length;
  }

  /**
   * The block.
   *
   * @throws IllegalStateException if it is damaged
   */
  StoredBlock unpack() {
    try {
      Block block = Block.parse(body);
      if (!block.hash().equals(hash)) {
        throw new MalformedException("its header does not have its hash");
      }
      return new StoredBlock(
          height,
          hash,
          block,
          timeMillis,
          Certificate.parse(certificate),
          BlockCodec.decodeSpent(spent),
          totals);
    } catch (MalformedException e) {
      throw new IllegalStateException(
          "Block "
              + height
              + " in the journal is damaged ("
              + e.getMessage()
              + "); restore the database from a backup.",
          e);
    }
  }
}
