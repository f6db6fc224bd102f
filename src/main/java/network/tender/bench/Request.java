package network.tender.bench;

/** One request on its way: what to write, and since when it is due. */
class Request {
  final Source source;
  final byte[] head;
  final byte[] body;

  /** What the source knows it by. */
  final int number;

  /** When it was due, as {@link System#nanoTime}; latencies count from here. */
  final long dueNanos;

  /**
   * A request.
   *
   * @param source who is told of the answer
   * @param head request line and headers, with everything up to the length of the body
   */
  Request(Source source, byte[] head, byte[] body, int number, long dueNanos) {
    this.source = source;
    this.head = head;
    this.body = body;
    this.number = number;
    this.dueNanos = dueNanos;
  }
}
