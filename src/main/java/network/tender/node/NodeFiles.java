package network.tender.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import network.tender.chain.Network;
import network.tender.chain.XOnlyKey;
import network.tender.script.Curve;
import network.tender.script.RegtestKeys;

/** The data folder of a node: held by one process, bound to one network for ever. */
final class NodeFiles implements AutoCloseable {
  private static final String LOCK = "tender.lock";
  private static final String NETWORK = "network";
  private static final String VALIDATOR_KEY = "validator.key";
  private static final String ADMIN_KEY = "admin.key";

  private final Path directory;
  private final FileChannel channel;
  private final FileLock lock;

  private NodeFiles(Path directory, FileChannel channel, FileLock lock) {
    this.directory = directory;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Opens or makes a data folder for a network.
   *
   * @throws StartException if another process has it or it belongs to another network
   */
  static NodeFiles open(Path directory, Network network) throws StartException {
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      if (lock == null) {
        channel.close();
        throw new StartException(
            "Another node runs on the data folder %s; stop it first, or choose another dataDir."
                .formatted(directory));
      }
      NodeFiles files = new NodeFiles(directory, channel, lock);
      try {
        files.bind(network);
      } catch (IOException | StartException | RuntimeException e) {
        files.close();
        throw e;
      }
      return files;
    } catch (IOException e) {
      throw new StartException(
          "The data folder %s can't be used: %s".formatted(directory.toAbsolutePath(), e));
    }
  }

  private static @org.jspecify.annotations.Nullable FileLock lock(FileChannel channel)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** What tells two networks apart: their names and who gets the money. */
  private static String identity(Network network) {
    return network.name() + " " + network.treasury().toHex();
  }

  private void bind(Network network) throws IOException, StartException {
    Path marker = directory.resolve(NETWORK);
    String identity = identity(network);
    if (!Files.exists(marker)) {
      // Complete or not there at all, whatever happens in between.
      Path draft = directory.resolve(NETWORK + ".new");
      Files.writeString(draft, identity + "\n");
      Files.move(draft, marker, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    String found = Files.readString(marker).strip();
    if (!found.equals(identity)) {
      throw new StartException(
          "The data folder %s belongs to network \"%s\", not to \"%s\"; choose another dataDir."
              .formatted(directory, found, identity));
    }
  }

  /** A path in the folder. */
  Path resolve(String name) {
    return directory.resolve(name);
  }

  /**
   * The secret that this node certifies blocks with: regtest's well-known one, or its own, made at
   * first start.
   *
   * @throws StartException if the network does not name this node's key
   */
  byte[] validatorSecret(Network network, Curve curve, SecureRandom random) throws StartException {
    byte[] secret =
        network.isRegtest() ? RegtestKeys.validatorSecret() : ownValidatorSecret(curve, random);
    XOnlyKey key = XOnlyKey.of(java.util.Arrays.copyOfRange(curve.publicKey(secret), 1, 33));
    if (!network.validators().contains(key)) {
      throw new StartException(
          "This node is no validator of network %s. Put its public key into the network's file, under validators: %s"
              .formatted(network.name(), key));
    }
    if (network.validators().size() > 1) {
      throw new StartException(
          "Network %s has %d validators; this version of the node runs networks of one."
              .formatted(network.name(), network.validators().size()));
    }
    return secret;
  }

  private byte[] ownValidatorSecret(Curve curve, SecureRandom random) throws StartException {
    Path path = directory.resolve(VALIDATOR_KEY);
    try {
      if (Files.exists(path)) {
        byte[] secret = HexFormat.of().parseHex(Files.readString(path).strip());
        curve.publicKey(secret);
        return secret;
      }
      byte[] secret = new byte[32];
      random.nextBytes(secret);
      curve.publicKey(secret);
      writeSecret(path, HexFormat.of().formatHex(secret));
      return secret;
    } catch (IllegalArgumentException e) {
      throw new StartException("%s holds no secret key of 64 hex digits.".formatted(path));
    } catch (IOException e) {
      throw new StartException("The key file %s can't be used: %s".formatted(path, e));
    }
  }

  /** Writes the administrator's API key, readable by the owner only. */
  void writeAdminKey(String key) throws IOException {
    writeSecret(directory.resolve(ADMIN_KEY), key);
  }

  private void writeSecret(Path path, String text) throws IOException {
    Path draft = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(draft);
    FileAttribute<?>[] ownerOnly =
        Files.getFileStore(directory).supportsFileAttributeView("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try {
      Files.createFile(draft, ownerOnly);
    } catch (FileAlreadyExistsException e) {
      throw new IOException("somebody else writes " + draft, e);
    }
    try (FileChannel out = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      out.write(StandardCharsets.US_ASCII.encode(text + "\n"));
      out.force(true);
    }
    Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The administrator's key as written, if the file is there. */
  Optional<String> adminKey() throws IOException {
    Path path = directory.resolve(ADMIN_KEY);
    return Files.exists(path) ? Optional.of(Files.readString(path).strip()) : Optional.empty();
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
