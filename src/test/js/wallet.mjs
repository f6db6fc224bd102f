// A wallet made of what web wallets are made of: bitcoinjs-lib for keys and transactions, mempool.js
// for the node's API and its pushes. It gets coins, pays an invoice and watches it being paid.
//
// Environment: TENDER_URL, the public server of a regtest node; TENDER_API_KEY, a key that may make
// invoices; TENDER_STORE, the store they are made in. Prints one JSON object with what it saw.

import mempoolJS from '@mempool/mempool.js';
import * as bitcoin from 'bitcoinjs-lib';
import { ECPairFactory } from 'ecpair';
import * as ecc from 'tiny-secp256k1';

const FUNDS = '1';
const PRICE = '0.25';
const COIN_DIGITS = 8;
const PATIENCE_MILLIS = 15_000;

const url = new URL(process.env.TENDER_URL);
const apiKey = process.env.TENDER_API_KEY;
const store = process.env.TENDER_STORE;

bitcoin.initEccLib(ecc);
const ECPair = ECPairFactory(ecc);
const network = bitcoin.networks.regtest;
const { bitcoin: api } = mempoolJS({
  hostname: url.host,
  protocol: url.protocol.replace(':', ''),
  network: 'regtest',
});

/** Coins as a decimal text, as whole units. */
function units(coins) {
  const [whole, fraction = ''] = coins.split('.');
  return BigInt(whole + fraction.padEnd(COIN_DIGITS, '0'));
}

function demand(truth, sentence) {
  if (!truth) throw new Error(sentence);
}

async function call(method, path, body) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `token ${apiKey}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  demand(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

function within(promise, what) {
  let timer;
  const late = new Promise((unused, reject) => {
    timer = setTimeout(() => reject(new Error(`not in time: ${what}`)), PATIENCE_MILLIS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Keys and addresses, one of each kind.

const segwitKey = ECPair.makeRandom({ network });
const segwit = bitcoin.payments.p2wpkh({ pubkey: segwitKey.publicKey, network });
const taprootKey = ECPair.makeRandom({ network });
const internalPubkey = taprootKey.publicKey.subarray(1);
const taproot = bitcoin.payments.p2tr({ internalPubkey, network });
const tweakedKey = taprootKey.tweak(bitcoin.crypto.taggedHash('TapTweak', internalPubkey));

// Coins.

for (const { address } of [segwit, taproot]) {
  await call('POST', '/dev/faucet', { address, amount: FUNDS });
}
const [segwitCoin] = await api.addresses.getAddressTxsUtxo({ address: segwit.address });
const [taprootCoin] = await api.addresses.getAddressTxsUtxo({ address: taproot.address });
demand(segwitCoin.status.confirmed && taprootCoin.status.confirmed, 'the faucet’s coins are settled');
const segwitHex = await api.transactions.getTxHex({ txid: segwitCoin.txid });
const fees = await api.fees.getFeesRecommended();

// An invoice, watched before it is paid.

const invoices = `/api/v1/stores/${store}/invoices`;
const invoice = await call('POST', invoices, { amount: PRICE, currency: 'TNDR' });
const [method] = await call('GET', `${invoices}/${invoice.id}/payment-methods`);

const pushes = [];
const socket = api.websocket.wsInit();
const settledPush = new Promise((resolve, reject) => {
  socket.on('message', (data) => {
    const push = JSON.parse(data);
    pushes.push(push);
    if (push['block-transactions']) resolve(push);
  });
  socket.on('error', reject);
  socket.on('unexpected-response', (request, response) =>
    reject(new Error(`the web socket is refused with ${response.statusCode}`)));
  socket.on('close', (code) => reject(new Error(`the web socket was closed with ${code}`)));
});
settledPush.catch(() => {});
await within(
  Promise.race([new Promise((resolve) => socket.once('open', resolve)), settledPush]),
  'the web socket opens',
);
api.websocket.wsTrackAddress(socket, method.destination);
// Frames are taken in order: whoever answers this has read what was sent before.
socket.ping();
await within(new Promise((resolve) => socket.once('pong', resolve)), 'an answer to the ping');

// The payment, in and out of a PSBT as between a wallet and a signing device.

function unsigned(fee) {
  const psbt = new bitcoin.Psbt({ network });
  psbt.addInput({
    hash: segwitCoin.txid,
    index: segwitCoin.vout,
    nonWitnessUtxo: Buffer.from(segwitHex, 'hex'),
  });
  psbt.addInput({
    hash: taprootCoin.txid,
    index: taprootCoin.vout,
    witnessUtxo: { script: taproot.output, value: BigInt(taprootCoin.value) },
    tapInternalKey: internalPubkey,
  });
  const funds = BigInt(segwitCoin.value) + BigInt(taprootCoin.value);
  psbt.addOutput({ address: method.destination, value: units(method.due) });
  psbt.addOutput({ address: taproot.address, value: funds - units(method.due) - fee });
  return psbt.toBase64();
}

function signed(base64) {
  const psbt = bitcoin.Psbt.fromBase64(base64, { network });
  psbt.signInput(0, segwitKey);
  psbt.signInput(1, tweakedKey);
  demand(
    psbt.validateSignaturesOfInput(0, (key, hash, signature) => ecc.verify(hash, key, signature)),
    'the signature of the first input',
  );
  demand(
    psbt.validateSignaturesOfInput(1, (key, hash, signature) => ecc.verifySchnorr(hash, key, signature)),
    'the signature of the second input',
  );
  psbt.finalizeAllInputs();
  return psbt.extractTransaction();
}

// The first byte of an ECDSA signature's numbers may cost one byte more or less.
const size = signed(unsigned(1_000n)).virtualSize() + 1;
const fee = BigInt(Math.ceil(size * fees.fastestFee));
const transaction = signed(unsigned(fee));
const txid = await api.transactions.postTx({ txhex: transaction.toHex() });

// What became of it.

const push = await within(settledPush, 'a push of the settled payment');
const status = await call('GET', `${invoices}/${invoice.id}`);
const shown = await api.transactions.getTx({ txid });
socket.removeAllListeners('close');
socket.close();

console.log(
  JSON.stringify({
    addresses: [segwit.address, taproot.address],
    destination: method.destination,
    due: method.due,
    fee: Number(fee),
    fees,
    txid: transaction.getId(),
    broadcastAnswer: txid,
    pushes,
    push,
    shown,
    invoice: { id: invoice.id, status: status.status },
  }),
);
