// Sends the key on as soon as the page is there. Whoever comes back to the page presses the button.

const form = document.querySelector('[data-grant]');
const [entry] = performance.getEntriesByType('navigation');
if (form && entry?.type !== 'back_forward') form.requestSubmit();
