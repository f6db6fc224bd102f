package network.tender.script;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;

/**
 * Signs transfers that spend P2WPKH and P2TR outputs by key path, every input over the whole
 * transfer (ALL, or taproot's DEFAULT). The same input gives the same signatures always. Safe for
 * any thread.
 */
public final class TransferSigner {
  private final Curve curve;

  /** A signer that uses this implementation of the curve. */
  public TransferSigner(Curve curve) {
    this.curve = curve;
  }

  /**
   * Signs every input.
   *
   * @param transaction what to sign; witnesses that it has are replaced
   * @param spent the outputs that the inputs spend, in the inputs' order
   * @param secrets the inputs' secrets, 32 bytes each, in the same order; for P2TR the internal
   *     key's secret, with no script tree (BIP86)
   * @return the signed transaction
   * @throws IllegalArgumentException if an output has another form or belongs to another secret
   */
  public Transaction sign(
      Transaction transaction, List<TransferOutput> spent, List<byte[]> secrets) {
    return signWith(
        transaction, spent, secrets.stream().map(secret -> SigningKey.of(curve, secret)).toList());
  }

  /**
   * Signs every input with keys that have been worked out before, which is several times faster.
   *
   * @param transaction as of {@link #sign}
   * @param spent as of {@link #sign}
   * @param keys the inputs' keys, in the same order
   * @throws IllegalArgumentException as of {@link #sign}
   */
  public Transaction signWith(
      Transaction transaction, List<TransferOutput> spent, List<SigningKey> keys) {
    if (keys.size() != transaction.inputCount()) {
      throw new IllegalArgumentException("one secret for each input is needed");
    }
    SpendContext context = new SpendContext(transaction, spent);
    List<TransferInput> inputs = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      List<byte[]> witness = signInput(context, i, keys.get(i), false);
      inputs.add(
          new TransferInput(
              transaction.prevout(i), Script.EMPTY, transaction.sequence(i), witness));
    }
    List<TransferOutput> outputs = new ArrayList<>(transaction.outputCount());
    for (int i = 0; i < transaction.outputCount(); i++) {
      outputs.add(transaction.output(i));
    }
    return Transaction.build(transaction.version(), inputs, outputs, transaction.lockTime());
  }

  /**
   * Signs one input.
   *
   * @param secret the input's secret, as of {@link #sign}
   * @param explicitAll a taproot signature says that it is over everything (ALL), which costs a
   *     byte, rather than by saying nothing (DEFAULT); ECDSA signatures always say it
   * @return the input's witness: signature and public key for P2WPKH, the signature for P2TR
   * @throws IllegalArgumentException as of {@link #sign}
   */
  public List<byte[]> signInput(
      SpendContext context, int input, byte[] secret, boolean explicitAll) {
    return signInput(context, input, SigningKey.of(curve, secret), explicitAll);
  }

  private List<byte[]> signInput(
      SpendContext context, int input, SigningKey key, boolean explicitAll) {
    Script script = context.spent(input).script();
    return switch (script.type()) {
      case P2WPKH -> {
        requireOwn(script, key.script(KeyScript.P2WPKH), input);
        byte[] hash = context.segwitHash(input, SpendContext.ALL);
        byte[] signature = Der.encode(curve.signEcdsa(key.secret(), hash), SpendContext.ALL);
        yield List.of(signature, key.publicKey());
      }
      case P2TR -> {
        requireOwn(script, key.script(KeyScript.P2TR), input);
        byte[] hash =
            context.taprootHash(input, explicitAll ? SpendContext.ALL : SpendContext.DEFAULT);
        byte[] signature = curve.signSchnorr(key.tweakedSecret(), hash);
        if (explicitAll) {
          signature = Arrays.copyOf(signature, signature.length + 1);
          signature[signature.length - 1] = SpendContext.ALL;
        }
        yield List.of(signature);
      }
      default -> throw new IllegalArgumentException("can't sign input " + input + ": no template");
    };
  }

  private static void requireOwn(Script script, Script own, int input) {
    if (!script.equals(own)) {
      throw new IllegalArgumentException("input " + input + " belongs to another secret");
    }
  }
}
