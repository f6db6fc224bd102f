package network.tender.chain;

import java.util.HexFormat;
import java.util.List;

/**
 * What makes one chain differ from another. All of them share Bitcoin's regtest consensus rules and
 * genesis block, so that Bitcoin's own software can replay and judge any of them.
 *
 * @param name the network's name, {@code regtest} or a custom one of {@code [a-z0-9-]{1,32}}
 * @param hrp human-readable part of segwit addresses (BIP173)
 * @param pubKeyHashPrefix version byte of P2PKH addresses, 0..255
 * @param scriptHashPrefix version byte of P2SH addresses, 0..255
 * @param coinCode code of the coin in the merchant API, such as {@code TNDR}
 * @param uriScheme scheme of payment URIs (BIP21), {@code bitcoin} by default
 * @param treasury script that all subsidies of the bootstrap are paid to
 * @param validators who may certify blocks, in order; their number is the quorum
 * @param feeFloorSatPerKvb least fee rate of a transfer, in sat per 1,000 vbytes
 * @param maxBlockWeight most weight units in a block, at most {@link Block#MAX_WEIGHT}
 * @param maxBlockSigopCost most signature operation cost in a block, at most 80,000
 */
public record Network(
    String name,
    String hrp,
    int pubKeyHashPrefix,
    int scriptHashPrefix,
    String coinCode,
    String uriScheme,
    Script treasury,
    List<XOnlyKey> validators,
    long feeFloorSatPerKvb,
    int maxBlockWeight,
    int maxBlockSigopCost) {
  /** The name of the development network whose keys everybody knows. */
  public static final String REGTEST_NAME = "regtest";

  /** Blocks after which the subsidy halves on regtest. */
  public static final int HALVING_BLOCKS = 150;

  /** Blocks after which a coinbase's outputs may be spent. */
  public static final int COINBASE_MATURITY_BLOCKS = 100;

  /** First blocks of a new chain, whose subsidies pay the treasury. */
  public static final int ISSUING_BLOCKS = 150;

  /** Height at which a new chain is ready: the issuing blocks and those that mature them. */
  public static final int BOOTSTRAP_BLOCKS = ISSUING_BLOCKS + COINBASE_MATURITY_BLOCKS;

  /** The compact target of every block: about two hashes meet it. */
  public static final int BITS = 0x207fffff;

  /** Most signature operation cost in any block. */
  public static final int MAX_BLOCK_SIGOP_COST = 80_000;

  private static final String GENESIS_COINBASE =
      "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff"
          + "001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272"
          + "696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a010000"
          + "00434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38"
          + "c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000";

  /** P2WPKH of the well-known treasury key, which package script holds and proves. */
  private static final String REGTEST_TREASURY = "0014bc85e4cede95184a8d9e7dc36f63c98b033ce401";

  /** The well-known validator key, which package script holds and proves. */
  private static final String REGTEST_VALIDATOR =
      "d0d13f9dc780a65f856c75e80331ceab7d5cbe41d385f5439bebb248921f63c9";

  private static final Block GENESIS = makeGenesis();
  private static final Network REGTEST = makeRegtest();

  /** Makes the validator list unmodifiable. */
  public Network {
    validators = List.copyOf(validators);
  }

  /** Bitcoin's regtest genesis block; its coinbase output is no coin and can't be spent. */
  public static Block genesis() {
    return GENESIS;
  }

  /**
   * The development network: Bitcoin regtest's addresses, a treasury and a validator whose keys
   * everybody knows, a fee floor of 1 sat per vbyte.
   */
  public static Network regtest() {
    return REGTEST;
  }

  private static Network makeRegtest() {
    return new Network(
        REGTEST_NAME,
        "bcrt",
        0x6f,
        0xc4,
        "TNDR",
        "bitcoin",
        Script.of(HexFormat.of().parseHex(REGTEST_TREASURY)),
        List.of(XOnlyKey.of(HexFormat.of().parseHex(REGTEST_VALIDATOR))),
        1000,
        Block.MAX_WEIGHT,
        MAX_BLOCK_SIGOP_COST);
  }

  private static Block makeGenesis() {
    try {
      Transaction coinbase = Transaction.parseHex(GENESIS_COINBASE);
      BlockHeader header = new BlockHeader(1, Hash.ZERO, coinbase.txid(), 1_296_688_602, BITS, 2);
      return new Block(header, List.of(coinbase));
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The subsidy that regtest's rules allow a block to claim.
   *
   * @param height the block's height, from 1
   */
  public static Amount subsidy(int height) {
    int halvings = height / HALVING_BLOCKS;
    return Amount.ofSat(halvings >= 64 ? 0 : (50 * Amount.SAT_PER_COIN) >> halvings);
  }

  /** All that is ever issued: the subsidies of the issuing blocks. */
  public static Amount issued() {
    Amount sum = Amount.ZERO;
    for (int height = 1; height <= ISSUING_BLOCKS; height++) {
      sum = sum.plus(subsidy(height));
    }
    return sum;
  }

  /** True for the development network: it alone has a faucet, a demo wallet and known keys. */
  public boolean isRegtest() {
    return name.equals(REGTEST_NAME);
  }

  /** The id of the on-chain payment method in the merchant API, such as {@code TNDR-CHAIN}. */
  public String paymentMethodId() {
    return coinCode + "-CHAIN";
  }
}
