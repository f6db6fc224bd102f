// Builds what the explorer shows. All text from the chain gets into the page as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element; children are elements or texts, and nothing for null. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for a picture. */
export function shape(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** The one element of this page with a data attribute. */
export function part(name) {
  return document.querySelector(`[data-${name}]`);
}

/** Shows a text, or hides the element if there is none. */
export function say(where, text) {
  where.hidden = !text;
  if (where.textContent !== text) where.textContent = text;
}

/** A figure that is announced and drawn only if it changes. */
export function figure(name, text) {
  const where = document.querySelector(`[data-figure="${name}"]`);
  if (where && where.textContent !== text) where.textContent = text;
}

/** Terms and their values. */
export function facts(where, pairs) {
  where.replaceChildren(
    ...pairs.filter(Boolean).map(([term, ...values]) =>
      element('div', {}, element('dt', {}, term), element('dd', {}, ...values))),
  );
}

/** A button that copies a text, where browsers let a page do that. */
export function copyButton(text, what) {
  if (!navigator.clipboard) return null;
  const label = element('span', { 'aria-live': 'polite' }, 'Copy');
  const button = element('button', { class: 'button small-button', type: 'button', 'aria-label': `Copy ${what}` }, label);
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text).then(
      () => { label.textContent = 'Copied'; },
      () => { label.textContent = 'Not copied'; },
    );
    setTimeout(() => { label.textContent = 'Copy'; }, 2_000);
  });
  return button;
}
