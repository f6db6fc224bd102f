package network.tender.script;

import fr.acinq.bitcoin.MnemonicCode;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import network.tender.chain.MalformedException;

/** A wallet's secret words (BIP39, English list). */
public final class Mnemonic {
  private final String words;

  private Mnemonic(String words) {
    this.words = words;
  }

  /**
   * Makes words from randomness.
   *
   * @param entropy 16, 20, 24, 28 or 32 random bytes: 12 to 24 words
   * @throws IllegalArgumentException for another number of bytes
   */
  public static Mnemonic ofEntropy(byte[] entropy) {
    if (entropy.length < 16 || entropy.length > 32 || entropy.length % 4 != 0) {
      throw new IllegalArgumentException("16, 20, 24, 28 or 32 bytes of entropy are needed");
    }
    return new Mnemonic(String.join(" ", MnemonicCode.toMnemonics(entropy)));
  }

  /**
   * Reads words in any case and spacing.
   *
   * @throws MalformedException if their number, one of them or the checksum is wrong
   */
  public static Mnemonic parse(String text) throws MalformedException {
    String words =
        Normalizer.normalize(text, Normalizer.Form.NFKD)
            .strip()
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\s+", " ");
    List<String> list = List.of(words.split(" "));
    if (list.size() < 12 || list.size() > 24 || list.size() % 3 != 0) {
      throw new MalformedException("secret words come in 12, 15, 18, 21 or 24");
    }
    for (int i = 0; i < list.size(); i++) {
      if (!MnemonicCode.INSTANCE.getEnglishWordlist().contains(list.get(i))) {
        throw new MalformedException("word " + (i + 1) + " is not in BIP39's English list");
      }
    }
    try {
      MnemonicCode.validate(words);
    } catch (RuntimeException e) {
      throw new MalformedException("the words' checksum is wrong: one is mistyped or misplaced");
    }
    return new Mnemonic(words);
  }

  /** The words, one space between them. Whoever has them has the money. */
  public String words() {
    return words;
  }

  /**
   * The 64-byte seed.
   *
   * @param passphrase what BIP39 calls the passphrase, usually empty
   */
  public byte[] seed(String passphrase) {
    return MnemonicCode.toSeed(words, Normalizer.normalize(passphrase, Normalizer.Form.NFKD));
  }

  /** Never the words. */
  @Override
  public String toString() {
    return "Mnemonic[secret]";
  }
}
