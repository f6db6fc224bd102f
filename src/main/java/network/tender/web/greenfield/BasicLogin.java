package network.tender.web.greenfield;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Name and password of a header {@code Authorization: Basic} (RFC 7617).
 *
 * @param email the name, which holds no colon
 * @param password everything behind the first colon; it may hold more of them
 */
record BasicLogin(String email, String password) {
  /** Reads the part behind the scheme; empty if it is none. */
  static Optional<BasicLogin> of(String base64) {
    String text;
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
    int colon = text.indexOf(':');
    return colon < 0
        ? Optional.empty()
        : Optional.of(new BasicLogin(text.substring(0, colon), text.substring(colon + 1)));
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return "login of " + email;
  }
}
