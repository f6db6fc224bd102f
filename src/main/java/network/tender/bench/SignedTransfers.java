package network.tender.bench;

import java.nio.charset.StandardCharsets;
import java.util.List;
import network.tender.chain.Transaction;

/** Transfers that wait to be sent, in the form that the wire needs. */
final class SignedTransfers {
  private final byte[][] raw;
  private final byte[][] txids;

  SignedTransfers(int count) {
    this.raw = new byte[count][];
    this.txids = new byte[count][];
  }

  static SignedTransfers of(List<Transaction> transfers) {
    SignedTransfers signed = new SignedTransfers(transfers.size());
    for (int i = 0; i < transfers.size(); i++) {
      signed.set(i, transfers.get(i));
    }
    return signed;
  }

  /** The rest of these from some place on, and then others. */
  SignedTransfers restAnd(int from, SignedTransfers more) {
    SignedTransfers all = new SignedTransfers(count() - from + more.count());
    System.arraycopy(raw, from, all.raw, 0, count() - from);
    System.arraycopy(more.raw, 0, all.raw, count() - from, more.count());
    System.arraycopy(txids, from, all.txids, 0, count() - from);
    System.arraycopy(more.txids, 0, all.txids, count() - from, more.count());
    return all;
  }

  void set(int i, Transaction transfer) {
    raw[i] = transfer.toBytes();
    txids[i] = transfer.txid().toString().getBytes(StandardCharsets.US_ASCII);
  }

  int count() {
    return raw.length;
  }

  /** A transfer as raw bytes. */
  byte[] raw(int i) {
    return raw[i];
  }

  /** Its txid as hex digits in ASCII. */
  byte[] txid(int i) {
    return txids[i];
  }
}
