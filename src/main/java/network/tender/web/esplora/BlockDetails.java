package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.tender.chain.Address;
import network.tender.chain.Network;
import network.tender.chain.Transaction;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Coin;

/**
 * Blocks as mempool's own interface shows them: those of Esplora with {@code extras} about fees and
 * sums. What it says of mining pools and of audits has no meaning here and is left out.
 */
final class BlockDetails {
  /** Most blocks whose extras are kept; those of the newest are asked for again and again. */
  private static final int MAX_EXTRAS = 2_000;

  /** Above this, the sums are too long a step for an event loop. */
  private static final int INLINE_TRANSACTIONS = 300;

  /** Positions of a fee range in the sorted fee rates, in percent. */
  private static final int[] FEE_RANGE_PERCENT = {0, 10, 25, 50, 75, 90, 100};

  private final Vertx vertx;
  private final Network network;
  private final ChainReader chain;
  private final Map<Integer, JsonObject> extras =
      Collections.synchronizedMap(
          new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, JsonObject> eldest) {
              return size() > MAX_EXTRAS;
            }
          });

  BlockDetails(Vertx vertx, Network network, ChainReader chain) {
    this.vertx = vertx;
    this.network = network;
    this.chain = chain;
  }

  /** The block at a height. */
  Future<JsonObject> block(int height) {
    return extras(height)
        .compose(
            more ->
                chain
                    .row(height, height)
                    .map(row -> BlockRoutes.json(row, height).put("extras", more.copy())));
  }

  /** The blocks at some heights, in their order. */
  Future<List<JsonObject>> blocks(List<Integer> heights) {
    Future<List<JsonObject>> all = Future.succeededFuture(new ArrayList<>());
    for (int height : heights) {
      all =
          all.compose(
              list ->
                  block(height)
                      .map(
                          block -> {
                            list.add(block);
                            return list;
                          }));
    }
    return all;
  }

  private Future<JsonObject> extras(int height) {
    JsonObject known = extras.get(height);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    return chain
        .block(height)
        .compose(
            found -> {
              StoredBlock block =
                  found.orElseThrow(() -> EsploraErrors.blockNotFound().toException());
              return block.block().transactions().size() <= INLINE_TRANSACTIONS
                  ? Future.succeededFuture(extras(block))
                  : vertx.executeBlocking(() -> extras(block), false);
            })
        .onSuccess(made -> extras.put(height, made));
  }

  private JsonObject extras(StoredBlock block) {
    List<Transaction> transactions = block.block().transactions();
    Transaction coinbase = transactions.get(0);
    int count = transactions.size() - 1;
    BigDecimal[] rates = new BigDecimal[count];
    long fees = 0;
    long inputs = 0;
    long outputs = coinbase.outputCount();
    long outputSat = 0;
    long virtualSize = 0;
    for (int i = 1; i <= count; i++) {
      Transaction transaction = transactions.get(i);
      long fee = 0;
      for (Coin coin : block.spent().get(i)) {
        fee += coin.amount().sat();
      }
      for (int j = 0; j < transaction.outputCount(); j++) {
        fee -= transaction.outputSat(j);
        outputSat += transaction.outputSat(j);
      }
      fees += fee;
      inputs += transaction.inputCount();
      outputs += transaction.outputCount();
      virtualSize += transaction.virtualSize();
      rates[i - 1] = rate(fee, transaction.virtualSize());
    }
    long reward = 0;
    for (int j = 0; j < coinbase.outputCount(); j++) {
      reward += coinbase.outputSat(j);
    }
    Arrays.sort(rates);
    JsonObject made =
        new JsonObject()
            .put("totalFees", fees)
            .put("medianFee", range(rates).getValue(FEE_RANGE_PERCENT.length / 2))
            .put("feeRange", range(rates))
            .put("reward", reward)
            .put("avgFee", count == 0 ? 0 : fees / count)
            .put("avgFeeRate", rate(fees, Math.max(1, virtualSize)))
            .put("avgTxSize", count == 0 ? 0 : virtualSize / count)
            .put("totalInputs", inputs)
            .put("totalOutputs", outputs)
            .put("totalOutputAmt", outputSat)
            .put("utxoSetChange", outputs - inputs)
            .put("coinbaseRaw", coinbase.scriptSig(0).toHex())
            .put("header", HexFormat.of().formatHex(block.block().header().toBytes()));
    Address.format(coinbase.script(0), network)
        .ifPresent(address -> made.put("coinbaseAddress", address));
    return made;
  }

  /** A fee rate in sat/vB, with as many digits as a fee rate is worth. */
  static BigDecimal rate(long feeSat, long virtualSize) {
    return BigDecimal.valueOf(feeSat)
        .divide(BigDecimal.valueOf(virtualSize), 3, RoundingMode.HALF_UP)
        .stripTrailingZeros();
  }

  /** Seven rates from the least to the most; zeros if there is none. */
  static JsonArray range(BigDecimal[] sorted) {
    JsonArray range = new JsonArray();
    for (int percent : FEE_RANGE_PERCENT) {
      range.add(sorted.length == 0 ? BigDecimal.ZERO : sorted[(sorted.length - 1) * percent / 100]);
    }
    return range;
  }
}
