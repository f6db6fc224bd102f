package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What HEAD has to answer: what GET answers, without the body. */
public final class HeadAnswers {
  private HeadAnswers() {}

  /** Asks for a path both ways over raw connections and compares all but the body. */
  public static void assertLikeGet(TestServer server, String path, String... headers) {
    String get = ask(server, "GET", path, headers);
    String head = ask(server, "HEAD", path, headers);
    assertThat(head).as("HEAD " + path).endsWith("\r\n\r\n");
    assertThat(head.indexOf("\r\n\r\n")).as("no body").isEqualTo(head.length() - 4);
    assertThat(lines(head)).as("HEAD " + path).isEqualTo(lines(get));
    int length = get.length() - get.indexOf("\r\n\r\n") - 4;
    assertThat(lines(head)).as("HEAD " + path).contains("content-length: " + length);
  }

  private static String ask(TestServer server, String method, String path, String... headers) {
    return server.rawLatin1(
        Stream.concat(
                Stream.of(method + " " + path + " HTTP/1.1", "Host: x"), Arrays.stream(headers))
            .toArray(String[]::new));
  }

  /** Status line and headers, in order of their names. */
  private static List<String> lines(String answer) {
    return Arrays.stream(answer.substring(0, answer.indexOf("\r\n\r\n")).split("\r\n", -1))
        .map(line -> line.toLowerCase(Locale.ROOT))
        .sorted()
        .toList();
  }
}
