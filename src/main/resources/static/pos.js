import { follow, post } from './live.js';
import { behind, paymentPanel } from './payment.js';
import { typedAmount } from './amount.js';

const till = document.querySelector('[data-till]');
const storeId = till.dataset.till;
const amount = typedAmount(Number(till.dataset.digits));
const keypadView = till.querySelector('.keypad-view');
const payView = till.querySelector('.pay-view');
const form = keypadView.querySelector('form');
const output = form.querySelector('output');
const typed = output.querySelector('[data-typed]');
const untyped = output.querySelector('[data-untyped]');
const note = form.querySelector('#note');
const charge = form.querySelector('.charge');
const complaint = form.querySelector('[role="alert"]');
const link = till.querySelector('[data-link]');

let following = null;
// One key for one sale: pressing Charge again after a lost answer must not make a second invoice.
let saleKey = newKey();
let demoPressedAt = 0;

const panel = paymentPanel(payView.querySelector('.pay'), {
  phaseChanged(phase, before, status) {
    if (status.paidInFull) {
      celebrate(before);
    } else if (phase === 'expired' || phase === 'short' || phase === 'invalid') {
      payView.querySelector(`[data-when~="${phase}"] .main`)?.focus();
    }
  },
  timeUp: () => following?.refresh(),
});

function showAmount() {
  const parts = amount.parts;
  typed.textContent = parts.typed;
  untyped.textContent = parts.untyped;
  const length = output.textContent.trim().length;
  output.classList.toggle('long', length > 9 && length <= 13);
  output.classList.toggle('longer', length > 13);
  typed.classList.toggle('untyped', amount.isZero && parts.typed === '0');
  charge.disabled = amount.isZero;
}

function press(key) {
  complaint.hidden = true;
  saleKey = newKey();
  amount.type(key);
  showAmount();
}

form.addEventListener('click', (event) => {
  const key = event.target.closest('[data-key]');
  if (key) press(key.dataset.key);
});

// A long press on ⌫ empties the field, as on phones.
let holdTimer = 0;
const back = form.querySelector('[data-key="back"]');
back.addEventListener('pointerdown', () => {
  holdTimer = setTimeout(() => {
    amount.clear();
    showAmount();
  }, 600);
});
for (const end of ['pointerup', 'pointerleave', 'pointercancel']) {
  back.addEventListener(end, () => clearTimeout(holdTimer));
}

document.addEventListener('keydown', (event) => {
  if (keypadView.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === note) return;
  const key =
    event.key >= '0' && event.key <= '9' && event.key.length === 1
      ? event.key
      : event.key === '.' || event.key === ','
        ? '.'
        : event.key === 'Backspace'
          ? 'back'
          : null;
  if (key) {
    press(key);
    flash(key);
    event.preventDefault();
  } else if (event.key === 'Escape' || event.key === 'Delete') {
    amount.clear();
    showAmount();
  } else if (event.key === 'Enter' && (!event.target.closest('button, a') || event.target.closest('[data-key]'))) {
    // A digit that was tapped keeps the focus; Enter means charge all the same.
    form.requestSubmit();
    event.preventDefault();
  }
});

function flash(key) {
  const button = form.querySelector(`[data-key="${key}"]`);
  button?.classList.add('down');
  setTimeout(() => button?.classList.remove('down'), 100);
}

note.addEventListener('input', () => (saleKey = newKey()));

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (amount.isZero) return;
  behind(charge, complaint, async () => {
    const status = await post(`/pos/${storeId}/invoices`, {
      amount: amount.value,
      description: note.value.trim(),
      key: saleKey,
    });
    history.replaceState(null, '', `#${status.invoiceId}`);
    startPayment(status.invoiceId, status);
  }).then(() => (charge.disabled = amount.isZero));
});

function startPayment(invoiceId, status) {
  if (status) panel.show(status);
  keypadView.hidden = true;
  payView.hidden = false;
  till.classList.remove('keying');
  link.hidden = false;
  payView.querySelector('[data-focus]').focus();
  window.scrollTo(0, 0);
  following?.stop();
  following = follow(invoiceId, {
    status: (next) => panel.show(next),
    link: showLink,
    gone: nextCustomer,
  });
}

function showLink(state) {
  link.dataset.link = state;
  link.textContent = state === 'live' ? link.dataset.live : link.dataset.lost;
}

function celebrate(before) {
  const time = payView.querySelector('[data-took]');
  if (demoPressedAt > 0) {
    const seconds = (performance.now() - demoPressedAt) / 1000;
    time.textContent = `Settled ${seconds.toFixed(2)} s after the wallet was asked to pay.`;
  }
  time.hidden = demoPressedAt === 0;
  demoPressedAt = 0;
  if (before) navigator.vibrate?.([60, 40, 60]);
  for (const next of payView.querySelectorAll('[data-next]')) {
    if (next.offsetParent !== null || next.closest('.paid-screen')) {
      next.focus({ preventScroll: true });
      break;
    }
  }
}

function nextCustomer() {
  following?.stop();
  following = null;
  panel.clear();
  amount.clear();
  note.value = '';
  saleKey = newKey();
  history.replaceState(null, '', location.pathname);
  payView.hidden = true;
  keypadView.hidden = false;
  till.classList.add('keying');
  link.hidden = true;
  complaint.hidden = true;
  showAmount();
  output.focus({ preventScroll: true });
}

for (const button of payView.querySelectorAll('[data-next]')) {
  button.addEventListener('click', nextCustomer);
}

const payComplaint = payView.querySelector('[data-complaint]');

for (const button of payView.querySelectorAll('[data-cancel]')) {
  button.addEventListener('click', () =>
    behind(button, payComplaint, async () => {
      const status = await post(`/pos/${storeId}/invoices/${panel.status.invoiceId}/cancel`, {});
      // Money that came in the same moment wins: the cashier must see it.
      if (status.paidInFull || status.phase === 'partial') following.accept(status);
      else nextCustomer();
    }),
  );
}

for (const button of payView.querySelectorAll('[data-demo]')) {
  button.addEventListener('click', () =>
    behind(button, payComplaint, async () => {
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

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

showAmount();
till.dataset.ready = 'true';
// A reloaded or restored page goes on with the sale it was in.
const resumed = location.hash.slice(1);
if (/^[A-Za-z0-9]{8,64}$/.test(resumed)) startPayment(resumed, null);
else output.focus({ preventScroll: true });
