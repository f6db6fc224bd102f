package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import network.tender.ledger.SealedBlock;

/**
 * Somebody who writes, in the block's own SQL transaction, what a block means to them; so the block
 * and its meaning become durable together or not at all.
 */
public interface CommitParticipant {
  /**
   * Writes through the connection, inside the open transaction. A failed Future rolls everything
   * back and the commit is tried again, so it must depend on nothing but the block and the
   * database.
   */
  Future<Void> write(SqlConnection connection, SealedBlock block);

  /** Called once the block is durable; must not block or fail. */
  default void committed(SealedBlock block) {}
}
