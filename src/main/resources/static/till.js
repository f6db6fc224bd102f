// What all tills share: whether there is a connection, printing, and staying usable as an installed
// program.

import { timeoutSignal } from './live.js';

const CHECK_MILLIS = 20_000;
const CHECK_TIMEOUT_MILLIS = 5_000;
const PRINT_KEPT_MILLIS = 60_000;

/**
 * Shows when the node can't be reached, and no longer.
 *
 * @param {HTMLElement} till
 * @param {string} path something of this till that costs the node little
 * @param {(answer: object|null) => void} [told] gets what the path answered, if that was JSON
 * @returns {{check: () => Promise<void>, lost: () => void}}
 */
export function watchConnection(till, path, told = () => {}) {
  const sign = till.querySelector('[data-offline]');
  let timer = 0;

  function show(online) {
    sign.hidden = online;
    till.dataset.online = String(online);
  }

  async function check() {
    clearTimeout(timer);
    try {
      const response = await fetch(path, {
        cache: 'no-store',
        headers: { accept: 'application/json' },
        signal: timeoutSignal(CHECK_TIMEOUT_MILLIS),
      });
      show(true);
      if (response.ok) told(await response.json().catch(() => null));
    } catch {
      show(false);
    }
    timer = setTimeout(checkIfSeen, till.dataset.online === 'true' ? CHECK_MILLIS : CHECK_MILLIS / 5);
  }

  function checkIfSeen() {
    if (document.visibilityState === 'visible') check();
    else timer = setTimeout(checkIfSeen, CHECK_MILLIS);
  }

  window.addEventListener('online', check);
  window.addEventListener('offline', () => show(false));
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && check());
  check();
  return { check, lost: () => { show(false); check(); } };
}

/** Keeps this page and what it is made of, so that it opens without a connection and can say so. */
export function keepShell(till) {
  if (!('serviceWorker' in navigator)) return;
  const scope = location.pathname;
  const release = till.dataset.worker.split('/').pop();
  navigator.serviceWorker
    .register(`/till-worker.js?release=${release}`, { scope })
    .then(() => navigator.serviceWorker.ready)
    .then((registration) => {
      const parts = performance.getEntriesByType('resource').map((entry) => entry.name);
      registration.active.postMessage({ shell: [location.origin + scope, ...parts] });
    })
    // Browsers forbid it on plain HTTP; then the till is a page like any other.
    .catch(() => {});
}

// Safari on phones prints the page around a frame; there the receipt opens beside the till.
const PRINTS_FRAMES = !/iP(hone|ad|od)/.test(navigator.userAgent);

/** Prints a receipt without leaving the till; false where that can't be done. */
export function printReceipt(link) {
  if (!PRINTS_FRAMES) return false;
  document.querySelector('iframe[data-printing]')?.remove();
  const frame = document.createElement('iframe');
  frame.dataset.printing = '';
  frame.className = 'unseen';
  frame.title = 'Receipt';
  frame.tabIndex = -1;
  // The receipt calls for the printer itself.
  frame.src = link;
  document.body.append(frame);
  setTimeout(() => frame.remove(), PRINT_KEPT_MILLIS);
  return true;
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-print-receipt]');
  if (link && printReceipt(link.href)) event.preventDefault();
});

/** Names one sale; sent again with each try, so that a sale is made once. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
