import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/support/fast-check.ts';
import { FrameBuffer } from './frame-buffer.ts';

const CHUNK_WORDS = 256 * 1024;

interface Step {
  /** Words asked for, and how many of them the frame comes to have. */
  readonly room: number;
  readonly used: number;
  readonly drain: boolean;
}

const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: CHUNK_WORDS - 2, max: CHUNK_WORDS + 9 }),
    ),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(3),
  )
  .map(([room, share, luck]) => ({ room, used: Math.max(1, Math.floor(room * share)), drain: luck === 0 }));

test('what is drained is the frames, one behind another, whatever is added meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const buffer = new FrameBuffer();
      const written: number[][] = [];
      const expected: number[][] = [];
      let pending: Promise<void> = Promise.resolve();
      const drain = (): Promise<void> =>
        buffer.drain(async (parts) => {
          await Promise.resolve(); // Frames are added before the parts are looked at.
          for (const part of parts) written.push(summaryOf(new Uint32Array(part.slice().buffer)));
        });
      let frames: number[] = [];
      for (const [number, { room, used, drain: isDrained }] of steps.entries()) {
        buffer.room(room).fill(number + 1, 0, used);
        buffer.keep(used);
        frames.push(number + 1, used);
        if (!isDrained) continue;
        await pending;
        pending = drain();
        expected.push(frames);
        frames = [];
        assert.equal(buffer.bytes, 0);
      }
      await pending;
      await drain();
      expected.push(frames);
      assert.deepEqual(written.flat(), expected.flat());
    }),
    { numRuns: 40 },
  );
});

/** Each value with the length of its stretch. */
const summaryOf = (words: Uint32Array): number[] => {
  const stretches: number[] = [];
  for (const word of words) {
    if (stretches.at(-2) === word) stretches[stretches.length - 1] = (stretches.at(-1) ?? 0) + 1;
    else stretches.push(word, 1);
  }
  return stretches;
};

test('what was cleared is not drained', async () => {
  const buffer = new FrameBuffer();
  buffer.room(10).fill(1);
  buffer.keep(10);
  assert.equal(buffer.bytes, 40);
  buffer.clear();
  assert.equal(buffer.bytes, 0);
  await buffer.drain(() => Promise.reject(new Error('nothing is to be written')));
});
