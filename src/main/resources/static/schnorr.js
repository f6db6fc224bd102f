// Verifies BIP340 signatures on secp256k1. Everything that comes in is public, so time may tell
// anything; nothing here is fit for signing.

import { joined, taggedHash, toHex } from './sha256.js';

const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = {
  x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
  z: 1n,
};
/** The point at infinity. */
const NOWHERE = { x: 1n, y: 1n, z: 0n };
const BITS = 256;

function mod(number) {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

// Points are in Jacobian coordinates: (x / z², y / z³).

function doubled(a) {
  if (a.z === 0n) return a;
  const yy = mod(a.y * a.y);
  const s = mod(4n * a.x * yy);
  const m = mod(3n * a.x * a.x);
  const x = mod(m * m - 2n * s);
  return { x, y: mod(m * (s - x) - 8n * yy * yy), z: mod(2n * a.y * a.z) };
}

function sum(a, b) {
  if (a.z === 0n) return b;
  if (b.z === 0n) return a;
  const aa = mod(a.z * a.z);
  const bb = mod(b.z * b.z);
  const u = mod(a.x * bb);
  const h = mod(b.x * aa - u);
  const s = mod(a.y * bb * b.z);
  const r = mod(b.y * aa * a.z - s);
  if (h === 0n) return r === 0n ? doubled(a) : NOWHERE;
  const hh = mod(h * h);
  const hhh = mod(h * hh);
  const v = mod(u * hh);
  const x = mod(r * r - hhh - 2n * v);
  return { x, y: mod(r * (v - x) - s * hhh), z: mod(h * a.z * b.z) };
}

/** a·A + b·B in one walk over the bits of both. */
function combined(a, pointA, b, pointB) {
  const both = sum(pointA, pointB);
  let result = NOWHERE;
  for (let bit = BigInt(BITS - 1); bit >= 0n; bit--) {
    result = doubled(result);
    const inA = (a >> bit) & 1n;
    const inB = (b >> bit) & 1n;
    if (inA && inB) result = sum(result, both);
    else if (inA) result = sum(result, pointA);
    else if (inB) result = sum(result, pointB);
  }
  return result;
}

function number(bytes) {
  return BigInt(`0x${toHex(bytes)}`);
}

/** The point of this x with an even y, if there is one. */
function lifted(x) {
  if (x >= P) return null;
  const square = mod(x * x * x + 7n);
  const y = power(square, (P + 1n) / 4n);
  if (mod(y * y) !== square) return null;
  return { x, y: y & 1n ? P - y : y, z: 1n };
}

/**
 * Verifies a signature.
 *
 * @param {Uint8Array} signature 64 bytes
 * @param {Uint8Array} message
 * @param {Uint8Array} key 32 bytes, the x coordinate of the public key
 */
export function verifies(signature, message, key) {
  if (signature.length !== 64 || key.length !== 32) return false;
  const point = lifted(number(key));
  const r = number(signature.subarray(0, 32));
  const s = number(signature.subarray(32));
  if (!point || r >= P || s >= N) return false;
  const challenge = taggedHash('BIP0340/challenge', joined(signature.subarray(0, 32), key, message));
  const e = number(challenge) % N;
  const found = combined(s, G, (N - e) % N, point);
  if (found.z === 0n) return false;
  const inverse = power(found.z, P - 2n);
  const squared = mod(inverse * inverse);
  const y = mod(found.y * squared * inverse);
  return (y & 1n) === 0n && mod(found.x * squared) === r;
}
