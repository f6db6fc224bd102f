package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.settlement.BusyException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes passwords with Argon2id (RFC 9106), with the least costs that OWASP recommends. A hash
 * takes some 19 MB and a good part of a tenth of a second, so two are made at a time, on threads of
 * their own, and few wait.
 */
final class Passwords {
  /** Fewer characters are guessed too easily, whatever the hash. */
  static final int MIN_CHARS = 8;

  /** Enough for any sentence. */
  static final int MAX_CHARS = 256;

  private static final int MEMORY_KIB = 19_456;
  private static final int ITERATIONS = 2;
  private static final int LANES = 1;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int THREADS = 2;
  private static final int MAX_WAITING = 30;

  /** What a stored hash may cost: one that another program wrote must not stop this one. */
  private static final int MAX_MEMORY_KIB = 262_144;

  private static final int MAX_ITERATIONS = 16;

  private static final Pattern STORED =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=([0-9]{1,6}),t=([0-9]{1,2}),p=([0-9])"
              + "\\$([A-Za-z0-9+/]{11,88})\\$([A-Za-z0-9+/]{22,88})");

  private final WorkerExecutor workers;
  private final SecureRandom random;
  private final Counter refused;
  private final AtomicInteger waiting = new AtomicInteger();

  Passwords(Vertx vertx, SecureRandom random, MeterRegistry registry) {
    this.workers = vertx.createSharedWorkerExecutor("tender-passwords", THREADS);
    this.random = random;
    this.refused =
        Counter.builder("tender_password_checks_refused")
            .description("Passwords not looked at because too many waited")
            .register(registry);
  }

  /**
   * The text to store for a password.
   *
   * @return fails with {@link BusyException} if too many wait
   */
  Future<String> hash(String password) {
    return run(() -> hashNow(password));
  }

  /**
   * True if the password is the one of a stored text. Takes as long for a text that is no hash, so
   * that nobody learns by waiting who has a password.
   */
  Future<Boolean> matches(String password, String stored) {
    return run(() -> matchesNow(password, stored));
  }

  private <T> Future<T> run(Callable<T> work) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      refused.increment();
      return Future.failedFuture(new BusyException());
    }
    return workers.executeBlocking(work, false).onComplete(done -> waiting.decrementAndGet());
  }

  private String hashNow(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] hash = argon2id(password, salt, MEMORY_KIB, ITERATIONS, LANES, HASH_BYTES);
    Base64.Encoder text = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            MEMORY_KIB, ITERATIONS, LANES, text.encodeToString(salt), text.encodeToString(hash));
  }

  private static boolean matchesNow(String password, String stored) {
    Matcher matcher = STORED.matcher(stored);
    if (!matcher.matches()) {
      argon2id(password, new byte[SALT_BYTES], MEMORY_KIB, ITERATIONS, LANES, HASH_BYTES);
      return false;
    }
    int memory = Math.min(Integer.parseInt(matcher.group(1)), MAX_MEMORY_KIB);
    int iterations = Math.min(Integer.parseInt(matcher.group(2)), MAX_ITERATIONS);
    byte[] salt = Base64.getDecoder().decode(matcher.group(4));
    byte[] expected = Base64.getDecoder().decode(matcher.group(5));
    byte[] hash =
        argon2id(
            password,
            salt,
            memory,
            iterations,
            Integer.parseInt(matcher.group(3)),
            expected.length);
    return MessageDigest.isEqual(hash, expected);
  }

  private static byte[] argon2id(
      String password, byte[] salt, int memoryKib, int iterations, int lanes, int bytes) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withSalt(salt)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(lanes)
            .build());
    byte[] hash = new byte[bytes];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
    return hash;
  }

  Future<Void> close() {
    return workers.close();
  }
}
