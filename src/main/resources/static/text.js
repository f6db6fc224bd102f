// Amounts, times and hashes as people read them. Amounts are whole numbers of base units; they are
// cut into digits, never divided.

import { element } from './dom.js';

const COIN_DIGITS = 8;
const HALF = 8;

/** The base units of an amount out of JSON; a number that JSON could not carry exactly is refused. */
export function units(sat) {
  if (typeof sat === 'bigint') return sat;
  if (!Number.isSafeInteger(sat)) throw new Error(`not an exact amount: ${sat}`);
  return BigInt(sat);
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** An amount of coins without the coin's name: "1,234.5". */
export function coinDigits(sat) {
  const amount = units(sat);
  const digits = (amount < 0n ? -amount : amount).toString().padStart(COIN_DIGITS + 1, '0');
  const whole = grouped(digits.slice(0, -COIN_DIGITS));
  const fraction = digits.slice(-COIN_DIGITS).replace(/0+$/, '');
  return (amount < 0n ? '−' : '') + whole + (fraction ? `.${fraction}` : '');
}

/** An amount of coins: "0.25 TNDR". */
export function coins(sat) {
  return `${coinDigits(sat)}\u00a0${document.querySelector('[data-coin]').dataset.coin}`;
}

/** The same with its sign, for what came or went. */
export function change(sat) {
  const amount = units(sat);
  return (amount > 0n ? '+' : '') + coins(amount);
}

/** A whole number: "12,345". */
export function count(number) {
  return grouped(units(number).toString());
}

/** "1 transfer", "2 transfers". */
export function counted(number, one, many = `${one}s`) {
  return `${count(number)}\u00a0${number === 1 ? one : many}`;
}

/** A quotient with two digits: base units per virtual byte, for instance. */
export function quotient(dividend, divisor) {
  const hundredths = (units(dividend) * 200n / units(divisor) + 1n) / 2n;
  const digits = hundredths.toString().padStart(3, '0');
  return `${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`.replace(/\.?0+$/, '');
}

/** The two ends of a hash or address, which is how people compare them. */
export function ends(text, half = HALF) {
  return text.length <= 2 * half + 1 ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
}

/** A link to something with a long name: its ends are shown, the whole is its title. */
export function nameLink(kind, name, half = HALF) {
  return element(
    'a',
    { class: 'mono name', href: `/explorer/${kind}/${encodeURIComponent(name)}`, title: name },
    ends(name, half),
  );
}

/** A time in the zone of the reader, with UTC as its title. */
export function moment(millis, style = { dateStyle: 'medium', timeStyle: 'medium' }) {
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return element('span', {}, 'unknown');
  const iso = date.toISOString();
  return element(
    'time',
    { datetime: iso, title: `${iso.slice(0, 10)} ${iso.slice(11, 23).replace(/\.000$/, '')} UTC` },
    date.toLocaleString('en', style),
  );
}

/** How long ago something was: "12 s", "3 min", "5 h"; a date when it is more than a day. */
export function age(millis, now = Date.now()) {
  const seconds = Math.max(0, Math.floor((now - millis) / 1_000));
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds}\u00a0s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}\u00a0min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}\u00a0h ago`;
  return new Date(millis).toLocaleDateString('en', { dateStyle: 'medium' });
}

/** A span of time: "180 ms", "2.5 s", "3 min". */
export function span(millis) {
  if (millis < 1_000) return `${Math.round(millis)}\u00a0ms`;
  if (millis < 60_000) return `${(millis / 1_000).toFixed(1).replace(/\.0$/, '')}\u00a0s`;
  if (millis < 3_600_000) return `${Math.round(millis / 60_000)}\u00a0min`;
  return `${Math.round(millis / 3_600_000)}\u00a0h`;
}
