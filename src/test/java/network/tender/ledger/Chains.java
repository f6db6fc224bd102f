package network.tender.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.RegtestKeys;

/** Chains and transfers for the ledger's tests. */
final class Chains {
  static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  static final BlockSigner SIGNER = BlockSigner.single(CURVE, RegtestKeys.validatorSecret());
  static final List<SealedBlock> BOOTSTRAP = Bootstrap.blocks(Network.regtest(), SIGNER);

  /** A time long after the bootstrap, and past: bitcoinj compares header times with the clock. */
  static final long NOW = 1_700_000_000_000L;

  static final Script ALICE = Script.p2wpkh(filled(20, 0xa1));
  static final Script BOB = Script.p2tr(filled(32, 0xb0));

  private Chains() {}

  /** A ledger behind the bootstrap, all coins unflushed. */
  static Ledger ledger(Policy policy) {
    return ledger(Network.regtest(), policy);
  }

  /** A ledger of a network like regtest but for its limits. */
  static Ledger ledger(Network network, Policy policy) {
    Ledger ledger = new Ledger(network, policy, ChainState.genesis(), SIGNER);
    BOOTSTRAP.forEach(ledger::replay);
    return ledger;
  }

  /** Regtest with other limits. */
  static Network network(long feeFloor, int maxWeight, int maxSigopCost) {
    Network regtest = Network.regtest();
    return new Network(
        regtest.name(),
        regtest.hrp(),
        regtest.pubKeyHashPrefix(),
        regtest.scriptHashPrefix(),
        regtest.coinCode(),
        regtest.uriScheme(),
        regtest.treasury(),
        regtest.validators(),
        feeFloor,
        maxWeight,
        maxSigopCost);
  }

  /** The default policy with another chain limit and number of pending transfers. */
  static Policy policy(int maxChain, int maxPending, int maxClean) {
    Policy d = Policy.DEFAULT;
    return new Policy(
        d.dust(),
        d.maxTransferWeight(),
        d.maxTransferSigopCost(),
        d.maxDataBytes(),
        maxPending,
        d.maxPendingWeight(),
        maxChain,
        maxClean,
        d.maxUnflushedChanges(),
        d.blocksPerSecond(),
        d.blockBurst(),
        0);
  }

  /** The treasury's coin from a block of the bootstrap, at most height 150. */
  static Outpoint subsidy(int height) {
    return BOOTSTRAP.get(height - 1).block().transactions().get(0).outpoint(0);
  }

  static byte[] filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  static TransferOutput output(long sat, Script script) {
    return new TransferOutput(Amount.ofSat(sat), script);
  }

  static Draft spend(Outpoint... prevouts) {
    Draft draft = new Draft();
    for (Outpoint prevout : prevouts) {
      draft.input(prevout, TransferInput.SEQUENCE_FINAL);
    }
    return draft;
  }

  /** Resolves and admits, answering loads with nothing; fails unless it is admitted. */
  static Transaction admit(Ledger ledger, Transaction transfer) {
    Admission admission = ledger.admit(resolved(ledger, transfer), NOW);
    if (!(admission instanceof Admission.Admitted)) {
      throw new AssertionError(admission.toString());
    }
    return transfer;
  }

  static Resolution.Resolved resolved(Ledger ledger, Transaction transfer) {
    Resolution resolution = resolve(ledger, transfer);
    if (resolution instanceof Resolution.Resolved resolved) {
      return resolved;
    }
    throw new AssertionError(resolution.toString());
  }

  /** Resolves, with a coin store that has nothing. */
  static Resolution resolve(Ledger ledger, Transaction transfer) {
    Resolution resolution = ledger.resolve(transfer);
    if (resolution instanceof Resolution.MissingCoins missing) {
      CoinLoad load = ledger.beginLoad(missing.outpoints());
      return ledger.resolve(transfer, load, Map.of());
    }
    return resolution;
  }

  /** Seals and commits the next block. */
  static SealedBlock settle(Ledger ledger, long nowMillis) {
    SealedBlock block = ledger.seal(nowMillis).orElseThrow();
    ledger.committed(block);
    return block;
  }

  /** A transfer to be; its witnesses have the size of real ones and are worth nothing. */
  static final class Draft {
    private final List<TransferInput> inputs = new ArrayList<>();
    private final List<TransferOutput> outputs = new ArrayList<>();
    private int version = 2;
    private int lockTime;
    private int witnessByte;

    Draft input(Outpoint prevout, int sequence) {
      inputs.add(new TransferInput(prevout, Script.EMPTY, sequence, List.of()));
      return this;
    }

    Draft pay(long sat, Script script) {
      outputs.add(output(sat, script));
      return this;
    }

    Draft version(int newVersion) {
      version = newVersion;
      return this;
    }

    Draft lockTime(int newLockTime) {
      lockTime = newLockTime;
      return this;
    }

    /** Other signatures for the same transfer. */
    Draft witness(int value) {
      witnessByte = value;
      return this;
    }

    Transaction build() {
      List<byte[]> witness = List.of(filled(72, witnessByte), filled(33, 2));
      return Transaction.build(
          version,
          inputs.stream().map(input -> input.withWitness(witness)).toList(),
          outputs,
          lockTime);
    }

    Transaction buildWithoutWitness() {
      return Transaction.build(version, inputs, outputs, lockTime);
    }
  }
}
