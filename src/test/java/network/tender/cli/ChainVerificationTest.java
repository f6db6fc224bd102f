package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Network;
import network.tender.ledger.BlockValidator;
import network.tender.ledger.BlockValidator.SignatureCheck;
import network.tender.ledger.BlockValidator.Verdict;
import network.tender.ledger.SignedChain;
import network.tender.script.Curve;
import network.tender.script.TransferVerifier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reading, connecting and checking at the same time comes to what one after the other does. */
@Timeout(60)
class ChainVerificationTest {
  private static final Network NETWORK = Network.regtest();
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final int SPLIT = 251;
  private static final int BLOCKS = 12;
  private static final int TRANSFERS = 20;

  /** All good. */
  private static List<Block> good = List.of();

  /** Two bad signatures in block 254 and one in block 257, otherwise good. */
  private static List<Block> forged = List.of();

  @TempDir private Path folder;

  @BeforeAll
  static void makeChains() {
    good = chain(false);
    forged = chain(true);
  }

  private static List<Block> chain(boolean withForged) {
    SignedChain chain = new SignedChain();
    List<Block> blocks = new ArrayList<>(chain.bootstrap());
    blocks.add(chain.split(2, 200));
    for (int i = 1; i <= BLOCKS; i++) {
      Set<Integer> bad = i == 3 ? Set.of(11, 4) : i == 6 ? Set.of(0) : Set.of();
      blocks.add(chain.next(TRANSFERS, withForged ? bad : Set.of()));
    }
    return List.copyOf(blocks);
  }

  private static List<String> hex(List<Block> blocks) {
    return blocks.stream().map(block -> HexFormat.of().formatHex(block.toBytes())).toList();
  }

  private CommandRun verify(List<String> lines, String... options) throws IOException {
    Path file = Files.write(folder.resolve("chain.hex"), lines);
    List<String> line = new ArrayList<>(List.of("chain", "verify", file.toString()));
    line.addAll(List.of(options));
    return CommandRun.of(line.toArray(String[]::new));
  }

  private static void assertRefused(CommandRun run, int height, String code) {
    assertThat(run.exitCode()).isEqualTo(1);
    JsonNode json = run.json();
    assertThat(json.path("valid").asBoolean(true)).isFalse();
    assertThat(json.path("height").asInt()).isEqualTo(height);
    assertThat(json.path("error").path("code").asText()).isEqualTo(code);
  }

  /** The block with another header time, and work for it: it follows, but nothing follows it. */
  private static Block early(Block block) {
    BlockHeader header = block.header();
    BlockHeader changed =
        new BlockHeader(
            header.version(), header.previous(), header.merkleRoot(), 1, header.bits(), 0);
    while (!changed.meetsTarget()) {
      changed = changed.withNonce(changed.nonce() + 1);
    }
    return new Block(changed, block.transactions());
  }

  @Test
  void theReportHasTheRatesAndWhatTheyAreMeasuredAgainst() throws IOException {
    CommandRun run = verify(hex(good), "--measure", "--json");
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    JsonNode json = run.json();
    int transfers = 2 + BLOCKS * TRANSFERS;
    assertThat(json.path("transfers").asInt()).isEqualTo(transfers);
    assertThat(json.path("signatures").asInt()).isEqualTo(transfers);
    for (String rate :
        List.of(
            "blocksPerSecond",
            "transfersPerSecond",
            "verificationsPerSecond",
            "rawVerificationsPerSecond",
            "rawRatio")) {
      assertThat(json.path(rate).asDouble()).describedAs(rate).isPositive();
    }
  }

  @Test
  void peopleGetTheSameFigures() throws IOException {
    assertThat(verify(hex(good), "--measure").out())
        .contains("blocks/s")
        .contains("transfers/s")
        .contains("242 checked")
        .contains("% of it");
    assertThat(verify(hex(good)).out()).doesNotContain("% of it");
  }

  @Test
  void aChainWithoutSignaturesHasNothingToMeasure() throws IOException {
    CommandRun run = verify(hex(good.subList(0, SPLIT)), "--measure", "--json");
    assertThat(run.exitCode()).isZero();
    assertThat(run.json().has("rawVerificationsPerSecond")).isFalse();
  }

  @RepeatedTest(5)
  void theFirstBadSignatureIsNamed() throws IOException {
    CommandRun run = verify(hex(forged), "--json");
    assertRefused(run, SPLIT + 3, "block-script-failed");
    assertThat(run.json().path("blockHash").asText())
        .isEqualTo(forged.get(SPLIT + 3).hash().toString());
    assertThat(run.json().path("error").path("detail").asText()).startsWith("Transaction 5: ");
  }

  @RepeatedTest(5)
  void aBadSignatureComesBeforeALaterBlockThatIsBrokenOtherwise() throws IOException {
    List<Block> blocks = new ArrayList<>(forged);
    blocks.set(SPLIT + 4, early(blocks.get(SPLIT + 4)));
    assertRefused(verify(hex(blocks), "--json"), SPLIT + 3, "block-script-failed");
  }

  @Test
  void aBadSignatureComesBeforeALaterLineThatIsNoBlock() throws IOException {
    for (String noBlock : List.of("00", "zz", "0", "\u00e4\u00f6")) {
      List<String> lines = new ArrayList<>(hex(forged).subList(0, SPLIT + 4));
      lines.add(noBlock);
      assertRefused(verify(lines, "--json"), SPLIT + 3, "block-script-failed");
    }
  }

  @Test
  void aBrokenBlockComesBeforeALaterBadSignature() throws IOException {
    List<Block> blocks = new ArrayList<>(forged);
    blocks.set(SPLIT + 2, early(blocks.get(SPLIT + 2)));
    assertRefused(verify(hex(blocks), "--json"), SPLIT + 2, "time-too-old");
  }

  @Test
  void aLineThatIsCutOffIsNamed() throws IOException {
    List<String> lines = new ArrayList<>(hex(good));
    int last = lines.size() - 1;
    lines.set(last, lines.get(last).substring(0, lines.get(last).length() - 2));
    CommandRun run = verify(lines, "--json");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("block-decode-failed");
    assertThat(run.err()).contains("Block " + last);
  }

  @Test
  void aLineThatIsNotHexIsNamed() throws IOException {
    String line = hex(good).get(SPLIT + 2);
    List<String> wrong = new ArrayList<>(List.of(line.substring(1)));
    for (String digits : List.of("g", "\u00e9", "-1", " ", "+f", "0x", "@", "`")) {
      wrong.add(line.substring(0, 1001) + digits + line.substring(1001 + digits.length()));
    }
    for (String notHex : wrong) {
      List<String> lines = new ArrayList<>(hex(good));
      lines.set(SPLIT + 2, notHex);
      CommandRun run = verify(lines, "--json");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.json().path("error").path("code").asText()).isEqualTo("block-decode-failed");
      assertThat(run.err()).contains("Line " + (SPLIT + 2 + 1) + " is not hex digits");
    }
  }

  @Test
  void digitsMayBeOfEitherCaseAndLinesMayBeIndented() throws IOException {
    List<String> lines =
        hex(good).stream()
            .map(line -> "\t " + line.toUpperCase(java.util.Locale.ROOT) + " \r\n\r")
            .toList();
    assertThat(verify(lines, "--json").exitCode()).isZero();
  }

  private static ChainVerification verification(TransferVerifier verifier) {
    return new ChainVerification(NETWORK, CURVE, verifier, InstantSource.system(), 2);
  }

  /** A source that does something before each of its blocks. */
  private static BlockSource source(List<Block> blocks, BeforeBlock before) {
    AtomicInteger next = new AtomicInteger(1);
    return new BlockSource() {
      @Override
      public Optional<SourceBlock> next() throws IOException {
        int height = next.getAndIncrement();
        before.accept(height);
        return height < blocks.size()
            ? Optional.of(new SourceBlock(blocks.get(height).toBytes(), Optional.empty()))
            : Optional.empty();
      }

      @Override
      public boolean hasCertificates() {
        return false;
      }

      @Override
      public void close() {}
    };
  }

  private interface BeforeBlock {
    void accept(int height) throws IOException;
  }

  @Test
  void aFailureEndsTheRunThoughTheSourceGivesNothingMore() throws Exception {
    List<Block> blocks = new ArrayList<>(good);
    blocks.set(SPLIT + 2, early(blocks.get(SPLIT + 2)));
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    BlockSource stuck =
        source(
            blocks,
            height -> {
              if (height > SPLIT + 2) {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  interrupted.countDown();
                  throw new IOException(e);
                }
              }
            });
    assertThat(verification(new TransferVerifier(CURVE)).run(stuck, state -> {}))
        .isInstanceOfSatisfying(
            ChainVerification.Outcome.Invalid.class,
            invalid -> assertThat(invalid.height()).isEqualTo(SPLIT + 2));
    interrupted.await();
  }

  @Test
  void aFailureStopsTheReaderSoonAfter() throws Exception {
    List<Block> blocks = new ArrayList<>(good);
    blocks.set(10, early(blocks.get(10)));
    AtomicInteger read = new AtomicInteger();
    verification(new TransferVerifier(CURVE)).run(source(blocks, read::set), state -> {});
    assertThat(read.get()).isLessThan(40);
  }

  @Test
  void whatTheSourceFailsWithComesOut() {
    BlockSource broken =
        source(
            good,
            height -> {
              if (height == 100) {
                throw new IOException("the disk is gone");
              }
            });
    assertThatThrownBy(() -> verification(new TransferVerifier(CURVE)).run(broken, state -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk is gone");
  }

  /** What a validator says that judges one block after the other: a height and a sentence. */
  private static String sequential(List<byte[]> raws) {
    BlockValidator validator =
        new BlockValidator(
            NETWORK,
            CURVE,
            BlockValidator.coinsInMemory(),
            SignatureCheck.sequential(new TransferVerifier(CURVE)));
    for (int height = 1; height < raws.size(); height++) {
      Block block;
      try {
        block = Block.parse(raws.get(height));
      } catch (network.tender.chain.MalformedException e) {
        return "Block " + height + " does not decode: " + e.getMessage();
      }
      Verdict verdict =
          validator.validate(
              block, Optional.empty(), InstantSource.system().instant().getEpochSecond());
      if (verdict instanceof Verdict.Invalid invalid) {
        return height + " " + block.hash() + " " + invalid.rejection();
      }
    }
    return "valid " + validator.state();
  }

  private static String pipelined(List<byte[]> raws) throws Exception {
    BlockSource source = new HexLines(lines(raws));
    try {
      ChainVerification.Outcome outcome =
          verification(new TransferVerifier(CURVE)).run(source, state -> {});
      return outcome instanceof ChainVerification.Outcome.Invalid invalid
          ? invalid.height() + " " + invalid.blockHash() + " " + invalid.rejection()
          : "valid " + ((ChainVerification.Outcome.Valid) outcome).state();
    } catch (CommandFailure e) {
      return e.sentence();
    }
  }

  private static java.io.InputStream lines(List<byte[]> raws) {
    StringBuilder text = new StringBuilder();
    for (byte[] raw : raws.subList(1, raws.size())) {
      text.append(HexFormat.of().formatHex(raw)).append('\n');
    }
    return new java.io.ByteArrayInputStream(
        text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  /** Random bytes of random blocks are changed, in the good chain and in the forged one. */
  @Test
  void theOutcomeIsThatOfJudgingOneBlockAfterTheOther() throws Exception {
    Random random = new Random(7);
    int scripts = 0;
    for (int round = 0; round < 60; round++) {
      List<byte[]> raws = new ArrayList<>();
      (round % 2 == 0 ? good : forged).forEach(block -> raws.add(block.toBytes()));
      for (int i = random.nextInt(3); i > 0; i--) {
        int height = SPLIT + random.nextInt(raws.size() - SPLIT);
        byte[] raw = raws.get(height);
        if (random.nextInt(4) == 0) {
          raws.set(height, java.util.Arrays.copyOf(raw, raw.length - 1 - random.nextInt(80)));
        } else {
          raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      String expected = sequential(raws);
      assertThat(pipelined(raws)).describedAs("round %d", round).isEqualTo(expected);
      scripts += expected.contains("SCRIPT_FAILED") ? 1 : 0;
    }
    assertThat(scripts).isBetween(5, 40);
  }
}
