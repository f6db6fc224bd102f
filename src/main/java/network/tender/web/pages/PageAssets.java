package network.tender.web.pages;

import network.tender.chain.Network;

/** What pages are made of and what they load: compiled templates, scripts, styles. */
public final class PageAssets {
  private final StaticFiles files = new StaticFiles();
  private final Templates templates;

  private PageAssets(Network network) {
    this.templates = Templates.of(files, network);
  }

  /** Compiles the templates and loads the files; takes a good part of a second. */
  public static PageAssets load(Network network) {
    return new PageAssets(network);
  }

  StaticFiles files() {
    return files;
  }

  Templates templates() {
    return templates;
  }
}
