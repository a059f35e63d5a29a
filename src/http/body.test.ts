import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { BodyScratch } from './body.ts';

const MIB = 1024 * 1024;

test('bodies are put together one after another in the same memory, whatever their sizes', () => {
  const scratch = new BodyScratch();
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));
  fc.assert(
    fc.property(fc.array(pieces), (bodies) => {
      for (const body of bodies) {
        const whole = Buffer.concat(body);
        assert.deepEqual(Buffer.from(scratch.join(body, whole.length)), whole);
      }
    }),
  );
  const first = scratch.join([Buffer.alloc(MIB, 1)], MIB);
  assert.equal(scratch.join([Buffer.alloc(100, 2)], 100).buffer, first.buffer);
});

test('a body too long for the memory gets its own', () => {
  const scratch = new BodyScratch();
  const long = scratch.join([Buffer.alloc(3 * MIB, 1)], 3 * MIB);
  scratch.join([Buffer.alloc(MIB, 2)], MIB);
  assert.ok(long.length === 3 * MIB && long.every((byte) => byte === 1));
});
