package network.tender.bench;

/** One request on its way: what to write, and since when it is due. */
final class Request {
  final byte[] head;
  final byte[] body;

  /** What the source knows it by. */
  final int number;

  /** When it was due, as {@link System#nanoTime}; latencies count from here. */
  long dueNanos;

  /**
   * A request.
   *
   * @param head request line and headers, with everything up to the length of the body
   */
  Request(byte[] head, byte[] body, int number, long dueNanos) {
    this.head = head;
    this.body = body;
    this.number = number;
    this.dueNanos = dueNanos;
  }
}
