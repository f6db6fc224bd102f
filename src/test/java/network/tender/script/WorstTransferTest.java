package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Opcode;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Transfers made to keep a node busy: what they cost, as a multiple of one plain signature check.
 * With some 50 microseconds a check, 1,000 of them are the 50 milliseconds that no transfer may
 * hold a core for.
 */
@Tag("optimised")
class WorstTransferTest {
  private static final int MOST_CHECKS = 1_000;
  private static final int ROUNDS = 8;
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final TransferVerifier VERIFIER = new TransferVerifier(CURVE);
  private static final byte[] SECRET = Hashing.sha256(new byte[] {7});
  private static final byte[] KEY = CURVE.publicKey(SECRET);
  private static final byte[] KEY_X = Arrays.copyOfRange(KEY, 1, 33);

  /** A transfer with what it spends. */
  private record Worst(Transaction transfer, List<TransferOutput> spent) {
    ScriptVerdict verdict() {
      return VERIFIER.verify(transfer, spent);
    }
  }

  private static Worst of(int inputs, Script locking, Script scriptSig, List<byte[]> witness) {
    List<TransferInput> list = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      list.add(
          new TransferInput(
              new Outpoint(new Hash(9, 9, 9, 9), i),
              scriptSig,
              TransferInput.SEQUENCE_FINAL,
              witness));
    }
    Transaction transfer =
        Transaction.build(
            2,
            list,
            List.of(new TransferOutput(Amount.ofSat(1_000), Script.p2wpkh(new byte[20]))),
            0);
    return new Worst(
        transfer, Collections.nCopies(inputs, new TransferOutput(Amount.ofSat(10_000), locking)));
  }

  private static Worst keySpends(int inputs, KeyScript kind) {
    Worst unsigned = of(inputs, kind.of(CURVE, KEY), Script.EMPTY, List.of());
    return new Worst(
        new TransferSigner(CURVE)
            .sign(unsigned.transfer(), unsigned.spent(), Collections.nCopies(inputs, SECRET)),
        unsigned.spent());
  }

  /** The same transfer with a witness, or signature script, of its own for each input. */
  private static Worst with(Worst unsigned, Function<Integer, TransferInput> input) {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < unsigned.transfer().inputCount(); i++) {
      inputs.add(input.apply(i));
    }
    return new Worst(
        Transaction.build(2, inputs, List.of(unsigned.transfer().output(0)), 0), unsigned.spent());
  }

  private static TransferInput input(Worst of, int i, Script scriptSig, List<byte[]> witness) {
    return new TransferInput(
        of.transfer().prevout(i), scriptSig, TransferInput.SEQUENCE_FINAL, witness);
  }

  private static byte[] ecdsa(byte[] hash) {
    return Der.encode(CURVE.signEcdsa(SECRET, hash), SpendContext.ALL);
  }

  /** Inputs that check one good signature as often as their scripts can. */
  private static Worst witnessScripts(int inputs) {
    Script script =
        join(
            Script.push(KEY),
            repeat(99, Opcode.OP_2DUP, Opcode.CHECKSIGVERIFY),
            repeat(1, Opcode.CHECKSIG));
    Worst unsigned =
        of(inputs, Script.p2wsh(Hashing.sha256(script.toBytes())), Script.EMPTY, List.of());
    SpendContext context = new SpendContext(unsigned.transfer(), unsigned.spent());
    return with(
        unsigned,
        i ->
            input(
                unsigned,
                i,
                Script.EMPTY,
                List.of(ecdsa(context.segwitHash(i, script, SpendContext.ALL)), script.toBytes())));
  }

  /** Script hashes with as many signature operations as they may have, all of them good. */
  private static Worst scriptHashes(int inputs) {
    Script script =
        join(
            Script.push(KEY),
            repeat(14, Opcode.OP_2DUP, Opcode.CHECKSIGVERIFY),
            repeat(1, Opcode.CHECKSIG));
    Worst unsigned =
        of(inputs, Script.p2sh(Hashing.hash160(script.toBytes())), Script.EMPTY, List.of());
    return with(
        unsigned,
        i ->
            input(
                unsigned,
                i,
                join(
                    Script.push(
                        ecdsa(
                            LegacySignatureHash.of(
                                unsigned.transfer(), i, script, SpendContext.ALL))),
                    Script.push(script.toBytes())),
                List.of()));
  }

  /** Old-style spends: each hashes the whole transfer. */
  private static Worst keyHashes(int inputs) {
    Script locking = KeyScript.P2PKH.of(CURVE, KEY);
    Worst unsigned = of(inputs, locking, Script.EMPTY, List.of());
    return with(
        unsigned,
        i ->
            input(
                unsigned,
                i,
                join(
                    Script.push(
                        ecdsa(
                            LegacySignatureHash.of(
                                unsigned.transfer(), i, locking, SpendContext.ALL))),
                    Script.push(KEY)),
                List.of()));
  }

  private static Worst tapscript(Script script, byte[]... items) {
    byte[] leaf = Taproot.leafHash(0xc0, script.toBytes());
    byte[] even = Taproot.evenKey(KEY);
    byte[] output = CURVE.addTweak(even, Taproot.tweak(even, leaf));
    byte[] control = concat(new byte[] {(byte) (0xc0 | (output[0] & 1))}, KEY_X);
    List<byte[]> witness = new ArrayList<>(List.of(items));
    witness.add(script.toBytes());
    witness.add(control);
    return of(1, Script.p2tr(Arrays.copyOfRange(output, 1, 33)), Script.EMPTY, witness);
  }

  private static Worst tapscriptChecks(int checks) {
    // Each check must be paid for with 50 weight units of witness.
    Script script =
        join(
            Script.push(KEY_X),
            repeat(checks, Opcode.OP_2DUP, Opcode.CHECKSIGVERIFY),
            repeat(1, Opcode.CHECKSIG),
            repeat(checks * 48 + 200, Opcode.NOP));
    Worst unsigned = tapscript(script);
    SpendContext context = new SpendContext(unsigned.transfer(), unsigned.spent());
    byte[] hash =
        context.taprootHash(
            0,
            SpendContext.DEFAULT,
            null,
            new SpendContext.Leaf(Hash.of(Taproot.leafHash(0xc0, script.toBytes())), -1));
    return tapscript(script, CURVE.signSchnorr(SECRET, hash));
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static Script repeat(int times, int... opcodes) {
    byte[] bytes = new byte[times * opcodes.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) opcodes[i % opcodes.length];
    }
    return Script.of(bytes);
  }

  private static Script join(Script... parts) {
    byte[][] bytes = new byte[parts.length][];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = parts[i].toBytes();
    }
    return Script.of(concat(bytes));
  }

  private static Map<String, Worst> valid() {
    Map<String, Worst> valid = new LinkedHashMap<>();
    valid.put("590 P2WPKH inputs", keySpends(590, KeyScript.P2WPKH));
    valid.put("590 taproot inputs", keySpends(590, KeyScript.P2TR));
    valid.put("500 checks in five witness scripts", witnessScripts(5));
    valid.put("555 checks in 37 script hashes", scriptHashes(37));
    valid.put("250 P2PKH inputs", keyHashes(250));
    valid.put("400 checks in a tapscript", tapscriptChecks(400));
    valid.put(
        "20,000 nested IFs",
        tapscript(
            join(
                repeat(20_000, Opcode.OP_1, Opcode.IF),
                repeat(20_000, Opcode.ENDIF),
                repeat(1, Opcode.OP_1))));
    valid.put(
        "10,000 times HASH160 of 520 bytes",
        tapscript(
            join(
                Script.push(new byte[520]),
                repeat(10_000, Opcode.DUP, Opcode.HASH160, Opcode.DROP),
                repeat(1, Opcode.DROP, Opcode.OP_1))));
    valid.put(
        "20,000 times ROLL through a full stack",
        tapscript(
            join(
                repeat(900, Opcode.OP_0),
                repeat(20_000, Opcode.DEPTH, Opcode.OP_1SUB, Opcode.ROLL),
                repeat(450, Opcode.OP_2DROP),
                repeat(1, Opcode.OP_1))));
    return valid;
  }

  private static Map<String, Worst> tooCostly() {
    Map<String, Worst> costly = new LinkedHashMap<>();
    costly.put("1,000 P2WPKH inputs", keySpends(1_000, KeyScript.P2WPKH));
    costly.put("2,000 checks in twenty witness scripts", witnessScripts(20));
    costly.put("1,500 checks in 100 script hashes", scriptHashes(100));
    costly.put("650 P2PKH inputs", keyHashes(650));
    costly.put("7,000 checks in a tapscript", tapscriptChecks(7_000));
    costly.put(
        "90,000 nested IFs",
        tapscript(
            join(
                repeat(90_000, Opcode.OP_1, Opcode.IF),
                repeat(90_000, Opcode.ENDIF),
                repeat(1, Opcode.OP_1))));
    costly.put(
        "180,000 IFs that are passed over",
        tapscript(
            join(
                repeat(1, Opcode.OP_0),
                repeat(180_000, Opcode.IF),
                repeat(180_000, Opcode.ENDIF),
                repeat(1, Opcode.OP_1))));
    costly.put(
        "390,000 times HASH256",
        tapscript(join(repeat(1, Opcode.OP_1), repeat(390_000, Opcode.HASH256))));
    costly.put(
        "130,000 times HASH160 of 520 bytes",
        tapscript(
            join(
                Script.push(new byte[520]),
                repeat(130_000, Opcode.DUP, Opcode.HASH160, Opcode.DROP))));
    return costly;
  }

  /** Processor time of this thread, so that others' work does not count; the best of a few. */
  private static long bestNanos(Runnable work) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long best = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long begin = threads.getCurrentThreadCpuTime();
      work.run();
      best = Math.min(best, threads.getCurrentThreadCpuTime() - begin);
    }
    return best;
  }

  private static double plainNanos() {
    byte[] message = Hashing.sha256(new byte[] {1});
    byte[] signature = CURVE.signEcdsa(SECRET, message);
    int count = 1_000;
    return bestNanos(
            () -> {
              for (int i = 0; i < count; i++) {
                CURVE.verifyEcdsa(signature, message, KEY);
              }
            })
        / (double) count;
  }

  /** Measures both at about the same time: the machine's speed drifts. */
  private static void report(String name, Worst worst) {
    double checks = bestNanos(worst::verdict) / plainNanos();
    System.out.printf(
        Locale.ROOT,
        "worst transfers: %s (%,d WU): as long as %.0f checks, %s%n",
        name,
        worst.transfer().weight(),
        checks,
        worst.verdict());
    assertThat(worst.transfer().weight()).as(name).isLessThan(400_000);
    assertThat(checks).as(name).isLessThan(MOST_CHECKS);
  }

  @Test
  void noTransferHoldsACoreForLongerThanAThousandChecks() {
    valid()
        .forEach(
            (name, worst) -> {
              report(name, worst);
              assertThat(worst.verdict()).as(name).isEqualTo(new ScriptVerdict.Valid());
            });
    tooCostly()
        .forEach(
            (name, worst) -> {
              report(name, worst);
              assertThat(worst.verdict())
                  .as(name)
                  .isInstanceOfSatisfying(
                      ScriptVerdict.Invalid.class,
                      invalid -> assertThat(invalid.error()).isEqualTo(ScriptError.TOO_COSTLY));
            });
  }
}
