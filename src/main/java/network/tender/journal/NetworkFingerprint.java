package network.tender.journal;

import java.nio.charset.StandardCharsets;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Network;
import network.tender.chain.XOnlyKey;

/**
 * A hash over all that makes a chain's blocks and addresses belong to one network. What an operator
 * may change later (fee floor, block limits, coin code, URI scheme) is not in it.
 */
final class NetworkFingerprint {
  private static final String TAG = "tender/network";

  private NetworkFingerprint() {}

  static Hash of(Network network) {
    ByteWriter writer = new ByteWriter(256);
    writer.writeSized(network.name().getBytes(StandardCharsets.UTF_8));
    writer.writeSized(network.hrp().getBytes(StandardCharsets.UTF_8));
    writer.writeByte(network.pubKeyHashPrefix()).writeByte(network.scriptHashPrefix());
    writer.writeSized(network.treasury());
    writer.writeCompactSize(network.validators().size());
    for (XOnlyKey validator : network.validators()) {
      writer.writeHash(validator.bytes());
    }
    return Hash.of(Hashing.tagged(TAG, writer.toBytes()));
  }
}
