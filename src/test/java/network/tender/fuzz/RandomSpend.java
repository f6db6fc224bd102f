package network.tender.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.ScriptFlag;
import network.tender.script.ScriptFlags;
import network.tender.script.ScriptParts;

/**
 * A transaction, what it spends and by which rules, as the bytes of an input describe it: the
 * hashes that scripts commit to are made right, because no search would guess them.
 *
 * @param transaction what spends
 * @param spent the outputs that it spends
 * @param flags the rules
 * @param fewer a part of the rules
 */
record RandomSpend(
    Transaction transaction, List<TransferOutput> spent, ScriptFlags flags, ScriptFlags fewer) {
  /** How a coin is locked. */
  enum Lock {
    BARE,
    P2SH,
    P2WSH,
    P2SH_P2WSH,
    P2TR_SCRIPT,
    P2WPKH,
    P2TR_KEY,
    P2SH_P2WPKH
  }

  /** In a description of a script: the item described next is pushed. */
  static final int PUSH_ITEM = 0xfe;

  /** In a description of a script: the part behind this, the times and its length, repeated. */
  static final int REPEAT = 0xfd;

  /** What items there are beside plain bytes. */
  enum Item {
    BYTES,
    EMPTY,
    KEY,
    DER_SIGNATURE,
    SCHNORR_SIGNATURE,
    XONLY_KEY,
    LONG,
    ONE
  }

  /** The ways of locking in the order of their numbers in a description. */
  static final List<Lock> LOCKS = List.of(Lock.values());

  /** The items in the order of their numbers in a description. */
  static final List<Item> ITEMS = List.of(Item.values());

  private static final int LONG_UNIT = 3;
  private static final int MAX_SCRIPT_BYTES = 1_000;

  /** The generator: a point that both curves know as one. */
  private static final byte[] INTERNAL_KEY =
      HexFormat.of().parseHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

  private static final ScriptFlag[] FLAGS = ScriptFlag.values();

  private record Spend(TransferOutput spent, Script unlocking, List<byte[]> witness) {}

  static RandomSpend of(InputBytes input, Curve curve) {
    ScriptFlags flags = flags(input);
    ScriptFlags mask = someFlags(input);
    EnumSet<ScriptFlag> both = EnumSet.noneOf(ScriptFlag.class);
    both.addAll(flags.flags());
    both.retainAll(mask.flags());
    int shape = input.next();
    int version = 1 + (shape >> 6 & 1);
    int lockTime = input.nextInt();
    List<TransferOutput> spent = new ArrayList<>();
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i <= (shape & 7); i++) {
      int sequence = input.nextInt();
      Spend spend = spend(input, curve);
      spent.add(spend.spent());
      Outpoint prevout = new Outpoint(new Hash(i, shape, 0, 1), i);
      inputs.add(new TransferInput(prevout, spend.unlocking(), sequence, spend.witness()));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < (shape >> 3 & 3); i++) {
      outputs.add(new TransferOutput(Amount.ofSat(shape), Script.of(new byte[i])));
    }
    return new RandomSpend(
        Transaction.build(version, inputs, outputs, lockTime), spent, flags, ScriptFlags.of(both));
  }

  private static ScriptFlags flags(InputBytes input) {
    return switch (input.next() & 3) {
      case 1 -> ScriptFlags.CONSENSUS;
      case 2 -> someFlags(input);
      default -> ScriptFlags.STANDARD;
    };
  }

  private static ScriptFlags someFlags(InputBytes input) {
    int bits = input.next() | input.next() << 8 | input.next() << 16;
    List<ScriptFlag> flags = new ArrayList<>();
    for (int i = 0; i < FLAGS.length; i++) {
      if ((bits >> i & 1) != 0) {
        flags.add(FLAGS[i]);
      }
    }
    return ScriptFlags.of(flags);
  }

  private static Spend spend(InputBytes input, Curve curve) {
    int form = input.next();
    Lock lock = LOCKS.get(form & 7);
    byte[] script = script(input);
    List<byte[]> items = new ArrayList<>();
    for (int i = input.next() & 7; i > 0; i--) {
      items.add(item(input));
    }
    // Rarely something that does not belong there.
    Script strange = (form & 0xc0) == 0xc0 ? Script.of(script(input)) : Script.EMPTY;
    if ((form & 0x38) == 0x38) {
      items.add(item(input));
    }
    return switch (lock) {
      case BARE ->
          new Spend(
              output(Script.of(script)),
              pushes(items, strange),
              strange.isEmpty() ? List.of() : items);
      case P2SH ->
          new Spend(
              output(Script.p2sh(Hashing.hash160(script))),
              pushes(with(items, script), strange),
              List.of());
      case P2WSH ->
          new Spend(output(Script.p2wsh(Hashing.sha256(script))), strange, with(items, script));
      case P2SH_P2WSH -> {
        Script program = Script.p2wsh(Hashing.sha256(script));
        yield new Spend(wrapped(program), pushes(program, strange), with(items, script));
      }
      case P2TR_SCRIPT -> {
        ScriptParts.Committed committed = ScriptParts.commit(curve, INTERNAL_KEY, script);
        List<byte[]> witness = with(with(items, script), committed.control());
        if ((form & 0x38) == 0x30) {
          witness = with(witness, new byte[] {0x50, 1});
        }
        yield new Spend(output(committed.output()), strange, witness);
      }
      case P2WPKH -> new Spend(output(keyHash(items)), strange, items);
      case P2TR_KEY -> {
        byte[] key = new byte[32];
        System.arraycopy(script, 0, key, 0, Math.min(32, script.length));
        yield new Spend(output(Script.p2tr(key)), strange, items);
      }
      case P2SH_P2WPKH -> {
        Script program = keyHash(items);
        yield new Spend(wrapped(program), pushes(program, strange), items);
      }
    };
  }

  private static TransferOutput output(Script script) {
    return new TransferOutput(Amount.ofSat(1_000), script);
  }

  private static TransferOutput wrapped(Script program) {
    return output(Script.p2sh(Hashing.hash160(program.toBytes())));
  }

  private static Script keyHash(List<byte[]> items) {
    byte[] key = items.isEmpty() ? new byte[0] : items.get(items.size() - 1);
    return Script.p2wpkh(Hashing.hash160(key));
  }

  private static List<byte[]> with(List<byte[]> items, byte[] last) {
    List<byte[]> all = new ArrayList<>(items);
    all.add(last);
    return all;
  }

  private static Script pushes(Script program, Script strange) {
    return pushes(List.of(program.toBytes()), strange);
  }

  private static Script pushes(List<byte[]> items, Script strange) {
    ByteArrayOutputStream pushes = new ByteArrayOutputStream();
    pushes.writeBytes(strange.toBytes());
    for (byte[] item : items) {
      pushes.writeBytes(push(item));
    }
    return Script.of(pushes.toByteArray());
  }

  /** In the form that the rule about shortest pushes asks for. */
  private static byte[] push(byte[] item) {
    if (item.length == 1 && item[0] >= 1 && item[0] <= 16) {
      return new byte[] {(byte) (0x50 + item[0])};
    }
    return Script.push(item).toBytes();
  }

  private static byte[] script(InputBytes input) {
    return script(input.nextSized());
  }

  private static byte[] script(byte[] description) {
    InputBytes described = new InputBytes(description);
    ByteArrayOutputStream script = new ByteArrayOutputStream();
    while (described.hasNext() && script.size() < MAX_SCRIPT_BYTES) {
      int next = described.next();
      if (next == PUSH_ITEM) {
        script.writeBytes(push(item(described)));
      } else if (next == REPEAT) {
        int times = described.next();
        byte[] part = script(described.next(described.next()));
        for (int i = 0; i < times && script.size() < MAX_SCRIPT_BYTES; i++) {
          script.writeBytes(part);
        }
      } else {
        script.write(next);
      }
    }
    return script.toByteArray();
  }

  private static byte[] item(InputBytes input) {
    return switch (ITEMS.get(input.next() & 7)) {
      case BYTES -> input.nextSized();
      case EMPTY -> new byte[0];
      case KEY -> key(input.next());
      case DER_SIGNATURE -> {
        byte[] rs = new byte[64];
        rs[31] = (byte) input.next();
        rs[32] = (byte) input.next();
        rs[63] = 1;
        yield ScriptParts.derSignature(rs, input.next());
      }
      case SCHNORR_SIGNATURE -> {
        int last = input.next();
        int hashType = input.next();
        byte[] signature = new byte[hashType == 0 ? 64 : 65];
        signature[31] = (byte) last;
        signature[signature.length - 1] = (byte) hashType;
        yield signature;
      }
      case XONLY_KEY -> {
        byte[] key = INTERNAL_KEY.clone();
        key[32] ^= (byte) input.next();
        yield Arrays.copyOfRange(key, 1, 33);
      }
      case LONG -> {
        byte[] item = new byte[LONG_UNIT * input.next()];
        Arrays.fill(item, (byte) input.next());
        yield item;
      }
      case ONE -> new byte[] {1};
    };
  }

  /** A public key of one of four forms. */
  private static byte[] key(int form) {
    byte[] key = new byte[(form & 4) == 0 ? 33 : 65];
    System.arraycopy(INTERNAL_KEY, 0, key, 0, 33);
    key[0] = (byte) ((form & 4) == 0 ? 2 + (form & 1) : (form & 2) == 0 ? 4 : 6 + (form & 1));
    key[32] ^= (byte) (form & 0xf8);
    return key;
  }
}
