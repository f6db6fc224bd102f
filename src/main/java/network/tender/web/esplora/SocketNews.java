package network.tender.web.esplora;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Hash;
import network.tender.chain.Script;
import org.jspecify.annotations.Nullable;

/** What one event means to one socket. */
final class SocketNews {
  /**
   * A transaction that touches a script.
   *
   * @param script the script
   * @param txid the transaction
   * @param json the transaction as text
   */
  record Touch(Script script, Hash txid, String json) {}

  /** True for news of a block, false for news of pending transfers. */
  final boolean confirmed;

  final List<Touch> touches = new ArrayList<>();

  /** Transactions that the socket may follow, with their text. */
  final List<Touch> transactions = new ArrayList<>();

  /** The block, for those who want blocks. */
  @Nullable String block;

  SocketNews(boolean confirmed) {
    this.confirmed = confirmed;
  }
}
