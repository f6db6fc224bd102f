package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.XOnlyKey;
import network.tender.ledger.Certificate;
import network.tender.ledger.Coin;

class BlockCodecTest {
  @Provide
  Arbitrary<List<List<Coin>>> spent() {
    Arbitrary<Coin> coin =
        Combinators.combine(
                Arbitraries.longs().between(0, Amount.MAX_SAT),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(40),
                Arbitraries.integers().between(0, Integer.MAX_VALUE / 2),
                Arbitraries.of(true, false))
            .as(
                (sat, script, height, coinbase) ->
                    new Coin(Amount.ofSat(sat), Script.of(script), height, coinbase));
    return coin.list().ofMaxSize(4).list().ofMaxSize(8);
  }

  @Provide
  Arbitrary<List<byte[]>> signatures() {
    return Arbitraries.bytes().array(byte[].class).ofSize(96).list().ofMaxSize(6);
  }

  @Property(tries = 100)
  void spentCoinsComeBack(@ForAll("spent") List<List<Coin>> spent) throws MalformedException {
    byte[] bytes = BlockCodec.encodeSpent(spent);
    assertThat(BlockCodec.decodeSpent(bytes)).isEqualTo(spent);
    assertRefused(bytes, BlockCodec::decodeSpent);
  }

  @Property(tries = 100)
  void certificatesComeBack(@ForAll("signatures") List<byte[]> parts) throws MalformedException {
    Certificate certificate =
        new Certificate(
            parts.stream()
                .map(
                    part ->
                        new Certificate.Signature(
                            new XOnlyKey(Hash.of(part, 0)), Arrays.copyOfRange(part, 32, 96)))
                .toList());
    byte[] bytes = certificate.toBytes();
    Certificate decoded = Certificate.parse(bytes);
    assertThat(decoded.toBytes()).isEqualTo(bytes);
    assertThat(decoded.signatures()).usingRecursiveComparison().isEqualTo(certificate.signatures());
    assertRefused(bytes, Certificate::parse);
  }

  private interface Decoder {
    Object decode(byte[] bytes) throws MalformedException;
  }

  /** One byte more, one less, or another version is no encoding of anything. */
  private static void assertRefused(byte[] bytes, Decoder decoder) {
    byte[] otherVersion = bytes.clone();
    otherVersion[0] = 2;
    for (byte[] wrong :
        List.of(
            Arrays.copyOf(bytes, bytes.length + 1),
            Arrays.copyOf(bytes, bytes.length - 1),
            otherVersion)) {
      assertThatThrownBy(() -> decoder.decode(wrong)).isInstanceOf(MalformedException.class);
    }
  }
}
