package network.tender.bench;

import org.jspecify.annotations.Nullable;

/**
 * What a load consists of: hands out requests and takes their answers. Called on the one thread of
 * the load only.
 */
interface Source {
  /** The next request that is due, for a connection that is free; null if there is none now. */
  @Nullable Request next(long nowNanos);

  /** An answer. */
  void answered(Request request, ResponseReader answer, long nowNanos);

  /** The connection broke before an answer came: what became of the request is not known. */
  void lost(Request request, long nowNanos);

  /** True once nothing more will come and every answer is there. */
  boolean isFinished(long nowNanos);

  /** Answers so far, for the bar; read by other threads. */
  long done();
}
