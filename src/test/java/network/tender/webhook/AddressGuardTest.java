package network.tender.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.NetUtil;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
  private static final AddressGuard STRICT = AddressGuard.allowing(List.of());

  private static boolean allows(AddressGuard guard, String address) {
    return guard.allows("shop.test", NetUtil.createInetAddressFromIpAddressString(address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:1::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1"
      })
  void whatIsNotPublicIsClosed(String address) {
    assertThat(allows(STRICT, address)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
  void whatIsPublicIsOpen(String address) {
    assertThat(allows(STRICT, address)).isTrue();
  }

  @Test
  void theListOpensHostsAddressesAndNetworksAndNoMore() {
    AddressGuard guard =
        AddressGuard.allowing(List.of("10.1.0.0/16", "192.168.7.8", "FD12::/16", "shop.internal"));
    assertThat(allows(guard, "10.1.2.3")).isTrue();
    assertThat(allows(guard, "::ffff:10.1.2.3")).isTrue();
    assertThat(allows(guard, "10.2.0.1")).isFalse();
    assertThat(allows(guard, "192.168.7.8")).isTrue();
    assertThat(allows(guard, "192.168.7.9")).isFalse();
    assertThat(allows(guard, "fd12::1")).isTrue();
    assertThat(allows(guard, "fd13::1")).isFalse();
    assertThat(
            guard.allows(
                "shop.internal", NetUtil.createInetAddressFromIpAddressString("172.16.0.1")))
        .isTrue();
    for (String nonsense : List.of("10.0.0.0/33", "10.0.0/8", "a b", "", "x/y")) {
      assertThatThrownBy(() -> AddressGuard.allowing(List.of(nonsense)))
          .as(nonsense)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must list");
    }
  }
}
