package network.tender.webhook;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.merchant.HookTarget;
import network.tender.merchant.HostLookup;

/** Finds out where a link leads and whether it may be sent there. */
public final class HookTargets {
  private static final int LOOKUP_SECONDS = 5;
  private static final String EXPECTATION =
      "Must be an http or https link with a host and without a user name, such as"
          + " https://shop.example/hook.";

  /** A link leads where nothing may be sent to; the message is for the merchant. */
  static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedException(String message) {
      super(message, null, false, false);
    }
  }

  private final AddressGuard guard;
  private final HostLookup lookup;

  HookTargets(AddressGuard guard, HostLookup lookup) {
    this.guard = guard;
    this.lookup = lookup;
  }

  /** What is wrong with a link, as a sentence; empty if it can be sent to now. */
  public Future<Optional<String>> problem(String url) {
    Optional<HookTarget> target = HookTarget.parse(url);
    if (target.isEmpty()) {
      return Future.succeededFuture(Optional.of(EXPECTATION));
    }
    return addresses(target.get())
        .map(found -> Optional.<String>empty())
        .recover(
            error ->
                Future.succeededFuture(
                    Optional.of(
                        error instanceof ClosedException
                            ? String.valueOf(error.getMessage())
                            : "The host \"%s\" can't be found now; correct it or try again."
                                .formatted(target.get().host()))));
  }

  /**
   * The addresses of a link's host, each of which may be sent to. Whoever sends must connect to one
   * of these and not look the name up again: it may have another address by then.
   *
   * @return fails with {@link ClosedException} if any must not be sent to
   */
  Future<List<InetAddress>> addresses(HookTarget target) {
    String host = target.host();
    return lookup
        .lookup(host)
        .timeout(LOOKUP_SECONDS, TimeUnit.SECONDS)
        .map(
            addresses -> {
              for (InetAddress address : addresses) {
                if (!guard.allows(host, address)) {
                  throw new ClosedException(
                      "The host \"%s\" is not on the public internet; the operator can allow it with webhook.allow."
                          .formatted(host));
                }
              }
              return addresses;
            });
  }
}
