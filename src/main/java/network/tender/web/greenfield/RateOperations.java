package network.tender.web.greenfield;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.tender.chain.Amount;
import network.tender.merchant.ExactJson;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.RateBook;
import network.tender.merchant.RateSource;
import network.tender.merchant.Rates;
import network.tender.merchant.Store;
import network.tender.merchant.StoreRates;

/** Rates of stores, and where they come from. */
final class RateOperations {
  private static final int MAX_TEXT_CHARS = 1_000;
  private static final int MAX_FIXED = 200;
  private static final int MAX_PAIRS = 20;
  private static final String LEAST_AGE_SECONDS = "60";
  private static final String MOST_AGE_SECONDS = "86400";
  private static final int USUAL_AGE_SECONDS = 600;

  private final Merchant merchant;
  private final Rates rates;

  RateOperations(Merchant merchant) {
    this.merchant = merchant;
    this.rates = merchant.rates();
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .open("getRateSources", this::sources)
        .bind("getStoreRates", this::rates)
        .bind("getStoreRateConfiguration", call -> read(call, false))
        .bind("updateStoreRateConfiguration", call -> write(call, false))
        .bindQuestion("previewStoreRateConfiguration", this::preview)
        .bind("getStorePrimaryRateConfiguration", call -> read(call, false))
        .bind("updateStorePrimaryRateConfiguration", call -> write(call, false))
        .bindQuestion("previewStorePrimaryRateConfiguration", this::preview)
        .bind("getStoreFallbackRateConfiguration", call -> read(call, true))
        .bind("updateStoreFallbackRateConfiguration", call -> write(call, true))
        .bindQuestion("previewStoreFallbackRateConfiguration", this::preview);
  }

  private Future<Optional<JsonNode>> sources(RoutingContext ctx) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (RateSource.Kind kind : RateSource.Kind.values()) {
      list.addObject().put("id", kind.id()).put("name", kind.title());
    }
    return Future.succeededFuture(Optional.of(list));
  }

  // ---- Rates.

  private Future<Optional<JsonNode>> rates(Call call) {
    return StoreOperations.store(merchant, call, Permission.VIEW_STORE)
        .compose(store -> quotes(call, store, store.rates()));
  }

  private Future<Optional<JsonNode>> preview(Call call) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_STORE)
        .compose(
            store -> {
              RateSource source = source(call).orElse(RateSource.DEFAULT);
              return quotes(call, store, new RateBook(source, Optional.empty()));
            });
  }

  /** Two currencies of a question. */
  private record Pair(String base, String quote) {}

  private Future<Optional<JsonNode>> quotes(Call call, Store store, RateBook book) {
    List<String> texts = call.queries("currencyPair");
    if (texts.isEmpty()) {
      texts = List.of(rates.coinCode() + "_" + store.settings().defaultCurrency());
    }
    if (texts.size() > MAX_PAIRS) {
      throw RefusalException.field(
          "currencyPair", "Must be at most %d pairs.".formatted(MAX_PAIRS));
    }
    List<Pair> pairs = texts.stream().map(this::pair).toList();
    List<Future<ObjectNode>> answers = new ArrayList<>();
    pairs.forEach(pair -> answers.add(quote(store.id(), book, pair)));
    return Future.all(answers)
        .map(
            all -> {
              ArrayNode list = JsonNodeFactory.instance.arrayNode();
              answers.forEach(answer -> list.add(answer.result()));
              return Optional.of(list);
            });
  }

  private Pair pair(String text) {
    String[] codes = text.split("[_-]", -1);
    if (codes.length == 1) {
      codes = new String[] {rates.coinCode(), rates.currencyOfPair(text).orElse("")};
    }
    Optional<String> base = codes.length == 2 ? rates.currency(codes[0]) : Optional.empty();
    Optional<String> quote = codes.length == 2 ? rates.currency(codes[1]) : Optional.empty();
    if (base.isEmpty() || quote.isEmpty()) {
      throw RefusalException.field(
          "currencyPair", "Must be two currencies, such as " + rates.coinCode() + "_USD.");
    }
    return new Pair(base.get(), quote.get());
  }

  private Future<ObjectNode> quote(String storeId, RateBook book, Pair pair) {
    Future<StoreRates.Quote> perQuote = merchant.storeRates().perCoin(storeId, book, pair.quote());
    return merchant
        .storeRates()
        .perCoin(storeId, book, pair.base())
        .compose(perBase -> perQuote.map(quote -> json(pair, perBase, quote)));
  }

  private static ObjectNode json(Pair pair, StoreRates.Quote perBase, StoreRates.Quote perQuote) {
    ObjectNode json = ExactJson.object();
    json.put("currencyPair", pair.base() + "_" + pair.quote());
    ArrayNode errors = JsonNodeFactory.instance.arrayNode();
    if (perBase instanceof StoreRates.Quote.Known base
        && perQuote instanceof StoreRates.Quote.Known quote) {
      BigDecimal rate =
          quote.rate().divide(base.rate(), Amount.COIN_DIGITS * 2, RoundingMode.HALF_EVEN);
      json.put("rate", InvoiceJson.plain(rate));
    } else {
      json.putNull("rate");
      for (StoreRates.Quote quote : List.of(perBase, perQuote)) {
        if (quote instanceof StoreRates.Quote.Missing missing) {
          errors.add(missing.sentence());
        }
      }
    }
    json.set("errors", errors);
    return json;
  }

  // ---- Configuration.

  private Future<Optional<JsonNode>> read(Call call, boolean fallback) {
    return StoreOperations.store(merchant, call, Permission.VIEW_STORE)
        .map(store -> Optional.of(json(store.rates(), fallback)));
  }

  private Future<Optional<JsonNode>> write(Call call, boolean fallback) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_STORE)
        .compose(
            store -> {
              Optional<RateSource> source = source(call);
              RateBook book =
                  fallback
                      ? new RateBook(store.rates().primary(), source)
                      : new RateBook(source.orElse(RateSource.DEFAULT), store.rates().fallback());
              return merchant
                  .stores()
                  .setRates(store.id(), book)
                  .map(set -> Optional.of(json(book, fallback)));
            });
  }

  private JsonNode json(RateBook book, boolean fallback) {
    Optional<RateSource> source = fallback ? book.fallback() : Optional.of(book.primary());
    ObjectNode json = ExactJson.object();
    json.put("spread", source.map(RateSource::spreadPercent).orElse(BigDecimal.ZERO));
    json.put("preferredSource", source.map(found -> found.kind().id()).orElse(null));
    json.put("isCustomScript", false);
    json.put(
        "effectiveScript",
        source
            .map(found -> "%1$s_X = %2$s(%1$s_X);".formatted(rates.coinCode(), found.kind().id()))
            .orElse(""));
    ObjectNode fixed = ExactJson.object();
    source.ifPresent(
        found ->
            new TreeMap<>(found.fixed())
                .forEach((currency, rate) -> fixed.put(currency, InvoiceJson.plain(rate))));
    json.set("fixedRates", fixed);
    Optional<RateSource.Http> http = source.flatMap(RateSource::http);
    if (http.isPresent()) {
      json.putObject("httpJson")
          .put("url", http.get().url())
          .put("pointer", http.get().pointer())
          .put("staleAfterSeconds", http.get().staleAfterSeconds());
    } else {
      json.putNull("httpJson");
    }
    return json;
  }

  /** The source that a body describes; empty if it names none. */
  private Optional<RateSource> source(Call call) {
    Fields fields = Fields.of(call.body());
    BigDecimal spread =
        fields
            .read(
                "spread",
                "Spread",
                "Must be a number from 0 to less than 100.",
                value ->
                    LenientJson.decimal(value)
                        .filter(percent -> percent.signum() >= 0)
                        .filter(percent -> percent.compareTo(RateSource.ALL_PERCENT) < 0))
            .orElse(BigDecimal.ZERO);
    if (fields.flag("isCustomScript", "IsCustomScript").orElse(false)) {
      fields.error("IsCustomScript", "There are no scripts here; choose a source instead.");
    }
    Optional<RateSource.Kind> kind =
        fields.read(
            "preferredSource",
            "PreferredSource",
            "Must be operator, fixed or http-json.",
            value -> LenientJson.text(value).flatMap(RateSource.Kind::parse));
    Map<String, BigDecimal> fixed = fixed(fields);
    Optional<RateSource.Http> http = http(fields);
    if (kind.filter(RateSource.Kind.FIXED::equals).isPresent() && fixed.isEmpty()) {
      fields.error("FixedRates", "Is needed: an object such as {\"USD\": \"100\"}.");
    }
    if (kind.filter(RateSource.Kind.HTTP_JSON::equals).isPresent() && http.isEmpty()) {
      fields.error("HttpJson", "Is needed: an object with url and pointer.");
    }
    fields.finish();
    return kind.map(
        found ->
            new RateSource(
                found,
                spread,
                found == RateSource.Kind.FIXED ? fixed : Map.of(),
                http.filter(server -> found == RateSource.Kind.HTTP_JSON)));
  }

  private Map<String, BigDecimal> fixed(Fields fields) {
    Map<String, BigDecimal> fixed = new TreeMap<>();
    JsonNode given = fields.get("fixedRates");
    if (given.isNull()) {
      return fixed;
    }
    if (!given.isObject() || given.size() > MAX_FIXED) {
      fields.error("FixedRates", "Must be an object of at most %d rates.".formatted(MAX_FIXED));
      return fixed;
    }
    given
        .properties()
        .forEach(
            property -> {
              // A pair such as TNDR_USD means the same as its second currency.
              Optional<String> currency =
                  rates
                      .currency(property.getKey())
                      .or(() -> rates.currencyOfPair(property.getKey()))
                      .filter(code -> !code.equals(rates.coinCode()))
                      .filter(code -> !code.equals(Rates.BASE_UNIT_CODE));
              Optional<BigDecimal> rate =
                  LenientJson.decimal(property.getValue()).filter(value -> value.signum() > 0);
              if (currency.isPresent() && rate.isPresent()) {
                fixed.put(currency.get(), rate.get());
              } else {
                fields.error(
                    "FixedRates",
                    "Each must be a currency of ISO 4217 and the price of one coin, above 0.");
              }
            });
    return fixed;
  }

  private Optional<RateSource.Http> http(Fields fields) {
    JsonNode given = fields.get("httpJson");
    if (given.isNull()) {
      return Optional.empty();
    }
    Fields http = fields.inner("httpJson", "HttpJson");
    Optional<String> url =
        http.read(
            "url",
            "Url",
            merchant.network().isRegtest()
                ? "Must be an http or https URL without a user name."
                : "Must be an https URL without a user name.",
            value -> LenientJson.text(value).filter(this::isUrl));
    Optional<String> pointer =
        http.read(
            "pointer",
            "Pointer",
            "Must be a JSON pointer, such as /rates/{CURRENCY}.",
            value -> LenientJson.text(value).filter(RateOperations::isPointer));
    int age =
        http.decimal("staleAfterSeconds", "StaleAfterSeconds", LEAST_AGE_SECONDS, MOST_AGE_SECONDS)
            .map(BigDecimal::intValue)
            .orElse(USUAL_AGE_SECONDS);
    for (String key : List.of("url", "pointer")) {
      if (http.get(key).isNull()) {
        http.error(LenientJson.pascalCase(key), "Is missing.");
      }
    }
    return url.flatMap(address -> pointer.map(path -> new RateSource.Http(address, path, age)));
  }

  private boolean isUrl(String text) {
    try {
      URI uri = URI.create(text.replaceAll("[{}]", ""));
      boolean web =
          "https".equalsIgnoreCase(uri.getScheme())
              || ("http".equalsIgnoreCase(uri.getScheme()) && merchant.network().isRegtest());
      // Braces are for codes, which must not say whom to ask.
      String authority = text.replaceAll("^[^/]*//([^/?#]*).*$", "$1");
      return web
          && text.length() <= MAX_TEXT_CHARS
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getFragment() == null
          && !authority.contains("{");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isPointer(String text) {
    try {
      return text.length() <= MAX_TEXT_CHARS && !JsonPointer.compile(text).toString().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
