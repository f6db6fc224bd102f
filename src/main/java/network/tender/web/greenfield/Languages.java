package network.tender.web.greenfield;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Which codes of languages there are. */
final class Languages {
  private static final Pattern FORM = Pattern.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}");

  /** No code of ISO 639, but Nepali in the list that BTCPay's clients choose from. */
  private static final Set<String> KNOWN_BESIDE = Set.of("np");

  private Languages() {}

  /**
   * True for the code of a language that Java knows, in any case, with or without a script and a
   * region: {@code en}, {@code pt-BR}, {@code zh_Hans}. What comes behind the language is not
   * looked up, as clients also send regions that are none.
   */
  static boolean isKnown(String code) {
    if (!FORM.matcher(code).matches()) {
      return false;
    }
    String language = code.split("[-_]", 2)[0].toLowerCase(Locale.ROOT);
    return KNOWN_BESIDE.contains(language)
        // Java names those that it knows, and repeats the code of any other.
        || !Locale.forLanguageTag(language)
            .getDisplayLanguage(Locale.ENGLISH)
            .equalsIgnoreCase(language);
  }
}
