package network.tender.node;

/**
 * Where the node listens.
 *
 * @param httpPort port of the public server
 * @param managementPort port of the server for operators
 */
record Servers(int httpPort, int managementPort) {
  /** Before it listens. */
  static final Servers NONE = new Servers(0, 0);
}
