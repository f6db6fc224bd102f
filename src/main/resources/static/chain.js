// Reads the chain through the node's public API, as any program can.

import { timeoutSignal } from './live.js';

const TIMEOUT_MILLIS = 20_000;
const REOPEN_MILLIS = 4_000;

/** What the node answered instead of what was asked for; the message can be shown. */
export class Refusal extends Error {
  /** @param {number} status 0 if there was no answer */
  constructor(status, code, sentence) {
    super(sentence);
    this.status = status;
    this.code = code;
  }

  get isNotFound() {
    return this.status === 404 || this.status === 400;
  }
}

async function ask(path) {
  let response;
  try {
    response = await fetch(path, { headers: { accept: 'application/json' }, signal: timeoutSignal(TIMEOUT_MILLIS) });
  } catch {
    throw new Refusal(0, 'no-connection', 'The node can’t be reached. Check the connection and load the page again.');
  }
  const body = await response.text();
  if (response.ok) return body;
  throw refusal(response, body);
}

function refusal(response, body) {
  let problem = {};
  if ((response.headers.get('content-type') ?? '').includes('json')) {
    try {
      problem = JSON.parse(body);
    } catch {
      // Then it is a text like any other.
    }
  }
  const words = typeof problem.detail === 'string' ? problem.detail : body.slice(0, 300);
  const busy = response.status === 503 || response.status === 429;
  const sentence = /\bindex\b/i.test(words)
    ? `${words.replace(/\.?\s*$/, '.')} Blocks, the coins of an address and receipts in files are shown all the same.`
    : busy
      ? 'The node is busy. Load the page again in a moment.'
      : words || `The node answered with status ${response.status}.`;
  return new Refusal(response.status, problem.code ?? '', sentence);
}

export const text = ask;

export async function json(path) {
  return JSON.parse(await ask(path));
}

/** The value, or nothing where the node knows no such thing. */
export async function ifFound(promise) {
  try {
    return await promise;
  } catch (refused) {
    if (refused instanceof Refusal && refused.isNotFound) return null;
    throw refused;
  }
}

/** True for what is a block's or transaction's hash by its looks. */
export function isHash(name) {
  return /^[0-9a-f]{64}$/i.test(name);
}

/** Where Esplora has a script's things, by address or by the script's hash. */
export function scriptPath(name) {
  return isHash(name)
    ? `/esplora/scripthash/${name.toLowerCase()}`
    : `/esplora/address/${encodeURIComponent(name)}`;
}

/**
 * Follows the node's event stream; comes back after a cut by itself.
 *
 * @param {string} query what is followed, such as "blocks"
 * @param {{event: (type: string, data: object) => void, link?: (state: 'live'|'lost') => void,
 *   open?: () => void}} to  open: the stream is open; what happened before it does not tell
 */
export function follow(query, to) {
  if (!('EventSource' in window)) return;
  let source = null;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(`/v1/stream?${query}`);
    source.addEventListener('open', () => {
      to.link?.('live');
      to.open?.();
    });
    for (const type of ['block', 'transfer']) {
      source.addEventListener(type, (event) => to.event(type, JSON.parse(event.data)));
    }
    source.addEventListener('error', () => {
      to.link?.('lost');
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(timer);
        timer = setTimeout(open, REOPEN_MILLIS);
      }
    });
  }

  window.addEventListener('offline', () => to.link?.('lost'));
  window.addEventListener('online', open);
  // Else browsers report the broken stream as an error while the page goes away.
  window.addEventListener('pagehide', () => {
    clearTimeout(timer);
    source?.close();
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) open();
  });
  open();
}

/** Shows whether the stream is live. */
export function showLink(where, state) {
  where.hidden = false;
  where.dataset.link = state;
  const words = where.dataset[state];
  if (where.textContent !== words) where.textContent = words;
}

/** Runs a step at once, and if asked again meanwhile, once more after a time. */
export function atMostEvery(millis, step) {
  let timer = 0;
  let last = -Infinity;
  return () => {
    if (timer) return;
    const run = () => {
      timer = 0;
      last = performance.now();
      step();
    };
    const wait = last + millis - performance.now();
    if (wait <= 0) run();
    else timer = setTimeout(run, wait);
  };
}
