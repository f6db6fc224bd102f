import { post } from './live.js';
import { behind } from './payment.js';
import { typedAmount } from './amount.js';
import { resumedInvoice, saleScreen } from './sale.js';
import { keepShell, newKey, watchConnection } from './till.js';

const till = document.querySelector('[data-till]');
const storeId = till.dataset.till;
const amount = typedAmount(Number(till.dataset.digits));
const keypadView = till.querySelector('.keypad-view');
const form = keypadView.querySelector('form');
const output = form.querySelector('output');
const typed = output.querySelector('[data-typed]');
const untyped = output.querySelector('[data-untyped]');
const note = form.querySelector('#note');
const charge = form.querySelector('.charge');
const complaint = form.querySelector('[role="alert"]');

// One key for one sale: pressing Charge again after a lost answer must not make a second invoice.
let saleKey = newKey();

const screen = saleScreen(till, {
  cancelPath: (invoiceId) => `/pos/${storeId}/invoices/${invoiceId}/cancel`,
  begun() {
    keypadView.hidden = true;
  },
  done() {
    amount.clear();
    note.value = '';
    saleKey = newKey();
    keypadView.hidden = false;
    complaint.hidden = true;
    showAmount();
    output.focus({ preventScroll: true });
  },
});

const connection = watchConnection(till, `/pos/${storeId}/manifest.webmanifest`);

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
    const status = await post(
      `/pos/${storeId}/invoices`,
      { amount: amount.value, description: note.value.trim() },
      { 'idempotency-key': saleKey },
    ).catch((error) => {
      if (error.unreachable) connection.lost();
      throw error;
    });
    screen.start(status.invoiceId, status);
  }).then(() => (charge.disabled = amount.isZero));
});

showAmount();
till.dataset.ready = 'true';
keepShell(till);
const resumed = resumedInvoice();
if (resumed) screen.start(resumed, null);
else output.focus({ preventScroll: true });
