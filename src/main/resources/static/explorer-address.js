import { atMostEvery, follow, isHash, json, Refusal, scriptPath, showLink } from './chain.js';
import { copyButton, element, figure, part, say } from './dom.js';
import './search.js';
import { fromHex, sha256, toHex } from './sha256.js';
import { age, change, coins, count, counted, moment, nameLink } from './text.js';

const PAGE = 25;
const FEW_COINS = 10;
const AGAIN_MILLIS = 1_000;

const name = document.getElementById('main').dataset.name;
const isScript = isHash(name);
const path = scriptPath(name);

/** The transactions shown, newest first. */
let history = [];
let hasOlder = false;
let allCoins = false;

const hashes = new Map();
function isHere(output) {
  if (!output) return false;
  if (!isScript) return output.scriptpubkey_address === name || output.scriptpubkey_address === name.toLowerCase();
  let hash = hashes.get(output.scriptpubkey);
  if (!hash) {
    hash = toHex(sha256(fromHex(output.scriptpubkey)));
    hashes.set(output.scriptpubkey, hash);
  }
  return hash === name.toLowerCase();
}

function sumHere(outputs) {
  return outputs.filter(isHere).reduce((sum, output) => sum + BigInt(output.value), 0n);
}

function historyLine(transaction) {
  const received = sumHere(transaction.vout);
  const spent = sumHere(transaction.vin.map((input) => input.prevout));
  const { status } = transaction;
  const amount = received - spent;
  return element(
    'li',
    { 'data-txid': transaction.txid },
    element(
      'div',
      { class: 'line' },
      nameLink('tx', transaction.txid, 10),
      element('span', { class: `amount ${amount > 0n ? 'came' : ''}` }, change(amount)),
    ),
    element(
      'div',
      { class: 'line soft small' },
      status.confirmed
        ? element('span', {}, 'block ', element('a', { href: `/explorer/block/${status.block_height}` }, count(status.block_height)))
        : element('span', { class: 'state', 'data-state': 'pending' }, 'Pending'),
      status.confirmed ? moment(status.block_time * 1_000) : null,
    ),
  );
}

function coinLine(coin) {
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'line' },
      element('a', { class: 'mono', href: `/explorer/tx/${coin.txid}`, title: `${coin.txid}:${coin.vout}` }, `${coin.txid.slice(0, 10)}…:${coin.vout}`),
      element('span', { class: 'amount' }, coins(coin.value)),
    ),
    element('div', { class: 'line soft small' }, coin.status.confirmed
      ? element('span', {}, `block ${count(coin.status.block_height)}, ${age(coin.status.block_time * 1_000)}`)
      : element('span', { class: 'state', 'data-state': 'pending' }, 'Pending')),
  );
}

async function showCoins() {
  try {
    const list = await json(`${path}/utxo`);
    list.sort((a, b) => (b.status.block_height ?? Infinity) - (a.status.block_height ?? Infinity) || 0);
    say(part('coins-hint'), list.length ? '' : 'Nothing lies here now.');
    part('coin-count').textContent = list.length ? counted(list.length, 'Coin') : 'Coins';
    const few = allCoins ? list : list.slice(0, FEW_COINS);
    part('coins').replaceChildren(...few.map(coinLine));
    const all = part('all-coins');
    all.hidden = few.length === list.length;
    all.textContent = `Show all ${count(list.length)}`;
    return list.reduce((sum, coin) => sum + (coin.status.confirmed ? BigInt(coin.value) : 0n), 0n);
  } catch (refused) {
    if (refused instanceof Refusal && /too many/i.test(refused.message)) {
      say(part('coins-hint'), 'There are too many coins here to list them.');
      return null;
    }
    throw refused;
  }
}

async function showSums(balance) {
  try {
    const { chain_stats: chain } = await json(path);
    figure('balance', coins(BigInt(chain.funded_txo_sum) - BigInt(chain.spent_txo_sum)));
    figure('received', coins(chain.funded_txo_sum));
    figure('spent', coins(chain.spent_txo_sum));
    figure('transactions', count(chain.tx_count));
  } catch {
    // The coins say how much it is; how it came needs the chain's index.
    figure('balance', balance === null ? '–' : coins(balance));
    for (const sum of ['received', 'spent', 'transactions']) figure(sum, '–');
  }
}

function drawHistory() {
  part('history').replaceChildren(...history.map(historyLine));
  part('older').hidden = !hasOlder;
}

/** The newest page; what was shown below it stays. */
async function showHistory() {
  try {
    const newest = await json(`${path}/txs`);
    const confirmed = newest.filter((transaction) => transaction.status.confirmed);
    const known = new Set(newest.map((transaction) => transaction.txid));
    const oldest = confirmed.at(-1);
    const at = oldest ? history.findIndex((transaction) => transaction.txid === oldest.txid) : -1;
    const below = at >= 0 ? history.slice(at + 1).filter((transaction) => !known.has(transaction.txid)) : [];
    if (at < 0) hasOlder = confirmed.length >= PAGE;
    history = [...newest, ...below];
    say(part('hint'), history.length ? '' : isScript ? 'Nothing has happened here yet.' : 'This address has not been used yet.');
    drawHistory();
  } catch (refused) {
    hasOlder = false;
    say(part('hint'), refused.message);
  }
}

async function showOlder() {
  const button = part('older');
  const last = history.findLast((transaction) => transaction.status.confirmed);
  button.disabled = true;
  try {
    const page = await json(`${path}/txs/chain/${last.txid}`);
    const known = new Set(history.map((transaction) => transaction.txid));
    history = [...history, ...page.filter((transaction) => !known.has(transaction.txid))];
    hasOlder = page.length >= PAGE;
    drawHistory();
  } catch (refused) {
    say(part('complaint'), refused.message);
  } finally {
    button.disabled = false;
  }
}

async function load() {
  const status = part('status');
  try {
    const balance = await showCoins();
    say(part('complaint'), '');
    await Promise.all([showSums(balance), showHistory()]);
    say(status, '');
    part('content').hidden = false;
    return true;
  } catch (refused) {
    say(status, '');
    if (refused instanceof Refusal && refused.isNotFound) {
      say(part('complaint'), 'That is no address of this network. Check for a missing or changed character.');
      return false;
    }
    say(part('complaint'), refused.message);
    return refused.status !== 0;
  } finally {
    document.documentElement.dataset.ready = 'true';
  }
}

part('name-row').append(copyButton(name, isScript ? 'the script’s hash' : 'the address') ?? '');
part('title').textContent = isScript ? 'Script' : 'Address';
part('older').addEventListener('click', showOlder);
part('all-coins').addEventListener('click', () => {
  allCoins = true;
  showCoins();
});

load().then((goOn) => {
  if (!goOn) return;
  const again = atMostEvery(AGAIN_MILLIS, load);
  follow(isScript ? 'blocks' : `address=${encodeURIComponent(name)}`, {
    event: again,
    open: again,
    link: (state) => showLink(part('link'), state),
  });
});
