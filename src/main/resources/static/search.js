// Finds out what somebody has typed or pasted: a height, a hash, an address, a payment link.

import { ifFound, isHash, json, Refusal, scriptPath } from './chain.js';
import { part, say } from './dom.js';

const MAX_ADDRESS_CHARACTERS = 100;

/**
 * Where the page of something is.
 *
 * @param {string} typed
 * @returns {Promise<string>} the page's path
 * @throws {Error} with a sentence for people if there is nothing of this name
 */
export async function find(typed) {
  const query = typed.replace(/^\s+|\s+$/g, '');
  if (!query) throw new Error('Type a height, a hash, a transaction or an address.');
  const name = addressIn(query);
  if (/^[0-9][0-9,.  ]*$/.test(name) && !isHash(name)) return atHeight(name.replace(/\D/g, ''));
  if (isHash(name)) return withHash(name.toLowerCase());
  if (/^[0-9A-Za-z]+$/.test(name) && name.length <= MAX_ADDRESS_CHARACTERS) return ofAddress(name);
  throw new Error('That is no height, hash or address. A height has digits only, a hash 64 digits from 0 to f.');
}

/** The address of a payment link, or what was typed. */
function addressIn(query) {
  const link = /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/)?([^?#/]*)/.exec(query);
  return link ? decoded(link[1]) : query;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function atHeight(digits) {
  const height = digits.replace(/^0+(?=.)/, '');
  const { tip } = await json('/v1/network');
  if (height.length > 9 || Number(height) > tip.height) {
    throw new Error(`There is no block ${height} yet; the newest is ${tip.height}.`);
  }
  return `/explorer/block/${height}`;
}

async function withHash(hash) {
  if (await ifFound(json(`/v1/blocks/${hash}`))) return `/explorer/block/${hash}`;
  let cause = null;
  for (const look of [isTransaction, isScript]) {
    try {
      const path = await look(hash);
      if (path) return path;
    } catch (refused) {
      // Without an index there are still other places to look.
      cause = refused;
    }
  }
  throw cause ?? new Error('There is no block, transaction or script with this hash. A transaction that was just sent may have been refused.');
}

async function isTransaction(hash) {
  const found = await ifFound(json(`/esplora/tx/${hash}`));
  return found ? `/explorer/tx/${hash}` : null;
}

async function isScript(hash) {
  const coins = await ifFound(json(`/esplora/scripthash/${hash}/utxo`));
  const history = coins?.length ? coins : await ifFound(json(`/esplora/scripthash/${hash}/txs`));
  return history?.length ? `/explorer/address/${hash}` : null;
}

async function ofAddress(address) {
  try {
    // Of all questions about an address this one needs no index.
    await json(`${scriptPath(address)}/utxo`);
  } catch (refused) {
    if (refused instanceof Refusal && refused.isNotFound && !/too many/i.test(refused.message)) {
      throw new Error('That is no address of this network. Check for a missing or changed character.');
    }
    if (!/too many/i.test(refused.message)) throw refused;
  }
  return `/explorer/address/${address}`;
}

/** Answers the search box: goes there, or says below it why it can't. */
function answer(form) {
  const complaint = part('search-complaint');
  const box = form.querySelector('input');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    say(complaint, '');
    form.setAttribute('aria-busy', 'true');
    try {
      location.href = await find(box.value);
    } catch (failed) {
      say(complaint, failed.message);
      box.focus();
    } finally {
      form.removeAttribute('aria-busy');
    }
  });
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, textarea, select, [contenteditable]');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
    }
  });
}

const form = part('search');
if (form) answer(form);
