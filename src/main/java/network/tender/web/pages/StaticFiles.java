package network.tender.web.pages;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import network.tender.web.AnswerRoom;

/**
 * Style sheet, scripts and icon, held in memory. Their path holds a hash over all of them, so that
 * browsers may keep them for good and a new release is seen at once.
 */
final class StaticFiles {
  /** Files under {@code static/} on the class path. */
  static final List<String> NAMES =
      List.of(
          "tender.css",
          "icon.svg",
          "live.js",
          "payment.js",
          "amount.js",
          "pos.js",
          "app.js",
          "cart.js",
          "sale.js",
          "till.js",
          "till-worker.js",
          "icon-192.png",
          "icon-512.png",
          "checkout.js",
          "receipt.js",
          "btcpay.js",
          "start.js",
          "grant.js",
          "key.js",
          "dom.js",
          "text.js",
          "chain.js",
          "search.js",
          "sha256.js",
          "schnorr.js",
          "proof.js",
          "picture.js",
          "explorer.js",
          "explorer-block.js",
          "explorer-transaction.js",
          "explorer-address.js",
          "explorer-search.js",
          "explorer-receipt.js");

  private static final String FOREVER = "public, max-age=31536000, immutable";
  private static final int VERSION_DIGITS = 12;

  private record StaticFile(Buffer content, String type) {}

  private final Map<String, StaticFile> files = new LinkedHashMap<>();
  private final String version;

  /** Loads all files; throws {@link IllegalStateException} if one is missing. */
  StaticFiles() {
    MessageDigest digest = sha256();
    for (String name : NAMES) {
      byte[] content = load(name);
      digest.update(content);
      files.put(name, new StaticFile(Buffer.buffer(content), type(name)));
    }
    version = HexFormat.of().formatHex(digest.digest()).substring(0, VERSION_DIGITS);
  }

  /** Where this release's files are. */
  String base() {
    return "/static/" + version;
  }

  void mount(Router router) {
    router.get("/static/:version/:file").handler(this::handle);
  }

  private void handle(RoutingContext ctx) {
    String name = ctx.pathParam("file");
    if (files.containsKey(name)) {
      answer(ctx, name, version.equals(ctx.pathParam("version")));
    } else {
      ctx.next();
    }
  }

  /**
   * Answers with a file at an address that stays the same in all releases; browsers ask each time
   * whether it has changed.
   */
  void answer(RoutingContext ctx, String name) {
    answer(ctx, name, false);
  }

  private void answer(RoutingContext ctx, String name, boolean current) {
    StaticFile file = Objects.requireNonNull(files.get(name), name);
    String etag = '"' + version + '"';
    HttpServerResponse response =
        ctx.response()
            .putHeader(HttpHeaders.CACHE_CONTROL, current ? FOREVER : "no-cache")
            .putHeader(HttpHeaders.ETAG, etag);
    if (etag.equals(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, file.type());
      AnswerRoom.of(ctx).sendShared(ctx, file.content());
    }
  }

  private static byte[] load(String name) {
    try (InputStream in = StaticFiles.class.getResourceAsStream("/static/" + name)) {
      if (in == null) {
        throw new IllegalStateException("static/" + name + " is missing from the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String type(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "svg" -> "image/svg+xml";
      case "png" -> "image/png";
      default -> throw new IllegalStateException("no media type for " + name);
    };
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
