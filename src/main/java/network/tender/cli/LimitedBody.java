package network.tender.cli;

import java.io.IOException;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The bytes of an answer, unless there are more than any honest answer has. */
final class LimitedBody implements BodySubscriber<byte[]> {
  /** An answer that does not end. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(long limitBytes) {
      super("more than " + limitBytes + " bytes");
    }
  }

  private final BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
  private final long limitBytes;
  private long taken;
  private boolean over;
  private Flow.@Nullable Subscription subscription;

  private LimitedBody(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Reads at most so many bytes; of more, none. */
  static BodyHandler<byte[]> of(long limitBytes) {
    return head -> new LimitedBody(limitBytes);
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return bytes.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription coming) {
    subscription = coming;
    bytes.onSubscribe(coming);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      taken += part.remaining();
    }
    if (taken <= limitBytes) {
      bytes.onNext(parts);
    } else if (!over) {
      over = true;
      Flow.Subscription running = subscription;
      if (running != null) {
        running.cancel();
      }
      bytes.onError(new TooLargeException(limitBytes));
    }
  }

  @Override
  public void onError(Throwable error) {
    if (!over) {
      bytes.onError(error);
    }
  }

  @Override
  public void onComplete() {
    if (!over) {
      bytes.onComplete();
    }
  }
}
