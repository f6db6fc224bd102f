package network.tender.cli;

import java.util.List;
import java.util.Optional;
import network.tender.chain.Block;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;

/**
 * What a wallet has to know of its network.
 *
 * @param name the network's name
 * @param hrp human-readable part of segwit addresses
 * @param pubKeyHashPrefix version byte of P2PKH addresses
 * @param scriptHashPrefix version byte of P2SH addresses
 * @param coinCode code of the coin
 * @param uriScheme scheme of payment URIs
 * @param feeFloorSatPerKvb least fee rate, in sat per 1,000 vbytes
 */
record NetworkFacts(
    String name,
    String hrp,
    int pubKeyHashPrefix,
    int scriptHashPrefix,
    String coinCode,
    String uriScheme,
    long feeFloorSatPerKvb) {
  /** What is needed of a network that is known as a whole. */
  static NetworkFacts of(Network network) {
    return new NetworkFacts(
        network.name(),
        network.hrp(),
        network.pubKeyHashPrefix(),
        network.scriptHashPrefix(),
        network.coinCode(),
        network.uriScheme(),
        network.feeFloorSatPerKvb());
  }

  /** Enough for a wallet's own addresses, from what its file remembers. */
  static NetworkFacts ofWallet(String name, String hrp) {
    Network regtest = Network.regtest();
    return new NetworkFacts(
        name,
        hrp,
        regtest.pubKeyHashPrefix(),
        regtest.scriptHashPrefix(),
        regtest.coinCode(),
        regtest.uriScheme(),
        regtest.feeFloorSatPerKvb());
  }

  /**
   * The script that an address stands for.
   *
   * @throws CommandFailure if it is none of this network
   */
  Script scriptOf(String address) {
    try {
      return network.tender.chain.Address.parse(address, asNetwork());
    } catch (MalformedException e) {
      throw new CommandFailure(
          "bad-address",
          "'"
              + address.substring(0, Math.min(address.length(), 100))
              + "' is no address of network "
              + name
              + " ("
              + e.getMessage()
              + "); nothing was paid.",
          e);
    }
  }

  /** The address of one of the wallet's own scripts. */
  String addressOf(Script script) {
    return network.tender.chain.Address.format(script, asNetwork()).orElseThrow();
  }

  /** The address of any script, if it has one. */
  Optional<String> addressOfAny(Script script) {
    return network.tender.chain.Address.format(script, asNetwork());
  }

  /** Addresses depend on nothing else of a network, so the rest is left empty. */
  private Network asNetwork() {
    return new Network(
        name,
        hrp,
        pubKeyHashPrefix,
        scriptHashPrefix,
        coinCode,
        uriScheme,
        Script.EMPTY,
        List.of(),
        feeFloorSatPerKvb,
        Block.MAX_WEIGHT,
        Network.MAX_BLOCK_SIGOP_COST);
  }
}
