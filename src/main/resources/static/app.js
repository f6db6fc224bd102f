import { post } from './live.js';
import { behind } from './payment.js';
import { typedAmount } from './amount.js';
import { element } from './dom.js';
import { money, sums, toHundredths, toText, toUnits } from './cart.js';
import { resumedInvoice, saleScreen } from './sale.js';
import { keepShell, newKey, watchConnection } from './till.js';

const till = document.querySelector('[data-app]');
const base = `/apps/${till.dataset.app}/pos`;
const digits = Number(till.dataset.digits);
const say = money(digits, till.dataset.unit, till.dataset.unitAfter === 'true');
const find = (name) => till.querySelector(`[data-${name}]`);
const sellView = till.querySelector('.sell-view');
const salesView = till.querySelector('.sales-view');
const basket = find('basket');
const charge = find('charge');
const complaint = find('complaint-sale');
const note = till.querySelector('#note');
const discountField = till.querySelector('#discount');
const tipField = till.querySelector('#tip');
const KEPT = `till:${till.dataset.app}`;
const AUTO_PRINT = 'till:auto-print';

// The sale

let lines = [];
let tipPercent = '0';
// One key for one sale: pressing Charge again after a lost answer must not make a second invoice.
let saleKey = newKey();
let cashier = null;

function changed(isNewSale = true) {
  if (isNewSale) saleKey = newKey();
  complaint.hidden = true;
  keep();
  show();
}

// A page that is loaded again, by whatever accident, goes on with the same sale and the same key.
function keep() {
  try {
    sessionStorage.setItem(
      KEPT,
      JSON.stringify({
        lines: lines.map((line) => ({ ...line, units: line.units.toString() })),
        tipPercent,
        tip: tipField?.value ?? '',
        discount: discountField?.value ?? '',
        note: note.value,
        saleKey,
      }),
    );
  } catch {
    // Without storage the sale lives as long as the page.
  }
}

function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (!kept) return;
    lines = kept.lines.map((line) => ({ ...line, units: BigInt(line.units) }));
    tipPercent = kept.tipPercent;
    if (tipField) tipField.value = kept.tip;
    if (discountField) discountField.value = kept.discount;
    note.value = kept.note;
    saleKey = kept.saleKey;
  } catch {
    lines = [];
  }
}

function add(item, title, units, left = '') {
  const same = item && lines.find((line) => line.item === item && line.units === units);
  if (!same) lines.push({ item, title, units, count: 1, left });
  else if (left === '' || same.count < Number(left)) same.count++;
  changed();
}

function discount() {
  return discountField && cashier ? toHundredths(discountField.value) : 0n;
}

function tip() {
  if (!tipField) return { hundredths: 0n };
  if (tipField.value.trim() !== '') {
    const units = toUnits(tipField.value, digits);
    return units === null ? null : { units };
  }
  return { hundredths: BigInt(tipPercent) * 100n };
}

function show() {
  const off = discount();
  const extra = tip();
  const all = sums(lines, off ?? 0n, extra ?? { hundredths: 0n });
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  find('count').textContent = count === 0 ? 'Nothing chosen' : count === 1 ? '1 thing' : `${count} things`;
  find('sum').textContent = count === 0 ? '' : say(all.total);
  // For who hears the page: what every press of a button has made of the sale.
  find('told').textContent = count === 0 ? '' : `${find('count').textContent}, ${say(all.total)}`;
  find('empty').hidden = count > 0;
  find('extras').hidden = count === 0;
  find('clear').hidden = count === 0;
  find('sums').hidden = count === 0;
  find('lines').replaceChildren(...lines.map(lineRow));
  if (discountField) discountField.setAttribute('aria-invalid', String(off === null));
  if (tipField) tipField.setAttribute('aria-invalid', String(extra === null));
  for (const chip of till.querySelectorAll('[data-tip]')) {
    const chosen = chip.dataset.tip === tipPercent && tipField.value.trim() === '';
    chip.setAttribute('aria-pressed', String(chosen));
  }
  const rows = [];
  if (all.discount > 0n || all.tip > 0n) rows.push(['Subtotal', say(all.subtotal)]);
  if (all.discount > 0n) rows.push(['Discount', say(-all.discount)]);
  if (all.tip > 0n) rows.push(['Tip', say(all.tip)]);
  rows.push(['Total', say(all.total)]);
  find('sums').replaceChildren(
    ...rows.flatMap(([name, text]) => [
      element('dt', {}, name),
      element('dd', { class: name === 'Total' ? 'strong' : null }, text),
    ]),
  );
  charge.disabled = count === 0 || off === null || extra === null || all.total <= 0n;
  charge.textContent = count === 0 ? 'Charge' : `Charge ${say(all.total)}`;
  for (const button of till.querySelectorAll('.item')) {
    const chosen = lines
      .filter((line) => line.item === button.value)
      .reduce((sum, line) => sum + line.count, 0);
    const badge = button.querySelector('[data-badge]');
    badge.hidden = chosen === 0;
    badge.textContent = String(chosen);
    badge.setAttribute('aria-label', `${chosen} in this sale`);
  }
}

function lineRow(line, index) {
  const button = (label, text, change) => {
    const made = element('button', { class: 'step', type: 'button', 'aria-label': `${label} ${line.title}` }, text);
    made.addEventListener('click', () => {
      change();
      changed();
      // The rows are made anew; the focus stays where it was, or goes to what is left.
      const again = find('lines').querySelector(`[aria-label="${CSS.escape(`${label} ${line.title}`)}"]`);
      (again ?? find('toggle')).focus();
    });
    return made;
  };
  const more = button('One more', '+', () => line.count++);
  more.disabled = line.left !== '' && line.count >= Number(line.left);
  return element(
    'li',
    { class: 'basket-line' },
    element(
      'span',
      { class: 'basket-name' },
      line.title,
      element('span', { class: 'soft small nums' }, line.count > 1 ? ` ${say(line.units)} each` : ''),
    ),
    element(
      'span',
      { class: 'steps-row' },
      button('One less', '−', () => {
        if (--line.count === 0) lines.splice(index, 1);
      }),
      element('span', { class: 'nums', 'aria-label': `Count of ${line.title}` }, String(line.count)),
      more,
    ),
    element('span', { class: 'nums basket-sum' }, say(line.units * BigInt(line.count))),
  );
}

charge.addEventListener('click', () => {
  behind(charge, complaint, async () => {
    const extra = tip();
    const order = {
      entries: lines.map((line) => ({
        item: line.item,
        count: line.count,
        price: toText(line.units, digits),
      })),
      discount: cashier && discountField ? discountField.value.trim().replace(',', '.') : '',
      tip: 'units' in extra ? { amount: toText(extra.units, digits) } : { percent: tipPercent },
      description: note.value.trim(),
    };
    const status = await post(`${base}/sales`, order, { 'idempotency-key': saleKey }).catch(
      (error) => {
        if (!error.unreachable) throw error;
        connection.lost();
        throw new Error(
          'The sale was not made: the node can’t be reached. Nothing is sent later by itself. Press Charge to try again; it is never charged twice.',
        );
      },
    );
    screen.start(status.invoiceId, status);
  }).then(show);
});

find('clear').addEventListener('click', () => {
  emptySale();
  find('toggle').focus();
});

function emptySale() {
  lines = [];
  tipPercent = '0';
  note.value = '';
  if (tipField) tipField.value = '';
  if (discountField) discountField.value = '';
  openBasket(false);
  changed();
}

function openBasket(open) {
  basket.dataset.open = String(open);
  find('toggle').setAttribute('aria-expanded', String(open));
}

find('toggle').addEventListener('click', () => openBasket(basket.dataset.open !== 'true'));
note.addEventListener('input', () => {
  saleKey = newKey();
  keep();
});
discountField?.addEventListener('input', () => changed());
tipField?.addEventListener('input', () => changed());
for (const chip of till.querySelectorAll('[data-tip]')) {
  chip.addEventListener('click', () => {
    tipPercent = chip.dataset.tip;
    tipField.value = '';
    changed();
  });
}

// Choosing

find('items')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const button = event.submitter;
  if (button.dataset.type === 'Fixed') {
    add(button.value, button.dataset.title, toUnits(button.dataset.price, digits), button.dataset.left);
  } else {
    askPrice(button);
  }
});

// What has no fixed price is keyed in beside its item.
function askPrice(button) {
  till.querySelector('.ask-price')?.remove();
  const least = button.dataset.price;
  const field = element('input', { inputmode: 'decimal', autocomplete: 'off', placeholder: least || '0', 'aria-label': `Price of ${button.dataset.title}` });
  const form = element('form', { class: 'ask-price field-row' }, field, element('button', { class: 'button small-button', type: 'submit' }, 'Add'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const units = toUnits(field.value || least, digits);
    const enough = units !== null && units > 0n && (least === '' || units >= toUnits(least, digits));
    field.setAttribute('aria-invalid', String(!enough));
    if (!enough) {
      field.focus();
      return;
    }
    form.remove();
    add(button.value, button.dataset.title, units, button.dataset.left);
    button.focus();
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      form.remove();
      button.focus();
    }
  });
  // A form must not be within a form.
  button.closest('form').after(form);
  field.focus();
  form.scrollIntoView({ block: 'nearest' });
}

let category = '';
const search = till.querySelector('#find');

function filter() {
  const words = (search?.value ?? '').trim().toLowerCase();
  let shown = 0;
  for (const row of till.querySelectorAll('.items > li')) {
    const button = row.querySelector('.item');
    const fits =
      (category === '' || row.dataset.categories.split('\n').includes(category)) &&
      button.textContent.toLowerCase().includes(words);
    row.hidden = !fits;
    if (fits) shown++;
  }
  find('nothing-found').hidden = shown > 0;
}

search?.addEventListener('input', filter);
for (const chip of till.querySelectorAll('[data-category]')) {
  chip.addEventListener('click', () => {
    category = chip.dataset.category;
    for (const other of till.querySelectorAll('[data-category]')) {
      other.setAttribute('aria-pressed', String(other === chip));
    }
    filter();
  });
}

const tabs = [...till.querySelectorAll('[role="tab"]')];

function choose(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    till.querySelector(`#${other.getAttribute('aria-controls')}`).hidden = !chosen;
  }
  tab.focus();
}

for (const tab of tabs) {
  tab.addEventListener('click', () => choose(tab));
  tab.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') choose(tabs.find((other) => other !== tab));
  });
}

// The keypad

const keypad = find('keypad');

if (keypad) {
  const amount = typedAmount(digits);
  const output = keypad.querySelector('output');
  const typed = output.querySelector('[data-typed]');
  const untyped = output.querySelector('[data-untyped]');
  const addButton = keypad.querySelector('[data-add]');

  const showAmount = () => {
    const parts = amount.parts;
    typed.textContent = parts.typed;
    untyped.textContent = parts.untyped;
    const length = output.textContent.trim().length;
    output.classList.toggle('long', length > 9 && length <= 13);
    output.classList.toggle('longer', length > 13);
    typed.classList.toggle('untyped', amount.isZero && parts.typed === '0');
    addButton.disabled = amount.isZero;
  };

  keypad.addEventListener('click', (event) => {
    const key = event.target.closest('[data-key]');
    if (!key) return;
    amount.type(key.dataset.key);
    showAmount();
  });

  // A digit that was tapped keeps the focus, and so does the tab that led here; Enter means add.
  const isForKeypad = (target) =>
    !target.closest('button, a') ||
    target.closest('[data-key]') ||
    (target.closest('[role="tab"]') && !amount.isZero);

  document.addEventListener('keydown', (event) => {
    if (sellView.hidden || keypad.closest('.panel').hidden) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input')) return;
    const key = /^[0-9]$/.test(event.key)
      ? event.key
      : event.key === '.' || event.key === ','
        ? '.'
        : event.key === 'Backspace'
          ? 'back'
          : null;
    if (key) {
      amount.type(key);
      showAmount();
      event.preventDefault();
    } else if (event.key === 'Enter' && isForKeypad(event.target)) {
      keypad.requestSubmit();
      event.preventDefault();
    }
  });

  keypad.addEventListener('submit', (event) => {
    event.preventDefault();
    if (amount.isZero) return;
    add(null, 'Keyed in', toUnits(amount.value, digits));
    amount.clear();
    showAmount();
  });

  showAmount();
}

// Payment

const screen = saleScreen(till, {
  cancelPath: (invoiceId) => `${base}/sales/${invoiceId}/cancel`,
  begun() {
    sellView.hidden = true;
    salesView.hidden = true;
    find('open-sales').hidden = true;
  },
  done() {
    emptySale();
    showSelling();
  },
  autoPrint: () => recall(AUTO_PRINT) === 'true',
});

function showSelling() {
  salesView.hidden = true;
  sellView.hidden = false;
  find('open-sales').hidden = false;
}

// Cashiers and their sales

function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

const connection = watchConnection(till, `${base}/cashier`, (answer) => {
  if (answer) know(answer);
});

function know(answer) {
  const before = cashier !== null;
  cashier = answer.signedIn ? answer : null;
  if (find('discount-row')) find('discount-row').hidden = !cashier;
  find('cashier').textContent = cashier ? `Signed in${cashier.label ? `: ${cashier.label}` : ''}` : '';
  // Who sells is part of a sale.
  if (before !== (cashier !== null) && lines.length > 0) changed();
  else show();
}

const signIn = find('sign-in');
const salesComplaint = find('complaint-sales');

async function showSales() {
  sellView.hidden = true;
  salesView.hidden = false;
  find('open-sales').hidden = true;
  salesComplaint.hidden = true;
  signIn.hidden = cashier !== null;
  find('signed-in').hidden = cashier === null;
  if (!cashier) {
    signIn.querySelector('#email').focus();
    return;
  }
  salesView.focus();
  try {
    const response = await fetch(`${base}/sales`, { cache: 'no-store', headers: { accept: 'application/json' } });
    if (response.status === 403) {
      know({ signedIn: false });
      showSales();
      return;
    }
    if (!response.ok) throw new Error();
    const { sales } = await response.json();
    find('no-sales').hidden = sales.length > 0;
    find('sales').hidden = sales.length === 0;
    find('sales').replaceChildren(...sales.map(saleRow));
  } catch {
    find('sales').hidden = true;
    salesComplaint.textContent = 'The list can’t be had now: the node can’t be reached.';
    salesComplaint.hidden = false;
  }
}

const STATES = {
  waiting: 'Waiting',
  partial: 'Part paid',
  processing: 'Settling',
  paid: 'Paid',
  over: 'Paid too much',
  late: 'Paid late',
  expired: 'Not paid',
  short: 'Part paid, time is up',
  invalid: 'Cancelled',
};

function saleRow(sale) {
  const time = new Date(sale.timeIso);
  let action = null;
  if (sale.printLink) {
    const link = (text, href, words, more) =>
      element('a', { class: 'button small-button', href, target: '_blank', rel: 'noopener', 'aria-label': `${words} ${sale.amountText}`, ...more }, text);
    action = element(
      'span',
      { class: 'sale-actions' },
      link('Receipt', sale.receiptLink, 'Receipt over'),
      link('Print', sale.printLink, 'Print the receipt over', { 'data-print-receipt': '' }),
    );
  } else if (sale.open) {
    action = element('button', { class: 'button small-button', type: 'button', 'aria-label': `Show the payment of ${sale.amountText}` }, 'Show');
    action.addEventListener('click', () => screen.start(sale.invoiceId, null));
  }
  return element(
    'li',
    { class: 'sale-row' },
    element(
      'span',
      { class: 'sale-what' },
      element('strong', { class: 'nums' }, sale.amountText),
      element('span', { class: 'state', 'data-state': sale.printLink ? 'settled' : 'none' }, STATES[sale.phase]),
      element('span', { class: 'soft small' }, `${time.toLocaleTimeString('en', { timeStyle: 'short' })}${sale.itemDesc ? ` · ${sale.itemDesc}` : ''}`),
    ),
    action,
  );
}

find('open-sales').addEventListener('click', showSales);
find('close-sales').addEventListener('click', () => {
  showSelling();
  find('open-sales').focus();
});

for (const form of signIn.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    behind(form.querySelector('.main'), form.querySelector('[role="alert"]'), async () => {
      know(await post(`${base}/cashier`, Object.fromEntries(new FormData(form))));
      form.reset();
      showSales();
    });
  });
}

find('sign-out').addEventListener('click', () =>
  behind(find('sign-out'), salesComplaint, async () => {
    know(await post(`${base}/cashier/leave`, {}));
    find('sales').replaceChildren();
    showSelling();
    find('open-sales').focus();
  }),
);

const autoPrint = find('auto-print');
autoPrint.checked = recall(AUTO_PRINT) === 'true';
autoPrint.addEventListener('change', () => {
  try {
    localStorage.setItem(AUTO_PRINT, String(autoPrint.checked));
  } catch {
    // It is not remembered then.
  }
});

restore();
show();
till.classList.add('keying');
keepShell(till);
const resumed = resumedInvoice();
if (resumed) screen.start(resumed, null);
till.dataset.ready = 'true';
