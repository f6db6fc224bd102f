import { follow, post } from './live.js';
import { behind, paymentPanel } from './payment.js';

const root = document.querySelector('[data-checkout]');
const pay = root.querySelector('.pay');
const link = root.querySelector('[data-link]');
const invoiceId = pay.dataset.invoice;
const complaint = root.querySelector('[data-complaint]');
const REDIRECT_MILLIS = 5_000;

const panel = paymentPanel(pay, {
  phaseChanged(phase, before, status) {
    tellFrame({ invoiceId, status: status.status.toLowerCase() });
    if (!status.paidInFull || before === '') return;
    pay.querySelector('.paid-screen .main')?.focus({ preventScroll: true });
    if (status.redirectAutomatically && status.merchantRefLink) {
      setTimeout(() => leaveFor(status.merchantRefLink), REDIRECT_MILLIS);
    }
  },
  timeUp: () => following.refresh(),
});

const following = follow(invoiceId, {
  status: (status) => panel.show(status),
  link(state) {
    link.dataset.link = state;
    link.textContent = state === 'live' ? link.dataset.live : link.dataset.lost;
  },
});

for (const button of root.querySelectorAll('[data-demo]')) {
  button.addEventListener('click', () =>
    behind(button, complaint, async () =>
      following.accept(await post(`/i/${invoiceId}/pay-demo`, {})),
    ),
  );
}

for (const button of root.querySelectorAll('[data-close]')) {
  button.hidden = window.parent === window;
  button.addEventListener('click', () => tellFrame('close'));
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tellFrame('close');
});

// A browser may keep a frame from taking the whole page elsewhere; the frame itself may go.
function leaveFor(address) {
  try {
    window.top.location.href = address;
  } catch {
    window.location.href = address;
  }
}

// Shop plugins show this page in a frame and listen; they check the message, not its origin, and
// nothing in it is secret.
function tellFrame(message) {
  if (window.parent !== window) window.parent.postMessage(message, '*');
}

tellFrame('loaded');
// What a page that opens now has missed; a new invoice is no news.
const first = pay.dataset.status.toLowerCase();
if (first !== 'new') tellFrame({ invoiceId, status: first });
root.dataset.ready = 'true';
