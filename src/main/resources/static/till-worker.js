// Keeps a till's shell: its page and the style sheet, scripts and icons that it is made of. Nothing
// about a payment, a sale or a cashier is ever kept; all of that comes from the node or not at all.

const release = new URL(self.location.href).searchParams.get('release');
const CACHE = `till-shell-${release}`;
const PATIENCE_MILLIS = 4_000;
const PAGE = /^\/(apps\/[^/]+\/pos|pos\/[^/]+)$/;
const PART = /^\/static\/[^/]+\/[^/]+$/;

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('till-shell-') && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('message', (event) => {
  const wanted = (event.data?.shell ?? []).map((address) => new URL(address)).filter(isShell);
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => Promise.all(wanted.map((address) => keep(cache, address.pathname)))),
  );
});

self.addEventListener('fetch', (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== 'GET' || address.origin !== self.location.origin) return;
  if (PART.test(address.pathname)) event.respondWith(part(event.request, address.pathname));
  else if (event.request.mode === 'navigate' && PAGE.test(address.pathname)) {
    event.respondWith(page(event.request, address.pathname));
  }
});

function isShell(address) {
  return (
    address.origin === self.location.origin &&
    (PAGE.test(address.pathname) || PART.test(address.pathname))
  );
}

async function keep(cache, path) {
  if (PART.test(path) && (await cache.match(path))) return;
  const response = await fetch(path, { credentials: 'omit' }).catch(() => null);
  if (response?.ok) await cache.put(path, response);
}

// Their address holds a hash of them, so what is kept is never old.
async function part(request, path) {
  const kept = await caches.match(path);
  return kept ?? fetch(request);
}

// The node's own page first: prices change.
async function page(request, path) {
  const cache = await caches.open(CACHE);
  try {
    const response = await Promise.race([
      fetch(request),
      new Promise((done, fail) => setTimeout(() => fail(new Error('no answer')), PATIENCE_MILLIS)),
    ]);
    if (response.ok) await cache.put(path, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(path);
    if (kept) return kept;
    throw error;
  }
}
