// Shows an invoice's status in a payment panel. The server renders the same fields and phases, so
// nothing here knows a sentence: it fills [data-field] and sets data-phase.

const SOON_SECONDS = 60;

/**
 * @param {HTMLElement} panel the element with data-phase
 * @param {{phaseChanged?: (phase: string, before: string) => void}} to
 */
export function paymentPanel(panel, to = {}) {
  const clock = panel.querySelector('[data-clock]');
  const clockRow = clock?.closest('.clock');
  const voice = panel.querySelector('[data-voice]');
  const qr = panel.querySelector('[data-qr]');
  let endsAt = 0;
  let timer = 0;
  let invoiceId = panel.dataset.invoice || '';
  let current = null;

  function tick() {
    const seconds = Math.max(0, Math.round((endsAt - performance.now()) / 1000));
    if (clock) clock.textContent = countdown(seconds);
    clockRow?.classList.toggle('soon', seconds <= SOON_SECONDS);
    if (seconds === 0) {
      clearInterval(timer);
      to.timeUp?.();
    }
  }

  function show(status) {
    const before = panel.dataset.phase || '';
    const phase = status.phase;
    for (const element of panel.querySelectorAll('[data-field]')) {
      const text = status[element.dataset.field];
      if (text !== undefined && element.textContent !== text) element.textContent = text;
    }
    if (status.amountSize !== undefined) panel.dataset.size = status.amountSize;
    for (const element of panel.querySelectorAll('[data-link-to]')) {
      const target = status[element.dataset.linkTo];
      if (target) element.setAttribute('href', target);
      element.hidden = !target;
    }
    for (const element of panel.querySelectorAll('[data-if]')) {
      element.hidden = !status[element.dataset.if];
    }
    if (qr && (invoiceId !== status.invoiceId || qr.dataset.due !== status.due)) {
      qr.src = `/i/${status.invoiceId}/qr.svg?due=${encodeURIComponent(status.due)}`;
      qr.dataset.due = status.due;
    }
    invoiceId = status.invoiceId;
    panel.dataset.invoice = invoiceId;
    current = status;

    clearInterval(timer);
    if (status.open) {
      endsAt = performance.now() + status.expirationSeconds * 1000;
      timer = setInterval(tick, 1000);
      tick();
    }
    if (before !== phase) {
      panel.dataset.phase = phase;
      if (voice) voice.textContent = status.announcement;
      to.phaseChanged?.(phase, before, status);
    }
  }

  for (const button of panel.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', () => copy(button, current?.[button.dataset.copy] ?? button.dataset.value));
  }

  return {
    show,
    clear() {
      clearInterval(timer);
      delete panel.dataset.phase;
      if (voice) voice.textContent = '';
      if (qr) qr.removeAttribute('src');
      current = null;
      invoiceId = '';
    },
    get status() {
      return current;
    },
  };
}

/** 14:59, or 1:02:03 from an hour on. */
export function countdown(seconds) {
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Copies a text, and says beside it for a moment whether that worked. */
export async function copy(button, text) {
  const label = button.querySelector('[data-label]') ?? button;
  const before = (button.dataset.before ??= label.textContent);
  label.textContent = (await toClipboard(text)) ? 'Copied' : 'Select and copy by hand';
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = String(setTimeout(() => (label.textContent = before), 1_600));
}

// The clipboard interface exists on HTTPS and localhost only; tills often run on plain HTTP in the
// shop's own network.
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('readonly', '');
    area.className = 'unseen';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** Runs an action behind a button: busy while it runs, the error's sentence beside it after. */
export async function behind(button, complaint, action) {
  if (button.disabled) return;
  button.disabled = true;
  button.classList.add('busy');
  complaint.hidden = true;
  try {
    await action();
  } catch (error) {
    complaint.textContent = error.message;
    complaint.hidden = false;
  } finally {
    button.disabled = false;
    button.classList.remove('busy');
  }
}
