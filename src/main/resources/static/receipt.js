// The server writes times in UTC; people read them in the time of where they are.
for (const time of document.querySelectorAll('time[datetime]')) {
  const moment = new Date(time.dateTime);
  if (!Number.isNaN(moment.getTime())) {
    time.textContent = moment.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'long' });
  }
}

const root = document.querySelector('[data-receipt]');
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
if (root.dataset.receipt === 'print') window.addEventListener('load', () => window.print());
