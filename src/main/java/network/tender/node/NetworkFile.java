package network.tender.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import network.tender.chain.Address;
import network.tender.chain.Block;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.chain.XOnlyKey;
import network.tender.script.Curve;

/** Custom networks from files; {@code conf/network-example.yaml} explains the keys. */
public final class NetworkFile {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final Pattern HRP = Pattern.compile("[a-z]{1,20}");
  private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]{0,31}");
  private static final Set<String> BITCOIN_HRPS = Set.of("bc", "tb", "bcrt");
  private static final int MAX_VALIDATORS = 100;

  private NetworkFile() {}

  /**
   * Reads a network's file.
   *
   * @throws ConfigurationException with a sentence for everything that has to be corrected, such as
   *     keys that everybody knows
   */
  public static Network load(Path path) throws ConfigurationException {
    Settings settings = Settings.read(Optional.of(path), Map.of(), Map.of());
    String name = matching(settings, "name", NAME, "must have 1 to 32 of a-z, 0-9 and hyphens.");
    String hrp = matching(settings, "hrp", HRP, "must have 1 to 20 lower-case letters.");
    String coinCode =
        matching(
            settings,
            "coinCode",
            Configuration.COIN_CODE,
            "must have 2 to 10 capital letters or digits, a letter first.");
    String scheme =
        settings
            .value("uriScheme", text -> checked(text, SCHEME, "must be a URI scheme."))
            .orElse("bitcoin");
    if (name.equals(Network.REGTEST_NAME)) {
      settings.problem("name: \"regtest\" is the development network's; choose another.");
    }
    if (BITCOIN_HRPS.contains(hrp)) {
      settings.problem("hrp: \"%s\" is Bitcoin's own; choose another.".formatted(hrp));
    }
    int pubKeyHashPrefix = settings.number("addressPrefixes.pubKeyHash", 0x6f, 0, 255);
    int scriptHashPrefix = settings.number("addressPrefixes.scriptHash", 0xc4, 0, 255);
    if (pubKeyHashPrefix == scriptHashPrefix) {
      settings.problem("addressPrefixes: pubKeyHash and scriptHash must differ.");
    }
    Optional<String> address = settings.text("treasury.address");
    Optional<String> script = settings.text("treasury.script");
    WellKnownKeys wellKnown = new WellKnownKeys(Curve.load(Curve.Provider.AUTO));
    List<XOnlyKey> validators = readValidators(settings, wellKnown);
    int feeFloor = settings.number("feeFloorSatPerKvb", 0, 0, 100_000_000);
    int maxWeight =
        settings.number("limits.maxBlockWeight", Block.MAX_WEIGHT, 500_000, Block.MAX_WEIGHT);
    int maxSigops =
        settings.number(
            "limits.maxBlockSigopCost",
            Network.MAX_BLOCK_SIGOP_COST,
            20_000,
            Network.MAX_BLOCK_SIGOP_COST);
    Network draft =
        new Network(
            name,
            hrp,
            pubKeyHashPrefix,
            scriptHashPrefix,
            coinCode,
            scheme,
            Script.EMPTY,
            validators,
            feeFloor,
            maxWeight,
            maxSigops);
    Script treasury = readTreasury(settings, draft, address, script, wellKnown);
    settings.finish();
    return new Network(
        name,
        hrp,
        pubKeyHashPrefix,
        scriptHashPrefix,
        coinCode,
        scheme,
        treasury,
        validators,
        feeFloor,
        maxWeight,
        maxSigops);
  }

  private static String matching(Settings settings, String key, Pattern pattern, String expected) {
    if (settings.text(key).isEmpty()) {
      settings.problem(key + " is missing; it " + expected);
      return "";
    }
    return settings.value(key, text -> checked(text, pattern, expected)).orElse("");
  }

  private static String checked(String text, Pattern pattern, String expected) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException(expected);
    }
    return text;
  }

  private static List<XOnlyKey> readValidators(Settings settings, WellKnownKeys wellKnown) {
    List<XOnlyKey> validators = new ArrayList<>();
    for (String text : settings.list("validators")) {
      try {
        XOnlyKey key = XOnlyKey.parse(text);
        if (wellKnown.sign(key)) {
          settings.problem(
              "validators: %s is the development network's; everybody knows its secret."
                  .formatted(text));
        }
        validators.add(key);
      } catch (MalformedException e) {
        settings.problem("validators: \"%s\" is no key: %s.".formatted(text, e.getMessage()));
      }
    }
    if (validators.isEmpty()) {
      settings.problem("validators: name at least one public key of 64 hex digits.");
    } else if (validators.size() > MAX_VALIDATORS) {
      settings.problem("validators: no more than %d.".formatted(MAX_VALIDATORS));
    } else if (new HashSet<>(validators).size() < validators.size()) {
      settings.problem("validators: one key is there twice.");
    }
    return validators;
  }

  private static Script readTreasury(
      Settings settings,
      Network network,
      Optional<String> address,
      Optional<String> script,
      WellKnownKeys wellKnown) {
    if (address.isPresent() == script.isPresent()) {
      settings.problem("treasury needs either an address or a script.");
      return Script.EMPTY;
    }
    Script treasury;
    try {
      treasury =
          address.isPresent()
              ? Address.parse(address.get(), network)
              : Script.of(HexFormat.of().parseHex(script.orElseThrow()));
    } catch (MalformedException e) {
      settings.problem("treasury.address: " + e.getMessage() + ".");
      return Script.EMPTY;
    } catch (IllegalArgumentException e) {
      settings.problem("treasury.script: \"%s\" is not hex.".formatted(script.orElseThrow()));
      return Script.EMPTY;
    }
    if (wellKnown.open(treasury)) {
      settings.problem("treasury: this is the development network's; everybody knows its key.");
    }
    Script.Type type = treasury.type();
    if (type != Script.Type.P2WPKH && type != Script.Type.P2TR) {
      settings.problem(
          "treasury: coins paid to it could not be spent; give a segwit address (P2WPKH or P2TR).");
    }
    return treasury;
  }
}
