import { atMostEvery, follow, json, showLink } from './chain.js';
import { element, figure, part, say } from './dom.js';
import './search.js';
import { age, coins, count, counted, moment, nameLink, span } from './text.js';

const ROWS = 14;
const FIGURES_MILLIS = 1_000;
const VOICE_MILLIS = 10_000;
const QUIET_DAY_MILLIS = 86_400_000;

const body = part('blocks');
const pause = part('pause');
const complaint = part('complaint');
const before = /^[0-9]{1,9}$/.exec(new URLSearchParams(location.search).get('before') ?? '')?.[0];

/** The rows' blocks, newest first. */
let shown = [];
/** Blocks that came while the list stood still. */
let paused = false;
let held = 0;

function row(block, isNew) {
  const time = moment(block.timeMillis);
  time.dataset.millis = block.timeMillis;
  time.textContent = age(block.timeMillis);
  return element(
    'tr',
    isNew ? { class: 'fresh' } : {},
    element('td', {}, element('a', { class: 'tap strong', href: `/explorer/block/${block.height}` }, count(block.height))),
    element('td', { class: 'wide-only' }, nameLink('block', block.hash, 12)),
    element('td', { class: 'number' }, count(block.transferCount)),
    element('td', { class: 'number wide-only' }, count(block.weight)),
    element('td', { class: 'number' }, time),
  );
}

function blank() {
  const cells = ['', 'wide-only', '', 'wide-only', ''].map((kind) => element('td', kind ? { class: kind } : {}, '\u00a0'));
  return element('tr', { class: 'blank', 'aria-hidden': 'true' }, ...cells);
}

/** The table always has as many rows, so that nothing below it moves. */
function showAll(blocks) {
  shown = blocks.slice(0, ROWS);
  const rows = shown.map((block) => row(block, false));
  while (rows.length < ROWS) rows.push(blank());
  body.replaceChildren(...rows);
}

/** Answers may overtake each other, and news of a block: only the newest question's counts, and no older list than the news. */
let loads = 0;
let told = -1;
async function load() {
  const own = ++loads;
  told = -1;
  try {
    const page = await json(`/v1/blocks?limit=${ROWS}${before ? `&before=${before}` : ''}`);
    // A list that stands still shows it when it goes on, by another question.
    if (own !== loads || (paused && shown.length > 0)) return;
    if (!before && told > (page.blocks[0]?.height ?? -1)) {
      load();
      return;
    }
    say(complaint, '');
    showAll(page.blocks);
    const oldest = page.blocks.at(-1)?.height ?? 0;
    part('older').hidden = oldest === 0;
    part('older').href = `/explorer?before=${oldest}`;
    part('newer').hidden = !before;
    showIntervals();
  } catch (refused) {
    say(complaint, refused.message);
  }
}

function take(block) {
  told = block.height;
  if (before || shown.some((known) => known.height === block.height)) return;
  if (paused) {
    held++;
    pause.textContent = `Go on (${count(held)} new)`;
    return;
  }
  if (shown.length === 0 || block.height !== shown[0].height + 1) {
    load();
    return;
  }
  shown = [block, ...shown].slice(0, ROWS);
  body.prepend(row(block, true));
  body.lastElementChild.remove();
  part('older').href = `/explorer?before=${shown.at(-1).height}`;
  part('older').hidden = shown.at(-1).height === 0;
  showIntervals();
  voice(block);
}

/** Whoever listens to the page is told of a new block, but not of every one. */
let spoken = -Infinity;
function voice(block) {
  if (performance.now() - spoken < VOICE_MILLIS) return;
  spoken = performance.now();
  part('voice').textContent = `Block ${block.height} with ${counted(block.transferCount, 'transfer')}.`;
}

/** The middle one of the times between the blocks shown. A chain's first blocks, which hold nothing, bear made-up times. */
function showIntervals() {
  if (before) return;
  const times = shown.filter((block) => block.transferCount > 0).map((block) => block.timeMillis);
  const gaps = times.slice(1).map((time, i) => times[i] - time).sort((a, b) => a - b);
  figure('interval', gaps.length ? span(gaps[Math.floor(gaps.length / 2)]) : '–');
}

let tipMillis = 0;
async function showFigures() {
  try {
    const network = await json('/v1/network');
    tipMillis = network.tip.timeMillis;
    figure('height', count(network.tip.height));
    figure('transfers', count(network.totals.transfers));
    figure('coins', count(network.totals.coins));
    figure('pending', count(network.pendingTransfers));
    figure('unspent', coins(network.totals.unspentSat));
    figure('burned', coins(network.totals.burnedSat));
    figure('issued', coins(network.totals.issuedSat));
    if (BigInt(network.totals.unspentSat) + BigInt(network.totals.burnedSat) !== BigInt(network.totals.issuedSat)) {
      figure('balance', 'These figures do not add up. Don’t trust this node.');
      document.querySelector('[data-figure="balance"]').className = 'note bad';
    }
    showAges();
  } catch {
    // The next block brings the next try; the list says what is wrong.
  }
}

function showAges() {
  const now = Date.now();
  if (tipMillis) figure('age', age(tipMillis, now));
  for (const time of body.querySelectorAll('time[data-millis]')) {
    const millis = Number(time.dataset.millis);
    const text = age(millis, now);
    if (now - millis < QUIET_DAY_MILLIS * 2 && time.textContent !== text) time.textContent = text;
  }
}

const refresh = atMostEvery(FIGURES_MILLIS, showFigures);

pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  pause.textContent = paused ? 'Go on' : 'Pause';
  if (!paused) {
    held = 0;
    load();
  }
});

if (before) document.getElementById('blocks').textContent = `Blocks below ${count(Number(before))}`;
pause.hidden = Boolean(before);
setInterval(showAges, 1_000);
refresh();
load().then(() => {
  document.documentElement.dataset.ready = 'true';
  follow('blocks', {
    event(type, block) {
      take(block);
      refresh();
    },
    link: (state) => showLink(part('link'), state),
    open() {
      if (!paused) load();
      refresh();
    },
  });
});
