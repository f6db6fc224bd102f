package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import network.tender.chain.Address;
import network.tender.chain.Amount;
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
import network.tender.script.TransferSigner;

/** One key with coins from the faucet, which pays many at once. */
final class FundingWallet {
  private static final long FEE_SAT_PER_OUTPUT = 100;

  private final Curve curve = Curve.load(Curve.Provider.AUTO);
  private final TransferSigner signer = new TransferSigner(curve);
  private final String node;
  private final byte[] secret = new byte[32];
  private final Script script;
  private Outpoint coin;
  private long coinSat;

  /** Takes coins from the faucet. */
  FundingWallet(NodeProcess node, int coins) {
    this.node = node.http();
    secret[31] = 42;
    script = KeyScript.P2WPKH.of(curve, curve.publicKey(secret));
    Api api = new Api(node);
    String txid =
        api.faucet(
            Address.format(script, Network.regtest()).orElseThrow(), Integer.toString(coins));
    coinSat = coins * Amount.SAT_PER_COIN;
    Transaction funding = parse(api.get("/esplora/tx/" + txid + "/hex").expect(200).body());
    int index = 0;
    while (!funding.script(index).equals(script)) {
      index++;
    }
    coin = new Outpoint(Hash.fromDisplayHex(txid), index);
  }

  private static Transaction parse(String hex) {
    try {
      return Transaction.parseHex(hex.strip());
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  /** The script that an address stands for. */
  static Script scriptOf(String address) {
    try {
      return Address.parse(address, Network.regtest());
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  /** Pays many at once in one transfer and waits until it is settled; returns its txid. */
  String payAll(List<TransferOutput> payments) {
    return settle(List.of(transfer(payments))).get(0);
  }

  /** Pays one script in many transfers of their own, all sent at once; returns their txids. */
  List<String> payOften(Script payee, long sat, int times) {
    List<TransferOutput> split = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      split.add(new TransferOutput(Amount.ofSat(sat + FEE_SAT_PER_OUTPUT * 2), script));
    }
    Transaction splitting = transfer(split);
    settle(List.of(splitting));
    List<Transaction> transfers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      transfers.add(
          sign(
              new Outpoint(splitting.txid(), i),
              sat + FEE_SAT_PER_OUTPUT * 2,
              List.of(new TransferOutput(Amount.ofSat(sat), payee))));
    }
    return settle(transfers);
  }

  private Transaction transfer(List<TransferOutput> payments) {
    List<TransferOutput> outputs = new ArrayList<>(payments);
    long rest = coinSat - FEE_SAT_PER_OUTPUT * (payments.size() + 2);
    for (TransferOutput payment : payments) {
      rest -= payment.amount().sat();
    }
    outputs.add(new TransferOutput(Amount.ofSat(rest), script));
    Transaction transfer = sign(coin, coinSat, outputs);
    coin = new Outpoint(transfer.txid(), payments.size());
    coinSat = rest;
    return transfer;
  }

  private Transaction sign(Outpoint spent, long sat, List<TransferOutput> outputs) {
    return signer.sign(
        Transaction.build(2, List.of(TransferInput.unsigned(spent)), outputs, 0),
        List.of(new TransferOutput(Amount.ofSat(sat), script)),
        List.of(Arrays.copyOf(secret, 32)));
  }

  private List<String> settle(List<Transaction> transfers) {
    HttpClient http = HttpClient.newHttpClient();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (Transaction transfer : transfers) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(node + "/v1/transfers"))
              .header("Content-Type", "application/octet-stream")
              .POST(HttpRequest.BodyPublishers.ofByteArray(transfer.toBytes()))
              .build();
      answers.add(http.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      HttpResponse<String> response = answer.join();
      assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
    }
    return transfers.stream().map(transfer -> transfer.txid().toString()).toList();
  }
}
