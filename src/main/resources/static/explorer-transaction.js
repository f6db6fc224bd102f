import { atMostEvery, follow, ifFound, json } from './chain.js';
import { copyButton, element, facts, part, say } from './dom.js';
import './search.js';
import { fromHex, sha256, toHex } from './sha256.js';
import { coins, count, counted, moment, nameLink, quotient } from './text.js';

const MOST_LINES = 50;
const POLL_MILLIS = 3_000;
const MOST_DATA_CHARACTERS = 400;
const OP_RETURN = 0x6a;

const txid = document.getElementById('main').dataset.name.toLowerCase();
let settled = false;
let followed = false;

/** The data that an output of no coins carries; nothing if its script is more than pushes. */
function carriedData(script) {
  const bytes = fromHex(script);
  if (bytes === null || bytes[0] !== OP_RETURN) return null;
  const data = [];
  let at = 1;
  while (at < bytes.length) {
    let size = bytes[at++];
    if (size > 0x4e) return null;
    if (size >= 0x4c) {
      const lengthBytes = 2 ** (size - 0x4c);
      size = bytes.subarray(at, at + lengthBytes).reduceRight((sum, byte) => sum * 256 + byte, 0);
      at += lengthBytes;
    }
    if (at + size > bytes.length) return null;
    data.push(...bytes.subarray(at, at + size));
    at += size;
  }
  return Uint8Array.from(data);
}

/** Bytes as text, if they are one that shows as what it is: nothing hidden, nothing that turns the line. */
function printable(bytes) {
  try {
    const words = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return words.trim() && !/[\p{C}\p{Zl}\p{Zp}]/u.test(words) ? words : null;
  } catch {
    return null;
  }
}

function shortened(text) {
  return text.length > MOST_DATA_CHARACTERS ? `${text.slice(0, MOST_DATA_CHARACTERS)}…` : text;
}

/** Where coins are: an address, data, or a script that has no address. */
function place(output) {
  if (output.scriptpubkey_address) return nameLink('address', output.scriptpubkey_address, 11);
  const data = carriedData(output.scriptpubkey);
  if (data) {
    const words = printable(data);
    return element(
      'span',
      { class: 'data' },
      element('span', { class: 'soft small' }, 'Data '),
      words ? element('bdi', {}, `“${shortened(words)}”`) : null,
      element('span', { class: 'mono small break soft' }, shortened(toHex(data))),
    );
  }
  const hash = toHex(sha256(fromHex(output.scriptpubkey)));
  return element(
    'span',
    { class: 'data' },
    element('a', { href: `/explorer/address/${hash}`, title: hash }, `Script (${output.scriptpubkey_type})`),
    element('span', { class: 'mono small break soft' }, shortened(output.scriptpubkey)),
  );
}

function inputLine(input) {
  if (input.is_coinbase) {
    return element('li', {}, element('p', {}, 'New coins and fees, given by the block itself'));
  }
  const spent = `${input.txid}:${input.vout}`;
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'line' },
      input.prevout ? place(input.prevout) : element('span', { class: 'soft' }, 'unknown'),
      input.prevout ? element('span', { class: 'amount' }, coins(input.prevout.value)) : null,
    ),
    element(
      'div',
      { class: 'line soft small' },
      element('span', {}, 'from output ', element('a', { class: 'mono', href: `/explorer/tx/${input.txid}`, title: spent }, `${input.txid.slice(0, 10)}…:${input.vout}`)),
    ),
  );
}

function outputLine(output, index, spending) {
  const isData = output.scriptpubkey_type === 'op_return' || output.scriptpubkey_type === 'provably_unspendable';
  const fate = isData
    ? 'never spendable'
    : !spending
      ? ''
      : spending.spent
        ? ['spent in ', element('a', { class: 'mono', href: `/explorer/tx/${spending.txid}`, title: spending.txid }, `${spending.txid.slice(0, 10)}…`)]
        : 'unspent';
  return element(
    'li',
    {},
    element('div', { class: 'line' }, place(output), element('span', { class: 'amount' }, coins(output.value))),
    element('div', { class: 'line soft small' }, element('span', {}, `output ${index}`), element('span', {}, ...[fate].flat())),
  );
}

/** Long lists begin short. */
function fillList(where, lines) {
  where.replaceChildren(...lines.slice(0, MOST_LINES));
  if (lines.length <= MOST_LINES) return;
  const button = element('button', { class: 'button', type: 'button' }, `Show all ${count(lines.length)}`);
  const last = element('li', {}, button);
  button.addEventListener('click', () => {
    last.remove();
    where.append(...lines.slice(MOST_LINES));
  });
  where.append(last);
}

function showState(status) {
  const state = part('state');
  state.hidden = false;
  const word = status.confirmed ? 'Settled' : 'Pending';
  state.dataset.state = word.toLowerCase();
  state.textContent = word;
}

function showFacts(transaction, sealedMillis) {
  const { status, fee, weight, size, vin } = transaction;
  const isCoinbase = vin[0].is_coinbase;
  const virtual = Math.ceil(weight / 4);
  facts(part('facts'), [
    ['Block', status.confirmed
      ? element('a', { href: `/explorer/block/${status.block_height}` }, count(status.block_height))
      : 'none yet'],
    status.confirmed ? [sealedMillis ? 'Settled' : 'Time in the header', moment(sealedMillis ?? status.block_time * 1_000)] : null,
    isCoinbase ? null : ['Fee', `${coins(fee)} (${quotient(fee, virtual)}\u00a0sat per virtual byte)`],
    ['Size', `${counted(size, 'byte')}, ${counted(virtual, 'virtual byte')}, ${counted(weight, 'unit')} of weight`],
    ['Version, lock time', `${transaction.version}, ${transaction.locktime}`],
  ]);
  part('proof').hidden = !status.confirmed || isCoinbase;
  part('proof-link').href = `/explorer/receipt/${txid}`;
}

async function load() {
  const status = part('status');
  try {
    const transaction = await ifFound(json(`/esplora/tx/${txid}`));
    say(part('complaint'), '');
    if (!transaction) {
      part('content').hidden = true;
      const isPending = await isWaiting();
      say(status, isPending
        ? 'This transaction waits for its block. The page shows it as soon as it is settled.'
        : 'There is no transaction of this name in the chain or waiting. One that was just sent may have been refused, or has not arrived yet: the page goes on looking.');
      wait();
      return;
    }
    const isNew = transaction.status.confirmed && followed;
    settled = transaction.status.confirmed;
    say(status, settled ? (isNew ? 'It has just been settled.' : '') : 'Waiting for its block …');
    showState(transaction.status);
    showFacts(transaction, null);
    fillList(part('inputs'), transaction.vin.map(inputLine));
    const outputs = (spendings) => fillList(
      part('outputs'),
      transaction.vout.map((output, i) => outputLine(output, i, spendings?.[i])),
    );
    document.getElementById('inputs').textContent = counted(transaction.vin.length, 'Input');
    document.getElementById('outputs').textContent = counted(transaction.vout.length, 'Output');
    outputs(null);
    part('content').hidden = false;
    if (settled) {
      const [spendings, block] = await Promise.all([
        json(`/esplora/tx/${txid}/outspends`).catch(() => null),
        sealedMillis(transaction).catch(() => null),
      ]);
      outputs(spendings);
      showFacts(transaction, block);
    } else {
      wait();
    }
  } catch (refused) {
    say(status, '');
    say(part('complaint'), refused.message);
  } finally {
    document.documentElement.dataset.ready = 'true';
  }
}

/** When its block was sealed, to the millisecond; its header only has whole seconds. */
async function sealedMillis({ status }) {
  const page = await json(`/v1/blocks?before=${status.block_height + 1}&limit=1`);
  return page.blocks[0].hash === status.block_hash ? page.blocks[0].timeMillis : null;
}

/** True if the node has accepted the transaction and not yet settled it. */
async function isWaiting() {
  try {
    await json(`/v1/receipts/${txid}`);
    return false;
  } catch (refused) {
    return refused.code === 'receipt-pending';
  }
}

/** Looks again at each new block until the transaction is settled. */
function wait() {
  if (followed) return;
  followed = true;
  const again = atMostEvery(500, () => {
    if (!settled) load();
  });
  follow('blocks', { event: again, open: again });
  const timer = setInterval(() => {
    if (settled) clearInterval(timer);
    else again();
  }, POLL_MILLIS);
}

part('name-row').append(copyButton(txid, 'the transaction’s name') ?? '');
load();
