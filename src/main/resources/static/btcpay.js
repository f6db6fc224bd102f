// Shops load this file into their own pages to show a checkout in a frame above them. What it offers
// (window.btcpay) and what it hears from the frame are those of BTCPay Server, so that shops' plugins
// need not know which server they talk to. It is a plain script: it finds its server by its own
// address, which modules could not be loaded from by every shop.
(() => {
  if (window.btcpay) {
    console.warn('btcpay.js is loaded already; this copy does nothing.');
    return;
  }

  const OWN_ADDRESS = /\/modal\/btcpay\.js(\?.*)?$/;
  const ownTag =
    document.currentScript ?? [...document.scripts].find((script) => OWN_ADDRESS.test(script.src));

  // Without a trailing slash; a server may be below a path of its host.
  let server = OWN_ADDRESS.test(ownTag?.src ?? '') ? ownTag.src.replace(OWN_ADDRESS, '') : '';
  let showing = false;
  const nothing = () => {};
  const told = { enter: nothing, leave: nothing, message: nothing };

  const frame = document.createElement('iframe');
  frame.name = 'btcpay';
  frame.className = 'btcpay';
  frame.title = 'Payment';
  frame.setAttribute('allow', 'clipboard-read; clipboard-write');
  Object.assign(frame.style, {
    display: 'none',
    position: 'fixed',
    top: '0',
    left: '0',
    width: '100%',
    height: '100%',
    border: '0',
    zIndex: '2000',
  });

  function showFrame() {
    if (!frame.isConnected) document.body.append(frame);
    told.enter();
    frame.style.display = 'block';
    frame.removeAttribute('aria-hidden');
    frame.focus();
  }

  function hideFrame() {
    told.leave();
    frame.style.display = 'none';
    frame.setAttribute('aria-hidden', 'true');
    showing = false;
    frame.remove();
  }

  /** @param {string|{paymentMethodId?: string, animateEntrance?: boolean}} [options] */
  function appendInvoiceFrame(invoiceId, options) {
    const method = typeof options === 'string' ? options : options?.paymentMethodId;
    const address = method
      ? `${server}/i/${encodeURIComponent(invoiceId)}/${encodeURIComponent(method)}?view=modal`
      : `${server}/invoice?id=${encodeURIComponent(invoiceId)}&view=modal`;
    showing = true;
    document.body.append(frame);
    frame.src = options?.animateEntrance === false ? `${address}&animateEntrance=false` : address;
  }

  function appendAndShowInvoiceFrame(invoiceId, options) {
    appendInvoiceFrame(invoiceId, options);
    showFrame();
  }

  function hear(event) {
    if (!showing || serverOrigin() !== event.origin) return;
    if (event.data === 'close') hideFrame();
    else if (event.data === 'loaded') showFrame();
    told.message(event);
  }

  function serverOrigin() {
    try {
      return new URL(server, location.href).origin;
    } catch {
      return null;
    }
  }

  window.addEventListener('message', hear);
  // A shop's own payment button, which sends a form into the frame.
  for (const button of document.querySelectorAll('[data-btcpay-button]')) {
    button.addEventListener('submit', showFrame);
  }

  window.btcpay = {
    showInvoice: appendInvoiceFrame,
    appendInvoiceFrame,
    appendAndShowInvoiceFrame,
    showFrame,
    hideFrame,
    onModalWillEnter: (callback) => (told.enter = callback),
    onModalWillLeave: (callback) => (told.leave = callback),
    onModalReceiveMessage: (callback) => (told.message = callback),
    setApiUrlPrefix: (url) => (server = url.replace(/\/+$/, '')),
  };
})();
