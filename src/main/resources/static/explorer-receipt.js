import { json, text as fetchText } from './chain.js';
import { element, part, say } from './dom.js';
import { picture } from './picture.js';
import { check, parseValidators } from './proof.js';
import './search.js';
import { ends, moment } from './text.js';

const MAX_FILE_BYTES = 1_000_000;
const TYPING_MILLIS = 120;
const MARKS = { passed: '✓', failed: '✗', unseen: '–' };
const WORDS = { passed: 'Right: ', failed: 'Wrong: ', unseen: 'Not checked: ' };

const main = document.getElementById('main');
const txid = main.dataset.name;
const area = part('text');
const own = part('own-keys');
let nodeKeys = null;
let lastChecked = '';

/** Writes the steps of a check. */
function showSteps(steps) {
  part('checks').replaceChildren(
    ...steps.map((step) =>
      element(
        'li',
        { class: step.state, 'data-code': step.code },
        element('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[step.state]),
        element(
          'div',
          {},
          element('p', { class: 'strong' }, element('span', { class: 'unseen' }, WORDS[step.state]), step.name),
          element('p', { class: 'soft small detail' }, step.detail),
        ),
      )),
  );
}

function showVerdict({ proved, receipt, steps }) {
  const verdict = part('verdict');
  verdict.dataset.verdict = proved ? 'proved' : 'refused';
  part('word').textContent = proved ? 'Proved' : 'Proves nothing';
  const sentence = part('sentence');
  if (proved) {
    sentence.replaceChildren(
      'Transfer ',
      element('a', { class: 'mono', href: `/explorer/tx/${receipt.txid}`, title: receipt.txid }, ends(receipt.txid)),
      ' is settled in block ',
      element('a', { href: `/explorer/block/${receipt.height}` }, String(receipt.height)),
      ` of network ${receipt.network}, sealed `,
      moment(receipt.timeMillis),
      '.',
    );
    if (txid && receipt.txid !== txid) sentence.append(' It is the receipt of another transfer than the one of this page.');
  } else {
    sentence.textContent = steps.find((step) => step.state === 'failed').detail;
  }
}

function showKeys(validators, isOwn) {
  part('keys-part').hidden = false;
  part('keys-note').textContent = isOwn
    ? 'These are the keys that you pasted.'
    : 'These are the keys that this node names.';
  part('keys').replaceChildren(
    ...validators.keys.map((key) => element('li', { class: 'mono break' }, key)),
    element('li', { class: 'soft' }, `${validators.quorum} of ${validators.keys.length} must have signed.`),
  );
}

/** Whose signatures count: the reader's own keys, or else the node's. */
function validators() {
  const complaint = part('keys-complaint');
  say(complaint, '');
  if (own.value.trim()) {
    try {
      const parsed = parseValidators(own.value);
      showKeys(parsed, true);
      return parsed;
    } catch (failed) {
      say(complaint, failed.message);
      return null;
    }
  }
  if (nodeKeys) showKeys(nodeKeys, false);
  return nodeKeys;
}

/** Checks what stands there and shows what came of it. */
function judge() {
  const keys = validators();
  const receipt = area.value;
  if (!receipt.trim()) {
    part('content').hidden = true;
    return;
  }
  if (!keys) {
    say(part('complaint'), 'There are no keys to check with: this node can’t be asked, so paste your own below.');
    part('content').hidden = true;
    part('keys-part').hidden = false;
    return;
  }
  say(part('complaint'), '');
  const checked = `${receipt}\n${JSON.stringify(keys)}`;
  if (checked === lastChecked) return;
  lastChecked = checked;
  // Whatever happens, an earlier verdict never stands beside another receipt.
  part('content').hidden = true;
  const found = check(receipt, keys);
  part('content').hidden = false;
  showVerdict(found);
  showSteps(found.steps);
  part('picture').replaceChildren(
    found.receipt ? picture(found) : element('p', { class: 'soft' }, 'There is no receipt to draw.'),
  );
  document.documentElement.dataset.judged = found.proved ? 'proved' : found.code;
}

let timer = 0;
function judgeSoon() {
  clearTimeout(timer);
  timer = setTimeout(judge, TYPING_MILLIS);
}

async function takeFile(file) {
  if (!file) return;
  const complaint = part('complaint');
  if (file.size > MAX_FILE_BYTES) {
    say(complaint, 'That file is too large for a receipt.');
    return;
  }
  try {
    // A mark at the start is a changed byte too.
    area.value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    say(complaint, 'That file is no text.');
    return;
  }
  judge();
  part('content').scrollIntoView({ block: 'start' });
}

function takeDrops() {
  const drop = part('drop');
  if (!drop) return;
  part('file').addEventListener('change', (event) => {
    takeFile(event.target.files[0]);
    event.target.value = '';
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  document.addEventListener('dragleave', () => drop.classList.remove('over'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    takeFile(event.dataTransfer.files[0]);
  });
}

async function loadKeys() {
  try {
    nodeKeys = parseValidators(JSON.stringify(await json('/v1/validators')));
  } catch {
    nodeKeys = null;
  }
}

async function loadReceipt() {
  try {
    area.value = await fetchText(`/v1/receipts/${txid}`);
    say(part('status'), '');
  } catch (refused) {
    say(part('status'), '');
    say(part('complaint'), refused.code === 'receipt-pending'
      ? 'This transfer waits for its block. Load the page again in a moment.'
      : refused.status === 404
        ? 'There is no receipt of this transfer: it is not settled, as far as this node knows.'
        : refused.message);
  }
}

area.addEventListener('input', judgeSoon);
own.addEventListener('input', judgeSoon);
takeDrops();
Promise.all([loadKeys(), txid ? loadReceipt() : null]).then(() => {
  if (part('complaint').hidden || !txid) judge();
  else validators();
  document.documentElement.dataset.ready = 'true';
});
