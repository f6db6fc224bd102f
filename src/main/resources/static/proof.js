// Checks a receipt: the transfer is in the block, and the validators have certified the block. The
// steps, their order and their codes are those of `tender receipt verify`; here each is also tried
// where one before it has failed, to show what exactly is wrong.

import { display, fromDisplay, fromHex, joined, sha256d, taggedHash, toHex } from './sha256.js';
import { verifies } from './schnorr.js';

const MAX_CHARACTERS = 200_000;
const MAX_BRANCH = 30;
const MAX_SIGNATURES = 100;
const MAX_HEIGHT = 2 ** 31 - 1;
const HEADER_BYTES = 80;
const BITS = 0x207fffff;
/** What BITS says: no hash above this. */
const TARGET = 0x7fffffn << 232n;

const RECEIPT = ['network', 'txid', 'height', 'blockHash', 'header', 'position', 'branch',
  'coinbase', 'coinbaseBranch', 'timeMillis', 'certificate'];
const SIGNATURE = ['validator', 'signature'];

/** What is wrong with a receipt, for people. */
class Flaw extends Error {}

function demand(truth, sentence) {
  if (!truth) throw new Flaw(sentence);
}

// Reading. A receipt is taken only as it was written, character by character, so that none of them
// can be changed without notice, not even one that says the same in another spelling.

function pretty(receipt) {
  const lines = RECEIPT.map((key) => {
    const value = receipt[key];
    return `  "${key}" : ${Array.isArray(value) ? prettyList(value) : JSON.stringify(value)}`;
  });
  return `{\n${lines.join(',\n')}\n}`;
}

function prettyList(list) {
  if (list.length === 0) return '[ ]';
  const items = list.map((item) => (typeof item === 'string'
    ? JSON.stringify(item)
    : `{\n${SIGNATURE.map((key) => `    "${key}" : ${JSON.stringify(item[key])}`).join(',\n')}\n  }`));
  return `[ ${items.join(', ')} ]`;
}

/** A node's whole answer to a transfer, which holds the receipt. */
function settledAnswer(receipt) {
  return JSON.stringify({
    txid: receipt.txid,
    blockHash: receipt.blockHash,
    height: receipt.height,
    time: new Date(receipt.timeMillis).toISOString().replace('.000Z', 'Z'),
    timeMillis: receipt.timeMillis,
    receipt,
  });
}

function hasExactly(object, keys) {
  return object !== null && typeof object === 'object' && !Array.isArray(object)
    && Object.keys(object).length === keys.length && keys.every((key) => Object.hasOwn(object, key));
}

function isWhole(number, most) {
  return Number.isInteger(number) && number >= 0 && number <= most && !Object.is(number, -0);
}

function isListOf(list, most, test) {
  return Array.isArray(list) && list.length <= most && list.every(test);
}

function parse(text) {
  demand(text.length <= MAX_CHARACTERS, 'It is too long for a receipt.');
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Flaw('It is not JSON: something is missing or added.');
  }
  const isAnswer = json !== null && typeof json === 'object' && !Array.isArray(json)
    && json.receipt !== null && typeof json.receipt === 'object';
  const receipt = isAnswer ? json.receipt : json;
  demand(hasExactly(receipt, RECEIPT), `A receipt has exactly the fields ${RECEIPT.join(', ')}.`);
  const isHash = (value) => fromDisplay(value) !== null;
  demand(typeof receipt.network === 'string' && /^[a-z0-9-]{1,32}$/.test(receipt.network), 'The field network is no network’s name.');
  demand(isHash(receipt.txid), 'The field txid has 64 lower-case hex digits.');
  demand(isHash(receipt.blockHash), 'The field blockHash has 64 lower-case hex digits.');
  demand(isWhole(receipt.height, MAX_HEIGHT), 'The field height is a whole number.');
  demand(isWhole(receipt.position, MAX_HEIGHT), 'The field position is a whole number.');
  demand(isWhole(receipt.timeMillis, 8.64e15), 'The field timeMillis is a whole number.');
  demand(fromHex(receipt.header)?.length === HEADER_BYTES, 'The field header has 160 lower-case hex digits.');
  demand(isListOf(receipt.branch, MAX_BRANCH, isHash), 'The field branch is a list of hashes.');
  demand(isListOf(receipt.coinbaseBranch, MAX_BRANCH, isHash), 'The field coinbaseBranch is a list of hashes.');
  demand(fromHex(receipt.coinbase) !== null, 'The field coinbase has lower-case hex digits.');
  demand(
    isListOf(receipt.certificate, MAX_SIGNATURES, (one) => hasExactly(one, SIGNATURE)
      && fromHex(one.validator)?.length === 32 && fromHex(one.signature)?.length === 64),
    'The field certificate is a list of validators’ keys and signatures.',
  );
  return { receipt, isAnswer };
}

function demandForm(text, { receipt, isAnswer }) {
  const ordered = Object.fromEntries(RECEIPT.map((key) => [key, receipt[key]]));
  ordered.certificate = receipt.certificate.map((one) => Object.fromEntries(SIGNATURE.map((key) => [key, one[key]])));
  const forms = isAnswer ? [settledAnswer(ordered)] : [JSON.stringify(ordered), pretty(ordered)];
  demand(
    forms.some((form) => text === form || text === `${form}\n`),
    'It is not character by character as a node or wallet writes it.',
  );
}

// Merkle tree.

/** The nodes on the way from a leaf up to the root, each with its neighbour. */
function climb(leaf, index, branch) {
  const nodes = [];
  let hash = leaf;
  let at = index;
  for (const sibling of branch.map(fromDisplay)) {
    const isRight = at % 2 === 1;
    nodes.push({ hash: display(hash), neighbour: display(sibling), isRight });
    hash = isRight ? sha256d(sibling, hash) : sha256d(hash, sibling);
    at = Math.floor(at / 2);
  }
  return { nodes, root: display(hash) };
}

/** The root over some leaves, in the form in which hashes are shown. */
export function merkleRoot(txids) {
  let level = txids.map(fromDisplay);
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i < level.length; i += 2) above.push(sha256d(level[i], level[Math.min(i + 1, level.length - 1)]));
    level = above;
  }
  return display(level[0]);
}

function demandPosition(receipt, way) {
  const { position, branch } = receipt;
  const none = `No transfer is at position ${position} of a block with so many.`;
  demand(position >= 1 && position < 2 ** branch.length, none);
  // Where a level is odd its last node is hashed with itself; that copy is no transfer's place.
  demand(!way.nodes.some((node) => node.isRight && node.hash === node.neighbour), none);
}

// Coinbase. Its script bears height, network and time, and its txid is in the same tree.

class Bytes {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(count) {
    demand(this.at + count <= this.bytes.length, 'The coinbase is cut off.');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  number(count) {
    return this.take(count).reduceRight((sum, byte) => sum * 256 + byte, 0);
  }

  /** Bitcoin's count: one byte, or a mark and 2, 4 or 8 bytes, in the shortest form. */
  count() {
    const first = this.number(1);
    if (first < 0xfd) return first;
    const long = this.number(2 ** (first - 0xfc));
    demand(long >= { 0xfd: 0xfd, 0xfe: 0x10000, 0xff: 0x100000000 }[first], 'The coinbase has a count in a long form.');
    return long;
  }
}

/** The script of a coinbase that is written without its witness. */
function coinbaseScript(bytes) {
  const reader = new Bytes(bytes);
  reader.take(4);
  demand(reader.count() === 1, 'The coinbase has more than one input or none.');
  const prevout = toHex(reader.take(36));
  demand(prevout === `${'00'.repeat(32)}ffffffff`, 'The coinbase spends something.');
  const script = reader.take(reader.count());
  demand(script.length >= 2 && script.length <= 100, 'The coinbase’s script is too short or too long.');
  reader.take(4);
  const outputs = reader.count();
  demand(outputs >= 1, 'The coinbase pays nobody.');
  for (let i = 0; i < outputs; i++) {
    reader.take(8);
    reader.take(reader.count());
  }
  reader.take(4);
  demand(reader.at === bytes.length, 'Something stands behind the coinbase.');
  return script;
}

/** The script that the coinbase of a block must have. */
function expectedScript(network, height, timeMillis) {
  const tag = new TextEncoder().encode(`tender/${network}`);
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(timeMillis), true);
  return joined(heightPush(height), [tag.length], tag, [8], time);
}

/** A height as Bitcoin's scripts write numbers. */
function heightPush(height) {
  if (height >= 1 && height <= 16) return [0x50 + height];
  const digits = [];
  for (let rest = height; rest > 0; rest = Math.floor(rest / 256)) digits.push(rest % 256);
  if (digits.at(-1) >= 0x80) digits.push(0);
  return [digits.length, ...digits];
}

function demandCoinbase(receipt, root) {
  const { coinbaseBranch, branch, network, height, timeMillis } = receipt;
  const bytes = fromHex(receipt.coinbase);
  const script = coinbaseScript(bytes);
  demand(
    coinbaseBranch.length === branch.length && climb(sha256d(bytes), 0, coinbaseBranch).root === root,
    'The block’s first transaction is not in the block of this header.',
  );
  demand(
    height > 0 && toHex(script) === toHex(expectedScript(network, height, timeMillis)),
    'The block is not the one of this network, height and time.',
  );
}

// Header.

/** The fields of 80 bytes. */
export function headerFields(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    hash: display(sha256d(bytes)),
    previous: display(bytes.subarray(4, 36)),
    merkleRoot: display(bytes.subarray(36, 68)),
    timeSeconds: view.getUint32(68, true),
    bits: view.getUint32(72, true),
  };
}

/** The 80 bytes of a header as the API describes it. */
export function headerBytes(block) {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, block.version, true);
  bytes.set(fromDisplay(block.previousBlockHash), 4);
  bytes.set(fromDisplay(block.merkleRoot), 36);
  view.setUint32(68, block.headerTimeSeconds, true);
  view.setUint32(72, parseInt(block.bits, 16), true);
  view.setUint32(76, block.nonce, true);
  return bytes;
}

export function meetsTarget(header) {
  return header.bits === BITS && BigInt(`0x${header.hash}`) <= TARGET;
}

// Certificate.

/** What a validator signs of a block. */
export function certified(blockHash, height) {
  const at = new Uint8Array(4);
  new DataView(at.buffer).setUint32(0, height, true);
  return taggedHash('tender/block', fromDisplay(blockHash), at);
}

/** Tells of each signature whether its key counts and whether it verifies. */
export function judgeSignatures(certificate, blockHash, height, validators) {
  const message = certified(blockHash, height);
  const seen = new Set();
  return certificate.map(({ validator, signature }) => {
    const isDouble = seen.has(validator);
    seen.add(validator);
    return {
      validator,
      isValidator: validators.keys.includes(validator),
      isDouble,
      verifies: verifies(fromHex(signature), message, fromHex(validator)),
    };
  });
}

/**
 * The validators in a text: one key on each line with # before comments, or JSON as
 * /v1/validators answers.
 *
 * @returns {{keys: string[], quorum: number, network: string|null}}
 * @throws {Error} with a sentence for people
 */
export function parseValidators(text) {
  let keys;
  let quorum;
  let network = null;
  if (text.trimStart().startsWith('{')) {
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      throw new Error('That is neither lines of keys nor JSON.');
    }
    keys = Array.isArray(json.validators) ? json.validators : [];
    quorum = json.quorum;
    network = typeof json.network === 'string' ? json.network : null;
  } else {
    keys = text.split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
  }
  quorum ??= keys.length;
  if (keys.length === 0) throw new Error('There is no key.');
  if (!keys.every((key) => typeof key === 'string' && /^[0-9a-f]{64}$/i.test(key))) {
    throw new Error('Each key has 64 hex digits.');
  }
  keys = keys.map((key) => key.toLowerCase());
  if (new Set(keys).size < keys.length) throw new Error('One key is there twice.');
  if (!isWhole(quorum, keys.length) || quorum < 1) {
    throw new Error('The quorum is not between 1 and the number of keys.');
  }
  return { keys, quorum, network };
}

/**
 * Checks a receipt.
 *
 * @param {string} text the receipt as it was written
 * @param {{keys: string[], quorum: number, network: string|null}} validators who may certify
 * @returns {{proved: boolean, steps: object[], code: string|null, receipt: object|null, way: object|null,
 *   header: object|null, signatures: object[]}} a step's state is passed, failed or unseen
 */
export function check(text, validators) {
  const steps = [];
  const add = (code, name, state, detail) => steps.push({ code, name, state, detail });
  const run = (code, name, success, test) => {
    try {
      test();
      add(code, name, 'passed', success);
    } catch (flaw) {
      if (!(flaw instanceof Flaw)) throw flaw;
      add(code, name, 'failed', flaw.message);
    }
  };
  const result = { steps, receipt: null, way: null, header: null, signatures: [] };

  let parsed = null;
  run('receipt-malformed', 'It is a receipt, unchanged in form', 'Every character is where a node or wallet writes it.', () => {
    parsed = parse(text);
    demandForm(text, parsed);
  });
  if (parsed === null) {
    for (const [code, name] of REST) add(code, name, 'unseen', 'Not checked, for there is nothing to check.');
    return judged(result);
  }

  const { receipt } = parsed;
  const header = headerFields(fromHex(receipt.header));
  const way = climb(fromDisplay(receipt.txid), receipt.position, receipt.branch);
  result.receipt = receipt;
  result.header = header;
  result.way = way;
  result.signatures = judgeSignatures(receipt.certificate, header.hash, receipt.height, validators);
  const signed = new Set(result.signatures.map((one) => one.validator)).size;

  const [hashStep, positionStep, branchStep, coinbaseStep, targetStep, validatorStep, signatureStep, quorumStep] = REST;
  run(...hashStep, 'SHA-256, twice, of the 80 bytes of the header.', () => {
    demand(header.hash === receipt.blockHash, 'The header’s hash is another one.');
  });
  run(...positionStep, `Number ${receipt.position}; the block’s own first transaction is number 0.`, () => demandPosition(receipt, way));
  run(...branchStep, `Hashed with ${receipt.branch.length} neighbour${receipt.branch.length === 1 ? '' : 's'}, it leads to the header’s merkle root.`, () => {
    demand(way.root === header.merkleRoot, 'The transfer is not in the block of this header: the hashes lead to another root.');
  });
  run(...coinbaseStep, `The block’s first transaction says so: ${receipt.network}, block ${receipt.height}.`, () => demandCoinbase(receipt, header.merkleRoot));
  run(...targetStep, 'As in any block of Bitcoin’s regtest rules.', () => {
    demand(meetsTarget(header), 'The header does not meet the chain’s target.');
  });
  run(...validatorStep, `${signed} of them signed, nobody else.`, () => {
    demand(validators.network === null || validators.network === receipt.network,
      `The keys are those of network ${validators.network}, the receipt is of ${receipt.network}.`);
    for (const one of result.signatures) {
      demand(one.isValidator, `The key ${one.validator} is not one of the validators’.`);
      demand(!one.isDouble, `The validator ${one.validator} signed twice.`);
    }
  });
  run(...signatureStep, 'BIP340 signatures over the block’s hash and height.', () => {
    for (const one of result.signatures) demand(one.verifies, `The signature of ${one.validator} does not verify.`);
  });
  run(...quorumStep, `${signed} of ${validators.keys.length}, and ${validators.quorum} needed.`, () => {
    demand(signed >= validators.quorum, `Only ${signed} of ${validators.quorum} validators needed signed.`);
  });
  return judged(result);
}

const REST = [
  ['receipt-block-hash', 'The block’s hash is its header’s'],
  ['receipt-position', 'The transfer has a place in the block'],
  ['receipt-branch', 'The transfer is in the block'],
  ['receipt-coinbase', 'The block is of this network, height and time'],
  ['receipt-header', 'The header meets the chain’s target'],
  ['receipt-validator', 'Only validators signed, each once'],
  ['receipt-signature', 'Their signatures verify'],
  ['receipt-quorum', 'Enough of them signed'],
];

function judged(result) {
  const first = result.steps.find((step) => step.state !== 'passed');
  return { ...result, proved: !first, code: first?.code ?? null };
}
