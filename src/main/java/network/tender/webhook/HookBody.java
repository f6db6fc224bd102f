package network.tender.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import network.tender.merchant.ExactJson;
import network.tender.merchant.LoggedEvent;

/** What is sent of an event, always the same bytes for the same delivery. */
final class HookBody {
  private static final String HMAC = "HmacSHA256";

  private HookBody() {}

  /**
   * The body of a delivery.
   *
   * @param originalId the first delivery of this event to this webhook; the same as {@code id} if
   *     this is it
   */
  static ObjectNode json(UUID id, UUID originalId, String webhookId, LoggedEvent event) {
    ObjectNode json = ExactJson.object();
    json.put("deliveryId", DeliveryId.text(id));
    json.put("webhookId", webhookId);
    json.put("originalDeliveryId", DeliveryId.text(originalId));
    json.put("isRedelivery", !id.equals(originalId));
    event.addTo(json);
    return json;
  }

  /** The value of the header {@code BTCPay-Sig}. */
  static String signature(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), HMAC));
      return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + HMAC, e);
    }
  }
}
