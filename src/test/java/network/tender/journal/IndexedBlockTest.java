package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.ledger.Coin;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.Test;

/** Against a model of maps, which looks nothing up by short keys. */
class IndexedBlockTest {
  private static final int OWNERS = 40;

  /** What a block is to know. */
  private record Model(
      int height,
      Map<Hash, Integer> transfers,
      Map<Outpoint, Integer> spenders,
      Map<Hash, TreeMap<Integer, ScriptTotals>> scripts) {
    static Model of(int height, Block block, List<List<Coin>> spent) {
      Model model = new Model(height, new HashMap<>(), new HashMap<>(), new HashMap<>());
      for (int position = 0; position < block.transactions().size(); position++) {
        Transaction transaction = block.transactions().get(position);
        model.transfers.put(transaction.txid(), position);
        for (int i = 0; !transaction.isCoinbase() && i < transaction.inputCount(); i++) {
          model.spenders.put(transaction.prevout(i), position);
        }
        for (Coin coin : spent.get(position)) {
          model.add(coin.script(), position, new ScriptTotals(0, 0, 0, 1, coin.amount().sat()));
        }
        for (int i = 0; i < transaction.outputCount(); i++) {
          model.add(
              transaction.script(i),
              position,
              height == 0
                  ? ScriptTotals.NONE
                  : new ScriptTotals(0, 1, transaction.outputSat(i), 0, 0));
        }
      }
      return model;
    }

    private void add(Script script, int position, ScriptTotals totals) {
      if (!script.isUnspendable()) {
        scripts
            .computeIfAbsent(script.hash(), hash -> new TreeMap<>())
            .merge(position, totals.plus(new ScriptTotals(1, 0, 0, 0, 0)), Model::oneTransaction);
      }
    }

    private static ScriptTotals oneTransaction(ScriptTotals a, ScriptTotals b) {
      return a.plus(b).minus(new ScriptTotals(1, 0, 0, 0, 0));
    }

    /** What the index has of it under a kind of key. */
    Set<IndexEntry> entries(IndexKind kind) {
      Set<IndexEntry> entries = new TreeSet<>();
      switch (kind) {
        case TRANSFER ->
            transfers.forEach(
                (txid, position) -> entries.add(IndexEntry.at(txid.a(), height, position)));
        case SPENDER ->
            spenders.forEach(
                (outpoint, position) ->
                    entries.add(
                        IndexEntry.at(outpoint.txid().a() + outpoint.index(), height, position)));
        case SCRIPT ->
            scripts.forEach(
                (hash, touches) ->
                    touches.forEach(
                        (position, totals) ->
                            entries.add(
                                new IndexEntry(
                                    hash.a(),
                                    height,
                                    position,
                                    (int) (hash.b() >>> 32),
                                    (int) totals.fundedCount(),
                                    totals.fundedSat(),
                                    (int) totals.spentCount(),
                                    totals.spentSat()))));
      }
      return entries;
    }
  }

  private final Random random = new Random(20_261_126);

  /** Outputs of a few transactions, neighbours in the index, and some with equal keys. */
  private final List<Outpoint> unspent = new ArrayList<>();

  IndexedBlockTest() {
    System.out.println("IndexedBlockTest: seed 20261126");
    for (int i = 0; i < 60; i++) {
      Hash txid =
          new Hash(
              random.nextBoolean() ? random.nextLong() : 5 + i % 3,
              random.nextInt(3),
              random.nextInt(3),
              i);
      for (int index = 0; index < 40; index++) {
        unspent.add(new Outpoint(txid, index));
      }
    }
  }

  private static Script script(int owner) {
    return owner == 0 ? Script.of(new byte[] {0x6a, 1, 1}) : TestChain.script(owner);
  }

  private Transaction transfer() {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      inputs.add(TransferInput.unsigned(unspent.remove(random.nextInt(unspent.size()))));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      outputs.add(
          new TransferOutput(
              Amount.ofSat(random.nextInt(1_000_000)), script(random.nextInt(OWNERS))));
    }
    return Transaction.build(2, inputs, outputs, 0);
  }

  private List<List<Coin>> coins(Block block) {
    List<List<Coin>> spent = new ArrayList<>();
    for (Transaction transaction : block.transactions()) {
      List<Coin> coins = new ArrayList<>();
      for (int i = 0; !transaction.isCoinbase() && i < transaction.inputCount(); i++) {
        coins.add(
            new Coin(
                Amount.ofSat(random.nextInt(1_000_000)),
                script(1 + random.nextInt(OWNERS - 1)),
                1,
                false));
      }
      spent.add(coins);
    }
    return spent;
  }

  private static void assertKnows(IndexedBlock block, Model model) {
    model
        .transfers()
        .forEach(
            (txid, position) -> {
              assertThat(block.transfer(txid)).isEqualTo(OptionalInt.of(position));
              assertThat(block.transfer(new Hash(txid.a(), txid.b(), txid.c(), txid.d() ^ 1)))
                  .isEmpty();
            });
    model
        .spenders()
        .forEach(
            (outpoint, position) -> {
              assertThat(block.spender(outpoint)).isEqualTo(OptionalInt.of(position));
              Hash of = outpoint.txid();
              assertThat(
                      block.spender(
                          new Outpoint(
                              new Hash(of.a() - 1, of.b() ^ 8, of.c(), of.d()),
                              outpoint.index() + 1)))
                  .as("the same key")
                  .isEmpty();
              assertThat(
                      block.spender(
                          new Outpoint(
                              new Hash(of.a() - 1, of.b(), of.c(), of.d()), outpoint.index() + 1)))
                  .as("another output under the same key")
                  .isEmpty();
            });
    for (int owner = 0; owner < OWNERS + 5; owner++) {
      Hash hash = script(owner).hash();
      List<IndexedBlock.Touch> touches = new ArrayList<>();
      model
          .scripts()
          .getOrDefault(hash, new TreeMap<>())
          .forEach((position, totals) -> touches.add(new IndexedBlock.Touch(position, totals)));
      assertThat(block.touches(hash)).isEqualTo(touches);
      assertThat(block.knows(hash)).isEqualTo(!touches.isEmpty());
      assertThat(block.knows(new Hash(hash.a(), hash.b(), hash.c() ^ 1, hash.d()))).isFalse();
    }
    int rows = model.transfers().size() + model.spenders().size();
    rows += model.scripts().values().stream().mapToInt(Map::size).sum();
    assertThat(block.rows()).isEqualTo(rows);
  }

  @Test
  void blocksAreKnownAndBecomeTheRunsOfABatch() {
    TestChain chain = new TestChain();
    List<IndexedBlock> blocks = new ArrayList<>();
    List<Model> models = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      List<Transaction> transfers = new ArrayList<>();
      for (int j = random.nextInt(i % 4 == 0 ? 2 : 60); j > 0; j--) {
        transfers.add(transfer());
      }
      SealedBlock sealed = chain.next(transfers.toArray(Transaction[]::new));
      List<List<Coin>> spent = coins(sealed.block());
      IndexedBlock block = IndexedBlock.of(sealed.height(), sealed.block(), spent);
      Model model = Model.of(sealed.height(), sealed.block(), spent);
      assertKnows(block, model);
      blocks.add(block);
      models.add(model);
    }
    AtomicLong numbers = new AtomicLong(70);
    RunBatch<IndexRun, byte[]> batch = IndexBatch.of(blocks, numbers::incrementAndGet);
    assertThat(batch.toHeight()).isEqualTo(12);
    assertThat(batch.runs()).hasSize(IndexKind.values().length);
    for (RunBatch.Made<IndexRun, byte[]> made : batch.made()) {
      IndexKind kind = made.run().kind();
      TreeSet<IndexEntry> entries = new TreeSet<>();
      models.forEach(model -> entries.addAll(model.entries(kind)));
      List<IndexEntry> read = new ArrayList<>();
      made.pages().forEach(page -> read.addAll(IndexPages.read(kind, page)));
      assertThat(read).isEqualTo(List.copyOf(entries));
      assertThat(made.run().entries()).isEqualTo(entries.size());
      assertThat(made.run().fromHeight()).isEqualTo(1);
      assertThat(made.run().toHeight()).isEqualTo(12);
    }
    assertThat(batch.runs().stream().map(IndexRun::number)).containsExactly(71L, 72L, 73L);
    // Neighbours of equal keys were among them, and one entry was made of two such.
    Set<Long> keys = new HashSet<>();
    long spenders = 0;
    for (Model model : models) {
      model.spenders().keySet().forEach(outpoint -> keys.add(IndexBatch.key(outpoint)));
      spenders += model.spenders().size();
    }
    assertThat(keys.size()).isLessThan((int) spenders);
  }

  /** Nobody can ever have spent it. */
  @Test
  void whatTheGenesisBlockPaysIsNoCoin() {
    SealedBlock sealed = new TestChain().next();
    IndexedBlock genesis = IndexedBlock.of(0, sealed.block(), List.of(List.of()));
    assertThat(genesis.touches(TestChain.script(0).hash()))
        .containsExactly(new IndexedBlock.Touch(0, new ScriptTotals(1, 0, 0, 0, 0)));
    assertThat(IndexBatch.of(List.of(genesis), () -> 1).runs())
        .extracting(IndexRun::kind)
        .containsExactly(IndexKind.TRANSFER, IndexKind.SCRIPT);
  }
}
