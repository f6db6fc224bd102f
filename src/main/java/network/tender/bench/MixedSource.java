package network.tender.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several sources at once. One leads; the others come in shares of what it has done, with a bound
 * on what they have under way, so that they don't crowd it out of its connections.
 */
final class MixedSource implements Source {
  private final Source leader;
  private final List<Share> shares;

  /** A source that follows. */
  static final class Share {
    private final Source source;
    private final double share;
    private final int atOnce;
    private long begun;
    private int inFlight;

    /**
     * A share.
     *
     * @param share requests for each request of the leader; infinite if its pace alone decides
     * @param atOnce how many of its requests may be under way
     */
    Share(Source source, double share, int atOnce) {
      this.source = source;
      this.share = share;
      this.atOnce = atOnce;
    }

    private @Nullable Request next(long nowNanos, long ledBy, boolean leaderIsDone) {
      if (inFlight >= atOnce || (begun >= ledBy * share + 1 && !leaderIsDone)) {
        return null;
      }
      Request request = source.next(nowNanos);
      if (request != null) {
        begun++;
        inFlight++;
      }
      return request;
    }
  }

  MixedSource(Source leader, List<Share> shares) {
    this.leader = leader;
    this.shares = shares;
  }

  @Override
  public @Nullable Request next(long nowNanos) {
    boolean leaderIsDone = leader.isFinished(nowNanos);
    for (Share share : shares) {
      Request request = share.next(nowNanos, leader.done(), leaderIsDone);
      if (request != null) {
        return request;
      }
    }
    return leader.next(nowNanos);
  }

  @Override
  public void answered(Request request, ResponseReader answer, long nowNanos) {
    returned(request);
    request.source.answered(request, answer, nowNanos);
  }

  @Override
  public void lost(Request request, long nowNanos) {
    returned(request);
    request.source.lost(request, nowNanos);
  }

  private void returned(Request request) {
    for (Share share : shares) {
      share.inFlight -= share.source == request.source ? 1 : 0;
    }
  }

  @Override
  public boolean isFinished(long nowNanos) {
    return leader.isFinished(nowNanos)
        && shares.stream().allMatch(share -> share.source.isFinished(nowNanos));
  }

  @Override
  public long done() {
    return leader.done();
  }
}
