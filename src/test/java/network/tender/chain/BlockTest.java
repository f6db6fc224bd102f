package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockTest {
  /** True if one of many nonces meets the target, which all possible targets below make likely. */
  private static boolean canBeMet(int bits) {
    BlockHeader genesis = Network.genesis().header();
    BlockHeader header =
        new BlockHeader(1, Hash.ZERO, genesis.merkleRoot(), genesis.timeSeconds(), bits, 0);
    for (int nonce = 0; nonce < 3000; nonce++) {
      if (header.withNonce(nonce).meetsTarget()) {
        return true;
      }
    }
    return false;
  }

  @Test
  void theGenesisBlockIsThatOfBitcoinsRegtest() throws Exception {
    Block genesis = Network.genesis();
    assertThat(genesis.hash().toString())
        .isEqualTo("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206");
    assertThat(genesis.toBytes())
        .isEqualTo(fr.acinq.bitcoin.Block.write(fr.acinq.bitcoin.Block.RegtestGenesisBlock));
    assertThat(genesis.header().meetsTarget()).isTrue();
    assertThat(BlockHeader.parse(genesis.header().toBytes())).isEqualTo(genesis.header());
    assertThat(MerkleTree.root(genesis.txids())).isEqualTo(genesis.header().merkleRoot());
  }

  @Test
  void headersHaveExactly80Bytes() {
    byte[] raw = Network.genesis().header().toBytes();
    assertThat(raw).hasSize(80);
    for (int length : new int[] {0, 79, 81}) {
      assertThatThrownBy(() -> BlockHeader.parse(java.util.Arrays.copyOf(raw, length)))
          .isInstanceOf(MalformedException.class);
    }
  }

  /** Negative, zero, and targets beyond 256 bits are no targets (Core: arith_uint256). */
  @ParameterizedTest
  @CsvSource({
    "207fffff, true",
    "20ffffff, false",
    "20000000, false",
    "00000000, false",
    "21007fff, true",
    "210100ff, false",
    "2100ffff, true",
    "22000001, true",
    "220000ff, true",
    "22000100, false",
    "23000001, false",
    "ff123456, false",
    "1d00ffff, false",
    "03000001, false",
    "01010000, false"
  })
  void targetsAreReadAsCoreReadsThem(String bits, boolean met) {
    assertThat(canBeMet(Integer.parseUnsignedInt(bits, 16))).isEqualTo(met);
  }

  @Test
  void aBlockWithMoreTransactionsAnnouncedThanFollowIsRefused() {
    byte[] raw = Network.genesis().toBytes();
    raw[80] = 2;
    assertThatThrownBy(() -> Block.parse(raw)).isInstanceOf(MalformedException.class);
    raw[80] = (byte) 0xfc;
    assertThatThrownBy(() -> Block.parse(raw)).isInstanceOf(MalformedException.class);
  }

  @Test
  void branchesLeadEveryLeafToTheRootAndNoOther() {
    List<Hash> leaves = new ArrayList<>();
    for (int size = 1; size <= 40; size++) {
      leaves.add(Hash.of(Hashing.sha256(new byte[] {(byte) size})));
      Hash root = MerkleTree.root(leaves);
      MerkleNodes nodes = MerkleNodes.of(leaves);
      assertThat(nodes.root()).isEqualTo(root);
      for (int i = 0; i < size; i++) {
        List<Hash> branch = MerkleTree.branch(leaves, i);
        assertThat(nodes.node(0, i)).isEqualTo(leaves.get(i));
        assertThat(nodes.branch(i)).isEqualTo(branch);
        assertThat(MerkleTree.rootFromBranch(leaves.get(i), i, branch)).isEqualTo(root);
        assertThat(MerkleTree.rootFromBranch(Hash.ZERO, i, branch)).isNotEqualTo(root);
      }
      assertThat(MerkleTree.hasEqualNeighbours(leaves)).isFalse();
    }
    assertThatThrownBy(() -> MerkleTree.root(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MerkleNodes.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MerkleNodes.of(leaves).branch(40))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> MerkleTree.branch(leaves, 40))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** CVE-2012-2459: repeated leaves that give the root of a shorter list. */
  @Test
  void listsWithTheRootOfAShorterListAreNoticedAtEveryLevel() {
    List<Hash> leaves = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      leaves.add(Hash.of(Hashing.sha256(new byte[] {(byte) i})));
    }
    List<Hash> three = leaves.subList(0, 3);
    List<Hash> four = new ArrayList<>(three);
    four.add(leaves.get(2));
    List<Hash> eight = new ArrayList<>(leaves);
    eight.addAll(leaves.subList(4, 6));
    assertThat(MerkleTree.root(four)).isEqualTo(MerkleTree.root(three));
    assertThat(MerkleTree.root(eight)).isEqualTo(MerkleTree.root(leaves));
    assertThat(MerkleTree.hasEqualNeighbours(four)).isTrue();
    assertThat(MerkleTree.hasEqualNeighbours(eight)).isTrue();
    assertThat(MerkleTree.hasEqualNeighbours(three)).isFalse();
    assertThat(MerkleTree.hasEqualNeighbours(leaves)).isFalse();
  }

  @Test
  void theCommitmentOfABlockWithoutOtherTransactionsIsTheWellKnownOne() {
    Hash commitment = WitnessCommitment.compute(Network.genesis().transactions(), Hash.ZERO);
    assertThat(WitnessCommitment.script(commitment).toHex())
        .isEqualTo("6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9");
  }

  @Test
  void theLastOutputThatHasTheFormOfACommitmentCounts() throws Exception {
    Hash first = Hash.of(Hashing.sha256(new byte[] {1}));
    Hash second = Hash.of(Hashing.sha256(new byte[] {2}));
    String commitment = WitnessCommitment.script(second).toHex();
    assertThat(find(WitnessCommitment.script(first), Script.of(hex(commitment)))).contains(second);
    assertThat(find(Script.of(hex(commitment + "0102")), Script.EMPTY)).contains(second);
    assertThat(find(Script.of(hex(commitment.substring(0, 74))))).isEmpty();
    assertThat(find(Script.of(hex(commitment.replace("aa21a9ed", "aa21a9ee"))))).isEmpty();
    assertThat(WitnessCommitment.find(Network.genesis().transactions().get(0))).isEmpty();
  }

  private static byte[] hex(String digits) {
    return java.util.HexFormat.of().parseHex(digits);
  }

  private static Optional<Hash> find(Script... scripts) throws MalformedException {
    List<TransferOutput> outputs = new ArrayList<>();
    for (Script script : scripts) {
      outputs.add(new TransferOutput(Amount.ZERO, script));
    }
    Transaction coinbase =
        Transaction.build(1, List.of(TransferInput.unsigned(Outpoint.NULL)), outputs, 0);
    // Found also where the coinbase is a window of a whole block.
    byte[] raw = coinbase.toBytes();
    byte[] shifted = new byte[raw.length + 3];
    System.arraycopy(raw, 0, shifted, 3, raw.length);
    return WitnessCommitment.find(Transaction.read(new ByteReader(shifted, 3, raw.length)));
  }

  @Test
  void theSubsidiesOfTheBootstrapAreAllThatIsIssued() {
    assertThat(Network.subsidy(1)).isEqualTo(Amount.parseCoins("50"));
    assertThat(Network.subsidy(149)).isEqualTo(Amount.parseCoins("50"));
    assertThat(Network.subsidy(150)).isEqualTo(Amount.parseCoins("25"));
    assertThat(Network.subsidy(64 * 150)).isEqualTo(Amount.ZERO);
    assertThat(Network.subsidy(Integer.MAX_VALUE)).isEqualTo(Amount.ZERO);
    assertThat(Network.issued()).isEqualTo(Amount.parseCoins("7475"));
  }
}
