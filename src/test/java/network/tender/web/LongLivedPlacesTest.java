package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may keep a connection open. */
class LongLivedPlacesTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private double refused(String limit) {
    return registry.get("tender.http.long.lived.refused").tag("limit", limit).counter().count();
  }

  private int takeAll(LongLivedPlaces places, String address, Optional<String> invoice) {
    int count = 0;
    while (places.take(address, invoice).isPresent()) {
      count++;
    }
    return count;
  }

  @Test
  void halfOfTheConnectionsStayForOthers() {
    LongLivedPlaces places = new LongLivedPlaces(400, registry);
    LongLivedPlaces.Place first = places.take("127.0.0.1", Optional.empty()).orElseThrow();
    assertThat(takeAll(places, "127.0.0.1", Optional.empty())).isEqualTo(199);
    assertThat(refused("all")).isEqualTo(1);
    assertThat(registry.get("tender.http.long.lived").gauge().value()).isEqualTo(200);
    first.giveBack();
    first.giveBack();
    assertThat(takeAll(places, "127.0.0.1", Optional.empty())).isEqualTo(1);
  }

  @Test
  void anInvoiceHasAFew() {
    LongLivedPlaces places = new LongLivedPlaces(4_000, registry);
    List<LongLivedPlaces.Place> taken = new ArrayList<>();
    for (int i = 0; i < LongLivedPlaces.MAX_OF_INVOICE; i++) {
      taken.add(places.take("127.0.0.1", Optional.of("one")).orElseThrow());
    }
    assertThat(places.take("127.0.0.1", Optional.of("one"))).isEmpty();
    assertThat(places.take("127.0.0.1", Optional.of("other"))).isPresent();
    assertThat(refused("invoice")).isEqualTo(1);
    taken.get(0).giveBack();
    assertThat(places.take("127.0.0.1", Optional.of("one"))).isPresent();
  }

  @Test
  void anAddressHasAQuarterHoweverManyOfItsNetworkItUses() {
    LongLivedPlaces places = new LongLivedPlaces(800, registry);
    assertThat(takeAll(places, "203.0.113.7", Optional.empty())).isEqualTo(100);
    assertThat(takeAll(places, "2001:db8:1:2::7", Optional.empty())).isEqualTo(100);
    assertThat(places.take("2001:db8:1:2:3::8", Optional.empty())).isEmpty();
    assertThat(places.take("2001:db8:1:3::7", Optional.empty())).isPresent();
    assertThat(places.take("203.0.113.8", Optional.empty())).isPresent();
    assertThat(refused("address")).isEqualTo(3);
  }

  /** Else a proxy's customers would have a quarter together. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "172.17.0.1",
        "192.168.1.1",
        "100.64.1.1",
        "fd00::1"
      })
  void whereAProxyMayBeNothingIsCounted(String address) {
    LongLivedPlaces places = new LongLivedPlaces(800, registry);
    assertThat(takeAll(places, address, Optional.empty())).isEqualTo(400);
    assertThat(refused("address")).isZero();
  }
}
