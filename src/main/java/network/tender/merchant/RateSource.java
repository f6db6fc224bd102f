package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where a store's rates come from.
 *
 * @param kind which kind of source
 * @param spreadPercent how much less than the rate the store counts a coin, from 0 to less than
 *     {@link #ALL_PERCENT}
 * @param fixed of {@link Kind#FIXED}: price of one coin, by currency
 * @param http of {@link Kind#HTTP_JSON}: whom to ask
 */
public record RateSource(
    Kind kind, BigDecimal spreadPercent, Map<String, BigDecimal> fixed, Optional<Http> http) {
  /** The operator's rates, as they are. */
  public static final RateSource DEFAULT =
      new RateSource(Kind.OPERATOR, BigDecimal.ZERO, Map.of(), Optional.empty());

  /** A spread that would leave nothing. */
  public static final BigDecimal ALL_PERCENT = BigDecimal.valueOf(100);

  private static final int PERCENT_DIGITS = 2;

  /** The kinds of sources. */
  public enum Kind {
    /** What the operator has configured for the node. */
    OPERATOR("operator", "Rates of the node's configuration"),
    /** What the store's owner has entered. */
    FIXED("fixed", "Rates that the store's owner enters"),
    /** What another server answers. */
    HTTP_JSON("http-json", "A number in the JSON that another server answers");

    private final String id;
    private final String title;

    Kind(String id, String title) {
      this.id = id;
      this.title = title;
    }

    /** As the API spells it. */
    public String id() {
      return id;
    }

    /** What it is, for people. */
    public String title() {
      return title;
    }

    /** Reads an id in any case. */
    public static Optional<Kind> parse(String text) {
      for (Kind kind : values()) {
        if (kind.id.equalsIgnoreCase(text.strip())) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * A server that knows rates. In both texts {@code {CURRENCY}} and {@code {COIN}} stand for the
   * codes, in small letters if they are written so.
   *
   * @param url what to ask
   * @param pointer where the price of one coin is in the answer: a JSON pointer (RFC 6901)
   * @param staleAfterSeconds a rate older than this is none
   */
  public record Http(String url, String pointer, int staleAfterSeconds) {}

  /** Makes the map unmodifiable. */
  public RateSource {
    fixed = Map.copyOf(fixed);
  }

  /** A rate as the store counts it; an earlier release took spreads that leave nothing of it. */
  BigDecimal afterSpread(BigDecimal rate) {
    return spreadPercent.signum() == 0
        ? rate
        : rate.multiply(ALL_PERCENT.subtract(spreadPercent))
            .movePointLeft(PERCENT_DIGITS)
            .stripTrailingZeros();
  }

  /** As it is stored. */
  ObjectNode toJson() {
    ObjectNode json = ExactJson.object();
    json.put("kind", kind.id());
    json.put("spread", spreadPercent);
    ObjectNode rates = json.putObject("fixed");
    new TreeMap<>(fixed).forEach((currency, rate) -> rates.put(currency, rate.toPlainString()));
    http.ifPresent(
        source ->
            json.putObject("http")
                .put("url", source.url())
                .put("pointer", source.pointer())
                .put("staleAfterSeconds", source.staleAfterSeconds()));
    return json;
  }

  /** Reads what {@link #toJson} has written. */
  static RateSource ofJson(JsonNode json) {
    Map<String, BigDecimal> fixed = new TreeMap<>();
    json.path("fixed")
        .properties()
        .forEach(
            property ->
                LenientJson.decimal(property.getValue())
                    .ifPresent(rate -> fixed.put(property.getKey(), rate)));
    JsonNode http = json.path("http");
    return new RateSource(
        Kind.parse(json.path("kind").asText()).orElse(Kind.OPERATOR),
        LenientJson.decimal(json.path("spread")).orElse(BigDecimal.ZERO),
        fixed,
        http.isObject()
            ? Optional.of(
                new Http(
                    http.path("url").asText(),
                    http.path("pointer").asText(),
                    http.path("staleAfterSeconds").asInt()))
            : Optional.empty());
  }
}
