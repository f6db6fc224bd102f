package network.tender.merchant;

import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.spi.context.storage.ContextLocal;

/**
 * Where the {@link JoinedTransaction} of a request is kept. Vert.x has to know of it before it
 * starts, so it is named among the services in {@code META-INF}.
 */
public final class JoinedTransactionLocal implements VertxServiceProvider {
  static final ContextLocal<JoinedTransaction> CURRENT =
      ContextLocal.registerLocal(JoinedTransaction.class);

  @Override
  public void init(VertxBootstrap bootstrap) {}
}
