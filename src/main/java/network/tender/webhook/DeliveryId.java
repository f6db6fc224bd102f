package network.tender.webhook;

import fr.acinq.bitcoin.Base58;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** Ids of deliveries: 16 random bytes, in the API base58 as the other ids. */
public final class DeliveryId {
  private static final int BYTES = 16;
  private static final int MAX_CHARS = 30;

  private DeliveryId() {}

  /** An id as it is in the API. */
  public static String text(UUID id) {
    return Base58.encode(
        ByteBuffer.allocate(BYTES)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array());
  }

  /** Reads an id of the API. */
  public static Optional<UUID> parse(String text) {
    if (text.isEmpty() || text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base58.decode(text);
      if (bytes.length != BYTES) {
        return Optional.empty();
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return Optional.of(new UUID(buffer.getLong(), buffer.getLong()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
