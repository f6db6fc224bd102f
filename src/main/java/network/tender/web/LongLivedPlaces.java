package network.tender.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.NetUtil;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Places of connections that stay open for long: live streams and sockets. They have half of the
 * connections, so that whoever opens as many as he can shuts nobody else out; and of them one
 * invoice has a few only, and one address on the internet a quarter. Addresses that are not on the
 * internet are not counted, as a proxy is there more often than a customer. Safe for any thread.
 */
public final class LongLivedPlaces {
  /** Most places that wait for one invoice: the customer's page, the till, and some more. */
  public static final int MAX_OF_INVOICE = 50;

  private static final String KEY = LongLivedPlaces.class.getName();
  private static final int SHARE = 2;
  private static final int ADDRESS_SHARE = 4;
  private static final int IPV4_BYTES = 4;

  /** A household or a server has all addresses of such a network. */
  private static final int IPV6_NETWORK_BYTES = 8;

  private final int most;
  private final int mostOfAddress;
  private final Map<String, Integer> ofInvoices = new HashMap<>();
  private final Map<String, Integer> ofAddresses = new HashMap<>();
  private int taken;
  private final Counter refusedForAll;
  private final Counter refusedForInvoice;
  private final Counter refusedForAddress;

  /**
   * Registers the meters.
   *
   * @param maxConnections as in {@link HttpSettings}
   */
  public LongLivedPlaces(int maxConnections, MeterRegistry registry) {
    this.most = Math.max(1, maxConnections / SHARE);
    this.mostOfAddress = Math.max(1, most / ADDRESS_SHARE);
    Gauge.builder("tender.http.long.lived", this, LongLivedPlaces::taken)
        .description("Open live streams and sockets")
        .register(registry);
    this.refusedForAll = refused(registry, "all");
    this.refusedForInvoice = refused(registry, "invoice");
    this.refusedForAddress = refused(registry, "address");
  }

  private static Counter refused(MeterRegistry registry, String limit) {
    return Counter.builder("tender.http.long.lived.refused")
        .description("Live streams and sockets refused because too many were open")
        .tag("limit", limit)
        .register(registry);
  }

  /** Those of the server that a request came to. */
  public static LongLivedPlaces of(RoutingContext ctx) {
    return ctx.get(KEY);
  }

  void attachTo(RoutingContext ctx) {
    ctx.put(KEY, this);
  }

  private synchronized int taken() {
    return taken;
  }

  /** A place that is taken. */
  public final class Place {
    private final @Nullable String invoice;
    private final @Nullable String address;
    private boolean given;

    private Place(@Nullable String invoice, @Nullable String address) {
      this.invoice = invoice;
      this.address = address;
    }

    /** Gives the place back; more than once does no harm. */
    public void giveBack() {
      synchronized (LongLivedPlaces.this) {
        if (!given) {
          given = true;
          taken--;
          less(ofInvoices, invoice);
          less(ofAddresses, address);
        }
      }
    }
  }

  private static void less(Map<String, Integer> counts, @Nullable String key) {
    if (key != null) {
      counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
    }
  }

  /**
   * Takes a place for a request.
   *
   * @param invoice the id of the one invoice that the connection is about
   * @return empty if there is none
   */
  public Optional<Place> take(RoutingContext ctx, Optional<String> invoice) {
    SocketAddress remote = ctx.request().remoteAddress();
    return take(remote == null ? "" : remote.hostAddress(), invoice);
  }

  synchronized Optional<Place> take(@Nullable String remote, Optional<String> invoice) {
    if (taken >= most) {
      refusedForAll.increment();
      return Optional.empty();
    }
    String ofInvoice = invoice.orElse(null);
    if (ofInvoice != null && ofInvoices.getOrDefault(ofInvoice, 0) >= MAX_OF_INVOICE) {
      refusedForInvoice.increment();
      return Optional.empty();
    }
    String address = network(remote).orElse(null);
    if (address != null && ofAddresses.getOrDefault(address, 0) >= mostOfAddress) {
      refusedForAddress.increment();
      return Optional.empty();
    }
    taken++;
    if (ofInvoice != null) {
      ofInvoices.merge(ofInvoice, 1, Integer::sum);
    }
    if (address != null) {
      ofAddresses.merge(address, 1, Integer::sum);
    }
    return Optional.of(new Place(ofInvoice, address));
  }

  /** Whose connection it is: an IPv4 address or a network of IPv6; empty if it may be a proxy's. */
  private static Optional<String> network(@Nullable String remote) {
    byte[] bytes = remote == null ? null : NetUtil.createByteArrayFromIpAddressString(remote);
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      InetAddress address = InetAddress.getByAddress(bytes);
      boolean local =
          address.isLoopbackAddress()
              || address.isSiteLocalAddress()
              || address.isLinkLocalAddress()
              || isUniqueLocal(bytes)
              || isShared(bytes);
      int length = bytes.length == IPV4_BYTES ? IPV4_BYTES : IPV6_NETWORK_BYTES;
      return local
          ? Optional.empty()
          : Optional.of(HexFormat.of().formatHex(Arrays.copyOf(bytes, length)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of no length that there is", e);
    }
  }

  /** {@code fc00::/7}. */
  private static boolean isUniqueLocal(byte[] bytes) {
    return bytes.length > IPV4_BYTES && (bytes[0] & 0xfe) == 0xfc;
  }

  /** {@code 100.64.0.0/10}, which clouds use inside. */
  private static boolean isShared(byte[] bytes) {
    return bytes.length == IPV4_BYTES && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
  }
}
