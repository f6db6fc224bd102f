package network.tender.ledger;

/**
 * The single, closed list of reasons for which a transfer or block is refused, in the order in
 * which the rules are applied. The wire text is Bitcoin Core's, where Core has one; comments name
 * the rule's source.
 */
public enum Reason {
  // One transfer without context: Core's CheckTransaction.
  /** Does not decode, or not in canonical form (serialize.h, BIP144). */
  DECODE_FAILED("tx-decode-failed", "TX decode failed"),
  /** Spends nothing. */
  NO_INPUTS("no-inputs", "bad-txns-vin-empty"),
  /** Pays nobody. */
  NO_OUTPUTS("no-outputs", "bad-txns-vout-empty"),
  /** Would not fit into any block. */
  OVERSIZE("oversize", "bad-txns-oversize"),
  /** An output is below zero. */
  OUTPUT_NEGATIVE("output-negative", "bad-txns-vout-negative"),
  /** An output is above all money there can be. */
  OUTPUT_TOO_LARGE("output-too-large", "bad-txns-vout-toolarge"),
  /** The outputs' sum is above all money there can be (CVE-2010-5139). */
  OUTPUT_SUM_TOO_LARGE("output-sum-too-large", "bad-txns-txouttotal-toolarge"),
  /** One coin twice in one transfer (CVE-2018-17144). */
  DUPLICATE_INPUT("duplicate-input", "bad-txns-inputs-duplicate"),
  /** A coinbase's script has not 2 to 100 bytes. */
  COINBASE_SCRIPT_LENGTH("coinbase-script-length", "bad-cb-length"),
  /** The null outpoint outside a coinbase. */
  NULL_PREVOUT("null-prevout", "bad-txns-prevout-null"),
  /** A coinbase outside a block. */
  LOOSE_COINBASE("loose-coinbase", "coinbase"),

  // Standardness: Core's IsStandardTx and PreChecks.
  /** A version other than 1, 2 or 3. */
  VERSION("version-not-accepted", "version"),
  /** Heavier than a transfer may be. */
  TOO_HEAVY("too-heavy", "tx-size"),
  /** Checking it takes more work than one transfer may cause; the node's own rule. */
  TOO_COSTLY("too-costly", "tx-verify-cost"),
  /** A signature script of more than 1,650 bytes. */
  SIGNATURE_SCRIPT_SIZE("signature-script-size", "scriptsig-size"),
  /** A signature script that does more than push data. */
  SIGNATURE_SCRIPT_NOT_PUSH("signature-script-not-push", "scriptsig-not-pushonly"),
  /** An output script of a type that is not accepted. */
  OUTPUT_SCRIPT("output-script-not-accepted", "scriptpubkey"),
  /** An output to several keys without a script hash. */
  BARE_MULTISIG("bare-multisig", "bare-multisig"),
  /** More bytes behind OP_RETURN than allowed. */
  DATA_TOO_LARGE("data-too-large", "datacarrier"),
  /** An output too small to be worth spending. */
  DUST("dust", "dust"),
  /** So small that it could pass for a merkle node (CVE-2017-12842, BIP54). */
  TOO_SMALL("too-small", "tx-size-small"),

  // Against chain and pending transfers.
  /** The lock time is not reached (BIP113). */
  NOT_FINAL("not-final", "non-final"),
  /** The same transfer with another witness is pending. */
  OTHER_WITNESS("same-transfer-other-witness", "txn-same-nonwitness-data-in-mempool"),
  /** A pending transfer spends the same coin; it was seen first. */
  CONFLICT("conflict", "txn-mempool-conflict"),
  /** A settled transfer has spent the coin. */
  DOUBLE_SPEND("double-spend", "bad-txns-inputs-missingorspent"),
  /** There is no such coin, and as far as is known there never was. */
  UNKNOWN_COIN("unknown-coin", "bad-txns-inputs-missingorspent"),
  /** A relative lock is not reached (BIP68). */
  RELATIVE_LOCK("relative-lock", "non-BIP68-final"),
  /** A coinbase's output before 100 blocks are on top of it. */
  IMMATURE("immature", "bad-txns-premature-spend-of-coinbase"),
  /** The inputs' sum is above all money there can be. */
  INPUTS_TOO_LARGE("inputs-too-large", "bad-txns-inputvalues-outofrange"),
  /**
   * Pays more than it spends. (Core's {@code bad-txns-fee-outofrange} can't happen behind this rule
   * and the sums before it.)
   */
  OVERSPEND("overspend", "bad-txns-in-belowout"),
  /** Spends a coin by a script that is not accepted: of no known type, or too many operations. */
  INPUT_SCRIPT("script-not-accepted", "bad-txns-nonstandard-inputs"),
  /** A witness that no rule gives a meaning to, or that is larger than any script needs. */
  WITNESS_NOT_STANDARD("witness-not-accepted", "bad-witness-nonstandard"),
  /** More signature operations than a transfer may have. */
  TOO_MANY_SIGOPS("too-many-sigops", "bad-txns-too-many-sigops"),
  /** Below the network's fee floor. */
  FEE_TOO_LOW("fee-too-low", "min relay fee not met"),
  /** A transfer of version 3 that is too large, or hangs together with others (BIP431). */
  TRUC("version-3", "TRUC-violation"),
  /** Too many pending transfers hang together. */
  CHAIN_TOO_LONG("chain-too-long", "too-large-cluster"),
  /** A signature or script does not hold; the detail begins with the script error's code. */
  SCRIPT_FAILED("script-failed", "mempool-script-verify-flag-failed"),

  // Blocks.
  /** The block does not decode. */
  BLOCK_DECODE_FAILED("block-decode-failed", "Block decode failed"),
  /** The header's hash is above its target. */
  HIGH_HASH("high-hash", "high-hash"),
  /** The header's target is not the one of this chain. */
  BAD_BITS("bad-bits", "bad-diffbits"),
  /** The block does not extend the chain's newest block. */
  BAD_PREVIOUS("bad-previous", "prev-blk-not-found"),
  /** The header's time is not after the median of the last 11. */
  TIME_TOO_OLD("time-too-old", "time-too-old"),
  /** The header's time is more than two hours ahead. */
  TIME_TOO_NEW("time-too-new", "time-too-new"),
  /** A version below 4. */
  BLOCK_VERSION("block-version", "bad-version"),
  /** The merkle root is not that of the transactions. */
  MERKLE_ROOT("merkle-root", "bad-txnmrklroot"),
  /** Equal neighbours in the merkle tree (CVE-2012-2459). */
  MERKLE_DUPLICATE("merkle-duplicate", "bad-txns-duplicate"),
  /** No transactions, or more or heavier ones than any block may have. */
  BLOCK_LENGTH("block-length", "bad-blk-length"),
  /** The first transaction is no coinbase. */
  COINBASE_MISSING("coinbase-missing", "bad-cb-missing"),
  /** A second coinbase. */
  COINBASE_MULTIPLE("coinbase-multiple", "bad-cb-multiple"),
  /** The coinbase does not begin with the height (BIP34). */
  COINBASE_HEIGHT("coinbase-height", "bad-cb-height"),
  /** The coinbase's lock time is not height - 1, or its sequence is final (BIP54). */
  COINBASE_LOCK("coinbase-lock", "bad-cb-locktime"),
  /** The coinbase's witness is not one item of 32 bytes (BIP141). */
  WITNESS_NONCE("witness-nonce", "bad-witness-nonce-size"),
  /** The witness commitment is not that of the transactions (BIP141). */
  WITNESS_COMMITMENT("witness-commitment", "bad-witness-merkle-match"),
  /** Witnesses without a commitment (BIP141). */
  UNEXPECTED_WITNESS("unexpected-witness", "unexpected-witness"),
  /** Heavier than the network's limit. */
  BLOCK_WEIGHT("block-weight", "bad-blk-weight"),
  /** A txid that still has unspent outputs (BIP30). */
  DUPLICATE_TXID("duplicate-txid", "bad-txns-BIP30"),
  /** A transfer whose lock time, or relative lock, is not reached (BIP113, BIP68). */
  BLOCK_NOT_FINAL("block-not-final", "bad-txns-nonfinal"),
  /** A signature or script in a block does not hold. */
  BLOCK_SCRIPT_FAILED("block-script-failed", "block-script-verify-flag-failed"),
  /** More signature operations than the network's limit. */
  BLOCK_SIGOPS("block-sigops", "bad-blk-sigops"),
  /** The coinbase pays out more than subsidy and fees, or issues money after the bootstrap. */
  COINBASE_AMOUNT("coinbase-amount", "bad-cb-amount"),
  /** The coinbase pays others than the network's treasury; a rule of these ledgers. */
  COINBASE_PAYEE("coinbase-payee", "bad-cb-payee"),
  /** The validators' certificate is missing, incomplete or wrong. */
  CERTIFICATE("certificate", "bad-certificate");

  private final String code;
  private final String wire;

  Reason(String code, String wire) {
    this.code = code;
    this.wire = wire;
  }

  /** The stable code in our API and in metrics: lower case with hyphens. */
  public String code() {
    return code;
  }

  /** Bitcoin Core's reject reason, which wallets and auditors' tools know. */
  public String wire() {
    return wire;
  }
}
