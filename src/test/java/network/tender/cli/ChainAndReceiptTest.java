package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Transaction;
import network.tender.ledger.BlockSigner;
import network.tender.ledger.Bootstrap;
import network.tender.ledger.Certificate;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.Receipts;
import network.tender.ledger.SealedBlock;
import network.tender.script.Curve;
import network.tender.script.RegtestKeys;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The offline commands, on the first blocks that every development chain has. */
class ChainAndReceiptTest {
  private static List<SealedBlock> blocks = List.of();
  private static List<String> lines = List.of();
  private static BlockSigner signer = (hash, height) -> new Certificate(List.of());

  @TempDir private Path folder;

  @BeforeAll
  static void makeChain() {
    signer = BlockSigner.single(Curve.load(Curve.Provider.AUTO), RegtestKeys.validatorSecret());
    blocks = Bootstrap.blocks(Network.regtest(), signer);
    List<String> hex = new ArrayList<>();
    hex.add(HexFormat.of().formatHex(Network.genesis().toBytes()));
    blocks.forEach(block -> hex.add(HexFormat.of().formatHex(block.block().toBytes())));
    lines = List.copyOf(hex);
  }

  private Path write(List<String> chain) throws IOException {
    return Files.write(folder.resolve("chain.hex"), chain);
  }

  @Test
  void aWholeChainIsValid() throws IOException {
    CommandRun run = CommandRun.of("chain", "verify", "--json", write(lines).toString());
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    JsonNode json = run.json();
    assertThat(json.path("valid").asBoolean()).isTrue();
    assertThat(json.path("height").asInt()).isEqualTo(Network.BOOTSTRAP_BLOCKS);
    assertThat(json.path("blockHash").asText())
        .isEqualTo(blocks.get(blocks.size() - 1).hash().toString());
    assertThat(json.path("issuedSat").asLong()).isEqualTo(Network.issued().sat());
    assertThat(json.path("certificatesChecked").asBoolean()).isFalse();
  }

  @Test
  void standardInputWorksToo() {
    CommandRun run =
        CommandRun.withInput(String.join("\r\n", lines) + "\n\n", "chain", "verify", "-");
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(run.out()).contains("250 blocks").contains("not checked");
  }

  @Test
  void theFirstBadBlockIsNamedWithItsReason() throws IOException {
    List<String> chain = new ArrayList<>(lines);
    String line = chain.get(100);
    int at = line.length() / 2;
    char other = line.charAt(at) == '0' ? '1' : '0';
    chain.set(100, line.substring(0, at) + other + line.substring(at + 1));
    CommandRun run = CommandRun.of("chain", "verify", "--json", write(chain).toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("valid").asBoolean()).isFalse();
    assertThat(run.json().path("height").asInt()).isEqualTo(100);
    assertThat(run.json().path("error").path("code").asText()).isNotBlank();
    assertThat(run.err()).contains("Block 100");
  }

  @Test
  void aMissingBlockIsNoticed() throws IOException {
    List<String> chain = new ArrayList<>(lines);
    chain.remove(42);
    CommandRun run = CommandRun.of("chain", "verify", "--json", write(chain).toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("height").asInt()).isEqualTo(42);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("bad-previous");
  }

  static Stream<List<String>> notChains() {
    return Stream.of(
        List.of(),
        List.of("zz"),
        List.of("00"),
        List.of(lines.get(1)),
        List.of(lines.get(0), "abc"),
        List.of(lines.get(0), lines.get(1) + "00"),
        List.of(lines.get(0), lines.get(1).substring(2)));
  }

  @ParameterizedTest
  @MethodSource("notChains")
  void whatIsNoChainIsRefused(List<String> chain) throws IOException {
    CommandRun run = CommandRun.of("chain", "verify", "--json", write(chain).toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText())
        .isIn("bad-genesis", "block-decode-failed");
  }

  /** Of a block with one transaction behind its coinbase; any will do. */
  private static Receipt receipt() {
    return receipt("regtest", blocks);
  }

  private static Receipt receipt(String network, List<SealedBlock> blocks) {
    Block seventh = blocks.get(6).block();
    List<Transaction> transactions =
        List.of(seventh.transactions().get(0), blocks.get(7).block().transactions().get(0));
    BlockHeader header =
        new BlockHeader(
            seventh.header().version(),
            seventh.header().previous(),
            MerkleTree.root(transactions.stream().map(Transaction::txid).toList()),
            seventh.header().timeSeconds(),
            Network.BITS,
            0);
    while (!header.meetsTarget()) {
      header = header.withNonce(header.nonce() + 1);
    }
    return new Receipts(
            network,
            7,
            new Block(header, transactions),
            header.unixSeconds() * 1_000,
            signer.sign(header.hash(), 7))
        .receipt(1);
  }

  private static Network harbour() {
    Network regtest = Network.regtest();
    return new Network(
        "harbour",
        "hb",
        regtest.pubKeyHashPrefix(),
        regtest.scriptHashPrefix(),
        regtest.coinCode(),
        regtest.uriScheme(),
        regtest.treasury(),
        regtest.validators(),
        regtest.feeFloorSatPerKvb(),
        regtest.maxBlockWeight(),
        regtest.maxBlockSigopCost());
  }

  private CommandRun verify(String receipt, String... more) throws IOException {
    return verify(receipt.getBytes(StandardCharsets.UTF_8), more);
  }

  private CommandRun verify(byte[] receipt, String... more) throws IOException {
    Path path = Files.write(folder.resolve("r.json"), receipt);
    List<String> line = new ArrayList<>(List.of("receipt", "verify", "--json", path.toString()));
    line.addAll(List.of(more));
    return CommandRun.of(line.toArray(String[]::new));
  }

  @Test
  void aReceiptProvesItsTransferOffline() throws IOException {
    CommandRun run = verify(ReceiptJson.write(receipt()));
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(run.json().path("proved").asBoolean()).isTrue();
    assertThat(run.json().path("txid").asText()).isEqualTo(receipt().txid().toString());
    assertThat(run.json().path("height").asInt()).isEqualTo(7);
  }

  /** As a node writes it. */
  private static String answer() {
    Receipt receipt = receipt();
    return "{\"txid\":\"%s\",\"blockHash\":\"%s\",\"height\":7,\"time\":\"%s\",\"timeMillis\":%d,\"receipt\":%s}"
        .formatted(
            receipt.txid(),
            receipt.blockHash(),
            Instant.ofEpochMilli(receipt.timeMillis()),
            receipt.timeMillis(),
            ReceiptJson.write(receipt));
  }

  @Test
  void theWholeAnswerOfANodeWillDo() throws IOException {
    String answer = answer();
    assertThat(verify(answer).exitCode()).isZero();
    assertThat(verify(answer + "\n").exitCode()).isZero();
    String other = answer.replaceFirst("\"height\":7", "\"height\":8");
    assertThat(other).isNotEqualTo(answer);
    assertThat(verify(other).exitCode()).isEqualTo(1);
  }

  @Test
  void aSavedReceiptOrANodesAnswerWithOneChangedByteIsRefused() throws IOException {
    for (String good :
        List.of(
            ReceiptJson.writePretty(receipt()) + "\n", ReceiptJson.write(receipt()), answer())) {
      byte[] bytes = good.getBytes(StandardCharsets.UTF_8);
      // A prime step, so that all kinds of places come up; the ledger's test takes each byte.
      for (int at = 0; at < bytes.length; at += 31) {
        bytes[at] ^= 1;
        CommandRun run = verify(bytes);
        assertThat(run.exitCode()).describedAs("byte " + at + ": " + run.out()).isEqualTo(1);
        bytes[at] ^= 1;
      }
      assertThat(verify(bytes).exitCode()).isZero();
    }
  }

  @Test
  void aReceiptWithOneChangedDigitIsRefused() throws IOException {
    String good = ReceiptJson.write(receipt());
    JsonNode json = Json.parse(good);
    int tried = 0;
    for (String proved :
        List.of(
            json.path("txid").asText(),
            json.path("blockHash").asText(),
            json.path("header").asText(),
            json.path("certificate").get(0).path("validator").asText(),
            json.path("certificate").get(0).path("signature").asText())) {
      for (int at = 0; at < proved.length(); at += 7) {
        int place = good.indexOf(proved) + at;
        char other = good.charAt(place) == '0' ? '1' : '0';
        CommandRun run = verify(good.substring(0, place) + other + good.substring(place + 1));
        assertThat(run.exitCode()).describedAs("digit " + place + ": " + run.out()).isEqualTo(1);
        tried++;
      }
    }
    assertThat(tried).isGreaterThan(50);
    for (String changed :
        List.of(
            good.replace("\"height\":7", "\"height\":8"),
            good.replace("\"position\":1", "\"position\":0"),
            good.replace("\"network\":\"regtest\"", "\"network\":\"regtesu\""))) {
      assertThat(changed).isNotEqualTo(good);
      assertThat(verify(changed).exitCode()).isEqualTo(1);
    }
  }

  @Test
  void otherNetworksNeedTheirValidatorsNamed() throws IOException {
    assertThat(
            verify(ReceiptJson.write(receipt()).replace("\"regtest\"", "\"harbour\"")).exitCode())
        .isEqualTo(1);
    String other = ReceiptJson.write(receipt("harbour", Bootstrap.blocks(harbour(), signer)));
    CommandRun run = verify(other);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("validators-needed");

    String key = Network.regtest().validators().get(0).toString();
    Path lines = Files.writeString(folder.resolve("v.txt"), "# the only one\n" + key + " # us\n");
    assertThat(verify(other, "--validators", lines.toString()).exitCode()).isZero();
    Path json =
        Files.writeString(
            folder.resolve("v.json"),
            "{\"network\":\"harbour\",\"quorum\":1,\"validators\":[\"" + key + "\"]}",
            StandardCharsets.UTF_8);
    assertThat(verify(other, "--validators", json.toString()).exitCode()).isZero();
    Path stranger =
        Files.writeString(folder.resolve("s.txt"), "f".repeat(32) + "0".repeat(32) + "\n");
    assertThat(verify(other, "--validators", stranger.toString()).exitCode()).isEqualTo(1);
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {"", "{}", "[]", "null", "7", "{\"receipt\":{}}", "{", "not json"})
  void whatIsNoReceiptIsRefused(String text) throws IOException {
    CommandRun run = verify(text);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("receipt-malformed");
  }
}
