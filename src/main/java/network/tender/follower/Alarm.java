package network.tender.follower;

import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.ledger.Rejection;

/**
 * Why a follower has stopped following: a block broke a rule, or the followed node has another
 * chain. Everything before it stands.
 *
 * @param height of the block that is refused
 * @param blockHash its hash, unless it is too damaged to have one
 * @param code which rule, from the closed list of {@link network.tender.ledger.Reason}, or {@link
 *     #OTHER_NETWORK} or {@link #OTHER_CHAIN}
 * @param detail one sentence for people
 */
public record Alarm(int height, Optional<Hash> blockHash, String code, String detail) {
  /** The followed node serves another network. */
  public static final String OTHER_NETWORK = "other-network";

  /** The followed node has another block at a height that was judged before. */
  public static final String OTHER_CHAIN = "other-chain";

  static Alarm of(int height, Hash blockHash, Rejection rejection) {
    return new Alarm(height, Optional.of(blockHash), rejection.reason().code(), rejection.detail());
  }

  /** All of it in one sentence. */
  public String sentence() {
    return "Block "
        + height
        + blockHash.map(hash -> " (" + hash + ")").orElse("")
        + " is refused: "
        + code
        + ": "
        + detail;
  }
}
