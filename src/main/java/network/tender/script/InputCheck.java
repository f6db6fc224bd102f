package network.tender.script;

import static network.tender.script.ScriptFailedException.require;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * What a script can ask about the input it is run for: signatures and locks (Core:
 * TransactionSignatureChecker), and the forms that signatures and keys must have.
 */
final class InputCheck {
  private static final long LOCK_TIME_THRESHOLD = 500_000_000L;
  private static final long SEQUENCE_FINAL = 0xffff_ffffL;

  /** In a sequence number: no relative lock (BIP68). */
  static final long SEQUENCE_DISABLED = 1L << 31;

  private static final long SEQUENCE_TIME = 1L << 22;
  private static final long SEQUENCE_MASK = 0xffff;

  private final Curve curve;
  private final SpendContext context;
  private final int input;
  private final ScriptFlags flags;
  private final ScriptBudget budget;

  InputCheck(Curve curve, SpendContext context, int input, ScriptFlags flags, ScriptBudget budget) {
    this.curve = curve;
    this.context = context;
    this.input = input;
    this.flags = flags;
    this.budget = budget;
  }

  Transaction transaction() {
    return context.transaction();
  }

  int input() {
    return input;
  }

  ScriptFlags flags() {
    return flags;
  }

  ScriptBudget budget() {
    return budget;
  }

  /** Fails unless an ECDSA signature, its hash type behind it, has the form the flags ask for. */
  void requireSignatureForm(byte[] signature) {
    if (signature.length == 0) {
      return;
    }
    boolean lowS = flags.has(ScriptFlag.LOW_S);
    boolean strict = flags.has(ScriptFlag.STRICTENC);
    if (lowS || strict || flags.has(ScriptFlag.DERSIG)) {
      require(Der.isStrict(signature), ScriptError.SIG_DER);
    }
    if (lowS) {
      require(Der.isLowS(Der.decode(signature)), ScriptError.SIG_HIGH_S);
    }
    if (strict) {
      int selection = signature[signature.length - 1] & ~SpendContext.ANYONE_CAN_PAY & 0xff;
      require(
          selection >= SpendContext.ALL && selection <= SpendContext.SINGLE,
          ScriptError.SIG_HASHTYPE);
    }
  }

  /** Fails unless a key has the form the flags ask for. */
  void requireKeyForm(byte[] key, boolean segwit) {
    if (flags.has(ScriptFlag.STRICTENC)) {
      require(Points.isPublicKeyForm(key), ScriptError.PUBKEYTYPE);
    }
    if (segwit && flags.has(ScriptFlag.WITNESS_PUBKEYTYPE)) {
      require(key.length == 33 && Points.isPublicKeyForm(key), ScriptError.WITNESS_PUBKEYTYPE);
    }
  }

  /** True if an ECDSA signature over a part of a script holds. */
  boolean checkEcdsa(byte[] signature, byte[] key, SignedCode code) {
    byte[] plainKey = Points.withoutHybridForm(key);
    if (signature.length == 0 || !Points.isPublicKeyForm(plainKey)) {
      return false;
    }
    int hashType = signature[signature.length - 1] & 0xff;
    Optional<byte[]> rs = Der.decodeLax(Arrays.copyOf(signature, signature.length - 1));
    if (rs.isEmpty()) {
      return false;
    }
    byte[] message = code.hash(this, hashType);
    Der.normaliseS(rs.get());
    budget.chargeCheck();
    return curve.verifyEcdsa(rs.get(), message, plainKey);
  }

  byte[] ecdsaHash(Script code, boolean segwit, int hashType) {
    if (segwit) {
      budget.chargeHash(code.length());
      return context.segwitHash(input, code, hashType);
    }
    budget.chargeHash(LegacySignatureHash.bytes(transaction(), code));
    return LegacySignatureHash.of(transaction(), input, code, hashType);
  }

  /** Fails unless a BIP340 signature holds. */
  void requireSchnorr(
      byte[] signature, byte[] key, @Nullable Hash annexHash, SpendContext.@Nullable Leaf leaf) {
    int hashType = SpendContext.DEFAULT;
    byte[] plain = signature;
    if (signature.length == 65) {
      hashType = signature[64] & 0xff;
      require(hashType != SpendContext.DEFAULT, ScriptError.SCHNORR_SIG_HASHTYPE);
      plain = Arrays.copyOf(signature, 64);
    } else {
      require(signature.length == 64, ScriptError.SCHNORR_SIG_SIZE);
    }
    require(context.hasTaprootHash(input, hashType), ScriptError.SCHNORR_SIG_HASHTYPE);
    budget.chargeCheck();
    require(
        curve.verifySchnorr(plain, context.taprootHash(input, hashType, annexHash, leaf), key),
        ScriptError.SCHNORR_SIG);
  }

  /** True if the transfer's lock time is a lock that a script demands, or a later one (BIP65). */
  boolean checkLockTime(long demanded) {
    long lockTime = Integer.toUnsignedLong(transaction().lockTime());
    return (lockTime < LOCK_TIME_THRESHOLD) == (demanded < LOCK_TIME_THRESHOLD)
        && demanded <= lockTime
        && Integer.toUnsignedLong(transaction().sequence(input)) != SEQUENCE_FINAL;
  }

  /** True if the input's relative lock is the one a script demands, or a longer one (BIP112). */
  boolean checkSequence(long demanded) {
    long sequence = Integer.toUnsignedLong(transaction().sequence(input));
    if (Integer.compareUnsigned(transaction().version(), 2) < 0
        || (sequence & SEQUENCE_DISABLED) != 0) {
      return false;
    }
    return (sequence & SEQUENCE_TIME) == (demanded & SEQUENCE_TIME)
        && (demanded & SEQUENCE_MASK) <= (sequence & SEQUENCE_MASK);
  }

  /** The part of a script that signatures sign, with its hashes kept by hash type. */
  static final class SignedCode {
    private final Script code;
    private final boolean segwit;
    private @Nullable Map<Integer, byte[]> hashes;

    SignedCode(Script code, boolean segwit) {
      this.code = code;
      this.segwit = segwit;
    }

    Script code() {
      return code;
    }

    boolean segwit() {
      return segwit;
    }

    byte[] hash(InputCheck check, int hashType) {
      Map<Integer, byte[]> known = hashes;
      if (known == null) {
        known = new HashMap<>();
        hashes = known;
      }
      return known.computeIfAbsent(hashType, type -> check.ecdsaHash(code, segwit, type));
    }
  }
}
