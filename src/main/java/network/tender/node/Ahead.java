package network.tender.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.openapi.contract.OpenAPIContract;
import network.tender.chain.Network;
import network.tender.script.Curve;
import network.tender.script.Mnemonic;
import network.tender.script.RegtestKeys;
import network.tender.script.WalletAccount;
import network.tender.web.HttpService;
import network.tender.web.pages.PageAssets;

/**
 * What a start needs at its end but can do at its beginning, on other threads, while the database
 * comes up.
 *
 * @param contract of the public server
 * @param pages templates and files
 * @param demoSecret key of the wallet that pages pay with; fails on networks other than regtest
 */
record Ahead(
    Future<OpenAPIContract> contract, Future<PageAssets> pages, Future<byte[]> demoSecret) {
  /** Begins with all of it. */
  static Ahead begin(Vertx vertx, Network network, Curve curve) {
    return new Ahead(
        HttpService.contract(vertx),
        vertx.executeBlocking(() -> PageAssets.load(network), false),
        network.isRegtest()
            ? vertx.executeBlocking(() -> demoSecret(curve), false)
            : Future.failedFuture("no demo wallet on " + network.name()));
  }

  /** Completes, in any case well, when nothing of it is under way any more. */
  Future<Void> ended() {
    return Future.join(contract, pages, demoSecret).transform(any -> Future.succeededFuture());
  }

  private static byte[] demoSecret(Curve curve) throws Exception {
    byte[] seed = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("");
    return WalletAccount.of(seed, WalletAccount.Purpose.NATIVE_SEGWIT, 0, curve)
        .secret(WalletAccount.RECEIVE, 0);
  }
}
