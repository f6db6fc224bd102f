package network.tender.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.SigningKey;
import network.tender.script.TransferSigner;

/**
 * Gets coins for a run: from the development network's faucet, split twice, so that many thousands
 * of coins take few transfers.
 */
final class Funding {
  /** Outputs of one transfer; more would not fit its weight. */
  private static final int MAX_OUTPUTS = 2_000;

  private static final long FAUCET_SAT = 100 * Amount.SAT_PER_COIN;
  private static final int OUTPUT_VBYTES = 43;
  private static final int CONNECTIONS = 16;
  private static final long LIMIT_SECONDS = 3_600;
  private static final Network NETWORK = Network.regtest();

  private final NodeUnderTest node;
  private final KeyRing keys;
  private final Kind kind;
  private final TransferSigner signer;
  private final long feeFloorSatPerKvb;

  /**
   * Coins of one amount; coin i is locked by the ring's key of that number and kind, or by one that
   * nobody has.
   */
  static final class Coins {
    final List<Hash> txids;
    private final int count;
    private final long sat;

    private Coins(int count, long sat) {
      this(count, sat, new ArrayList<>());
    }

    /** Coins that have been made before, by the transfers that made them. */
    Coins(int count, long sat, List<Hash> txids) {
      this.count = count;
      this.sat = sat;
      this.txids = txids;
    }

    int count() {
      return count;
    }

    long sat() {
      return sat;
    }

    Outpoint outpoint(int coin) {
      return new Outpoint(txids.get(coin / MAX_OUTPUTS), coin % MAX_OUTPUTS);
    }
  }

  Funding(NodeUnderTest node, Curve curve, KeyRing keys, Kind kind) {
    JsonNode network = node.api().getJson("/v1/network");
    if (!network.path("regtest").asBoolean()) {
      throw new BenchException(
          "not-regtest", "Coins for a run come from regtest's faucet; the node serves another.");
    }
    this.node = node;
    this.keys = keys;
    this.kind = kind;
    this.signer = new TransferSigner(curve);
    this.feeFloorSatPerKvb = network.path("feeFloorSatPerKvb").asLong();
  }

  /** The fee of a transfer of some size, at the node's floor. */
  long feeSat(long virtualBytes) {
    return virtualBytes * feeFloorSatPerKvb / 1_000 + 1;
  }

  /**
   * Makes coins and waits until they are settled.
   *
   * @param inputs how many coins each transfer spends, all of one kind
   */
  Coins coins(int count, long sat, int inputs, Progress.Phase phase) {
    return coins(count, sat, coin -> keys.key(coin).script(kind.of(coin / inputs)), phase);
  }

  /**
   * Makes coins of which only each so many-th can be spent; all others are paid to somebody else
   * each, as most coins of a chain are.
   *
   * @param stride an odd number, so that both kinds are among those that can be spent
   */
  Coins spread(int count, long sat, int stride, Progress.Phase phase) {
    SplittableRandom random = new SplittableRandom(count);
    return coins(
        count,
        sat,
        coin ->
            coin % stride == 0
                ? keys.key(coin).script(kind.of(coin))
                : Signing.payee(kind.of(coin), random),
        phase);
  }

  private Coins coins(int count, long sat, IntFunction<Script> lock, Progress.Phase phase) {
    Coins coins = new Coins(count, sat);
    long splitFee = feeSat(200 + (long) MAX_OUTPUTS * OUTPUT_VBYTES);
    long partSat = MAX_OUTPUTS * sat + splitFee;
    int parts = (count + MAX_OUTPUTS - 1) / MAX_OUTPUTS;
    int partsAtOnce = (int) Math.min(MAX_OUTPUTS, (FAUCET_SAT - splitFee) / partSat);
    try (Load load = Load.open(node.api().url(), CONNECTIONS)) {
      for (int begun = 0; begun < parts; begun += partsAtOnce) {
        int some = Math.min(partsAtOnce, parts - begun);
        Transaction root = root(some, partSat, splitFee);
        List<Transaction> splits = new ArrayList<>();
        for (int i = 0; i < some; i++) {
          int from = (begun + i) * MAX_OUTPUTS;
          splits.add(split(root, i, from, Math.min(count, from + MAX_OUTPUTS), sat, lock));
        }
        splits.forEach(split -> coins.txids.add(split.txid()));
        TransferSource source =
            new TransferSource(SignedTransfers.of(splits), 0, some, new Pace(0, Long.MAX_VALUE));
        phase.part((long) begun * MAX_OUTPUTS, MAX_OUTPUTS);
        load.run(source, phase, LIMIT_SECONDS);
        if (source.settledCount() != some) {
          throw new BenchException(
              "funding-refused", "The node refuses to split coins: " + source.counts());
        }
      }
    }
    return coins;
  }

  /** Coins from the faucet in some parts. */
  private Transaction root(int parts, long partSat, long feeSat) {
    SigningKey key = keys.key(0);
    Script script = key.script(KeyScript.P2WPKH);
    long total = parts * partSat + feeSat;
    JsonNode paid =
        node.api()
            .sendJson(
                "POST",
                "/dev/faucet",
                NodeApi.object()
                    .put("address", Address.format(script, NETWORK).orElseThrow())
                    .put("amount", Amount.ofSat(total).toCoinText()));
    Transaction transfer = inBlock(paid.path("height").asInt(), paid.path("txid").asText());
    int output = 0;
    while (!transfer.script(output).equals(script)) {
      output++;
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      outputs.add(new TransferOutput(Amount.ofSat(partSat), script));
    }
    Transaction root =
        signer.signWith(
            Transaction.build(
                2, List.of(TransferInput.unsigned(transfer.outpoint(output))), outputs, 0),
            List.of(transfer.output(output)),
            List.of(key));
    node.api().settle(root.toBytes());
    return root;
  }

  /** A settled transfer out of its block: the index may be off or behind. */
  private Transaction inBlock(int height, String txid) {
    try {
      return Block.parse(node.api().getBytes("/v1/blocks/" + height)).transactions().stream()
          .filter(transfer -> transfer.txid().toString().equals(txid))
          .findFirst()
          .orElseThrow(
              () -> new BenchException("unexpected-answer", "A payment is not in its block."));
    } catch (MalformedException e) {
      throw new BenchException("unexpected-answer", "The node's block does not decode.", e);
    }
  }

  private Transaction split(
      Transaction root, int part, int fromCoin, int toCoin, long sat, IntFunction<Script> lock) {
    List<TransferOutput> outputs = new ArrayList<>();
    for (int coin = fromCoin; coin < toCoin; coin++) {
      outputs.add(new TransferOutput(Amount.ofSat(sat), lock.apply(coin)));
    }
    return signer.signWith(
        Transaction.build(2, List.of(TransferInput.unsigned(root.outpoint(part))), outputs, 0),
        List.of(root.output(part)),
        List.of(keys.key(0)));
  }
}
