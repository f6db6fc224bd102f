package network.tender.web.pages;

import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import network.tender.chain.Network;

/** The page templates, compiled when the node starts. Everything they print is HTML-escaped. */
final class Templates {
  private static final List<String> PAGES =
      List.of(
          "start",
          "docs",
          "pos",
          "app",
          "checkout",
          "receipt",
          "problem",
          "login",
          "authorize",
          "grant",
          "explorer",
          "explorer-block",
          "explorer-transaction",
          "explorer-address",
          "explorer-search",
          "explorer-receipt");
  private static final int USUAL_PAGE_CHARACTERS = 16 * 1024;

  /** No page comes near; a template that loops must not fill the heap. */
  private static final int MAX_PAGE_CHARACTERS = 512 * 1024;

  private final Map<String, PebbleTemplate> pages = new HashMap<>();
  private final Map<String, Object> shared;

  /**
   * Compiles all templates.
   *
   * @param shared variables that every page has
   */
  Templates(Map<String, Object> shared) {
    this.shared = Map.copyOf(shared);
    ClasspathLoader loader = new ClasspathLoader(Templates.class.getClassLoader());
    loader.setPrefix("templates");
    loader.setSuffix(".html");
    PebbleEngine engine =
        new PebbleEngine.Builder()
            .loader(loader)
            .autoEscaping(true)
            .strictVariables(true)
            .defaultLocale(Locale.ENGLISH)
            .maxRenderedSize(MAX_PAGE_CHARACTERS)
            .build();
    for (String page : PAGES) {
      pages.put(page, engine.getTemplate(page));
    }
  }

  /** The templates for the pages of one node. */
  static Templates of(StaticFiles files, Network network) {
    return new Templates(
        Map.of(
            "assets",
            files.base(),
            "network",
            network.name(),
            "customNetwork",
            !network.isRegtest(),
            "coinCode",
            network.coinCode()));
  }

  /** Where this release's files are. */
  String assets() {
    return (String) Objects.requireNonNull(shared.get("assets"));
  }

  /** A page with its variables; throws {@link IllegalStateException} if the template is broken. */
  Buffer render(String page, Map<String, Object> variables) {
    PebbleTemplate template = pages.get(page);
    if (template == null) {
      throw new IllegalStateException("no template " + page);
    }
    Map<String, Object> all = new HashMap<>(shared);
    all.putAll(variables);
    StringWriter out = new StringWriter(USUAL_PAGE_CHARACTERS);
    try {
      template.evaluate(out, all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(out.toString());
  }
}
