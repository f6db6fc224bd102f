package network.tender.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpStartTest {
  /** On those, nobody else can send a request that names a host of its own. */
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,true",
    "127.1.2.3,true",
    "localhost,true",
    "::1,true",
    "0.0.0.0,false",
    "::,false",
    "10.0.0.1,false",
    "pay.example.com,false"
  })
  void knowsWhatOnlyThisMachineReaches(String host, boolean expected) {
    assertThat(HttpStart.isLoopback(host)).isEqualTo(expected);
  }
}
