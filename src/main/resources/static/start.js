import { post } from './live.js';
import { behind } from './payment.js';

const form = document.querySelector('[data-demo-store]');
if (form) {
  // Without scripts there is no till to lead to, and so no button.
  form.hidden = false;
  const complaint = form.querySelector('[role="alert"]');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    behind(form.querySelector('button'), complaint, async () => {
      const store = await post('/demo-store', {});
      location.href = store.till;
    });
  });
}
