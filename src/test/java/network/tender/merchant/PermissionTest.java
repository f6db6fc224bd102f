package network.tender.merchant;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which permission holds which, for which store, and for whom. */
class PermissionTest {
  private static final String S = "btcpay.store.";

  private static ApiKey key(boolean administrator, Map<String, StoreRole> roles, String... texts) {
    return new ApiKey("u", "", List.of(texts), administrator, roles);
  }

  @ParameterizedTest
  @CsvSource({
    "unrestricted, btcpay.server.canmanageusers, true",
    "unrestricted, btcpay.store.canviewinvoices, true",
    "canmodifystoresettings, cancreateinvoice, true",
    "canmodifystoresettings, webhooks.canmodifywebhooks, true",
    "canmodifystoresettings, canmanagewallettransactions, true",
    "canmodifystoresettings, btcpay.user.canviewprofile, false",
    "canviewstoresettings, canviewinvoices, true",
    "canviewstoresettings, canviewpaymentrequests, true",
    "canviewstoresettings, canviewreports, true",
    "canviewstoresettings, canviewpullpayments, true",
    "canviewstoresettings, canviewpayouts, true",
    "canviewstoresettings, cancreateinvoice, false",
    "canviewstoresettings, canmodifystoresettings, false",
    "canviewstoresettings, canviewwallet, false",
    "canmodifyinvoices, canviewinvoices, true",
    "canmodifyinvoices, cancreateinvoice, true",
    "canviewinvoices, canviewownsales, true",
    "canviewownsales, canviewinvoices, false",
    "cancreateinvoice, canviewinvoices, false",
    "canmanagepullpayments, cancreatepullpayments, true",
    "canmanagepullpayments, cancreatenonapprovedpullpayments, true",
    "cancreatepullpayments, cancreatenonapprovedpullpayments, true",
    "cancreatenonapprovedpullpayments, cancreatepullpayments, false",
    "canmanagepayouts, canviewpayouts, true",
    "canmanagewallettransactions, canbroadcasttransactions, true",
    "canmanagewallettransactions, cancreatetransactions, true",
    "webhooks.canmodifywebhooks, canviewinvoices, false",
    "btcpay.user.canmodifyprofile, btcpay.user.canviewprofile, true",
    "btcpay.server.canmanageusers, btcpay.server.canviewusers, true",
    "btcpay.server.canviewusers, btcpay.server.canmanageusers, false",
    "btcpay.server.canmodifyserversettings, btcpay.server.cancreateuser, true",
  })
  void policiesHoldOthers(String held, String wanted, boolean holds) {
    assertThat(Permission.implies(whole(held), whole(wanted))).isEqualTo(holds);
  }

  private static String whole(String policy) {
    return policy.startsWith("btcpay.") || policy.equals("unrestricted") ? policy : S + policy;
  }

  @Test
  void aScopeIsForOneStoreAndForStoresOnly() {
    Map<String, StoreRole> owner = Map.of("a", StoreRole.OWNER, "b", StoreRole.OWNER);
    ApiKey one = key(false, owner, S + "canmodifystoresettings:a");
    assertThat(one.allows(S + "canviewinvoices", "a")).isTrue();
    assertThat(one.allows(S + "canviewinvoices", "b")).isFalse();
    assertThat(one.allows(Permission.MODIFY_STORE)).as("makes no store").isFalse();
    assertThat(one.storesAllowing(Permission.VIEW_STORE)).containsExactly("a");
    assertThat(Permission.parse("btcpay.user.canviewprofile:a")).isEmpty();
    assertThat(Permission.parse("unrestricted:a")).isEmpty();
    assertThat(Permission.parse(S + "canviewinvoices:")).isEmpty();
  }

  @Test
  void aKeyOpensWhatBothItAndItsUserMay() {
    Map<String, StoreRole> guest = Map.of("a", StoreRole.GUEST);
    ApiKey all = key(false, guest, "unrestricted");
    assertThat(all.allows(Permission.CREATE_INVOICE, "a")).isTrue();
    assertThat(all.allows(Permission.MODIFY_INVOICES, "a")).isFalse();
    assertThat(all.allows(Permission.VIEW_STORE, "a")).isFalse();
    assertThat(all.allows(Permission.VIEW_INVOICES, "b")).isFalse();
    assertThat(all.allows(Permission.VIEW_USERS)).isFalse();
    assertThat(all.allows(Permission.VIEW_PROFILE)).isTrue();
    assertThat(all.allowsEverywhere(Permission.VIEW_STORE)).isFalse();
    ApiKey administrators = key(true, Map.of(), Permission.VIEW_INVOICES);
    assertThat(administrators.allows(Permission.VIEW_INVOICES, "b")).isTrue();
    assertThat(administrators.allows(Permission.MODIFY_INVOICES, "b")).isFalse();
    assertThat(administrators.allows(Permission.VIEW_USERS)).isFalse();
    ApiKey cashier = key(false, Map.of("a", StoreRole.CASHIER), "unrestricted");
    assertThat(cashier.seesOwnSalesOnly("a")).isTrue();
    assertThat(cashier.seesOwnSalesOnly("b")).isFalse();
    assertThat(all.seesOwnSalesOnly("a")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.51.100.1",
        "203.0.113.1",
        "168.63.129.16",
        "2001:db8::1",
        "3fff::1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001::1"
      })
  void addressesThatNotEverybodyCouldCallAreLeftAlone(String text) throws UnknownHostException {
    InetAddress address = InetAddress.getByName(text);
    assertThat(new PublicAddresses(false).mayCall(address)).isFalse();
    assertThat(new PublicAddresses(true).mayCall(address)).isEqualTo(address.isLoopbackAddress());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"})
  void otherAddressesAreCalled(String text) throws UnknownHostException {
    assertThat(new PublicAddresses(false).mayCall(InetAddress.getByName(text))).isTrue();
  }
}
