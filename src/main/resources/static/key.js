// A key that is shown once, and so had better be copied without slips.

import { copy } from './payment.js';

const button = document.querySelector('[data-copy]');
button.hidden = false;
button.addEventListener('click', () => copy(button, document.querySelector('[data-key]').textContent));
