package network.tender.script;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.Opcode;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.util.BigIntegers;

/**
 * A signed transaction whose inputs spend outputs of any kind: key scripts, contracts of several
 * shapes and scripts of random operations, each in the open, behind a hash, or in a tree of
 * scripts. Most are valid by consensus, many by every rule, some by none.
 *
 * @param transaction the transaction
 * @param spent what its inputs spend
 * @param kinds what kind of spend each input is, for statistics
 */
record RandomSpend(Transaction transaction, List<TransferOutput> spent, List<String> kinds) {
  static final Curve CURVE = Curve.load(Curve.Provider.AUTO);

  private static final int[] HASH_TYPES = {1, 1, 1, 2, 3, 0x81, 0x82, 0x83};
  private static final int TAPSCRIPT_LEAF = 0xc0;

  /** Where a contract stands. */
  private enum Wrapper {
    BARE,
    P2SH,
    P2WSH,
    P2SH_P2WSH,
    TAPSCRIPT
  }

  /** Makes signatures for one input, over its code from some place on. */
  private interface Signer {
    byte[] sign(byte[] secret, int from, int separator);

    default byte[] sign(byte[] secret) {
      return sign(secret, 0, -1);
    }
  }

  /** One item that a contract takes. */
  private interface Part {
    byte[] bytes(Signer signer);
  }

  /** A script and what opens it, bottom of the stack first. */
  private record Contract(String name, Script code, List<Part> parts) {}

  /** An output and what spends it. */
  private interface Lock {
    TransferOutput output();

    TransferInput spend(SpendContext context, int input, TransferInput unsigned);
  }

  private static final class Key {
    private final byte[] secret;
    private final byte[] bytes;

    Key(byte[] secret, byte[] bytes) {
      this.secret = secret;
      this.bytes = bytes;
    }

    byte[] secret() {
      return secret;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  /** A random transaction, signed. */
  static RandomSpend signed(Random random) {
    return new Builder(random, false).build();
  }

  /** A random transaction that spends P2WPKH and taproot's key path alone, signed. */
  static RandomSpend signedByKeys(Random random) {
    return new Builder(random, true).build();
  }

  /** Some set of rules; often one that is in use, or near it. */
  static ScriptFlags flags(Random random) {
    EnumSet<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
    switch (random.nextInt(6)) {
      case 0 -> {}
      case 1 -> flags.addAll(ScriptFlags.CONSENSUS.flags());
      case 2 -> flags.addAll(ScriptFlags.STANDARD.flags());
      case 3 -> {
        flags.addAll(ScriptFlags.CONSENSUS.flags());
        flags.add(any(random, ScriptFlag.values()));
      }
      case 4 -> {
        flags.addAll(ScriptFlags.STANDARD.flags());
        flags.remove(any(random, ScriptFlag.values()));
      }
      default -> {
        for (ScriptFlag flag : ScriptFlag.values()) {
          if (random.nextBoolean()) {
            flags.add(flag);
          }
        }
      }
    }
    return ScriptFlags.of(flags);
  }

  private static <T> T any(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  /** The same with something changed; empty if nothing that can be read came of it. */
  Optional<RandomSpend> mutated(Random random) {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < transaction.inputCount(); i++) {
      inputs.add(
          new TransferInput(
              transaction.prevout(i),
              transaction.scriptSig(i),
              transaction.sequence(i),
              transaction.witness(i)));
    }
    int at = random.nextInt(inputs.size());
    TransferInput input = inputs.get(at);
    switch (random.nextInt(5)) {
      case 0 -> {
        return withChangedBit(random);
      }
      case 1 -> {
        return Optional.of(withChangedOutput(random, at));
      }
      case 2, 3 -> {
        List<byte[]> witness = new ArrayList<>(input.witness());
        mutateItems(random, witness);
        inputs.set(at, input.withWitness(witness));
      }
      default ->
          inputs.set(
              at,
              new TransferInput(
                  input.prevout(),
                  mutatedScript(random, input.scriptSig()),
                  input.sequence(),
                  input.witness()));
    }
    return Optional.of(new RandomSpend(rebuilt(inputs), spent, kinds));
  }

  private Transaction rebuilt(List<TransferInput> inputs) {
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < transaction.outputCount(); i++) {
      outputs.add(transaction.output(i));
    }
    return Transaction.build(transaction.version(), inputs, outputs, transaction.lockTime());
  }

  private Optional<RandomSpend> withChangedBit(Random random) {
    byte[] raw = transaction.toBytes();
    raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
    try {
      Transaction changed = Transaction.parse(raw);
      return changed.inputCount() == spent.size()
          ? Optional.of(new RandomSpend(changed, spent, kinds))
          : Optional.empty();
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private RandomSpend withChangedOutput(Random random, int at) {
    List<TransferOutput> outputs = new ArrayList<>(spent);
    TransferOutput old = outputs.get(at);
    byte[] script = old.script().toBytes();
    boolean ofAmount = random.nextBoolean() || script.length == 0;
    if (!ofAmount) {
      script[random.nextInt(script.length)] ^= (byte) (1 << random.nextInt(8));
    }
    outputs.set(
        at,
        new TransferOutput(
            ofAmount ? Amount.ofSat(old.amount().sat() ^ 1) : old.amount(), Script.of(script)));
    return new RandomSpend(transaction, outputs, kinds);
  }

  private static void mutateItems(Random random, List<byte[]> items) {
    int at = items.isEmpty() ? 0 : random.nextInt(items.size());
    switch (items.isEmpty() ? 0 : random.nextInt(8)) {
      case 0 -> items.add(at, bytes(random, random.nextInt(3)));
      case 1 -> items.remove(at);
      case 2 -> items.add(at, items.get(at));
      case 3 -> items.set(at, new byte[0]);
      case 4 -> items.set(at, Arrays.copyOf(items.get(at), random.nextInt(70)));
      case 5 -> items.add(join(new byte[] {0x50}, bytes(random, random.nextInt(5))));
      case 6 -> java.util.Collections.swap(items, at, random.nextInt(items.size()));
      default -> {
        byte[] changed = items.get(at).clone();
        if (changed.length > 0) {
          changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        }
        items.set(at, changed);
      }
    }
  }

  private static Script mutatedScript(Random random, Script script) {
    byte[] bytes = script.toBytes();
    return switch (random.nextInt(6)) {
      case 0 -> Script.of(join(new byte[] {0x51}, bytes));
      case 1 -> Script.of(join(bytes, new byte[] {0x61}));
      case 2 -> Script.EMPTY;
      case 3 -> Script.of(join(bytes, bytes(random, 1)));
      case 4 ->
          bytes.length == 0 || bytes[0] <= 0 || bytes[0] >= 0x4c
              ? Script.of(new byte[] {0})
              : Script.of(join(new byte[] {0x4c}, bytes));
      default -> {
        if (bytes.length > 0) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        yield Script.of(bytes);
      }
    };
  }

  static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  /** The shortest push of an item. */
  static byte[] push(byte[] item) {
    if (item.length == 1 && item[0] >= 1 && item[0] <= 16) {
      return new byte[] {(byte) (Opcode.OP_1 - 1 + item[0])};
    }
    return item.length == 1 && item[0] == (byte) 0x81
        ? new byte[] {Opcode.OP_1NEGATE}
        : Script.push(item).toBytes();
  }

  static byte[] number(long number) {
    return push(ScriptNumber.encode(number));
  }

  private static byte[] op(int... opcodes) {
    byte[] bytes = new byte[opcodes.length];
    for (int i = 0; i < opcodes.length; i++) {
      bytes[i] = (byte) opcodes[i];
    }
    return bytes;
  }

  /** The script of these parts, one behind the other. */
  static Script script(byte[]... parts) {
    return Script.of(join(parts));
  }

  private static final class Builder {
    private final Random random;
    private final int version;
    private final int lockTime;
    private final int outputCount;
    private final boolean keysOnly;

    Builder(Random random, boolean keysOnly) {
      this.random = random;
      this.keysOnly = keysOnly;
      version = random.nextInt(4) == 0 ? random.nextInt() : 1 + random.nextInt(3);
      lockTime = random.nextBoolean() ? random.nextInt(1_000) : 500_000_000 + random.nextInt(1_000);
      outputCount = 1 + random.nextInt(3);
    }

    RandomSpend build() {
      int inputCount = 1 + random.nextInt(3);
      List<Lock> locks = new ArrayList<>();
      List<String> kinds = new ArrayList<>();
      List<TransferInput> unsigned = new ArrayList<>();
      for (int i = 0; i < inputCount; i++) {
        int sequence = sequence();
        locks.add(lock(sequence, kinds));
        // An item stands for the witness to come, so that what segwit hashes is there.
        unsigned.add(
            new TransferInput(
                new Outpoint(Hash.of(bytes(random, 32)), random.nextInt(4)),
                Script.EMPTY,
                sequence,
                List.of(new byte[1])));
      }
      List<TransferOutput> outputs = new ArrayList<>();
      for (int i = 0; i < outputCount; i++) {
        outputs.add(new TransferOutput(amount(), Script.of(bytes(random, random.nextInt(30)))));
      }
      List<TransferOutput> spent = locks.stream().map(Lock::output).toList();
      Transaction draft = Transaction.build(version, unsigned, outputs, lockTime);
      SpendContext context = new SpendContext(draft, spent);
      List<TransferInput> inputs = new ArrayList<>();
      for (int i = 0; i < inputCount; i++) {
        inputs.add(locks.get(i).spend(context, i, unsigned.get(i)));
      }
      return new RandomSpend(Transaction.build(version, inputs, outputs, lockTime), spent, kinds);
    }

    private Amount amount() {
      return Amount.ofSat((random.nextLong() >>> 1) % Amount.MAX_SAT);
    }

    private int sequence() {
      return switch (random.nextInt(4)) {
        case 0 -> TransferInput.SEQUENCE_FINAL;
        case 1 -> random.nextInt();
        case 2 -> (1 << 22) | random.nextInt(100);
        default -> random.nextInt(100);
      };
    }

    private Lock lock(int sequence, List<String> kinds) {
      int kind = keysOnly ? 2 * random.nextInt(2) : random.nextInt(13);
      if (kind == 12) {
        kinds.add("program");
        return programLock();
      }
      if (kind < 2) {
        kinds.add(kind == 0 ? "P2WPKH" : "P2SH_P2WPKH");
        return keyHashLock(kind == 1);
      }
      if (kind == 2) {
        kinds.add("P2TR");
        return keyPathLock();
      }
      Wrapper wrapper = any(random, Wrapper.values());
      Contract contract = contract(sequence, wrapper);
      kinds.add(wrapper + " " + contract.name());
      return wrapper == Wrapper.TAPSCRIPT
          ? tapscriptLock(contract)
          : contractLock(wrapper, contract);
    }

    private Key key() {
      byte[] secret = bytes(random, 32);
      byte[] compressed = CURVE.publicKey(secret);
      int form = random.nextInt(12);
      if (form > 1) {
        return new Key(secret, compressed);
      }
      byte[] plain =
          CustomNamedCurves.getByName("secp256k1")
              .getCurve()
              .decodePoint(compressed)
              .getEncoded(false);
      if (form == 0) {
        plain[0] = (byte) (6 | (plain[64] & 1));
      }
      return new Key(secret, plain);
    }

    private int hashType() {
      return random.nextInt(20) == 0 ? random.nextInt(256) : HASH_TYPES[random.nextInt(8)];
    }

    /** A signature in one of the forms that some rule or other has something against. */
    private byte[] ecdsa(byte[] secret, byte[] hash, int hashType) {
      byte[] signature = CURVE.signEcdsa(secret, hash);
      switch (random.nextInt(24)) {
        case 0 -> {
          return new byte[0];
        }
        case 1 -> {
          BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
          byte[] high = BigIntegers.asUnsignedByteArray(32, Secrets.ORDER.subtract(s));
          return Der.encode(join(Arrays.copyOf(signature, 32), high), hashType);
        }
        case 2 -> {
          byte[] der = Der.encode(signature, hashType);
          byte[] padded = join(Arrays.copyOf(der, 4), new byte[1], tail(der, 4));
          padded[1]++;
          padded[3]++;
          return padded;
        }
        case 3 -> {
          return bytes(random, 1 + random.nextInt(3));
        }
        default -> {
          return Der.encode(signature, hashType);
        }
      }
    }

    private static byte[] tail(byte[] bytes, int from) {
      return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    private byte[] schnorr(byte[] secret, SpendContext context, int input, SpendContext.Leaf leaf) {
      int type = random.nextInt(3) == 0 ? hashType() : SpendContext.DEFAULT;
      if (!context.hasTaprootHash(input, type)) {
        type = SpendContext.DEFAULT;
      }
      byte[] signature = CURVE.signSchnorr(secret, context.taprootHash(input, type, null, leaf));
      return type == SpendContext.DEFAULT ? signature : join(signature, new byte[] {(byte) type});
    }

    private Lock keyHashLock(boolean wrapped) {
      Key key = key();
      Script program = Script.p2wpkh(Hashing.hash160(key.bytes()));
      Script locking = wrapped ? Script.p2sh(Hashing.hash160(program.toBytes())) : program;
      TransferOutput output = new TransferOutput(amount(), locking);
      return new Lock() {
        @Override
        public TransferOutput output() {
          return output;
        }

        @Override
        public TransferInput spend(SpendContext context, int input, TransferInput unsigned) {
          int type = hashType();
          byte[] hash = context.segwitHash(input, SpendContext.keyHashScript(program), type);
          return new TransferInput(
              unsigned.prevout(),
              wrapped ? Script.push(program.toBytes()) : Script.EMPTY,
              unsigned.sequence(),
              List.of(ecdsa(key.secret(), hash, type), key.bytes()));
        }
      };
    }

    /** A witness program that nobody made a use for yet, or something that looks like one. */
    private Lock programLock() {
      boolean wrapped = random.nextBoolean();
      int version = random.nextInt(18) - 1;
      byte[] program =
          random.nextInt(3) == 0
              ? new byte[] {0x4e, 0x73}
              : bytes(random, random.nextInt(4) == 0 ? random.nextInt(45) : 32);
      if (program.length == 2 && random.nextBoolean()) {
        version = 1;
      }
      byte[] opcode = version < 0 ? op(Opcode.OP_1NEGATE) : number(version);
      byte[] longer = random.nextInt(4) == 0 ? op(Opcode.PUSHDATA1) : new byte[0];
      Script script = script(opcode, longer, new byte[] {(byte) program.length}, program);
      Script locking = wrapped ? Script.p2sh(Hashing.hash160(script.toBytes())) : script;
      TransferOutput output = new TransferOutput(amount(), locking);
      return new Lock() {
        @Override
        public TransferOutput output() {
          return output;
        }

        @Override
        public TransferInput spend(SpendContext context, int input, TransferInput unsigned) {
          return new TransferInput(
              unsigned.prevout(),
              wrapped ? Script.push(script.toBytes()) : Script.EMPTY,
              unsigned.sequence(),
              random.nextBoolean() ? List.of() : List.of(bytes(random, random.nextInt(3))));
        }
      };
    }

    private Lock keyPathLock() {
      byte[] secret = bytes(random, 32);
      TransferOutput output =
          new TransferOutput(amount(), KeyScript.P2TR.of(CURVE, CURVE.publicKey(secret)));
      return new Lock() {
        @Override
        public TransferOutput output() {
          return output;
        }

        @Override
        public TransferInput spend(SpendContext context, int input, TransferInput unsigned) {
          byte[] signature = schnorr(Taproot.tweakedSecret(CURVE, secret), context, input, null);
          return unsigned.withWitness(List.of(signature));
        }
      };
    }

    private Lock contractLock(Wrapper wrapper, Contract contract) {
      boolean segwit = wrapper == Wrapper.P2WSH || wrapper == Wrapper.P2SH_P2WSH;
      byte[] code = contract.code().toBytes();
      Script program = Script.p2wsh(Hashing.sha256(code));
      Script locking =
          switch (wrapper) {
            case BARE, TAPSCRIPT -> contract.code();
            case P2SH -> Script.p2sh(Hashing.hash160(code));
            case P2WSH -> program;
            case P2SH_P2WSH -> Script.p2sh(Hashing.hash160(program.toBytes()));
          };
      TransferOutput output = new TransferOutput(amount(), locking);
      return new Lock() {
        @Override
        public TransferOutput output() {
          return output;
        }

        @Override
        public TransferInput spend(SpendContext context, int input, TransferInput unsigned) {
          Signer signer =
              (secret, from, separator) -> {
                int type = hashType();
                Script signed = Script.of(tail(code, from));
                byte[] hash =
                    segwit
                        ? context.segwitHash(input, signed, type)
                        : LegacySignatureHash.of(context.transaction(), input, signed, type);
                return ecdsa(secret, hash, type);
              };
          List<byte[]> items = new ArrayList<>();
          contract.parts().forEach(part -> items.add(part.bytes(signer)));
          ByteArrayOutputStream scriptSig = new ByteArrayOutputStream();
          if (!segwit && random.nextInt(10) == 0) {
            // More than is taken.
            items.add(0, new byte[] {1});
          }
          if (segwit) {
            items.add(code);
          } else {
            items.forEach(item -> scriptSig.writeBytes(push(item)));
          }
          if (wrapper == Wrapper.BARE && random.nextInt(6) == 0) {
            // More than pushes.
            scriptSig.write(Opcode.NOP);
          }
          if (wrapper == Wrapper.P2SH) {
            scriptSig.writeBytes(Script.push(code).toBytes());
          } else if (wrapper == Wrapper.P2SH_P2WSH) {
            scriptSig.writeBytes(Script.push(program.toBytes()).toBytes());
          }
          return new TransferInput(
              unsigned.prevout(),
              Script.of(scriptSig.toByteArray()),
              unsigned.sequence(),
              segwit ? items : List.of());
        }
      };
    }

    private Lock tapscriptLock(Contract contract) {
      int leafVersion = random.nextInt(12) == 0 ? 0xc2 : TAPSCRIPT_LEAF;
      byte[] code = contract.code().toBytes();
      byte[] leafHash = Taproot.leafHash(leafVersion, code);
      byte[] internal = CURVE.publicKey(bytes(random, 32));
      byte[] path = new byte[0];
      byte[] root = leafHash;
      for (int depth = random.nextInt(4); depth > 0; depth--) {
        byte[] sibling = bytes(random, 32);
        path = join(path, sibling);
        root = Taproot.branchHash(root, sibling);
      }
      byte[] tweaked = CURVE.addTweak(Taproot.evenKey(internal), Taproot.tweak(internal, root));
      byte[] control =
          join(
              new byte[] {(byte) (leafVersion | (tweaked[0] & 1))},
              Arrays.copyOfRange(internal, 1, 33),
              path);
      TransferOutput output =
          new TransferOutput(amount(), Script.p2tr(Arrays.copyOfRange(tweaked, 1, 33)));
      return new Lock() {
        @Override
        public TransferOutput output() {
          return output;
        }

        @Override
        public TransferInput spend(SpendContext context, int input, TransferInput unsigned) {
          Signer signer =
              (secret, from, separator) ->
                  random.nextInt(16) == 0
                      ? new byte[0]
                      : schnorr(
                          secret,
                          context,
                          input,
                          new SpendContext.Leaf(Hash.of(leafHash), separator));
          List<byte[]> items = new ArrayList<>();
          contract.parts().forEach(part -> items.add(part.bytes(signer)));
          items.add(code);
          items.add(control);
          return unsigned.withWitness(items);
        }
      };
    }

    private byte[] keyBytes(Key key, boolean tapscript) {
      if (!tapscript) {
        return key.bytes();
      }
      byte[] x = Arrays.copyOfRange(key.bytes(), 1, 33);
      return random.nextInt(20) == 0 ? join(x, new byte[1]) : x;
    }

    private Contract contract(int sequence, Wrapper wrapper) {
      boolean tapscript = wrapper == Wrapper.TAPSCRIPT;
      Key key = key();
      Key other = key();
      byte[] keyPush = push(keyBytes(key, tapscript));
      byte[] otherPush = push(keyBytes(other, tapscript));
      byte[] check = op(Opcode.CHECKSIG);
      Part signature = signer -> signer.sign(key.secret());
      return switch (random.nextInt(10)) {
        case 0 -> {
          // Nobody knows yet what these do in tapscript; elsewhere they are disabled.
          byte[] success = random.nextInt(6) == 0 ? op(Opcode.CAT) : new byte[0];
          yield new Contract("key", script(keyPush, check, success), List.of(signature));
        }
        case 1 -> {
          byte[] bytes = keyBytes(key, tapscript);
          yield new Contract(
              "key hash",
              script(
                  op(Opcode.DUP, Opcode.HASH160),
                  push(Hashing.hash160(bytes)),
                  op(Opcode.EQUALVERIFY),
                  check),
              List.of(signature, signer -> bytes));
        }
        case 2 -> tapscript ? thresholdByAdd() : multisig();
        case 3 ->
            new Contract(
                "lock",
                script(timeLock(sequence), op(Opcode.DROP), keyPush, check),
                List.of(signature));
        case 4 -> {
          boolean first = random.nextBoolean();
          byte[] choice = ScriptNumber.ofBoolean(first);
          byte[] sloppy = random.nextInt(8) == 0 ? new byte[] {2} : choice;
          yield new Contract(
              "choice",
              script(
                  op(random.nextBoolean() ? Opcode.IF : Opcode.NOTIF),
                  keyPush,
                  check,
                  op(Opcode.ELSE),
                  otherPush,
                  check,
                  op(Opcode.ENDIF)),
              List.of(signer -> signer.sign((first ? key : other).secret()), signer -> sloppy));
        }
        case 5 -> {
          byte[] before = join(keyPush, op(Opcode.CHECKSIGVERIFY, Opcode.CODESEPARATOR));
          yield new Contract(
              "separator",
              script(before, otherPush, check),
              List.of(signer -> signer.sign(other.secret(), before.length, 2), signature));
        }
        case 6 -> {
          byte[] secret = bytes(random, random.nextInt(10) == 0 ? 521 : 32);
          yield new Contract(
              "hash lock",
              script(
                  op(Opcode.SHA256),
                  push(Hashing.sha256(secret)),
                  op(Opcode.EQUALVERIFY),
                  keyPush,
                  check),
              List.of(signature, signer -> secret));
        }
        case 7 -> {
          byte[] bad = random.nextBoolean() ? new byte[0] : oddSignature();
          yield new Contract(
              "not signed", script(keyPush, check, op(Opcode.NOT)), List.of(signer -> bad));
        }
        case 8 -> {
          byte[] bad = random.nextBoolean() ? new byte[0] : oddSignature();
          byte[] longer = join(op(Opcode.PUSHDATA1, bad.length), bad);
          yield new Contract(
              "signature in code",
              script(
                  random.nextInt(4) == 0 ? longer : Script.push(bad).toBytes(),
                  op(Opcode.DROP),
                  keyPush,
                  check,
                  op(Opcode.NOT)),
              List.of(signer -> bad));
        }
        default -> randomScript(key);
      };
    }

    private byte[] oddSignature() {
      return switch (random.nextInt(5)) {
        case 0 -> bytes(random, random.nextInt(12));
        case 1 -> Der.encode(bytes(random, 64), 1);
        case 2 -> new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1, 1};
        case 3 -> join(new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0, 1}, bytes(random, random.nextInt(3)));
        default -> bytes(random, 64 + random.nextInt(2));
      };
    }

    private Contract multisig() {
      int keyCount = 1 + random.nextInt(4);
      int needed = random.nextInt(keyCount + 1);
      List<Key> keys = new ArrayList<>();
      ByteArrayOutputStream code = new ByteArrayOutputStream();
      code.writeBytes(number(needed));
      for (int i = 0; i < keyCount; i++) {
        keys.add(key());
        code.writeBytes(push(keys.get(i).bytes()));
      }
      code.writeBytes(number(keyCount));
      code.writeBytes(op(Opcode.CHECKMULTISIG));
      List<Part> parts = new ArrayList<>();
      byte[] needless = random.nextInt(10) == 0 ? new byte[] {1} : new byte[0];
      parts.add(signer -> needless);
      int skipped = random.nextInt(keyCount - needed + 1);
      for (int i = 0; i < needed; i++) {
        Key key = keys.get(i + skipped);
        parts.add(signer -> signer.sign(key.secret()));
      }
      return new Contract("multisig", Script.of(code.toByteArray()), parts);
    }

    private Contract thresholdByAdd() {
      int keyCount = 1 + random.nextInt(4);
      ByteArrayOutputStream code = new ByteArrayOutputStream();
      List<Part> parts = new ArrayList<>();
      int signed = 0;
      for (int i = 0; i < keyCount; i++) {
        Key key = key();
        code.writeBytes(push(Arrays.copyOfRange(key.bytes(), 1, 33)));
        code.writeBytes(op(i == 0 ? Opcode.CHECKSIG : Opcode.CHECKSIGADD));
        boolean signs = random.nextBoolean();
        signed += signs ? 1 : 0;
        parts.add(0, signer -> signs ? signer.sign(key.secret()) : new byte[0]);
      }
      code.writeBytes(number(signed));
      code.writeBytes(op(Opcode.NUMEQUAL));
      return new Contract("threshold", Script.of(code.toByteArray()), parts);
    }

    private byte[] timeLock(int sequence) {
      boolean relative = random.nextBoolean();
      long near = Integer.toUnsignedLong(relative ? sequence & 0x0040ffff : lockTime);
      long demanded =
          switch (random.nextInt(6)) {
            case 0 -> near + 1;
            case 1 -> random.nextInt();
            case 2 -> near | (1L << (20 + random.nextInt(20)));
            default -> near - random.nextInt(2);
          };
      int opcode = relative ? Opcode.CHECKSEQUENCEVERIFY : Opcode.CHECKLOCKTIMEVERIFY;
      return join(number(demanded), op(opcode));
    }

    /**
     * Random operations, each kept only if the script can still end well; half of the scripts take
     * what comes.
     */
    private Contract randomScript(Key key) {
      boolean steered = random.nextInt(4) > 0;
      byte[] code = new byte[0];
      int open = 0;
      for (int i = 4 + random.nextInt(20); i > 0; i--) {
        byte[] next = randomOperation(key);
        int opcode = next[0] & 0xff;
        boolean opens = opcode == Opcode.IF || opcode == Opcode.NOTIF;
        if (opcode == Opcode.ENDIF && open == 0) {
          continue;
        }
        if (!steered || canEndWell(join(code, next))) {
          code = join(code, next);
          open += opens ? 1 : opcode == Opcode.ENDIF ? -1 : 0;
        }
      }
      while (open-- > 0) {
        code = join(code, op(Opcode.ENDIF));
      }
      return new Contract("random", Script.of(cleaned(code)), List.of());
    }

    /** The script with one true item left, if that can be had. */
    private byte[] cleaned(byte[] code) {
      byte[] end = new byte[0];
      for (int i = 0; i < 30; i++) {
        byte[] whole = join(code, end, op(Opcode.OP_1));
        Optional<ScriptError> error = runBare(whole, ScriptFlag.CLEANSTACK);
        if (error.isEmpty() || error.get() != ScriptError.CLEANSTACK) {
          return whole;
        }
        end = join(end, op(Opcode.DROP));
      }
      return join(code, op(Opcode.OP_1));
    }

    private static boolean canEndWell(byte[] code) {
      Optional<ScriptError> error = runBare(code);
      return error.isEmpty()
          || error.get() == ScriptError.EVAL_FALSE
          || error.get() == ScriptError.UNBALANCED_CONDITIONAL;
    }

    private static Optional<ScriptError> runBare(byte[] code, ScriptFlag... flags) {
      TransferOutput output = new TransferOutput(Amount.ZERO, Script.of(code));
      Transaction spend =
          Transaction.build(
              1,
              List.of(TransferInput.unsigned(new Outpoint(Hash.ZERO, 0))),
              List.of(new TransferOutput(Amount.ZERO, Script.EMPTY)),
              0);
      return ScriptVerifier.verify(
          CURVE,
          new SpendContext(spend, List.of(output)),
          0,
          ScriptFlags.of(List.of(flags)),
          ScriptBudget.unlimited());
    }

    private byte[] randomOperation(Key key) {
      return switch (random.nextInt(10)) {
        case 0, 1, 2 -> number(random.nextInt(21) - 3);
        case 3 -> push(bytes(random, random.nextInt(6)));
        case 4 -> {
          // In a longer form than needed.
          byte[] item = bytes(random, random.nextInt(4));
          yield join(op(Opcode.PUSHDATA1, item.length), item);
        }
        case 5 ->
            op(
                switch (random.nextInt(4)) {
                  case 0 -> Opcode.IF;
                  case 1 -> Opcode.NOTIF;
                  case 2 -> Opcode.ELSE;
                  default -> Opcode.ENDIF;
                });
        case 6 ->
            random.nextInt(4) == 0
                ? join(push(oddSignature()), push(key.bytes()), op(Opcode.CHECKSIG))
                : op(Opcode.NOP1 + random.nextInt(10));
        default -> op(Opcode.NOP + random.nextInt(0xbb - Opcode.NOP));
      };
    }
  }
}
