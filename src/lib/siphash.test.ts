import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { SipHash128 } from './siphash.ts';

const hex = (words: Uint32Array): string => Buffer.from(words.buffer).toString('hex');

const hashOf = (key: Uint8Array, message: Uint8Array): string => {
  const hash = new SipHash128(key);
  hash.reserve(message.length);
  hash.bytes.set(message);
  const out = new Uint32Array(4);
  hash.digest(message.length, out, 0);
  return hex(out);
};

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index);

/** From vectors.h of the reference implementation (vectors_sip128): key 00..0f, message 00..n-1. */
const VECTORS: Readonly<Record<number, string>> = {
  0: 'a3817f04ba25a8e66df67214c7550293',
  1: 'da87c1d86b99af44347659119b22fc45',
  2: '8177228da4a45dc7fca38bdef60affe4',
  3: '9c70b60c5267a94e5f33b6b02985ed51',
  7: 'a1f1ebbed8dbc153c0b84aa61ff08239',
  8: '3b62a9ba6258f5610f83e264f31497b4',
  9: '264499060ad9baabc47f8b02bb6d71ed',
  15: '5493e99933b0a8117e08ec0f97cfc3d9',
  16: '6ee2a4ca67b054bbfd3315bf85230577',
  31: '2939b0183223fafc1723de4f52c43d35',
  44: '89237d9ded9c5e78d8b1c9b166cc7342',
  62: '5853542321f567a005d547a4f04759bd',
  63: '5150d1772f50834a503e069a973fbd7c',
};

test('the reference vectors of SipHash-2-4-128', () => {
  for (const [length, expected] of Object.entries(VECTORS))
    assert.equal(hashOf(counting(16), counting(Number(length))), expected, `${length} bytes`);
});

const MASK = (1n << 64n) - 1n;
const rotl = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & MASK;

/** The specification, word for word, on BigInt. */
const specified = (key: Uint8Array, message: Uint8Array): string => {
  const word = (bytes: Uint8Array, at: number): bigint => Buffer.from(bytes).readBigUInt64LE(at);
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let [v0, v1] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn ^ 0xeen];
  let [v2, v3] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) & MASK;
      v1 = rotl(rotl(v1, 13n) ^ v0, 0n);
      v0 = rotl(v0, 32n);
      v2 = (v2 + v3) & MASK;
      v3 = rotl(v3, 16n) ^ v2;
      v0 = (v0 + v3) & MASK;
      v3 = rotl(v3, 21n) ^ v0;
      v2 = (v2 + v1) & MASK;
      v1 = rotl(v1, 17n) ^ v2;
      v2 = rotl(v2, 32n);
    }
  };
  const padded = new Uint8Array((Math.floor(message.length / 8) + 1) * 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const block = word(padded, at);
    v3 ^= block;
    rounds(2);
    v0 ^= block;
  }
  v2 ^= 0xeen;
  rounds(4);
  const out = Buffer.alloc(16);
  out.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 0);
  v1 ^= 0xddn;
  rounds(4);
  out.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 8);
  return out.toString('hex');
};

test('agrees with the specification on any key and message, long ones too', () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 240, maxLength: 700 }));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes, (key, message) => {
      assert.equal(hashOf(key, message), specified(key, message));
    }),
  );
});

test('messages that begin alike may have it hashed once', () => {
  const bytes = fc.uint8Array({ maxLength: 60 });
  const key = counting(16);
  const messages = fc.record({ prefix: bytes, ends: fc.array(bytes, { minLength: 1, maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(messages, { minLength: 1, maxLength: 3 }), (groups) => {
      const hash = new SipHash128(key);
      const out = new Uint32Array(4);
      for (const { prefix, ends } of groups) {
        hash.bytes.set(prefix);
        hash.keepPrefix(prefix.length);
        for (const end of ends) {
          hash.bytes.set(end, prefix.length);
          hash.digest(prefix.length + end.length, out, 0);
          assert.equal(hex(out), specified(key, Buffer.concat([prefix, end])));
        }
      }
    }),
  );
});

test('what an earlier message left behind does not matter', () => {
  const hash = new SipHash128(counting(16));
  const out = new Uint32Array(4);
  hash.bytes.fill(0xff);
  hash.digest(200, out, 0);
  hash.bytes.set(counting(3));
  hash.digest(3, out, 0);
  assert.equal(hex(out), VECTORS[3]);
});

test('refuses a key of another length and a message without room', () => {
  assert.throws(() => new SipHash128(new Uint8Array(8)), RangeError);
  assert.throws(() => new SipHash128(new Uint8Array(16)).digest(1000, new Uint32Array(4), 0), RangeError);
});
