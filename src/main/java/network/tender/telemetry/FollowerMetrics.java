package network.tender.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How a follower gets on with the node that it follows. Safe for any thread. */
public final class FollowerMetrics {
  private final AtomicLong nodeHeight = new AtomicLong(-1);
  private final AtomicLong ownHeight = new AtomicLong();
  private final AtomicLong contactMillis = new AtomicLong();
  private final AtomicInteger reachable = new AtomicInteger();
  private final AtomicInteger alarm = new AtomicInteger();
  private final AtomicInteger forwarding = new AtomicInteger();
  private final Counter blocks;
  private final Counter transfers;
  private final Counter bytes;
  private final Map<String, Counter> forwarded = new HashMap<>();

  /**
   * Registers every series, so that each exists from the start.
   *
   * @param outcomes the words for what may become of a transfer that was handed on
   */
  public FollowerMetrics(MeterRegistry registry, Collection<String> outcomes) {
    Gauge.builder("tender.follower.node.height", nodeHeight, AtomicLong::get)
        .description("Height of the followed node's chain when it last answered; -1 before.")
        .register(registry);
    Gauge.builder("tender.follower.lag.blocks", this, FollowerMetrics::lag)
        .description("Blocks that the followed node has and this one has not verified yet.")
        .register(registry);
    Gauge.builder("tender.follower.contact.timestamp", contactMillis, millis -> millis.get() / 1e3)
        .description("When the followed node last answered, Unix time.")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("tender.follower.node.reachable", reachable, AtomicInteger::get)
        .description("1 while the followed node answers.")
        .register(registry);
    Gauge.builder("tender.follower.alarm", alarm, AtomicInteger::get)
        .description("1 once a block broke a rule and following has stopped.")
        .register(registry);
    Gauge.builder("tender.follower.forwarding", forwarding, AtomicInteger::get)
        .description("Transfers handed on and not answered yet.")
        .register(registry);
    this.blocks =
        Counter.builder("tender.follower.blocks")
            .description("Blocks verified.")
            .register(registry);
    this.transfers =
        Counter.builder("tender.follower.transfers")
            .description("Transfers verified in blocks.")
            .register(registry);
    this.bytes =
        Counter.builder("tender.follower.received")
            .description("Bytes of blocks received.")
            .baseUnit("bytes")
            .register(registry);
    for (String outcome : outcomes) {
      forwarded.put(
          outcome,
          Counter.builder("tender.follower.forwarded")
              .description("Transfers handed on, by what became of them.")
              .tag("outcome", outcome)
              .register(registry));
    }
  }

  private double lag() {
    return Math.max(0, nodeHeight.get() - ownHeight.get());
  }

  /** The node has answered. */
  public void contact(int height, long nowMillis) {
    nodeHeight.set(height);
    contactMillis.set(nowMillis);
    reachable.set(1);
  }

  /** The node does not answer. */
  public void unreachable() {
    reachable.set(0);
  }

  /** Following has stopped. */
  public void alarm() {
    alarm.set(1);
  }

  /** So many bytes of blocks have come. */
  public void received(long count) {
    bytes.increment((double) count);
  }

  /** A block has been found valid, and is durable. */
  public void verified(int height, int transferCount) {
    ownHeight.set(height);
    blocks.increment();
    transfers.increment(transferCount);
  }

  /** Where this node's chain stands at the start. */
  public void start(int height) {
    ownHeight.set(height);
  }

  /** So many transfers are handed on and not answered yet. */
  public void forwarding(int count) {
    forwarding.set(count);
  }

  /** What became of a transfer that was handed on. */
  public void forwarded(String outcome) {
    Counter counter = forwarded.get(outcome);
    if (counter != null) {
      counter.increment();
    }
  }
}
