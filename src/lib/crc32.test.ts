import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from './crc32.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('crc32 gives the check value of the CRC catalogue (CRC-32/ISO-HDLC)', () => {
  assert.equal(crc32(bytesOf('123456789')), 0xcbf43926);
});

test('crc32 goes on from a seed as if the bytes had been one piece', () => {
  assert.equal(crc32(bytesOf('6789'), crc32(bytesOf('12345'))), 0xcbf43926);
  assert.equal(crc32(new Uint8Array(), 0x1234), 0x1234);
});

test('crc32 notices every flipped byte', () => {
  const bytes = bytesOf('every single byte counts');
  const right = crc32(bytes, 7);
  for (let at = 0; at < bytes.length; at += 1) {
    for (const flip of [1, 0x80, 0xff]) {
      const wrong = bytes.slice();
      wrong[at] = (wrong[at] ?? 0) ^ flip;
      assert.notEqual(crc32(wrong, 7), right);
    }
  }
});
