package network.tender.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import network.tender.chain.MalformedException;
import network.tender.script.Curve;
import network.tender.script.Mnemonic;
import network.tender.script.OutputDescriptor;

/**
 * A wallet on disk: its words, or the public keys of a wallet elsewhere that it watches, and what
 * it must remember. The file belongs to its owner alone, is replaced as a whole so that a crash
 * leaves the old or the new one, and is never overwritten by a new wallet.
 */
final class WalletFile {
  private static final int VERSION = 1;
  private static final long MAX_FILE_BYTES = 1_000_000;
  private static final long LOCK_WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final Set<String> KEYS =
      Set.of(
          "tenderWallet",
          "network",
          "hrp",
          "scriptType",
          "mnemonic",
          "descriptor",
          "nextReceive",
          "nextChange",
          "pending");

  /** Where the wallet's keys come from. */
  sealed interface Source {
    /** The secret words. */
    record Words(Mnemonic mnemonic) implements Source {}

    /** Public keys only: the wallet sees all and spends nothing. */
    record Watched(OutputDescriptor descriptor) implements Source {}
  }

  /**
   * What the file holds.
   *
   * @param network name of the network the wallet is for
   * @param hrp human-readable part of its addresses
   * @param kind its scripts
   * @param source its keys
   * @param nextReceive index of the address to give out next
   * @param nextChange index of the change address to use next
   * @param pending a payment that was sent, or about to be, and whose outcome is not known
   */
  record Content(
      String network,
      String hrp,
      ScriptKind kind,
      Source source,
      int nextReceive,
      int nextChange,
      Optional<Pending> pending) {
    Content withNextReceive(int index) {
      return new Content(network, hrp, kind, source, index, nextChange, pending);
    }

    Content withPending(Optional<Pending> newPending, int newNextChange) {
      return new Content(network, hrp, kind, source, nextReceive, newNextChange, newPending);
    }

    /** Never the words. */
    @Override
    public String toString() {
      return "wallet for " + network;
    }
  }

  /**
   * A payment under way.
   *
   * @param rawHex the signed transfer
   * @param address whom it pays
   * @param sat what they get, in sat
   * @param all true if they get all the wallet had
   */
  record Pending(String rawHex, String address, long sat, boolean all) {}

  private final Path path;

  /** The file at a path; nothing is read yet. */
  WalletFile(Path path) {
    this.path = path;
  }

  /**
   * Writes a new file.
   *
   * @throws CommandFailure if one is there already or it can't be written
   */
  void create(Content content) {
    try (FileChannel channel =
        FileChannel.open(
            path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly())) {
      writeAll(channel, content);
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(
          "wallet-exists",
          path + " exists already, and wallets are never overwritten; choose another name.",
          e);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(
          "wallet-not-writable", "The folder of " + path + " does not exist; make it first.", e);
    } catch (IOException | UnsupportedOperationException e) {
      throw new CommandFailure(
          "wallet-not-writable", "The wallet can't be written to " + path + ": " + e, e);
    }
  }

  /**
   * Reads the file.
   *
   * @throws CommandFailure if it is missing, malformed or readable by others
   */
  Content read() {
    JsonNode json;
    try {
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw malformed("it is too large");
      }
      json = Json.parse(Files.readAllBytes(path));
      if (!json.has("descriptor")) {
        refuseReadableByOthers();
      }
    } catch (NoSuchFileException e) {
      throw new CommandFailure(
          "wallet-not-found",
          "There is no wallet at "
              + path
              + "; 'tender wallet new --wallet "
              + path
              + "' makes one.",
          e);
    } catch (JsonProcessingException e) {
      // The parser's own message may quote the words.
      throw malformed("it is not JSON");
    } catch (IOException | UnsupportedOperationException e) {
      throw new CommandFailure(
          "wallet-not-readable", "The wallet at " + path + " can't be read: " + e, e);
    }
    return parse(json);
  }

  private Content parse(JsonNode json) {
    Set<String> unknown = new TreeSet<>();
    json.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(KEYS);
    if (!json.isObject() || json.path("tenderWallet").asInt() != VERSION || !unknown.isEmpty()) {
      throw malformed("it was not written by this version");
    }
    ScriptKind kind =
        ScriptKind.of(json.path("scriptType").asText())
            .orElseThrow(() -> malformed("its script type is unknown"));
    JsonNode pending = json.path("pending");
    return new Content(
        text(json, "network"),
        text(json, "hrp"),
        kind,
        source(json, kind),
        index(json, "nextReceive"),
        index(json, "nextChange"),
        pending.isObject()
            ? Optional.of(
                new Pending(
                    text(pending, "raw"),
                    text(pending, "address"),
                    pending.path("sat").asLong(),
                    pending.path("all").asBoolean()))
            : Optional.empty());
  }

  private Source source(JsonNode json, ScriptKind kind) {
    if (json.has("mnemonic") == json.has("descriptor")) {
      throw malformed("it must have either 'mnemonic' or 'descriptor'");
    }
    if (json.has("mnemonic")) {
      try {
        return new Source.Words(Mnemonic.parse(text(json, "mnemonic")));
      } catch (MalformedException e) {
        throw malformed("its words are not valid: " + e.getMessage());
      }
    }
    try {
      OutputDescriptor descriptor =
          OutputDescriptor.parse(text(json, "descriptor"), Curve.load(Curve.Provider.AUTO));
      if (descriptor.kind() == kind.keyScript() && descriptor.change().isPresent()) {
        return new Source.Watched(descriptor);
      }
    } catch (MalformedException e) {
      throw malformed("its descriptor is not valid: " + e.getMessage());
    }
    throw malformed("its descriptor is of another kind");
  }

  private String text(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isTextual() || value.asText().isEmpty()) {
      throw malformed("'" + key + "' is missing");
    }
    return value.asText();
  }

  private int index(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.canConvertToInt() || value.asInt() < 0) {
      throw malformed("'" + key + "' is no index");
    }
    return value.asInt();
  }

  private CommandFailure malformed(String why) {
    return new CommandFailure("wallet-malformed", path + " is no wallet of Tender: " + why + ".");
  }

  private void refuseReadableByOthers() throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    permissions.addAll(Files.getPosixFilePermissions(path));
    permissions.removeAll(
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE));
    if (!permissions.isEmpty()) {
      throw new CommandFailure(
          "wallet-exposed",
          path + " holds secret words but others may open it; run 'chmod 600 " + path + "' first.");
    }
  }

  /** Replaces the file; call it only under {@link #locked}. */
  void replace(Content content) {
    try {
      Path real = path.toRealPath();
      Path next = real.resolveSibling(real.getFileName() + ".next");
      Files.deleteIfExists(next);
      try (FileChannel channel =
          FileChannel.open(
              next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly())) {
        writeAll(channel, content);
      }
      Files.move(next, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceFolder(real);
    } catch (IOException | UnsupportedOperationException e) {
      throw new CommandFailure(
          "wallet-not-writable", "The wallet can't be written to " + path + ": " + e, e);
    }
  }

  /** A rename is durable once its folder is. */
  private static void forceFolder(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /**
   * Works while no other process changes or pays from this wallet, so that two payments never pick
   * the same coins.
   *
   * @throws CommandFailure if the other one takes more than a minute
   */
  <T> T locked(Supplier<T> work) {
    Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
    try (FileChannel channel =
        FileChannel.open(
            lockPath, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly())) {
      long deadline = System.nanoTime() + LOCK_WAIT_NANOS;
      while (tryLock(channel).isEmpty()) {
        if (System.nanoTime() - deadline >= 0) {
          throw new CommandFailure(
              "wallet-busy",
              "Another payment from this wallet is still under way; try again when it is done.");
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
      // Closing the channel ends the lock.
      return work.get();
    } catch (IOException | UnsupportedOperationException e) {
      throw new CommandFailure(
          "wallet-not-writable", "The wallet's lock " + lockPath + " can't be taken: " + e, e);
    }
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    }
  }

  private static void writeAll(FileChannel channel, Content content) throws IOException {
    ObjectNode json =
        Json.object()
            .put("tenderWallet", VERSION)
            .put("network", content.network())
            .put("hrp", content.hrp())
            .put("scriptType", content.kind().id())
            .put("nextReceive", content.nextReceive())
            .put("nextChange", content.nextChange());
    if (content.source() instanceof Source.Words words) {
      json.put("mnemonic", words.mnemonic().words());
    } else if (content.source() instanceof Source.Watched watched) {
      json.put("descriptor", watched.descriptor().canonicalPair());
    }
    content
        .pending()
        .ifPresent(
            pending ->
                json.putObject("pending")
                    .put("raw", pending.rawHex())
                    .put("address", pending.address())
                    .put("sat", pending.sat())
                    .put("all", pending.all()));
    ByteBuffer bytes = ByteBuffer.wrap(Json.pretty(json).getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(true);
  }

  private static FileAttribute<?>[] ownerOnly() {
    return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)};
  }
}
