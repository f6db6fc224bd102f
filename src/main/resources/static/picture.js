// Draws a proof: signatures over a block, its header, and the merkle branch down to the transfer.

import { shape } from './dom.js';
import { ends } from './text.js';

const WIDTH = 360;
const BOX = { width: 166, height: 46 };
const LEFT = 4;
const RIGHT = WIDTH - BOX.width - 4;
const MIDDLE = (WIDTH - BOX.width) / 2;
const STEP = 78;
const WIDE = WIDTH - 8;
const MOST_SIGNATURES = 5;

function box(kind, x, y, label, name, width = BOX.width) {
  return shape(
    'g',
    { class: `box ${kind}` },
    shape('title', {}, name),
    shape('rect', { x, y, width, height: BOX.height, rx: 11 }),
    shape('text', { class: 'label', x: x + width / 2, y: y + 18 }, label),
    shape('text', { class: 'hash', x: x + width / 2, y: y + 36 }, ends(name)),
  );
}

function line(kind, fromX, fromY, toX, toY) {
  const middle = (fromY + toY) / 2;
  return shape('path', { class: `line ${kind}`, d: `M${fromX} ${fromY}C${fromX} ${middle} ${toX} ${middle} ${toX} ${toY}` });
}

const centre = (x, width = BOX.width) => x + width / 2;

/**
 * The picture of what `check` found.
 *
 * @param {{receipt: object, way: object, header: object, signatures: object[], steps: object[]}} found
 */
export function picture({ receipt, way, header, signatures, steps }) {
  const passed = (code) => steps.every((step) => step.code !== code || step.state === 'passed');
  const good = (truth) => (truth ? 'good' : 'bad');
  const lines = [];
  const boxes = [];
  let y = 4;

  // Signatures, on top.
  const isCertified = passed('receipt-validator') && passed('receipt-signature') && passed('receipt-quorum');
  const drawn = signatures.slice(0, MOST_SIGNATURES);
  for (const one of drawn) {
    const fine = one.verifies && one.isValidator && !one.isDouble;
    boxes.push(box(good(fine), LEFT, y, one.isValidator ? 'signature of validator' : 'signature of a stranger', one.validator, WIDE));
    y += BOX.height + 8;
  }
  if (signatures.length === 0) {
    boxes.push(box('bad', LEFT, y, 'certificate', 'no signature', WIDE));
    y += BOX.height + 8;
  } else if (signatures.length > drawn.length) {
    boxes.push(shape('text', { class: 'label more', x: WIDTH / 2, y: y + 10 }, `and ${signatures.length - drawn.length} more`));
    y += 20;
  }
  const headerY = y + 30;
  lines.push(line(good(isCertified), WIDTH / 2, y - 8, WIDTH / 2, headerY));

  // The header, with the root in it.
  const isHeader = passed('receipt-block-hash') && passed('receipt-header');
  const isInBlock = passed('receipt-branch');
  const headerHeight = 2 * BOX.height + 26;
  boxes.push(
    shape(
      'g',
      { class: `box frame ${good(isHeader)}` },
      shape('title', {}, header.hash),
      shape('rect', { x: LEFT, y: headerY, width: WIDE, height: headerHeight, rx: 14 }),
      shape('text', { class: 'label', x: WIDTH / 2, y: headerY + 19 }, `header of block ${receipt.height}`),
      shape('text', { class: 'hash', x: WIDTH / 2, y: headerY + 38 }, ends(header.hash, 12)),
    ),
  );
  const rootY = headerY + headerHeight - BOX.height - 8;
  boxes.push(box(good(isInBlock), MIDDLE, rootY, 'merkle root', header.merkleRoot));
  y = rootY + BOX.height;

  // Down the tree; the root above is the parent of the first pair.
  let parentX = centre(MIDDLE);
  let parentY = y;
  const path = good(isInBlock && passed('receipt-position'));
  if (!isInBlock) {
    const foundY = y + STEP - BOX.height;
    boxes.push(box('bad', MIDDLE, foundY, 'the hashes lead to', way.root));
    boxes.push(shape('text', { class: 'differs', x: WIDTH / 2, y: (y + foundY) / 2 + 7 }, '≠'));
    parentY = foundY + BOX.height;
  }
  for (let level = way.nodes.length - 1; level >= 0; level--) {
    const node = way.nodes[level];
    const top = parentY + STEP - BOX.height;
    const [ownX, otherX] = node.isRight ? [RIGHT, LEFT] : [LEFT, RIGHT];
    lines.push(line('quiet', centre(otherX), top, parentX, parentY));
    lines.push(line(path, centre(ownX), top, parentX, parentY));
    boxes.push(box('quiet', otherX, top, 'neighbour', node.neighbour));
    const isLeaf = level === 0;
    boxes.push(box(isLeaf ? `${path} leaf` : path, ownX, top, isLeaf ? 'this transfer' : 'hash of the two below', node.hash));
    parentX = centre(ownX);
    parentY = top + BOX.height;
  }
  const height = parentY + 4;
  const words = `${signatures.length} signature${signatures.length === 1 ? '' : 's'} over the header of block ${receipt.height}; `
    + `from its merkle root ${way.nodes.length} step${way.nodes.length === 1 ? '' : 's'} down to the transfer ${receipt.txid}.`;
  return shape(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: 'img', 'aria-label': words },
    ...lines,
    ...boxes,
  );
}
