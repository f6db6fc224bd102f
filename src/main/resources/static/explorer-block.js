import { ifFound, json } from './chain.js';
import { copyButton, element, facts, part, say } from './dom.js';
import { headerBytes, headerFields, judgeSignatures, meetsTarget, merkleRoot, parseValidators } from './proof.js';
import './search.js';
import { coins, count, counted, moment, nameLink } from './text.js';

const PAGE = 25;
const id = document.getElementById('main').dataset.name;
const from = Math.floor(Number(/^[0-9]{1,9}$/.exec(new URLSearchParams(location.search).get('from') ?? '')?.[0] ?? 0) / PAGE) * PAGE;

function showFacts(block) {
  document.title = `Block ${block.height} · ${document.getElementById('main').dataset.network}`;
  part('title').textContent = `Block ${count(block.height)}`;
  facts(part('facts'), [
    ['Hash', element('div', { class: 'name-row' }, element('span', { class: 'mono break' }, block.hash), copyButton(block.hash, 'the hash'))],
    ['Sealed', moment(block.timeMillis)],
    ['Transfers', count(block.transferCount)],
    ['Size', counted(block.size, 'byte')],
    ['Weight', counted(block.weight, 'unit')],
    ['Block before', block.height > 0
      ? element('a', { class: 'mono break', href: `/explorer/block/${block.previousBlockHash}` }, block.previousBlockHash)
      : 'none: this is the first'],
    ['Merkle root', element('span', { class: 'mono break' }, block.merkleRoot)],
    ['Time in the header', moment(block.headerTimeSeconds * 1_000)],
    ['Version, bits, nonce', element('span', { class: 'mono' }, `${(block.version >>> 0).toString(16).padStart(8, '0')} ${block.bits} ${block.nonce}`)],
    ['Supply after it', `${coins(block.totals.issuedSat)} issued, ${coins(block.totals.burnedSat)} burned, ${coins(block.totals.unspentSat)} unspent`],
  ]);
}

function showNeighbours(block, tipHeight) {
  const link = (name, height, isThere) => {
    part(name).hidden = !isThere;
    part(name).href = `/explorer/block/${height}`;
  };
  link('previous', block.height - 1, block.height > 0);
  link('next', block.height + 1, block.height < tipHeight);
}

function checkLine(passed, name, detail) {
  return element(
    'li',
    { class: passed ? 'passed' : 'failed' },
    element('span', { class: 'mark', 'aria-hidden': 'true' }, passed ? '✓' : '✗'),
    element(
      'div',
      {},
      element('p', { class: 'strong' }, element('span', { class: 'unseen' }, passed ? 'Right: ' : 'Wrong: '), name),
      ...detail.map((line) => element('p', { class: 'soft small detail' }, line)),
    ),
  );
}

/** What the browser can say of a block without the ones before it. */
function showChecks(block, validators) {
  const header = headerFields(headerBytes(block));
  const isOwnHash = header.hash === block.hash && meetsTarget(header);
  const isRoot = merkleRoot(block.txids) === block.merkleRoot;
  const lines = [
    checkLine(isOwnHash, 'Header', [isOwnHash
      ? 'Its fields have this hash, and the hash meets the chain’s target.'
      : 'Its fields have another hash, or the hash does not meet the chain’s target.']),
    checkLine(isRoot, 'Merkle root', [isRoot
      ? `It is the root over all ${counted(block.txids.length, 'transaction')}.`
      : 'The transactions have another root.']),
  ];
  if (block.height > 0) lines.push(certificateLine(block, validators));
  part('checks').replaceChildren(...lines);
}

function certificateLine(block, validators) {
  const signatures = judgeSignatures(block.certificate, block.hash, block.height, validators);
  const good = signatures.filter((one) => one.isValidator && !one.isDouble && one.verifies);
  const isCertified = good.length === signatures.length && good.length >= validators.quorum;
  return checkLine(
    isCertified,
    'Certificate',
    [
      `${good.length} of ${counted(validators.keys.length, 'validator')} signed this block, ${validators.quorum} needed.`,
      ...signatures.map((one) => element(
        'span',
        { class: 'mono break' },
        `${one.validator} ${!one.isValidator ? '(a stranger)' : !one.verifies ? '(does not verify)' : ''}`,
      )),
    ],
  );
}

function transactionLine(txid, position, details) {
  const paid = details ? details.vout.reduce((sum, output) => sum + BigInt(output.value), 0n) : null;
  const isCoinbase = position === 0;
  return element(
    'li',
    {},
    element('div', { class: 'line' }, nameLink('tx', txid, 10), paid === null ? null : element('span', { class: 'amount' }, coins(paid))),
    element(
      'div',
      { class: 'line soft small' },
      element('span', {}, isCoinbase
        ? 'the block’s own first transaction'
        : details
          ? `${counted(details.vin.length, 'input')}, ${counted(details.vout.length, 'output')}`
          : `number ${position}`),
      details && !isCoinbase ? element('span', {}, `fee ${coins(details.fee)}`) : null,
    ),
  );
}

async function showTransactions(block) {
  const all = block.txids.length;
  const first = from < all ? from : 0;
  const ids = block.txids.slice(first, first + PAGE);
  part('count').textContent = counted(all, 'Transaction');
  const draw = (details) => part('transactions').replaceChildren(
    ...ids.map((txid, i) => {
      const known = details?.[i];
      return transactionLine(txid, first + i, known?.txid === txid ? known : null);
    }),
  );
  draw(null);
  if (all > PAGE) {
    part('range').hidden = false;
    part('range').textContent = `${count(first + 1)} to ${count(first + ids.length)} of ${count(all)}`;
    const link = (name, start, isThere) => {
      part(name).hidden = !isThere;
      part(name).href = `/explorer/block/${block.height}?from=${start}#transactions`;
    };
    link('earlier', Math.max(0, first - PAGE), first > 0);
    link('later', first + PAGE, first + PAGE < all);
  }
  try {
    draw(await ifFound(json(`/esplora/block/${block.hash}/txs/${first}`)));
  } catch (refused) {
    say(part('hint'), refused.message);
  }
}

async function show() {
  const status = part('status');
  try {
    const [block, network, keys] = await Promise.all([
      ifFound(json(`/v1/blocks/${id.toLowerCase()}`)),
      json('/v1/network'),
      json('/v1/validators'),
    ]);
    if (!block) {
      say(status, `There is no such block; the newest is ${network.tip.height}.`);
      return;
    }
    say(status, '');
    showFacts(block);
    showNeighbours(block, network.tip.height);
    part('content').hidden = false;
    showChecks(block, parseValidators(JSON.stringify(keys)));
    await showTransactions(block);
  } catch (refused) {
    say(status, '');
    say(part('complaint'), refused.message);
  } finally {
    document.documentElement.dataset.ready = 'true';
  }
}

show();
