import { post } from './live.js';
import { behind } from './payment.js';

const form = document.querySelector('[data-demo-store]');
if (form) {
  const complaint = form.querySelector('[role="alert"]');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    behind(form.querySelector('button'), complaint, async () => {
      const store = await post('/demo-store', {});
      location.href = store.till;
    });
  });
}
