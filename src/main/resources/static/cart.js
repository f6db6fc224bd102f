// A sale's sums in whole units of the currency's smallest coin: never a floating-point number. The
// node reckons them again from its own prices; these are for the eye.

/** The smallest units of a decimal text; null if it is none or has too many decimals. */
export function toUnits(text, digits) {
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(text.trim());
  if (!match || (match[2] ?? '').length > digits) return null;
  return BigInt(match[1] + (match[2] ?? '').padEnd(digits, '0'));
}

/** The decimal text of smallest units. */
export function toText(units, digits) {
  const sign = units < 0n ? '-' : '';
  const all = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + all : `${sign}${all.slice(0, -digits)}.${all.slice(-digits)}`;
}

/** Writes amounts as the node does: `$1,234.50`, `¥1,500`, `0.5 TNDR`. */
export function money(digits, unit, unitAfter) {
  return (units) => {
    const negative = units < 0n;
    const [whole, fraction] = toText(negative ? -units : units, digits).split('.');
    const shown = unitAfter ? (fraction ?? '').replace(/0+$/, '') : fraction;
    const number = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (shown ? `.${shown}` : '');
    const text = unitAfter
      ? `${number}\u00a0${unit}`
      : /\p{L}$/u.test(unit)
        ? `${unit}\u00a0${number}`
        : unit + number;
    return negative ? `−${text}` : text;
  };
}

/** A percentage in hundredths, from a text; null if it is none from 0 to 100. */
export function toHundredths(text) {
  if (text.trim() === '') return 0n;
  const hundredths = toUnits(text, 2);
  return hundredths === null || hundredths > 10_000n ? null : hundredths;
}

/** Half a unit is a whole one. */
function part(units, hundredths) {
  return (units * hundredths + 5_000n) / 10_000n;
}

/**
 * @param {{item: string|null, title: string, count: number, units: bigint}[]} lines
 * @param {bigint} discount in hundredths of a percent
 * @param {{hundredths: bigint}|{units: bigint}} tip
 */
export function sums(lines, discount, tip) {
  const subtotal = lines.reduce((sum, line) => sum + line.units * BigInt(line.count), 0n);
  const off = part(subtotal, discount);
  const rest = subtotal - off;
  const extra = 'units' in tip ? tip.units : part(rest, tip.hundredths);
  return { subtotal, discount: off, tip: extra, total: rest + extra };
}
