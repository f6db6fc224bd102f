package network.tender.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import network.tender.script.Curve;
import org.jspecify.annotations.Nullable;

/** A curve that counts the signatures it verifies and keeps a sample of them. */
final class SampledCurve implements Curve {
  /** One signature in so many is kept. */
  private static final int STRIDE = 64;

  private static final int MAX_SAMPLE = 2_048;

  /**
   * A signature with what it signs.
   *
   * @param schnorr true for BIP340, false for ECDSA
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Signature(boolean schnorr, byte[] signature, byte[] message, byte[] publicKey) {
    /** Verifies it once more. */
    boolean verify(Curve curve) {
      return schnorr
          ? curve.verifySchnorr(signature, message, publicKey)
          : curve.verifyEcdsa(signature, message, publicKey);
    }
  }

  private final Curve curve;
  private final AtomicLong verified = new AtomicLong();
  private final AtomicReferenceArray<@Nullable Signature> sample =
      new AtomicReferenceArray<>(MAX_SAMPLE);

  /** Counts what goes to another curve. */
  SampledCurve(Curve curve) {
    this.curve = curve;
  }

  /** Signatures verified so far. */
  long verified() {
    return verified.get();
  }

  /** Some of them, from the whole run if it is short and from its end if it is long. */
  List<Signature> sample() {
    List<Signature> kept = new ArrayList<>();
    for (int i = 0; i < MAX_SAMPLE; i++) {
      Signature signature = sample.get(i);
      if (signature != null) {
        kept.add(signature);
      }
    }
    return kept;
  }

  private void count(boolean schnorr, byte[] signature, byte[] message, byte[] publicKey) {
    long number = verified.getAndIncrement();
    if (number % STRIDE == 0) {
      sample.set(
          (int) (number / STRIDE % MAX_SAMPLE),
          new Signature(schnorr, signature, message, publicKey));
    }
  }

  @Override
  public boolean verifyEcdsa(byte[] signature, byte[] message, byte[] publicKey) {
    count(false, signature, message, publicKey);
    return curve.verifyEcdsa(signature, message, publicKey);
  }

  @Override
  public boolean verifySchnorr(byte[] signature, byte[] message, byte[] publicKey) {
    count(true, signature, message, publicKey);
    return curve.verifySchnorr(signature, message, publicKey);
  }

  @Override
  public String name() {
    return curve.name();
  }

  @Override
  public byte[] signEcdsa(byte[] secret, byte[] message) {
    return curve.signEcdsa(secret, message);
  }

  @Override
  public byte[] signSchnorr(byte[] secret, byte[] message) {
    return curve.signSchnorr(secret, message);
  }

  @Override
  public byte[] publicKey(byte[] secret) {
    return curve.publicKey(secret);
  }

  @Override
  public byte[] addTweak(byte[] publicKey, byte[] tweak) {
    return curve.addTweak(publicKey, tweak);
  }

  @Override
  public byte[] uncompress(byte[] publicKey) {
    return curve.uncompress(publicKey);
  }
}
