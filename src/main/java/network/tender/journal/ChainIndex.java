package network.tender.journal;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.ledger.SealedBlock;

/**
 * Finds transactions in the journal: by txid, by a script they touch, by an output they spend. It
 * follows the journal with a cursor of its own; blocks it has not written yet are answered from
 * memory, so a lookup always covers every block that {@link #onBlock} was told of.
 */
public interface ChainIndex {
  /**
   * The place of a transaction.
   *
   * @param height height of its block
   * @param position its number in the block, the coinbase being 0
   */
  record Place(int height, int position) {}

  /**
   * What has become of an output.
   *
   * @param outpoint the output
   * @param place the transaction that spent it
   */
  record Spending(Outpoint outpoint, Place place) {}

  /**
   * What the index on disk consists of.
   *
   * @param runs sorted runs, which merging keeps few
   * @param fenceBytes memory that the first entries of their pages take
   * @param mergeFailures merges that failed since the start; each is tried again
   * @param unreadPages pages that nobody reads and that are not removed yet
   */
  record Standing(int runs, long fenceBytes, long mergeFailures, long unreadPages) {
    /** Of no index. */
    public static final Standing NONE = new Standing(0, 0, 0, 0);
  }

  /** Takes in a block that has just become durable. */
  void onBlock(SealedBlock block);

  /** Where a transaction is, if any block has it. */
  Future<Optional<Place>> find(Hash txid);

  /** The transaction that spent an output, if one did. */
  default Future<Optional<Place>> spender(Outpoint outpoint) {
    return spending(List.of(outpoint)).map(found -> found.map(Spending::place));
  }

  /** One of these outputs that is spent, if any is; one statement, however many they are. */
  Future<Optional<Spending>> spending(List<Outpoint> outpoints);

  /**
   * Transactions that pay to or spend from a script, newest first.
   *
   * @param scriptHash SHA-256 of the script
   * @param before only those older than this place
   * @param limit most places to return
   */
  Future<List<Place>> history(Hash scriptHash, Optional<Place> before, int limit);

  /**
   * Which of these scripts some transaction pays to or spends from; one statement, however many
   * they are. It may, unlike {@link #history}, take a script for another one that was made to have
   * the first 12 bytes of its hash in common with it.
   *
   * @param scriptHashes SHA-256 of each script
   */
  default Future<Set<Hash>> known(List<Hash> scriptHashes) {
    Future<Set<Hash>> found = Future.succeededFuture(new HashSet<>());
    for (Hash scriptHash : scriptHashes) {
      found =
          found.compose(
              known ->
                  history(scriptHash, Optional.empty(), 1)
                      .map(
                          places -> {
                            if (!places.isEmpty()) {
                              known.add(scriptHash);
                            }
                            return known;
                          }));
    }
    return found;
  }

  /**
   * The transactions that spent some outputs.
   *
   * @param outpoints the outputs
   * @return by output; without those that are not spent
   */
  default Future<Map<Outpoint, Place>> spenders(List<Outpoint> outpoints) {
    Future<Map<Outpoint, Place>> found = Future.succeededFuture(new HashMap<>());
    for (Outpoint outpoint : outpoints) {
      found =
          found.compose(
              places ->
                  spender(outpoint)
                      .map(
                          place -> {
                            place.ifPresent(p -> places.put(outpoint, p));
                            return places;
                          }));
    }
    return found;
  }

  /**
   * Sums over a script's history, in all blocks up to a height.
   *
   * @param scriptHash SHA-256 of the script
   * @param height height of the last block that counts; one that {@link #onBlock} was told of
   */
  Future<ScriptTotals> totals(Hash scriptHash, int height);

  /** Height up to which the index is on disk. */
  int cursor();

  /** What it consists of on disk. */
  default Standing standing() {
    return Standing.NONE;
  }

  /** False if every question fails, because the node keeps no index. */
  default boolean isOn() {
    return true;
  }
}
