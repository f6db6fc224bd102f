package network.tender.journal;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.ledger.SealedBlock;

/**
 * A chain index that is switched off: every question fails with {@link IndexOffException}. What is
 * in the tables of one that was on before stays, and is brought up to date when it is on again.
 */
public final class NoChainIndex implements ChainIndex {
  @Override
  public void onBlock(SealedBlock block) {}

  @Override
  public Future<Optional<Place>> find(Hash txid) {
    return off();
  }

  @Override
  public Future<Optional<Spending>> spending(List<Outpoint> outpoints) {
    return off();
  }

  @Override
  public Future<List<Place>> history(Hash scriptHash, Optional<Place> before, int limit) {
    return off();
  }

  @Override
  public Future<ScriptTotals> totals(Hash scriptHash, int height) {
    return off();
  }

  /** Nothing is behind. */
  @Override
  public int cursor() {
    return Integer.MAX_VALUE;
  }

  @Override
  public boolean isOn() {
    return false;
  }

  private static <T> Future<T> off() {
    return Future.failedFuture(new IndexOffException());
  }
}
