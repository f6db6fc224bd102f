// The payment on a till: the code, the wait, paid or not, and on to the next customer.

import { follow, post } from './live.js';
import { behind, paymentPanel } from './payment.js';
import { printReceipt } from './till.js';

/**
 * @param {HTMLElement} till holds the payment's view and the sign of the connection
 * @param {{cancelPath: (invoiceId: string) => string, begun: () => void, done: () => void,
 *   autoPrint?: () => boolean}} to  done: the next customer's turn
 * @returns {{start: (invoiceId: string, status: object|null) => void}}
 */
export function saleScreen(till, to) {
  const view = till.querySelector('.pay-view');
  const link = till.querySelector('[data-link]');
  const complaint = view.querySelector('[data-complaint]');
  let following = null;
  let demoPressedAt = 0;
  let printed = '';

  const panel = paymentPanel(view.querySelector('.pay'), {
    phaseChanged(phase, before, status) {
      if (status.paidInFull) {
        celebrate(before);
        // Not for a page that was loaded again, which has printed it before.
        if (before && status.printLink && printed !== status.invoiceId && to.autoPrint?.()) {
          printed = status.invoiceId;
          printReceipt(status.printLink);
        }
      } else if (phase === 'expired' || phase === 'short' || phase === 'invalid') {
        view.querySelector(`[data-when~="${phase}"] .main`)?.focus();
      }
    },
    timeUp: () => following?.refresh(),
  });

  function start(invoiceId, status) {
    if (status) panel.show(status);
    to.begun();
    view.hidden = false;
    till.classList.remove('keying');
    link.hidden = false;
    view.querySelector('[data-focus]').focus();
    window.scrollTo(0, 0);
    following?.stop();
    following = follow(invoiceId, {
      status: (next) => panel.show(next),
      link: showLink,
      gone: next,
    });
    history.replaceState(null, '', `#${invoiceId}`);
  }

  function showLink(state) {
    link.dataset.link = state;
    link.textContent = state === 'live' ? link.dataset.live : link.dataset.lost;
  }

  function celebrate(before) {
    const time = view.querySelector('[data-took]');
    if (demoPressedAt > 0) {
      const seconds = (performance.now() - demoPressedAt) / 1000;
      time.textContent = `Settled ${seconds.toFixed(2)} s after the wallet was asked to pay.`;
    }
    time.hidden = demoPressedAt === 0;
    demoPressedAt = 0;
    if (before) navigator.vibrate?.([60, 40, 60]);
    for (const button of view.querySelectorAll('[data-next]')) {
      if (button.offsetParent !== null || button.closest('.paid-screen')) {
        button.focus({ preventScroll: true });
        break;
      }
    }
  }

  function next() {
    following?.stop();
    following = null;
    panel.clear();
    history.replaceState(null, '', location.pathname);
    view.hidden = true;
    till.classList.add('keying');
    link.hidden = true;
    to.done();
  }

  for (const button of view.querySelectorAll('[data-next]')) {
    button.addEventListener('click', next);
  }

  for (const button of view.querySelectorAll('[data-cancel]')) {
    button.addEventListener('click', () =>
      behind(button, complaint, async () => {
        const status = await post(to.cancelPath(panel.status.invoiceId), {});
        // Money that came in the same moment wins: the cashier must see it.
        if (status.paidInFull || status.phase === 'partial') following.accept(status);
        else next();
      }),
    );
  }

  for (const button of view.querySelectorAll('[data-demo]')) {
    button.addEventListener('click', () =>
      behind(button, complaint, async () => {
        demoPressedAt = performance.now();
        try {
          following.accept(await post(`/i/${panel.status.invoiceId}/pay-demo`, {}));
        } catch (error) {
          demoPressedAt = 0;
          throw error;
        }
      }),
    );
  }

  return { start };
}

/** The invoice that a reloaded or restored page goes on with, if it was in a sale. */
export function resumedInvoice() {
  const id = location.hash.slice(1);
  return /^[A-Za-z0-9]{8,64}$/.test(id) ? id : null;
}
