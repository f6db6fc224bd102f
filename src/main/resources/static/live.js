// Follows one invoice: the stream sends its status at every change. While there is no stream, the
// status is asked for every two seconds; both heal by themselves.

const POLL_MILLIS = 2_000;
const SAFETY_POLL_MILLIS = 15_000;
const REQUEST_TIMEOUT_MILLIS = 6_000;
const REOPEN_MILLIS = 4_000;
const LOST_AFTER_FAILURES = 2;

/**
 * @param {string} invoiceId
 * @param {{status: (status: object) => void, link: (state: 'live'|'lost') => void,
 *   gone?: () => void}} to  gone: the node knows no such invoice
 * @returns {{refresh: () => Promise<void>, accept: (status: object) => void, stop: () => void}}
 */
export function follow(invoiceId, to) {
  let source = null;
  let streaming = false;
  let stopped = false;
  let failures = 0;
  let pollTimer = 0;
  let reopenTimer = 0;
  let asked = 0;
  let shown = 0;
  let last = Promise.resolve();

  async function ask() {
    const number = ++asked;
    try {
      const response = await fetch(`/i/${invoiceId}/status`, {
        cache: 'no-store',
        headers: { accept: 'application/json' },
        signal: timeoutSignal(REQUEST_TIMEOUT_MILLIS),
      });
      if (response.status === 404) {
        if (!stopped) to.gone?.();
        return;
      }
      if (!response.ok) throw new Error(`status ${response.status}`);
      const status = await response.json();
      failures = 0;
      if (stopped) return;
      to.link('live');
      // Answers may overtake each other: an older one must not undo a newer one.
      if (number > shown) {
        shown = number;
        to.status(status);
      }
    } catch {
      failures++;
      if (!stopped && failures >= LOST_AFTER_FAILURES) to.link('lost');
    }
  }

  /** Shows a status that came by another way; whatever is still being asked for is older. */
  function accept(status) {
    shown = ++asked;
    if (!stopped) to.status(status);
  }

  function refresh() {
    if (stopped) return last;
    clearTimeout(pollTimer);
    last = ask().finally(() => {
      if (stopped) return;
      clearTimeout(pollTimer);
      const calm = streaming && failures === 0;
      pollTimer = setTimeout(refresh, calm ? SAFETY_POLL_MILLIS : POLL_MILLIS);
    });
    return last;
  }

  function open() {
    if (stopped || !('EventSource' in window)) return;
    source = new EventSource(`/v1/stream?invoice=${encodeURIComponent(invoiceId)}`);
    source.addEventListener('open', () => {
      streaming = true;
      refresh();
    });
    source.addEventListener('invoice', (event) => {
      failures = 0;
      to.link('live');
      const status = JSON.parse(event.data);
      if (status.phase) accept(status);
      else refresh();
    });
    source.addEventListener('error', () => {
      streaming = false;
      refresh();
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(reopenTimer);
        reopenTimer = setTimeout(open, REOPEN_MILLIS);
      }
    });
  }

  // Phones put hidden pages to sleep and drop their connections without telling them.
  function wake() {
    if (document.visibilityState === 'visible') refresh();
  }

  function leave() {
    source?.close();
    streaming = false;
  }

  // Out of the browser's back-and-forward cache.
  function comeBack(event) {
    if (event.persisted) open();
  }

  function offline() {
    failures = LOST_AFTER_FAILURES;
    to.link('lost');
  }

  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', wake);
  window.addEventListener('offline', offline);
  // Else browsers report the broken stream as an error while the page goes away.
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', comeBack);
  open();
  refresh();

  return {
    refresh,
    accept,
    stop() {
      stopped = true;
      source?.close();
      clearTimeout(pollTimer);
      clearTimeout(reopenTimer);
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      window.removeEventListener('offline', offline);
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('pageshow', comeBack);
    },
  };
}

/** A signal that aborts after a time; older browsers go without. */
export function timeoutSignal(millis) {
  return typeof AbortSignal !== 'undefined' && 'timeout' in AbortSignal
    ? AbortSignal.timeout(millis)
    : undefined;
}

/**
 * Posts JSON to our own server; fails with a sentence that can be shown, and with `unreachable` if
 * there was no answer.
 */
export async function post(path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: timeoutSignal(15_000),
    });
  } catch {
    throw Object.assign(
      new Error('The node can’t be reached. Check the connection and try again.'),
      { unreachable: true },
    );
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.detail || 'That did not work. Try again in a moment.');
  }
  return answer;
}
