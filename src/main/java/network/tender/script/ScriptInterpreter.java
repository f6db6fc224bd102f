package network.tender.script;

import static network.tender.script.ScriptFailedException.require;

import java.util.Arrays;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.OpReader;
import network.tender.chain.Opcode;
import network.tender.chain.Script;
import org.jspecify.annotations.Nullable;

/**
 * Runs one script (Core: EvalScript), with the same failures in the same order. The work is linear
 * in the script and counted in a {@link ScriptBudget}. Not safe for a second thread.
 */
final class ScriptInterpreter {
  /** Which rules a script is run by. */
  enum Version {
    /** Before segwit. */
    BASE,
    /** Segwit version 0 (BIP143). */
    WITNESS_V0,
    /** BIP342. */
    TAPSCRIPT
  }

  /** The most bytes of an item. */
  static final int MAX_ITEM_BYTES = 520;

  /** The most items on both stacks. */
  static final int MAX_ITEMS = 1_000;

  private static final int MAX_SCRIPT_BYTES = 10_000;
  private static final int MAX_OPERATIONS = 201;
  private static final int MAX_KEYS = 20;
  private static final int CHECK_WEIGHT = 50;

  private final InputCheck check;
  private final ScriptBudget budget;
  private final Version version;
  private final ScriptStack stack;
  private final ScriptStack aside = new ScriptStack();
  private final Conditions conditions = new Conditions();
  private final Script script;
  private final @Nullable TapscriptSpend tapscript;
  private final boolean minimal;

  private int operations;
  private int opcodePosition;
  private InputCheck.SignedCode signedCode;
  private int codeSeparator = -1;
  private long weightLeft;

  /**
   * What only tapscript knows of a spend.
   *
   * @param annexHash of the annex, if there is one
   * @param leafHash of the script
   * @param weight of the witness, from which signature checks are taken off (BIP342)
   */
  record TapscriptSpend(@Nullable Hash annexHash, Hash leafHash, long weight) {}

  private ScriptInterpreter(
      InputCheck check,
      Version version,
      ScriptStack stack,
      Script script,
      @Nullable TapscriptSpend tapscript) {
    this.check = check;
    this.budget = check.budget();
    this.version = version;
    this.stack = stack;
    this.script = script;
    this.tapscript = tapscript;
    this.minimal = check.flags().has(ScriptFlag.MINIMALDATA);
    this.signedCode = new InputCheck.SignedCode(script, version == Version.WITNESS_V0);
    this.weightLeft = tapscript == null ? 0 : tapscript.weight();
  }

  /** Runs a script of the older kinds on a stack, which it changes. */
  static void run(InputCheck check, Version version, ScriptStack stack, Script script) {
    new ScriptInterpreter(check, version, stack, script, null).run();
  }

  /** Runs a tapscript on a stack, which it changes. */
  static void run(InputCheck check, ScriptStack stack, Script script, TapscriptSpend spend) {
    new ScriptInterpreter(check, Version.TAPSCRIPT, stack, script, spend).run();
  }

  private void run() {
    boolean limited = version != Version.TAPSCRIPT;
    require(!limited || script.length() <= MAX_SCRIPT_BYTES, ScriptError.SCRIPT_SIZE);
    OpReader reader = new OpReader(script);
    for (opcodePosition = 0; reader.hasNext(); opcodePosition++) {
      require(reader.next(), ScriptError.BAD_OPCODE);
      require(reader.dataLength() <= MAX_ITEM_BYTES, ScriptError.PUSH_SIZE);
      budget.chargeOperation();
      int opcode = reader.opcode();
      if (limited) {
        require(opcode <= Opcode.OP_16 || ++operations <= MAX_OPERATIONS, ScriptError.OP_COUNT);
      }
      require(!Opcode.isDisabled(opcode), ScriptError.DISABLED_OPCODE);
      require(
          opcode != Opcode.CODESEPARATOR
              || version != Version.BASE
              || !check.flags().has(ScriptFlag.CONST_SCRIPTCODE),
          ScriptError.OP_CODESEPARATOR);
      boolean executing = conditions.allTrue();
      if (executing && reader.isData()) {
        byte[] data = reader.data();
        require(!minimal || isMinimalPush(opcode, data), ScriptError.MINIMALDATA);
        stack.push(data);
      } else if (executing || (opcode >= Opcode.IF && opcode <= Opcode.ENDIF)) {
        execute(opcode, executing, reader);
      }
      require(stack.size() + aside.size() <= MAX_ITEMS, ScriptError.STACK_SIZE);
    }
    require(conditions.isEmpty(), ScriptError.UNBALANCED_CONDITIONAL);
  }

  private static boolean isMinimalPush(int opcode, byte[] data) {
    int size = data.length;
    if (size == 0) {
      return opcode == Opcode.OP_0;
    }
    if (size == 1 && ((data[0] >= 1 && data[0] <= 16) || data[0] == (byte) 0x81)) {
      return false;
    }
    return size <= 75
        ? opcode == size
        : size <= 255 ? opcode == Opcode.PUSHDATA1 : size > 65_535 || opcode == Opcode.PUSHDATA2;
  }

  private void execute(int opcode, boolean executing, OpReader reader) {
    switch (opcode) {
      case Opcode.OP_1NEGATE -> stack.push(ScriptNumber.encode(-1));
      case Opcode.NOP -> {}
      case Opcode.CHECKLOCKTIMEVERIFY -> checkLockTime();
      case Opcode.CHECKSEQUENCEVERIFY -> checkSequence();
      case Opcode.IF, Opcode.NOTIF -> begin(opcode, executing);
      case Opcode.ELSE -> {
        require(!conditions.isEmpty(), ScriptError.UNBALANCED_CONDITIONAL);
        conditions.toggle();
      }
      case Opcode.ENDIF -> {
        require(!conditions.isEmpty(), ScriptError.UNBALANCED_CONDITIONAL);
        conditions.pop();
      }
      case Opcode.VERIFY -> {
        stack.demand(1);
        require(ScriptNumber.isTrue(stack.top(1)), ScriptError.VERIFY);
        stack.pop();
      }
      case Opcode.RETURN -> throw new ScriptFailedException(ScriptError.OP_RETURN);
      case Opcode.TOALTSTACK -> {
        stack.demand(1);
        aside.push(stack.pop());
      }
      case Opcode.FROMALTSTACK -> {
        require(aside.size() >= 1, ScriptError.INVALID_ALTSTACK_OPERATION);
        stack.push(aside.pop());
      }
      case Opcode.OP_2DROP -> {
        stack.demand(2);
        stack.drop(2);
      }
      case Opcode.OP_2DUP -> stack.copyUp(2, 2);
      case Opcode.OP_3DUP -> stack.copyUp(3, 3);
      case Opcode.OP_2OVER -> stack.copyUp(4, 2);
      case Opcode.OP_2ROT -> stack.moveUp(6, 2);
      case Opcode.OP_2SWAP -> stack.moveUp(4, 2);
      case Opcode.IFDUP -> {
        stack.demand(1);
        if (ScriptNumber.isTrue(stack.top(1))) {
          stack.push(stack.top(1));
        }
      }
      case Opcode.DEPTH -> stack.push(ScriptNumber.encode(stack.size()));
      case Opcode.DROP -> {
        stack.demand(1);
        stack.pop();
      }
      case Opcode.DUP -> stack.copyUp(1, 1);
      case Opcode.NIP -> {
        stack.demand(2);
        stack.remove(2);
      }
      case Opcode.OVER -> stack.copyUp(2, 1);
      case Opcode.PICK, Opcode.ROLL -> pick(opcode);
      case Opcode.ROT -> stack.moveUp(3, 1);
      case Opcode.SWAP -> stack.moveUp(2, 1);
      case Opcode.TUCK -> {
        stack.demand(2);
        stack.insertBelow(2, stack.top(1));
      }
      case Opcode.SIZE -> {
        stack.demand(1);
        stack.push(ScriptNumber.encode(stack.top(1).length));
      }
      case Opcode.EQUAL, Opcode.EQUALVERIFY -> {
        stack.demand(2);
        boolean equal = Arrays.equals(stack.pop(), stack.pop());
        answer(equal, opcode == Opcode.EQUALVERIFY, ScriptError.EQUALVERIFY);
      }
      case Opcode.OP_1ADD,
          Opcode.OP_1SUB,
          Opcode.NEGATE,
          Opcode.ABS,
          Opcode.NOT,
          Opcode.OP_0NOTEQUAL -> {
        stack.demand(1);
        long number = number(1);
        stack.pop();
        stack.push(ScriptNumber.encode(unary(opcode, number)));
      }
      case Opcode.ADD,
          Opcode.SUB,
          Opcode.BOOLAND,
          Opcode.BOOLOR,
          Opcode.NUMEQUAL,
          Opcode.NUMEQUALVERIFY,
          Opcode.NUMNOTEQUAL,
          Opcode.LESSTHAN,
          Opcode.GREATERTHAN,
          Opcode.LESSTHANOREQUAL,
          Opcode.GREATERTHANOREQUAL,
          Opcode.MIN,
          Opcode.MAX -> {
        stack.demand(2);
        long result = binary(opcode, number(2), number(1));
        stack.drop(2);
        if (opcode == Opcode.NUMEQUALVERIFY) {
          require(result != 0, ScriptError.NUMEQUALVERIFY);
        } else {
          stack.push(ScriptNumber.encode(result));
        }
      }
      case Opcode.WITHIN -> {
        stack.demand(3);
        long number = number(3);
        long least = number(2);
        long end = number(1);
        stack.drop(3);
        stack.push(ScriptNumber.ofBoolean(least <= number && number < end));
      }
      case Opcode.RIPEMD160, Opcode.SHA1, Opcode.SHA256, Opcode.HASH160, Opcode.HASH256 -> {
        stack.demand(1);
        byte[] item = stack.pop();
        budget.chargeHash(item.length);
        stack.push(hash(opcode, item));
      }
      case Opcode.CODESEPARATOR -> {
        int at = script.offset() + reader.position();
        signedCode =
            new InputCheck.SignedCode(
                Script.view(script.array(), at, script.length() - reader.position()),
                version == Version.WITNESS_V0);
        codeSeparator = opcodePosition;
      }
      case Opcode.CHECKSIG, Opcode.CHECKSIGVERIFY -> {
        stack.demand(2);
        boolean valid = checkSignature(stack.top(2), stack.top(1));
        stack.drop(2);
        answer(valid, opcode == Opcode.CHECKSIGVERIFY, ScriptError.CHECKSIGVERIFY);
      }
      case Opcode.CHECKSIGADD -> {
        require(version == Version.TAPSCRIPT, ScriptError.BAD_OPCODE);
        stack.demand(3);
        long number = number(2);
        boolean valid = checkSignature(stack.top(3), stack.top(1));
        stack.drop(3);
        stack.push(ScriptNumber.encode(number + (valid ? 1 : 0)));
      }
      case Opcode.CHECKMULTISIG, Opcode.CHECKMULTISIGVERIFY -> {
        require(version != Version.TAPSCRIPT, ScriptError.TAPSCRIPT_CHECKMULTISIG);
        boolean valid = checkMultisig();
        answer(valid, opcode == Opcode.CHECKMULTISIGVERIFY, ScriptError.CHECKMULTISIGVERIFY);
      }
      default -> {
        if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) {
          stack.push(ScriptNumber.encode(opcode - Opcode.OP_1 + 1));
        } else {
          boolean nop = opcode == Opcode.NOP1 || (opcode >= Opcode.NOP4 && opcode <= Opcode.NOP10);
          require(nop, ScriptError.BAD_OPCODE);
          require(
              !check.flags().has(ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS),
              ScriptError.DISCOURAGE_UPGRADABLE_NOPS);
        }
      }
    }
  }

  /** Pushes an outcome, or demands that it is true. */
  private void answer(boolean outcome, boolean demanded, ScriptError error) {
    if (demanded) {
      require(outcome, error);
    } else {
      stack.push(ScriptNumber.ofBoolean(outcome));
    }
  }

  private long number(int depth) {
    return ScriptNumber.decode(stack.top(depth), minimal, ScriptNumber.OPERAND_BYTES);
  }

  private void begin(int opcode, boolean executing) {
    boolean value = false;
    if (executing) {
      stack.demand(1);
      byte[] item = stack.top(1);
      boolean bit = item.length == 0 || (item.length == 1 && item[0] == 1);
      require(bit || version != Version.TAPSCRIPT, ScriptError.TAPSCRIPT_MINIMALIF);
      require(
          bit || version != Version.WITNESS_V0 || !check.flags().has(ScriptFlag.MINIMALIF),
          ScriptError.MINIMALIF);
      value = ScriptNumber.isTrue(item) == (opcode == Opcode.IF);
      stack.pop();
    }
    conditions.push(value);
  }

  private void checkLockTime() {
    if (!check.flags().has(ScriptFlag.CHECKLOCKTIMEVERIFY)) {
      return;
    }
    stack.demand(1);
    long demanded = ScriptNumber.decode(stack.top(1), minimal, ScriptNumber.LOCK_BYTES);
    require(demanded >= 0, ScriptError.NEGATIVE_LOCKTIME);
    require(check.checkLockTime(demanded), ScriptError.UNSATISFIED_LOCKTIME);
  }

  private void checkSequence() {
    if (!check.flags().has(ScriptFlag.CHECKSEQUENCEVERIFY)) {
      return;
    }
    stack.demand(1);
    long demanded = ScriptNumber.decode(stack.top(1), minimal, ScriptNumber.LOCK_BYTES);
    require(demanded >= 0, ScriptError.NEGATIVE_LOCKTIME);
    if ((demanded & InputCheck.SEQUENCE_DISABLED) == 0) {
      require(check.checkSequence(demanded), ScriptError.UNSATISFIED_LOCKTIME);
    }
  }

  private void pick(int opcode) {
    stack.demand(2);
    long depth = number(1);
    stack.pop();
    require(depth >= 0 && depth < stack.size(), ScriptError.INVALID_STACK_OPERATION);
    int place = (int) depth + 1;
    stack.push(opcode == Opcode.ROLL ? stack.remove(place) : stack.top(place));
  }

  private static long unary(int opcode, long number) {
    return switch (opcode) {
      case Opcode.OP_1ADD -> number + 1;
      case Opcode.OP_1SUB -> number - 1;
      case Opcode.NEGATE -> -number;
      case Opcode.ABS -> Math.abs(number);
      case Opcode.NOT -> number == 0 ? 1 : 0;
      case Opcode.OP_0NOTEQUAL -> number != 0 ? 1 : 0;
      default -> throw new IllegalArgumentException("no operation on one number: " + opcode);
    };
  }

  private static long binary(int opcode, long a, long b) {
    return switch (opcode) {
      case Opcode.ADD -> a + b;
      case Opcode.SUB -> a - b;
      case Opcode.MIN -> Math.min(a, b);
      case Opcode.MAX -> Math.max(a, b);
      default -> compare(opcode, a, b) ? 1 : 0;
    };
  }

  private static boolean compare(int opcode, long a, long b) {
    return switch (opcode) {
      case Opcode.BOOLAND -> a != 0 && b != 0;
      case Opcode.BOOLOR -> a != 0 || b != 0;
      case Opcode.NUMEQUAL, Opcode.NUMEQUALVERIFY -> a == b;
      case Opcode.NUMNOTEQUAL -> a != b;
      case Opcode.LESSTHAN -> a < b;
      case Opcode.GREATERTHAN -> a > b;
      case Opcode.LESSTHANOREQUAL -> a <= b;
      case Opcode.GREATERTHANOREQUAL -> a >= b;
      default -> throw new IllegalArgumentException("no comparison: " + opcode);
    };
  }

  private static byte[] hash(int opcode, byte[] item) {
    return switch (opcode) {
      case Opcode.RIPEMD160 -> Hashing.ripemd160(item);
      case Opcode.SHA1 -> Hashing.sha1(item);
      case Opcode.SHA256 -> Hashing.sha256(item);
      case Opcode.HASH160 -> Hashing.hash160(item);
      case Opcode.HASH256 -> Hashing.sha256(Hashing.sha256(item));
      default -> throw new IllegalArgumentException("no hash: " + opcode);
    };
  }

  private boolean checkSignature(byte[] signature, byte[] key) {
    if (tapscript != null) {
      return checkTapscript(tapscript, signature, key);
    }
    InputCheck.SignedCode code = withoutSignature(signedCode, signature);
    check.requireSignatureForm(signature);
    check.requireKeyForm(key, code.segwit());
    boolean valid = check.checkEcdsa(signature, key, code);
    require(
        valid || signature.length == 0 || !check.flags().has(ScriptFlag.NULLFAIL),
        ScriptError.NULLFAIL);
    return valid;
  }

  private boolean checkTapscript(TapscriptSpend spend, byte[] signature, byte[] key) {
    boolean some = signature.length > 0;
    if (some) {
      weightLeft -= CHECK_WEIGHT;
      require(weightLeft >= 0, ScriptError.TAPSCRIPT_VALIDATION_WEIGHT);
    }
    require(key.length > 0, ScriptError.TAPSCRIPT_EMPTY_PUBKEY);
    if (key.length != 32) {
      require(
          !check.flags().has(ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE),
          ScriptError.DISCOURAGE_UPGRADABLE_PUBKEYTYPE);
    } else if (some) {
      check.requireSchnorr(
          signature,
          key,
          spend.annexHash(),
          new SpendContext.Leaf(spend.leafHash(), codeSeparator));
    }
    return some;
  }

  private boolean checkMultisig() {
    stack.demand(1);
    int keys = count(1, MAX_KEYS, ScriptError.PUBKEY_COUNT);
    operations += keys;
    require(operations <= MAX_OPERATIONS, ScriptError.OP_COUNT);
    stack.demand(keys + 2);
    int signatures = count(keys + 2, keys, ScriptError.SIG_COUNT);
    // Everything but the needless item that is taken in the end (BIP147).
    int items = keys + signatures + 2;
    stack.demand(items + 1);
    InputCheck.SignedCode code = signedCode;
    int firstKey = 2;
    int firstSignature = keys + 3;
    for (int i = 0; i < signatures; i++) {
      code = withoutSignature(code, stack.top(firstSignature + i));
    }
    boolean valid = true;
    int keysLeft = keys;
    int signaturesLeft = signatures;
    while (valid && signaturesLeft > 0) {
      byte[] signature = stack.top(firstSignature + signatures - signaturesLeft);
      byte[] key = stack.top(firstKey + keys - keysLeft);
      check.requireSignatureForm(signature);
      check.requireKeyForm(key, code.segwit());
      if (check.checkEcdsa(signature, key, code)) {
        signaturesLeft--;
      }
      keysLeft--;
      valid = signaturesLeft <= keysLeft;
    }
    if (!valid && check.flags().has(ScriptFlag.NULLFAIL)) {
      for (int i = 0; i < signatures; i++) {
        require(stack.top(firstSignature + i).length == 0, ScriptError.NULLFAIL);
      }
    }
    stack.drop(items);
    require(
        stack.top(1).length == 0 || !check.flags().has(ScriptFlag.NULLDUMMY),
        ScriptError.SIG_NULLDUMMY);
    stack.pop();
    return valid;
  }

  private int count(int depth, int most, ScriptError error) {
    long count = number(depth);
    require(count >= 0 && count <= most, error);
    return (int) count;
  }

  /** Only without segwit: a signature cannot sign itself. */
  private InputCheck.SignedCode withoutSignature(InputCheck.SignedCode code, byte[] signature) {
    if (version != Version.BASE) {
      return code;
    }
    budget.charge(code.code().length() / 16);
    Optional<Script> without = LegacySignatureHash.withoutSignature(code.code(), signature);
    if (without.isEmpty()) {
      return code;
    }
    require(!check.flags().has(ScriptFlag.CONST_SCRIPTCODE), ScriptError.SIG_FINDANDDELETE);
    return new InputCheck.SignedCode(without.get(), false);
  }

  /**
   * The open conditions. Only their number and the place of the first false one matter, so that
   * deep nesting costs nothing (Core: ConditionStack).
   */
  private static final class Conditions {
    private int size;
    private int firstFalse = -1;

    boolean isEmpty() {
      return size == 0;
    }

    boolean allTrue() {
      return firstFalse < 0;
    }

    void push(boolean value) {
      if (firstFalse < 0 && !value) {
        firstFalse = size;
      }
      size++;
    }

    void pop() {
      size--;
      if (firstFalse == size) {
        firstFalse = -1;
      }
    }

    void toggle() {
      if (firstFalse < 0) {
        firstFalse = size - 1;
      } else if (firstFalse == size - 1) {
        firstFalse = -1;
      }
      // Else an outer condition is false, and what this one is makes no difference.
    }
  }
}
