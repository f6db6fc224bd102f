package network.tender.script;

import fr.acinq.bitcoin.Descriptor;
import fr.acinq.bitcoin.DeterministicWallet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;

/**
 * Where a merchant's payments go: an account's extended public key and the kind of address to make
 * from its children. It derives a fresh output script for every index and can spend none of them.
 *
 * <p>Understood are an extended public key alone (native segwit, or what its SLIP-132 prefix says),
 * the same with BTCPay Server's suffix {@code -[taproot]}, {@code -[p2sh]} or {@code -[legacy]},
 * and the output descriptors {@code wpkh()}, {@code tr()}, {@code pkh()} and {@code sh(wpkh())} of
 * one extended key (BIP380, 381, 382, 386, 389). Keys of the main network are as good as those of
 * test networks: only the key counts.
 */
public final class OutputDescriptor {
  private static final int MAX_TEXT = 400;
  private static final int MAX_STEPS = 8;
  private static final List<Integer> RECEIVE = List.of(WalletAccount.RECEIVE);
  private static final List<Integer> CHANGE = List.of(WalletAccount.CHANGE);
  private static final Pattern ORIGIN =
      Pattern.compile("([0-9a-fA-F]{8})((?:/[0-9]{1,10}['hH]?){0,10})");
  private static final Pattern STEP = Pattern.compile("[0-9]{1,10}");
  private static final Pattern PAIR = Pattern.compile("<([0-9]{1,10});([0-9]{1,10})>");

  private final Curve curve;
  private final KeyScript kind;
  private final Optional<String> accountKeyPath;
  private final ExtendedPublicKey accountKey;
  private final List<Integer> steps;

  /** The way to the change addresses, as far as the text tells it. */
  private final Optional<List<Integer>> changeSteps;

  /** The key below which the addresses' keys are. */
  private final ExtendedPublicKey branch;

  private OutputDescriptor(
      Curve curve,
      KeyScript kind,
      Optional<String> accountKeyPath,
      ExtendedPublicKey accountKey,
      List<Integer> steps,
      Optional<List<Integer>> changeSteps) {
    this.curve = curve;
    this.kind = kind;
    this.accountKeyPath = accountKeyPath;
    this.accountKey = accountKey;
    this.steps = List.copyOf(steps);
    this.changeSteps = changeSteps.map(List::copyOf);
    ExtendedPublicKey key = accountKey;
    for (int step : steps) {
      key = key.child(step);
    }
    this.branch = key;
  }

  /** The receive addresses of an account. */
  static OutputDescriptor of(
      Curve curve, KeyScript kind, String accountKeyPath, ExtendedPublicKey accountKey) {
    return new OutputDescriptor(
        curve, kind, Optional.of(accountKeyPath), accountKey, RECEIVE, Optional.of(CHANGE));
  }

  /**
   * Reads a key or descriptor that a merchant has entered.
   *
   * @throws MalformedException with a sentence for the merchant if it is none, holds a private key
   *     or has a form that is not supported
   */
  public static OutputDescriptor parse(String text, Curve curve) throws MalformedException {
    String entered = text.strip();
    if (entered.isEmpty()) {
      throw new MalformedException("an extended public key or an output descriptor is needed");
    }
    if (entered.split("\\s+", 13).length >= 12) {
      throw new MalformedException(
          "this looks like a wallet's secret words: whoever has them can take the money. Don't "
              + "hand them over; give the extended public key instead");
    }
    if (entered.length() > MAX_TEXT) {
      throw new MalformedException("too long for a key or descriptor of one signer");
    }
    return entered.indexOf('(') < 0 ? parseScheme(entered, curve) : parseDescriptor(entered, curve);
  }

  /** A key, perhaps with a suffix as in BTCPay Server's derivation schemes. */
  private static OutputDescriptor parseScheme(String text, Curve curve) throws MalformedException {
    int dash = text.indexOf('-');
    KeyExpression expression =
        KeyExpression.parse(dash < 0 ? text : text.substring(0, dash), curve);
    Optional<KeyScript> byPrefix = kindOfPrefix(expression.version());
    KeyScript kind = byPrefix.orElse(KeyScript.P2WPKH);
    if (dash >= 0) {
      kind = kindOfSuffix(text.substring(dash));
      if (byPrefix.isPresent() && byPrefix.get() != kind) {
        throw new MalformedException(
            "the key's prefix and the suffix behind it name different kinds of address; "
                + "use a key that starts with xpub or tpub");
      }
    }
    return expression.describe(kind, curve);
  }

  private static Optional<KeyScript> kindOfPrefix(int version) {
    return switch (version) {
      case DeterministicWallet.zpub, DeterministicWallet.vpub -> Optional.of(KeyScript.P2WPKH);
      case DeterministicWallet.ypub, DeterministicWallet.upub -> Optional.of(KeyScript.P2SH_P2WPKH);
      default -> Optional.empty();
    };
  }

  private static KeyScript kindOfSuffix(String suffix) throws MalformedException {
    return switch (suffix.toLowerCase(Locale.ROOT)) {
      case "-[taproot]" -> KeyScript.P2TR;
      case "-[p2sh]" -> KeyScript.P2SH_P2WPKH;
      case "-[legacy]" -> KeyScript.P2PKH;
      default ->
          throw new MalformedException(
              "unknown suffix: only -[taproot], -[p2sh] and -[legacy] of one key are understood");
    };
  }

  private static OutputDescriptor parseDescriptor(String text, Curve curve)
      throws MalformedException {
    int hash = text.indexOf('#');
    String body = hash < 0 ? text : text.substring(0, hash);
    if (hash >= 0 && !text.substring(hash + 1).equals(checksum(body))) {
      throw new MalformedException(
          "the descriptor's checksum is wrong: it is mistyped or cut off; copy it once more");
    }
    if (body.startsWith("wpkh(")) {
      return parseInner(body, "wpkh(", ")", KeyScript.P2WPKH, curve);
    }
    if (body.startsWith("tr(")) {
      return parseInner(body, "tr(", ")", KeyScript.P2TR, curve);
    }
    if (body.startsWith("pkh(")) {
      return parseInner(body, "pkh(", ")", KeyScript.P2PKH, curve);
    }
    if (body.startsWith("sh(wpkh(")) {
      return parseInner(body, "sh(wpkh(", "))", KeyScript.P2SH_P2WPKH, curve);
    }
    throw new MalformedException(
        "only the descriptors wpkh(), tr(), pkh() and sh(wpkh()) of one key are understood");
  }

  private static OutputDescriptor parseInner(
      String body, String open, String close, KeyScript kind, Curve curve)
      throws MalformedException {
    if (!body.endsWith(close)) {
      throw new MalformedException("the descriptor's closing parenthesis is missing");
    }
    String inner = body.substring(open.length(), body.length() - close.length());
    if (inner.indexOf(',') >= 0) {
      throw new MalformedException("only descriptors of a single key, without scripts");
    }
    KeyExpression expression = KeyExpression.parse(inner, curve);
    if (expression.steps().isEmpty()) {
      throw new MalformedException(
          "this descriptor stands for one address only; end its key with /0/* so that every "
              + "invoice gets an address of its own");
    }
    return expression.describe(kind, curve);
  }

  private static String checksum(String body) throws MalformedException {
    try {
      return Descriptor.checksum(body);
    } catch (RuntimeException e) {
      throw new MalformedException("a descriptor has plain ASCII characters only");
    }
  }

  /**
   * A key with what stands before and behind it.
   *
   * @param origin master fingerprint and path of the key, if given
   * @param version the prefix the key had
   * @param key the key
   * @param steps the steps from the key to the addresses' branch, if given
   */
  private record KeyExpression(
      Optional<String> origin, int version, ExtendedPublicKey key, Optional<Branches> steps) {
    static KeyExpression parse(String text, Curve curve) throws MalformedException {
      Optional<String> origin = Optional.empty();
      String rest = text;
      if (text.startsWith("[")) {
        int end = text.indexOf(']');
        if (end < 0) {
          throw new MalformedException("the bracket round the key's origin is not closed");
        }
        origin = Optional.of(parseOrigin(text.substring(1, end)));
        rest = text.substring(end + 1);
      }
      int slash = rest.indexOf('/');
      String keyText = slash < 0 ? rest : rest.substring(0, slash);
      ExtendedPublicKey.Decoded decoded = ExtendedPublicKey.decode(keyText, curve);
      Optional<Branches> steps =
          slash < 0 ? Optional.empty() : Optional.of(parseSteps(rest.substring(slash + 1)));
      return new KeyExpression(origin, decoded.version(), decoded.key(), steps);
    }

    OutputDescriptor describe(KeyScript kind, Curve curve) throws MalformedException {
      Branches branches = steps.orElse(Branches.BIP44);
      if (key.depth() + branches.receive().size() >= 255) {
        throw new MalformedException("the key is too deep to have keys below it");
      }
      return new OutputDescriptor(curve, kind, origin, key, branches.receive(), branches.change());
    }
  }

  /** The ways from an account's key to its addresses. */
  private record Branches(List<Integer> receive, Optional<List<Integer>> change) {
    static final Branches BIP44 = new Branches(RECEIVE, Optional.of(CHANGE));
  }

  private static String parseOrigin(String text) throws MalformedException {
    Matcher matcher = ORIGIN.matcher(text);
    if (!matcher.matches()) {
      throw new MalformedException(
          "a key's origin looks like 73c5da0a/84'/1'/0': the master key's fingerprint and a path");
    }
    StringBuilder origin = new StringBuilder(matcher.group(1).toLowerCase(Locale.ROOT));
    String path = matcher.group(2);
    if (!path.isEmpty()) {
      for (String step : path.substring(1).split("/", -1)) {
        boolean hardened = !Character.isDigit(step.charAt(step.length() - 1));
        int number = parseStep(hardened ? step.substring(0, step.length() - 1) : step);
        origin.append('/').append(number).append(hardened ? "'" : "");
      }
    }
    return origin.toString();
  }

  /**
   * The path behind a key without its last step, which must be {@code *}. Where a path to receive
   * addresses alone ends in 0, change is on the chain beside it (BIP44).
   */
  private static Branches parseSteps(String path) throws MalformedException {
    String[] parts = path.split("/", -1);
    String last = parts[parts.length - 1];
    if (last.equals("*'") || last.equals("*h") || last.equals("*H")) {
      throw new MalformedException(
          "hardened addresses (*') can't be made from a public key; use /0/* behind it");
    }
    if (!last.equals("*")) {
      throw new MalformedException(
          "the path behind the key must end in *, as in /0/*, so that every invoice gets an "
              + "address of its own");
    }
    if (parts.length > MAX_STEPS) {
      throw new MalformedException("the path behind the key is too long");
    }
    List<Integer> steps = new ArrayList<>();
    List<Integer> changeSteps = new ArrayList<>();
    boolean paired = false;
    for (String part : List.of(parts).subList(0, parts.length - 1)) {
      Matcher pair = PAIR.matcher(part);
      if (pair.matches()) {
        int receive = parseStep(pair.group(1));
        int change = parseStep(pair.group(2));
        if (paired || receive == change) {
          throw new MalformedException("one pair of two different chains at most, as in <0;1>");
        }
        paired = true;
        steps.add(receive);
        changeSteps.add(change);
      } else {
        steps.add(parseStep(part));
        changeSteps.add(parseStep(part));
      }
    }
    int end = steps.size() - 1;
    if (!paired && end >= 0 && steps.get(end) == WalletAccount.RECEIVE) {
      changeSteps.set(end, WalletAccount.CHANGE);
      paired = true;
    }
    return new Branches(steps, paired ? Optional.of(changeSteps) : Optional.empty());
  }

  private static int parseStep(String text) throws MalformedException {
    if (text.endsWith("'") || text.endsWith("h") || text.endsWith("H")) {
      throw new MalformedException(
          "hardened steps can't be made from a public key; give the key below them instead");
    }
    if (STEP.matcher(text).matches()) {
      long number = Long.parseLong(text);
      if (number <= Integer.MAX_VALUE) {
        return (int) number;
      }
    }
    throw new MalformedException("a step of a path is a number from 0 to 2147483647");
  }

  /**
   * The same with the origin of its account key, as merchants' clients give it apart.
   *
   * @param path {@code 73c5da0a/84'/1'/0'}
   * @throws MalformedException if it has another form
   */
  public OutputDescriptor withAccountKeyPath(String path) throws MalformedException {
    Optional<String> origin = Optional.of(parseOrigin(path.strip()));
    return new OutputDescriptor(curve, kind, origin, accountKey, steps, changeSteps);
  }

  /**
   * The addresses that the account's own change goes to; empty if the path doesn't tell where they
   * are, as {@code /0/*} and {@code /<0;1>/*} do.
   */
  public Optional<OutputDescriptor> change() {
    return changeSteps.map(
        branchSteps ->
            new OutputDescriptor(
                curve, kind, accountKeyPath, accountKey, branchSteps, Optional.empty()));
  }

  /**
   * The output script of one address.
   *
   * @param index its number, 0 to 2³¹-1
   */
  public Script scriptAt(int index) {
    return kind.of(curve, branch.childKey(index));
  }

  /**
   * The public key of one address, 33 bytes compressed: for taproot the internal key.
   *
   * @param index the address's number, 0 to 2³¹-1
   */
  public byte[] keyAt(int index) {
    return branch.childKey(index);
  }

  /**
   * Where the key of one address comes from. If the account key's own origin is unknown, it stands
   * for the master key.
   */
  public KeyOrigin originAt(int index) {
    return accountOrigin().below(steps).below(List.of(index));
  }

  /** Where the account key comes from; itself, if that is unknown. */
  public KeyOrigin accountOrigin() {
    return accountKeyPath
        .map(KeyOrigin::of)
        .orElseGet(() -> new KeyOrigin(accountKey.fingerprint(), List.of()));
  }

  /** The steps from the account key to the addresses' branch. */
  public List<Integer> steps() {
    return steps;
  }

  /** The kind of the addresses. */
  public KeyScript kind() {
    return kind;
  }

  /** Master fingerprint and path of the account key, when known: {@code 73c5da0a/84'/1'/0'}. */
  public Optional<String> accountKeyPath() {
    return accountKeyPath;
  }

  /** The account's key as text with the prefix {@code tpub}. */
  public String accountKey() {
    return accountKey.toString();
  }

  /**
   * As BTCPay Server writes it: the key with its suffix. A path that this form can't express makes
   * it the {@link #canonical} descriptor.
   */
  public String derivationScheme() {
    if (!steps.equals(RECEIVE)) {
      return canonical();
    }
    return accountKey
        + switch (kind) {
          case P2WPKH -> "";
          case P2TR -> "-[taproot]";
          case P2PKH -> "-[legacy]";
          case P2SH_P2WPKH -> "-[p2sh]";
        };
  }

  /** The descriptor with origin, path and checksum; {@link #parse} reads it back as the same. */
  public String canonical() {
    return descriptor(steps);
  }

  /**
   * {@link #canonical} with both chains of addresses, as in {@code <0;1>} (BIP389), where the way
   * to the change addresses is known.
   */
  public String canonicalPair() {
    return descriptor(changeSteps.orElse(steps));
  }

  private String descriptor(List<Integer> second) {
    StringBuilder key = new StringBuilder();
    accountKeyPath.ifPresent(path -> key.append('[').append(path).append(']'));
    key.append(accountKey);
    for (int i = 0; i < steps.size(); i++) {
      key.append('/');
      if (steps.get(i).equals(second.get(i))) {
        key.append(steps.get(i));
      } else {
        key.append('<').append(steps.get(i)).append(';').append(second.get(i)).append('>');
      }
    }
    key.append("/*");
    String body =
        switch (kind) {
          case P2WPKH -> "wpkh(" + key + ")";
          case P2TR -> "tr(" + key + ")";
          case P2PKH -> "pkh(" + key + ")";
          case P2SH_P2WPKH -> "sh(wpkh(" + key + "))";
        };
    return body + "#" + Descriptor.checksum(body);
  }

  @Override
  public String toString() {
    return canonical();
  }
}
