// What a cashier types on the keypad, as text: never a floating-point number.

/**
 * @param {number} digits decimals of the currency, 0 to 8
 * @param {number} wholeDigits most digits before the point
 */
export function typedAmount(digits, wholeDigits = 9) {
  let text = '';

  return {
    /** Takes '0' to '9', '.' or 'back'; false when it changes nothing. */
    type(key) {
      const point = text.indexOf('.');
      if (key === 'back') {
        if (text === '') return false;
        text = text.slice(0, -1);
        return true;
      }
      if (key === '.') {
        if (digits === 0 || point >= 0) return false;
        text = (text === '' ? '0' : text) + '.';
        return true;
      }
      if (point >= 0 ? text.length - point > digits : text.replace('.', '').length >= wholeDigits) {
        return false;
      }
      if (text === '0') text = '';
      text += key;
      return true;
    },
    clear() {
      text = '';
    },
    /** Plain decimal text for the server. */
    get value() {
      return text.endsWith('.') ? text.slice(0, -1) : text === '' ? '0' : text;
    },
    get isZero() {
      return !/[1-9]/.test(text);
    },
    /** What was typed, grouped by thousands, and the decimals that were not typed yet. */
    get parts() {
      const [whole, fraction] = text.split('.');
      const typed =
        (whole || '0').replace(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : '.' + fraction);
      // Eight zeros behind a coin amount would only be noise.
      const shown = Math.min(digits, digits > 3 ? 2 : digits);
      const missing = shown - (fraction?.length ?? 0);
      const untyped =
        missing <= 0 ? '' : (fraction === undefined ? '.' : '') + '0'.repeat(missing);
      return { typed, untyped };
    },
  };
}
