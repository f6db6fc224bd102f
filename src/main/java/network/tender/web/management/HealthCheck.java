package network.tender.web.management;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One thing that must be in order before the node takes payments.
 *
 * @param name what is checked, such as {@code journal}; lower case with hyphens
 * @param check completes if it is in order, and fails with a sentence if it is not; it must not
 *     block
 */
public record HealthCheck(String name, Supplier<Future<Void>> check) {
  /** A check of something that is known at once. */
  public static HealthCheck of(String name, Supplier<Boolean> inOrder, String otherwise) {
    return new HealthCheck(
        name, () -> inOrder.get() ? Future.succeededFuture() : Future.failedFuture(otherwise));
  }

  /** A check that knows itself what is wrong, if anything is. */
  public static HealthCheck of(String name, Supplier<Optional<String>> flaw) {
    return new HealthCheck(
        name,
        () ->
            flaw.get().<Future<Void>>map(Future::failedFuture).orElseGet(Future::succeededFuture));
  }
}
