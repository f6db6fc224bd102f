package network.tender.merchant;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.journal.ChainIndex;
import network.tender.journal.ScriptTotals;
import network.tender.ledger.SealedBlock;

/** An index that can be asked which scripts it knows, and nothing else. */
record KnownScripts(Function<List<Hash>, Future<Set<Hash>>> answers) implements ChainIndex {
  @Override
  public Future<Set<Hash>> known(List<Hash> scriptHashes) {
    return answers.apply(scriptHashes);
  }

  @Override
  public Future<List<Place>> history(Hash scriptHash, Optional<Place> before, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<ScriptTotals> totals(Hash scriptHash, int height) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void onBlock(SealedBlock block) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Optional<Place>> find(Hash txid) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Optional<Spending>> spending(List<Outpoint> outpoints) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int cursor() {
    throw new UnsupportedOperationException();
  }
}
