package network.tender.merchant;

import java.util.Optional;

/**
 * Where the events of one invoice are sent, beside the store's webhooks.
 *
 * @param url as it was given; {@link HookTarget#parse} understands it
 * @param secret what the bodies are signed with; empty for not at all
 */
public record InvoiceHook(String url, Optional<String> secret) {
  /** Longest secret. */
  public static final int MAX_SECRET_CHARS = 500;

  /**
   * Who is meant by the link.
   *
   * @throws IllegalStateException if it was never checked
   */
  String endpoint() {
    return HookTarget.parse(url).map(HookTarget::endpoint).orElseThrow(IllegalStateException::new);
  }
}
