import { part } from './dom.js';
import { find } from './search.js';

const query = new URLSearchParams(location.search).get('q') ?? '';
if (query) {
  const status = part('status');
  part('search').querySelector('input').value = query;
  status.textContent = 'Searching …';
  find(query).then(
    (path) => location.replace(path),
    (failed) => { status.textContent = failed.message; },
  );
}
