package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A store's sources of rates.
 *
 * @param primary asked first
 * @param fallback asked for what the first does not know
 */
public record RateBook(RateSource primary, Optional<RateSource> fallback) {
  /** What a store has whose owner has set nothing. */
  public static final RateBook DEFAULT = new RateBook(RateSource.DEFAULT, Optional.empty());

  /** As it is stored. */
  ObjectNode toJson() {
    ObjectNode json = ExactJson.object();
    json.set("primary", primary.toJson());
    fallback.ifPresent(source -> json.set("fallback", source.toJson()));
    return json;
  }

  /** Reads what {@link #toJson} has written. */
  static RateBook ofJson(JsonNode json) {
    JsonNode fallback = json.path("fallback");
    return new RateBook(
        RateSource.ofJson(json.path("primary")),
        fallback.isObject() ? Optional.of(RateSource.ofJson(fallback)) : Optional.empty());
  }
}
