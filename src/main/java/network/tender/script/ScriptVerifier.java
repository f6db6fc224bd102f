package network.tender.script;

import static network.tender.script.ScriptFailedException.require;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.OpReader;
import network.tender.chain.Opcode;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Checks an input by any script (Core: VerifyScript): bare, by script hash, by segwit in itself or
 * wrapped, by taproot's key or script.
 */
final class ScriptVerifier {
  private static final int ANNEX_TAG = 0x50;
  private static final int CONTROL_BASE_BYTES = 33;
  private static final int CONTROL_NODE_BYTES = 32;
  private static final int MAX_CONTROL_NODES = 128;
  private static final int LEAF_MASK = 0xfe;
  private static final int TAPSCRIPT_LEAF = 0xc0;
  private static final int WITNESS_WEIGHT_FREE = 50;
  private static final byte[] ANCHOR = {0x4e, 0x73};

  private final Curve curve;
  private final InputCheck check;
  private final ScriptFlags flags;
  private final Script locking;
  private final List<byte[]> witness;

  private ScriptVerifier(
      Curve curve, SpendContext context, int input, ScriptFlags flags, ScriptBudget budget) {
    this.curve = curve;
    this.flags = flags;
    this.check = new InputCheck(curve, context, input, flags, budget);
    this.locking = context.spent(input).script();
    this.witness = context.transaction().witness(input);
  }

  /** The rule that an input breaks, if it breaks one. */
  static Optional<ScriptError> verify(
      Curve curve, SpendContext context, int input, ScriptFlags flags, ScriptBudget budget) {
    try {
      new ScriptVerifier(curve, context, input, flags, budget).verify();
      return Optional.empty();
    } catch (ScriptFailedException e) {
      return Optional.of(e.error());
    }
  }

  private void verify() {
    Transaction transaction = check.transaction();
    Script unlocking = transaction.scriptSig(check.input());
    if (flags.has(ScriptFlag.SIGPUSHONLY)) {
      require(OpReader.isPushOnly(unlocking), ScriptError.SIG_PUSHONLY);
    }
    ScriptStack stack = new ScriptStack();
    ScriptInterpreter.run(check, ScriptInterpreter.Version.BASE, stack, unlocking);
    ScriptStack unlocked = new ScriptStack(stack.items());
    ScriptInterpreter.run(check, ScriptInterpreter.Version.BASE, stack, locking);
    requireTrue(stack);
    boolean witnessUsed = false;
    if (flags.has(ScriptFlag.WITNESS) && locking.witnessVersion() >= 0) {
      witnessUsed = true;
      require(unlocking.isEmpty(), ScriptError.WITNESS_MALLEATED);
      verifyProgram(locking, false);
      stack = onlyTrue();
    }
    if (flags.has(ScriptFlag.P2SH) && locking.type() == Script.Type.P2SH) {
      require(OpReader.isPushOnly(unlocking), ScriptError.SIG_PUSHONLY);
      stack = unlocked;
      byte[] redeem = stack.pop();
      Script script = Script.of(redeem);
      ScriptInterpreter.run(check, ScriptInterpreter.Version.BASE, stack, script);
      requireTrue(stack);
      if (flags.has(ScriptFlag.WITNESS) && script.witnessVersion() >= 0) {
        witnessUsed = true;
        // Exactly one push, in its shortest form: else a third party could change the txid.
        require(unlocking.equals(Script.push(redeem)), ScriptError.WITNESS_MALLEATED_P2SH);
        verifyProgram(script, true);
        stack = onlyTrue();
      }
    }
    if (flags.has(ScriptFlag.CLEANSTACK)) {
      require(stack.size() == 1, ScriptError.CLEANSTACK);
    }
    if (flags.has(ScriptFlag.WITNESS)) {
      require(witnessUsed || witness.isEmpty(), ScriptError.WITNESS_UNEXPECTED);
    }
  }

  private static void requireTrue(ScriptStack stack) {
    require(stack.size() > 0 && ScriptNumber.isTrue(stack.top(1)), ScriptError.EVAL_FALSE);
  }

  /** A witness program leaves exactly one true item. */
  private static ScriptStack onlyTrue() {
    ScriptStack stack = new ScriptStack();
    stack.push(ScriptNumber.ofBoolean(true));
    return stack;
  }

  private void verifyProgram(Script programScript, boolean wrapped) {
    int version = programScript.witnessVersion();
    byte[] program = new byte[programScript.length() - 2];
    programScript.copyTo(2, program, 0, program.length);
    if (version == 0) {
      verifyVersion0(programScript, program);
    } else if (version == 1 && program.length == 32 && !wrapped) {
      if (flags.has(ScriptFlag.TAPROOT)) {
        verifyTaproot(program);
      }
    } else if (version == 1 && !wrapped && Arrays.equals(program, ANCHOR)) {
      // Anybody may spend it (Core: pay to anchor).
      return;
    } else {
      require(
          !flags.has(ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM),
          ScriptError.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM);
    }
  }

  private void verifyVersion0(Script programScript, byte[] program) {
    if (program.length == 32) {
      require(!witness.isEmpty(), ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
      byte[] script = witness.get(witness.size() - 1);
      check.budget().chargeHash(script.length);
      require(Arrays.equals(Hashing.sha256(script), program), ScriptError.WITNESS_PROGRAM_MISMATCH);
      runVersion0(Script.of(script), witness.subList(0, witness.size() - 1));
    } else if (program.length == 20) {
      require(witness.size() == 2, ScriptError.WITNESS_PROGRAM_MISMATCH);
      runVersion0(SpendContext.keyHashScript(programScript), witness);
    } else {
      throw new ScriptFailedException(ScriptError.WITNESS_PROGRAM_WRONG_LENGTH);
    }
  }

  private void runVersion0(Script script, List<byte[]> items) {
    requireItemSizes(items);
    ScriptStack stack = new ScriptStack(items);
    ScriptInterpreter.run(check, ScriptInterpreter.Version.WITNESS_V0, stack, script);
    requireOneTrue(stack);
  }

  private static void requireItemSizes(List<byte[]> items) {
    for (byte[] item : items) {
      require(item.length <= ScriptInterpreter.MAX_ITEM_BYTES, ScriptError.PUSH_SIZE);
    }
  }

  private static void requireOneTrue(ScriptStack stack) {
    require(stack.size() == 1, ScriptError.CLEANSTACK);
    require(ScriptNumber.isTrue(stack.top(1)), ScriptError.EVAL_FALSE);
  }

  private void verifyTaproot(byte[] outputKey) {
    require(!witness.isEmpty(), ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
    List<byte[]> items = new ArrayList<>(witness);
    byte[] last = items.get(items.size() - 1);
    Hash annexHash = null;
    if (items.size() >= 2 && last.length > 0 && last[0] == ANNEX_TAG) {
      items.remove(items.size() - 1);
      check.budget().chargeHash(last.length);
      annexHash = sizedHash(last);
    }
    if (items.size() == 1) {
      check.requireSchnorr(items.get(0), outputKey, annexHash, null);
    } else {
      verifyScriptPath(outputKey, items, annexHash);
    }
  }

  private void verifyScriptPath(byte[] outputKey, List<byte[]> items, @Nullable Hash annexHash) {
    byte[] control = items.remove(items.size() - 1);
    byte[] script = items.remove(items.size() - 1);
    int nodes = (control.length - CONTROL_BASE_BYTES) / CONTROL_NODE_BYTES;
    require(
        control.length >= CONTROL_BASE_BYTES
            && nodes <= MAX_CONTROL_NODES
            && control.length == CONTROL_BASE_BYTES + nodes * CONTROL_NODE_BYTES,
        ScriptError.TAPROOT_WRONG_CONTROL_SIZE);
    int leafVersion = control[0] & LEAF_MASK;
    check.budget().chargeHash(script.length);
    byte[] leafHash = Taproot.leafHash(leafVersion, script);
    require(commits(outputKey, control, leafHash), ScriptError.WITNESS_PROGRAM_MISMATCH);
    if (leafVersion == TAPSCRIPT_LEAF) {
      runTapscript(Script.of(script), items, annexHash, Hash.of(leafHash));
    } else {
      require(
          !flags.has(ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION),
          ScriptError.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION);
    }
  }

  /** True if a control block proves that an output key commits to a leaf (BIP341). */
  private boolean commits(byte[] outputKey, byte[] control, byte[] leafHash) {
    byte[] root = leafHash;
    for (int at = CONTROL_BASE_BYTES; at < control.length; at += CONTROL_NODE_BYTES) {
      check.budget().chargeHash(2 * CONTROL_NODE_BYTES);
      root = Taproot.branchHash(root, Arrays.copyOfRange(control, at, at + CONTROL_NODE_BYTES));
    }
    byte[] internal = Arrays.copyOf(control, CONTROL_BASE_BYTES);
    internal[0] = 2;
    check.budget().chargeCheck();
    try {
      byte[] tweaked = curve.addTweak(internal, Taproot.tweak(internal, root));
      return (tweaked[0] & 1) == (control[0] & 1)
          && Arrays.equals(tweaked, 1, CONTROL_BASE_BYTES, outputKey, 0, outputKey.length);
    } catch (IllegalArgumentException e) {
      // Not a point, or no sum: it commits to nothing.
      return false;
    }
  }

  private void runTapscript(
      Script script, List<byte[]> items, @Nullable Hash annexHash, Hash leafHash) {
    OpReader reader = new OpReader(script);
    while (reader.hasNext()) {
      require(reader.next(), ScriptError.BAD_OPCODE);
      if (Opcode.isSuccess(reader.opcode())) {
        require(!flags.has(ScriptFlag.DISCOURAGE_OP_SUCCESS), ScriptError.DISCOURAGE_OP_SUCCESS);
        return;
      }
    }
    require(items.size() <= ScriptInterpreter.MAX_ITEMS, ScriptError.STACK_SIZE);
    requireItemSizes(items);
    ScriptStack stack = new ScriptStack(items);
    ScriptInterpreter.run(
        check,
        stack,
        script,
        new ScriptInterpreter.TapscriptSpend(
            annexHash, leafHash, serialisedSize(witness) + WITNESS_WEIGHT_FREE));
    requireOneTrue(stack);
  }

  private static long serialisedSize(List<byte[]> items) {
    long size = sizeBytes(items.size());
    for (byte[] item : items) {
      size += sizeBytes(item.length) + item.length;
    }
    return size;
  }

  private static int sizeBytes(int value) {
    return value < 0xfd ? 1 : value <= 0xffff ? 3 : 5;
  }

  private static Hash sizedHash(byte[] bytes) {
    MessageDigest digest = Hashing.newSha256();
    SpendContext.digestSized(digest, Script.of(bytes));
    return Hash.of(digest.digest());
  }
}
