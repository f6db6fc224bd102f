package network.tender.web.esplora;

import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;

/** Reads what clients write into paths and queries; what is wrong gets electrs's texts. */
final class PathValues {
  /** Beyond any number of an output, a transaction or a block. */
  private static final int MAX_DIGITS = 18;

  private PathValues() {}

  /** A number from 0 up; what is beyond the range of an int is the largest int. */
  static int number(RoutingContext ctx, String name) {
    return number(ctx.pathParam(name))
        .orElseThrow(() -> EsploraErrors.badInput("Invalid number").toException());
  }

  /** The same, where electrs takes anything else as if it had been left out. */
  static Optional<Integer> optionalNumber(RoutingContext ctx, String name) {
    String text = ctx.pathParam(name);
    return text == null ? Optional.empty() : number(text);
  }

  private static Optional<Integer> number(String text) {
    if (text.isEmpty()
        || text.length() > MAX_DIGITS
        || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    return Optional.of((int) Math.min(Integer.MAX_VALUE, Long.parseLong(text)));
  }

  static Hash hash(RoutingContext ctx, String name) {
    return hash(ctx.pathParam(name));
  }

  static Hash hash(String text) {
    try {
      return Hash.fromDisplayHex(text);
    } catch (IllegalArgumentException e) {
      throw EsploraErrors.badInput("Invalid hex string").toException();
    }
  }

  static Optional<String> query(RoutingContext ctx, String name) {
    List<String> values = ctx.queryParam(name);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
  }

  static Hash scriptHash(String text) {
    try {
      return Hash.of(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException e) {
      throw EsploraErrors.badInput("Invalid scripthash").toException();
    }
  }

  static Hash addressHash(String text, Network network) {
    try {
      return Address.parse(text, network).hash();
    } catch (MalformedException e) {
      throw EsploraErrors.badInput("Address on invalid network").toException();
    }
  }
}
