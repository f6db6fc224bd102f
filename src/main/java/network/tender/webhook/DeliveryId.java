package network.tender.webhook;

import fr.acinq.bitcoin.Base58;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Ids of deliveries: 16 random bytes, in the API base58 as the other ids. */
public final class DeliveryId {
  private static final int BYTES = 16;

  /** The decoder knows only ASCII. */
  private static final Pattern FORM = Pattern.compile("[1-9A-HJ-NP-Za-km-z]{1,30}");

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
    if (!FORM.matcher(text).matches()) {
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
