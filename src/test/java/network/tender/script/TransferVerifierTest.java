package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import network.tender.Vectors;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransferVerifierTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final TransferVerifier VERIFIER = new TransferVerifier(CURVE);
  private static final byte[] SECRET = Hashing.sha256(new byte[] {9});
  private static final byte[] KEY = CURVE.publicKey(SECRET);
  private static final Amount AMOUNT = Amount.ofSat(5_000);

  private static TransferOutput spent(KeyScript kind) {
    return new TransferOutput(AMOUNT, kind.of(CURVE, KEY));
  }

  private static Transaction transfer(Script scriptSig, List<byte[]> witness) {
    Outpoint prevout = new Outpoint(Hash.of(Hashing.sha256(new byte[0])), 1);
    return Transaction.build(
        2,
        List.of(new TransferInput(prevout, scriptSig, TransferInput.SEQUENCE_FINAL, witness)),
        List.of(new TransferOutput(Amount.ofSat(4_000), Script.p2wpkh(new byte[20]))),
        0);
  }

  private static Transaction signed(KeyScript kind) {
    Transaction unsigned = transfer(Script.EMPTY, List.of());
    return new TransferSigner(CURVE).sign(unsigned, List.of(spent(kind)), List.of(SECRET));
  }

  private static List<byte[]> witness(KeyScript kind) {
    return signed(kind).witness(0);
  }

  private static ScriptVerdict verify(KeyScript kind, List<byte[]> witness) {
    return VERIFIER.verify(transfer(Script.EMPTY, witness), List.of(spent(kind)));
  }

  private static ScriptVerdict refused(ScriptError error) {
    return new ScriptVerdict.Invalid(0, error);
  }

  /** The verdict on a P2WPKH spend whose signature was changed. */
  private static ScriptVerdict withSignature(UnaryOperator<byte[]> change) {
    List<byte[]> witness = witness(KeyScript.P2WPKH);
    return verify(KeyScript.P2WPKH, List.of(change.apply(witness.get(0).clone()), witness.get(1)));
  }

  private static byte[] der(BigInteger r, BigInteger s) {
    byte[] first = r.toByteArray();
    byte[] second = s.toByteArray();
    byte[] der = new byte[7 + first.length + second.length];
    der[0] = 0x30;
    der[1] = (byte) (der.length - 3);
    der[2] = 2;
    der[3] = (byte) first.length;
    System.arraycopy(first, 0, der, 4, first.length);
    der[4 + first.length] = 2;
    der[5 + first.length] = (byte) second.length;
    System.arraycopy(second, 0, der, 6 + first.length, second.length);
    der[der.length - 1] = 1;
    return der;
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyScript.class,
      names = {"P2WPKH", "P2TR"})
  void whatTheSignerSignsIsValidAndAlwaysTheSame(KeyScript kind) {
    assertThat(signed(kind)).isEqualTo(signed(kind));
    assertThat(VERIFIER.verify(signed(kind), List.of(spent(kind))))
        .isEqualTo(new ScriptVerdict.Valid());
  }

  @Test
  void theSignerRefusesForeignAndUnknownOutputs() {
    TransferSigner signer = new TransferSigner(CURVE);
    Transaction unsigned = transfer(Script.EMPTY, List.of());
    for (Script script :
        List.of(
            Script.p2wpkh(new byte[20]),
            Script.p2tr(new byte[32]),
            KeyScript.P2PKH.of(CURVE, KEY),
            KeyScript.P2SH_P2WPKH.of(CURVE, KEY))) {
      List<TransferOutput> foreign = List.of(new TransferOutput(AMOUNT, script));
      assertThatThrownBy(() -> signer.sign(unsigned, foreign, List.of(SECRET)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> signer.sign(unsigned, List.of(spent(KeyScript.P2TR)), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> signer.sign(unsigned, List.of(), List.of(SECRET)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theFirstBadInputIsNamed() {
    byte[] badWitness = new byte[64];
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Outpoint prevout = new Outpoint(Hash.ZERO, i);
      inputs.add(TransferInput.unsigned(prevout));
    }
    List<TransferOutput> outputs = List.of(new TransferOutput(AMOUNT, Script.EMPTY));
    List<TransferOutput> spent =
        List.of(spent(KeyScript.P2WPKH), spent(KeyScript.P2TR), spent(KeyScript.P2TR));
    Transaction good =
        new TransferSigner(CURVE)
            .sign(Transaction.build(2, inputs, outputs, 0), spent, List.of(SECRET, SECRET, SECRET));
    for (int i = 0; i < 3; i++) {
      inputs.set(i, inputs.get(i).withWitness(i == 1 ? List.of(badWitness) : good.witness(i)));
    }
    assertThat(VERIFIER.verify(Transaction.build(2, inputs, outputs, 0), spent))
        .isEqualTo(new ScriptVerdict.Invalid(1, ScriptError.SCHNORR_SIG));
  }

  @Test
  void theInputsOfOneContextCanBeCheckedInParallel() {
    List<TransferInput> inputs = new ArrayList<>();
    List<TransferOutput> spent = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      inputs.add(TransferInput.unsigned(new Outpoint(Hash.ZERO, i)));
      spent.add(spent(i % 2 == 0 ? KeyScript.P2WPKH : KeyScript.P2TR));
    }
    Transaction unsigned =
        Transaction.build(2, inputs, List.of(new TransferOutput(AMOUNT, Script.EMPTY)), 0);
    Transaction signed =
        new TransferSigner(CURVE).sign(unsigned, spent, Collections.nCopies(300, SECRET));
    SpendContext context = new SpendContext(signed, spent);
    assertThat(
            IntStream.range(0, 300)
                .parallel()
                .filter(
                    i ->
                        VERIFIER
                            .verifyInput(
                                context, i, ScriptFlags.STANDARD, ScriptBudget.ofTransfer())
                            .isPresent())
                .boxed())
        .isEmpty();
  }

  /** As an item on the stack it is false, whatever the witness holds. */
  @Test
  void aWitnessProgramOfZerosIsFalse() {
    for (int last : new int[] {0, 0x80}) {
      byte[] keyHash = new byte[20];
      keyHash[19] = (byte) last;
      byte[] outputKey = new byte[32];
      outputKey[31] = (byte) last;
      for (Script script : List.of(Script.p2wpkh(keyHash), Script.p2tr(outputKey))) {
        TransferOutput spent = new TransferOutput(AMOUNT, script);
        assertThat(VERIFIER.verify(transfer(Script.EMPTY, List.of()), List.of(spent)))
            .isEqualTo(refused(ScriptError.EVAL_FALSE));
      }
    }
  }

  @Test
  void aSignatureScriptIsRunBeforeItIsMalleation() {
    for (KeyScript kind : List.of(KeyScript.P2WPKH, KeyScript.P2TR)) {
      Transaction transfer = transfer(Script.of(new byte[] {0x6a}), witness(kind));
      assertThat(VERIFIER.verify(transfer, List.of(spent(kind))))
          .isEqualTo(refused(ScriptError.OP_RETURN));
    }
  }

  @Test
  void aSignatureScriptOnNativeSegwitIsMalleation() {
    for (KeyScript kind : List.of(KeyScript.P2WPKH, KeyScript.P2TR)) {
      Transaction transfer = transfer(Script.of(new byte[] {0x51}), witness(kind));
      assertThat(VERIFIER.verify(transfer, List.of(spent(kind))))
          .isEqualTo(refused(ScriptError.WITNESS_MALLEATED));
    }
  }

  /** Core runs both scripts before it looks at the witness. */
  @Test
  void aScriptThatFailsByItselfIsRefusedForThat() {
    for (KeyScript kind : List.of(KeyScript.P2WPKH, KeyScript.P2TR)) {
      Transaction transfer = transfer(CoreScript.parse("RETURN"), witness(kind));
      assertThat(VERIFIER.verify(transfer, List.of(spent(kind))))
          .isEqualTo(refused(ScriptError.OP_RETURN));
      Transaction plain = transfer(Script.EMPTY, witness(kind));
      for (int last : new int[] {0, 0x80}) {
        byte[] zero = new byte[kind == KeyScript.P2TR ? 32 : 20];
        zero[zero.length - 1] = (byte) last;
        Script script = kind == KeyScript.P2TR ? Script.p2tr(zero) : Script.p2wpkh(zero);
        assertThat(VERIFIER.verify(plain, List.of(new TransferOutput(AMOUNT, script))))
            .as("a program that is false as an item")
            .isEqualTo(refused(ScriptError.EVAL_FALSE));
        assertThat(
                TransferVerifier.areKeySpends(plain, List.of(new TransferOutput(AMOUNT, script))))
            .isFalse();
      }
      assertThat(TransferVerifier.areKeySpends(plain, List.of(spent(kind)))).isTrue();
      assertThat(TransferVerifier.areKeySpends(transfer, List.of(spent(kind)))).isFalse();
    }
  }

  @Test
  void p2wpkhWantsExactlyTwoItems() {
    List<byte[]> good = witness(KeyScript.P2WPKH);
    for (List<byte[]> witness :
        List.of(
            List.<byte[]>of(),
            good.subList(1, 2),
            List.of(good.get(0), good.get(1), new byte[0]),
            List.of(new byte[0], good.get(0), good.get(1)))) {
      assertThat(verify(KeyScript.P2WPKH, witness))
          .isEqualTo(refused(ScriptError.WITNESS_PROGRAM_MISMATCH));
    }
  }

  @Test
  void p2wpkhWantsTheCompressedKeyOfItsHash() {
    byte[] signature = witness(KeyScript.P2WPKH).get(0);
    byte[] other = CURVE.publicKey(Hashing.sha256(KEY));
    assertThat(verify(KeyScript.P2WPKH, List.of(signature, other)))
        .isEqualTo(refused(ScriptError.EQUALVERIFY));
    assertThat(verify(KeyScript.P2WPKH, List.of(new byte[521], KEY)))
        .isEqualTo(refused(ScriptError.PUSH_SIZE));

    byte[] uncompressed =
        CustomNamedCurves.getByName("secp256k1").getCurve().decodePoint(KEY).getEncoded(false);
    byte[] hybrid = uncompressed.clone();
    hybrid[0] = (byte) (6 | (uncompressed[64] & 1));
    byte[] wrongPrefix = KEY.clone();
    wrongPrefix[0] = 4;
    assertThat(withKey(signature, uncompressed)).isEqualTo(refused(ScriptError.WITNESS_PUBKEYTYPE));
    assertThat(withKey(new byte[0], uncompressed))
        .isEqualTo(refused(ScriptError.WITNESS_PUBKEYTYPE));
    for (byte[] key : List.of(hybrid, wrongPrefix, new byte[0], new byte[33], new byte[65])) {
      assertThat(withKey(signature, key)).isEqualTo(refused(ScriptError.PUBKEYTYPE));
    }
    byte[] offCurve = new byte[33];
    Arrays.fill(offCurve, (byte) 0xff);
    offCurve[0] = 2;
    assertThat(withKey(signature, offCurve)).isEqualTo(refused(ScriptError.NULLFAIL));
  }

  /** A coin that is locked by the hash of just this key. */
  private static ScriptVerdict withKey(byte[] signature, byte[] key) {
    TransferOutput output = new TransferOutput(AMOUNT, Script.p2wpkh(Hashing.hash160(key)));
    return VERIFIER.verify(transfer(Script.EMPTY, List.of(signature, key)), List.of(output));
  }

  @Test
  void p2wpkhSignaturesAreStrictDer() {
    byte[] good = witness(KeyScript.P2WPKH).get(0);
    assertThat(withSignature(signature -> new byte[0])).isEqualTo(refused(ScriptError.EVAL_FALSE));
    for (int position : new int[] {0, 1, 2, 4 + good[3]}) {
      assertThat(
              withSignature(
                  signature -> {
                    signature[position] ^= 0x10;
                    return signature;
                  }))
          .as("byte %d", position)
          .isEqualTo(refused(ScriptError.SIG_DER));
    }
    for (int length = 1; length < good.length; length++) {
      int size = length;
      assertThat(withSignature(signature -> Arrays.copyOf(signature, size)))
          .isEqualTo(refused(ScriptError.SIG_DER));
    }
    assertThat(withSignature(signature -> Arrays.copyOf(signature, good.length + 1)))
        .isEqualTo(refused(ScriptError.SIG_DER));
    assertThat(withSignature(signature -> new byte[9])).isEqualTo(refused(ScriptError.SIG_DER));
    assertThat(withSignature(signature -> HEX.parseHex("300602010002010101")))
        .as("r = 0")
        .isEqualTo(refused(ScriptError.NULLFAIL));
    assertThat(withSignature(signature -> HEX.parseHex("300602018102010101")))
        .as("a negative r")
        .isEqualTo(refused(ScriptError.SIG_DER));
    assertThat(withSignature(signature -> HEX.parseHex("30070202000102010101")))
        .as("a padded r")
        .isEqualTo(refused(ScriptError.SIG_DER));
    assertThat(withSignature(signature -> HEX.parseHex("300702010102020001" + "01")))
        .as("a padded s")
        .isEqualTo(refused(ScriptError.SIG_DER));
  }

  @Test
  void numbersAboveTheOrderNeverVerifyAndAreNotCalledHigh() {
    BigInteger n = Secrets.ORDER;
    BigInteger one = BigInteger.ONE;
    BigInteger huge = one.shiftLeft(263).subtract(one);
    for (BigInteger[] rs :
        List.of(
            new BigInteger[] {n, one},
            new BigInteger[] {one, n},
            new BigInteger[] {one, one.shiftLeft(256).subtract(one)},
            new BigInteger[] {huge, one},
            new BigInteger[] {one, huge},
            new BigInteger[] {n, n.subtract(one)})) {
      assertThat(withSignature(signature -> der(rs[0], rs[1])))
          .isEqualTo(refused(ScriptError.NULLFAIL));
    }
    assertThat(withSignature(signature -> der(one, n.subtract(one))))
        .isEqualTo(refused(ScriptError.SIG_HIGH_S));
    assertThat(withSignature(signature -> der(one, n.shiftRight(1).add(one))))
        .isEqualTo(refused(ScriptError.SIG_HIGH_S));
    assertThat(withSignature(signature -> der(one, n.shiftRight(1))))
        .isEqualTo(refused(ScriptError.NULLFAIL));
  }

  @Test
  void theMirrorImageOfASignatureIsRefused() {
    assertThat(
            withSignature(
                signature -> {
                  byte[] rs = Der.decode(signature);
                  BigInteger s = new BigInteger(1, rs, 32, 32);
                  return der(new BigInteger(1, rs, 0, 32), Secrets.ORDER.subtract(s));
                }))
        .isEqualTo(refused(ScriptError.SIG_HIGH_S));
  }

  @Test
  void p2wpkhHashTypesAreTheSixDefinedOnes() {
    for (int type = 0; type < 256; type++) {
      int last = type;
      boolean defined = (type & 0x7f) >= 1 && (type & 0x7f) <= 3;
      ScriptVerdict expected =
          type == 1
              ? new ScriptVerdict.Valid()
              : refused(defined ? ScriptError.NULLFAIL : ScriptError.SIG_HASHTYPE);
      assertThat(
              withSignature(
                  signature -> {
                    signature[signature.length - 1] = (byte) last;
                    return signature;
                  }))
          .as("hash type %x", type)
          .isEqualTo(expected);
    }
  }

  @Test
  void taprootSignaturesHave64BytesOr65WithAHashType() {
    byte[] good = witness(KeyScript.P2TR).get(0);
    assertThat(verify(KeyScript.P2TR, List.of()))
        .isEqualTo(refused(ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY));
    for (int length : new int[] {0, 1, 63, 66, 1000}) {
      assertThat(verify(KeyScript.P2TR, List.of(Arrays.copyOf(good, length))))
          .isEqualTo(refused(ScriptError.SCHNORR_SIG_SIZE));
    }
    for (int type = 0; type < 256; type++) {
      byte[] signature = Arrays.copyOf(good, 65);
      signature[64] = (byte) type;
      boolean defined = (type & 0x7f) >= 1 && (type & 0x7f) <= 3;
      assertThat(verify(KeyScript.P2TR, List.of(signature)))
          .as("hash type %x", type)
          .isEqualTo(refused(defined ? ScriptError.SCHNORR_SIG : ScriptError.SCHNORR_SIG_HASHTYPE));
    }
  }

  @Test
  void taprootSingleNeedsItsOutput() {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      byte[] signature = new byte[65];
      signature[64] = 3;
      inputs.add(
          TransferInput.unsigned(new Outpoint(Hash.ZERO, i)).withWitness(List.of(signature)));
    }
    Transaction transfer =
        Transaction.build(2, inputs, List.of(new TransferOutput(AMOUNT, Script.EMPTY)), 0);
    SpendContext context =
        new SpendContext(transfer, List.of(spent(KeyScript.P2TR), spent(KeyScript.P2TR)));
    assertThat(VERIFIER.verifyInput(context, 0, ScriptFlags.STANDARD, ScriptBudget.ofTransfer()))
        .contains(ScriptError.SCHNORR_SIG);
    assertThat(VERIFIER.verifyInput(context, 1, ScriptFlags.STANDARD, ScriptBudget.ofTransfer()))
        .contains(ScriptError.SCHNORR_SIG_HASHTYPE);
  }

  @Test
  void anAnnexIsSignedWithTheRest() {
    byte[] withoutAnnex = witness(KeyScript.P2TR).get(0);
    assertThat(verify(KeyScript.P2TR, List.of(withoutAnnex, new byte[] {0x50})))
        .isEqualTo(refused(ScriptError.SCHNORR_SIG));
  }

  @Test
  void aControlBlockThatCommitsToNothingIsRefused() {
    assertThat(verify(KeyScript.P2TR, List.of(new byte[] {0x51}, new byte[33])))
        .isEqualTo(refused(ScriptError.WITNESS_PROGRAM_MISMATCH));
    assertThat(verify(KeyScript.P2TR, List.of(new byte[] {0x51}, new byte[32])))
        .isEqualTo(refused(ScriptError.TAPROOT_WRONG_CONTROL_SIZE));
  }

  @Test
  void aWitnessThatFitsOneKindOfOutputFitsNoOther() {
    List<byte[]> witness = witness(KeyScript.P2WPKH);
    for (Script script :
        List.of(
            KeyScript.P2PKH.of(CURVE, KEY),
            KeyScript.P2SH_P2WPKH.of(CURVE, KEY),
            Script.p2wsh(new byte[32]),
            Script.EMPTY,
            Script.of(new byte[] {0x6a}),
            Script.of(HEX.parseHex("5220" + "00".repeat(32))))) {
      for (List<byte[]> offered : List.of(witness, List.<byte[]>of())) {
        assertThat(
                VERIFIER.verify(
                    transfer(Script.EMPTY, offered), List.of(new TransferOutput(AMOUNT, script))))
            .as(script + " " + offered.size())
            .isInstanceOf(ScriptVerdict.Invalid.class);
      }
    }
  }

  /** The P2WPKH example of BIP143: hash, signature and verdict. */
  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void theNativeExampleOfBip143ComesOutAsPublished(Curve.Provider provider) throws Exception {
    Curve curve = Curve.load(provider);
    Transaction unsigned =
        Transaction.parseHex(
            "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f000000000"
                + "0eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a01000000"
                + "00ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac"
                + "9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000");
    byte[] secret =
        HEX.parseHex("619c335025c7f4012e556c2a58b2506e30b8511b53ade95ea316fd8c3286feb9");
    byte[] key = curve.publicKey(secret);
    SpendContext context =
        new SpendContext(
            unsigned,
            List.of(
                new TransferOutput(Amount.ofSat(625_000_000), Script.EMPTY),
                new TransferOutput(Amount.ofSat(600_000_000), KeyScript.P2WPKH.of(curve, key))));

    byte[] hash = context.segwitHash(1, SpendContext.ALL);

    assertThat(HEX.formatHex(hash))
        .isEqualTo("c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670");
    assertThat(HEX.formatHex(Der.encode(curve.signEcdsa(secret, hash), SpendContext.ALL)))
        .isEqualTo(
            "304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a"
                + "0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee01");
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void bip341WalletVectorsComeOutAsPublished(Curve.Provider provider) throws Exception {
    Curve curve = Curve.load(provider);
    JsonNode vectors = Vectors.json("bip341_wallet_vectors.json");
    int keys = 0;
    for (JsonNode vector : vectors.get("scriptPubKey")) {
      byte[] internal = HEX.parseHex("02" + vector.at("/given/internalPubkey").asText());
      byte[] tweak = HEX.parseHex(vector.at("/intermediary/tweak").asText());
      String outputKey = HEX.formatHex(curve.addTweak(internal, tweak)).substring(2);
      assertThat(outputKey).isEqualTo(vector.at("/intermediary/tweakedPubkey").asText());
      if (vector.at("/given/scriptTree").isNull()) {
        assertThat(KeyScript.P2TR.of(curve, internal).toHex())
            .isEqualTo(vector.at("/expected/scriptPubKey").asText());
      }
      keys++;
    }
    int inputs = 0;
    for (JsonNode spending : vectors.get("keyPathSpending")) {
      Transaction unsigned = Transaction.parseHex(spending.at("/given/rawUnsignedTx").asText());
      List<TransferOutput> spent = new ArrayList<>();
      for (JsonNode utxo : spending.at("/given/utxosSpent")) {
        spent.add(
            new TransferOutput(
                Amount.ofSat(utxo.get("amountSats").asLong()),
                Script.of(HEX.parseHex(utxo.get("scriptPubKey").asText()))));
      }
      SpendContext context = new SpendContext(unsigned, spent);
      Transaction signed = Transaction.parseHex(spending.at("/auxiliary/fullySignedTx").asText());
      SpendContext signedContext = new SpendContext(signed, spent);
      TransferVerifier verifier = new TransferVerifier(curve);
      for (JsonNode vector : spending.get("inputSpending")) {
        int input = vector.at("/given/txinIndex").asInt();
        int hashType = vector.at("/given/hashType").asInt();
        byte[] hash = context.taprootHash(input, hashType);
        assertThat(HEX.formatHex(hash)).isEqualTo(vector.at("/intermediary/sigHash").asText());
        byte[] secret = HEX.parseHex(vector.at("/given/internalPrivkey").asText());
        byte[] tweaked = HEX.parseHex(vector.at("/intermediary/tweakedPrivkey").asText());
        if (vector.at("/given/merkleRoot").isNull()) {
          assertThat(Taproot.tweakedSecret(curve, secret)).isEqualTo(tweaked);
        }
        String type = hashType == 0 ? "" : HEX.toHexDigits((byte) hashType);
        assertThat(HEX.formatHex(curve.signSchnorr(tweaked, hash)) + type)
            .isEqualTo(vector.at("/expected/witness/0").asText());
        assertThat(
                verifier.verifyInput(
                    signedContext, input, ScriptFlags.STANDARD, ScriptBudget.ofTransfer()))
            .isEmpty();
        inputs++;
      }
      assertThat(
              verifier.verifyInput(
                  signedContext, 5, ScriptFlags.STANDARD, ScriptBudget.ofTransfer()))
          .as("its P2WPKH input")
          .isEmpty();
    }
    assertThat(keys).isEqualTo(7);
    assertThat(inputs).isEqualTo(7);
    Vectors.report(
        "bip341_wallet_vectors.json", keys + inputs, "keys and inputs on " + curve.name());
  }

  @Test
  void derEncodingAndDecodingUndoEachOther() {
    for (int i = 0; i < 200; i++) {
      byte[] secret = Hashing.sha256(BigInteger.valueOf(i).toByteArray());
      byte[] signature = CURVE.signEcdsa(secret, secret);
      byte[] der = Der.encode(signature, 0x83);
      assertThat(Der.isStrict(der)).isTrue();
      assertThat(Der.decode(der)).isEqualTo(signature);
    }
    byte[] small = new byte[64];
    small[31] = 1;
    small[63] = 1;
    assertThat(Der.decode(Der.encode(small, 1))).isEqualTo(small);
    assertThat(BigIntegers.asUnsignedByteArray(32, Secrets.ORDER)).hasSize(32);
  }
}
