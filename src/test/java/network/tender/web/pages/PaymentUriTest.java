package network.tender.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import network.tender.chain.Amount;
import network.tender.chain.Network;
import org.junit.jupiter.api.Test;

class PaymentUriTest {
  private static final Network NETWORK = Network.regtest();

  @Test
  void holdsAmountAndLabel() {
    assertThat(PaymentUri.of(NETWORK, SampleShop.ADDRESS, Amount.ofSat(250_000), "Corner Coffee"))
        .isEqualTo("bitcoin:" + SampleShop.ADDRESS + "?amount=0.0025&label=Corner%20Coffee");
  }

  @Test
  void leavesOutWhatThereIsNot() {
    assertThat(PaymentUri.of(NETWORK, SampleShop.ADDRESS, Amount.ZERO, " "))
        .isEqualTo("bitcoin:" + SampleShop.ADDRESS);
    assertThat(PaymentUri.of(NETWORK, SampleShop.ADDRESS, Amount.ZERO, "A"))
        .isEqualTo("bitcoin:" + SampleShop.ADDRESS + "?label=A");
  }

  @Test
  void aLabelCanNotAddParameters() {
    assertThat(PaymentUri.of(NETWORK, SampleShop.ADDRESS, Amount.ofSat(1), "a&amount=9?#+\u00e9"))
        .endsWith("?amount=0.00000001&label=a%26amount%3D9%3F%23%2B%C3%A9");
  }

  @Test
  void longLabelsAreCutBetweenCharacters() {
    String label = "\ud83c\udf5c".repeat(60);
    assertThat(PaymentUri.of(NETWORK, SampleShop.ADDRESS, Amount.ZERO, label))
        .endsWith("label=" + "%F0%9F%8D%9C".repeat(40));
  }

  @Test
  void codesHaveUpperCaseSegwitAddressesAndOthersAsTheyAre() {
    assertThat(PaymentUri.forCode(NETWORK, SampleShop.ADDRESS, Amount.ZERO, ""))
        .isEqualTo("bitcoin:" + SampleShop.ADDRESS.toUpperCase(java.util.Locale.ROOT));
    String base58 = "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn";
    assertThat(PaymentUri.forCode(NETWORK, base58, Amount.ZERO, "")).isEqualTo("bitcoin:" + base58);
  }
}
