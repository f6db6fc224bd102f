package network.tender.chain;

import fr.acinq.bitcoin.Base58Check;
import fr.acinq.bitcoin.Bech32;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import kotlin.Pair;
import kotlin.Triple;

/**
 * Addresses as text: bech32 for witness version 0 (BIP173), bech32m for later versions (BIP350),
 * base58 with a checksum for P2PKH and P2SH.
 */
public final class Address {
  /** No address is longer (BIP173). */
  private static final int MAX_LENGTH = 90;

  private Address() {}

  /**
   * The output script an address stands for.
   *
   * @throws MalformedException if the text is no address, or one of another network
   */
  public static Script parse(String text, Network network) throws MalformedException {
    if (text.length() > MAX_LENGTH) {
      throw new MalformedException("too long for an address");
    }
    String prefix = network.hrp() + "1";
    if (text.toLowerCase(Locale.ROOT).startsWith(prefix)) {
      return parseSegwit(text, network);
    }
    return parseBase58(text, network);
  }

  private static Script parseSegwit(String text, Network network) throws MalformedException {
    // Not Bech32.decodeWitnessAddress, which knows Bitcoin's own prefixes only.
    Triple<String, Byte[], Bech32.Encoding> decoded;
    byte[] program;
    int version;
    try {
      decoded = Bech32.decode(text, false);
      program = Bech32.five2eight(decoded.getSecond(), 1);
      version = decoded.getSecond()[0];
    } catch (RuntimeException e) {
      throw new MalformedException("not a valid segwit address");
    }
    if (!decoded.getFirst().equals(network.hrp())) {
      throw new MalformedException("an address of another network");
    }
    Bech32.Encoding encoding = version == 0 ? Bech32.Encoding.Bech32 : Bech32.Encoding.Bech32m;
    if (version > 16
        || decoded.getThird() != encoding
        || program.length < 2
        || program.length > 40
        || (version == 0 && program.length != 20 && program.length != 32)) {
      throw new MalformedException("not a valid segwit address");
    }
    byte[] script = new byte[2 + program.length];
    script[0] = (byte) (version == 0 ? 0 : 0x50 + version);
    script[1] = (byte) program.length;
    System.arraycopy(program, 0, script, 2, program.length);
    return Script.of(script);
  }

  private static Script parseBase58(String text, Network network) throws MalformedException {
    Pair<Byte, byte[]> decoded;
    try {
      decoded = Base58Check.decode(text);
    } catch (RuntimeException e) {
      throw new MalformedException("not an address of this network");
    }
    int version = decoded.getFirst() & 0xff;
    if (decoded.getSecond().length == 20) {
      if (version == network.pubKeyHashPrefix()) {
        return Script.p2pkh(decoded.getSecond());
      }
      if (version == network.scriptHashPrefix()) {
        return Script.p2sh(decoded.getSecond());
      }
    }
    throw new MalformedException("an address of another network");
  }

  /** The address of an output script, if it has one. */
  public static Optional<String> format(Script script, Network network) {
    return switch (script.type()) {
      case P2PKH -> Optional.of(base58(network.pubKeyHashPrefix(), script, 3));
      case P2SH -> Optional.of(base58(network.scriptHashPrefix(), script, 2));
      case P2WPKH, P2WSH, P2TR -> Optional.of(segwit(script, network));
      case UNKNOWN ->
          script.witnessVersion() > 0 ? Optional.of(segwit(script, network)) : Optional.empty();
      case P2PK, MULTISIG, OP_RETURN, EMPTY -> Optional.empty();
    };
  }

  private static String base58(int version, Script script, int from) {
    byte[] payload = new byte[20];
    script.copyTo(from, payload, 0, 20);
    return Base58Check.encode((byte) version, payload);
  }

  private static String segwit(Script script, Network network) {
    int opcode = script.byteAt(0);
    byte version = (byte) (opcode == 0 ? 0 : opcode - 0x50);
    byte[] bytes = script.toBytes();
    return Bech32.encodeWitnessAddress(
        network.hrp(), version, Arrays.copyOfRange(bytes, 2, bytes.length));
  }
}
