import type { Step } from '../step.ts';
import { FingerprintBatch, windowSecondsOf } from '../unique/entry.ts';
import { Fingerprinter } from '../unique/fingerprint.ts';

/**
 * Refuses an event whose id was stored for its project within the window, by an earlier record or earlier in the batch. Exact: see `docs/exactly-once.md`.
 *
 * An event that an earlier step refused is not looked at, and one that a later step refuses is forgotten: only stored events make others duplicates.
 */
export const unique: Step = {
  name: 'unique',
  reasons: ['duplicate_id'],
  open({ unique: state }) {
    const prints = new Fingerprinter(state.key);
    // A batch may run while the one before it is not yet committed; two sets of arrays are enough then.
    const spare: FingerprintBatch[] = [];
    return function runUnique(batch, { uniqueWindowMs }) {
      const entries = spare.pop() ?? new FingerprintBatch();
      prints.compute(batch.events, entries);
      const passedOver = new Uint8Array(batch.rows);
      if (batch.refused > 0)
        for (let row = 0; row < batch.rows; row++) passedOver[row] = batch.isOk(row) ? 0 : 1;
      if (state.claim(entries, windowSecondsOf(uniqueWindowMs), passedOver) > batch.refused)
        for (let row = 0; row < batch.rows; row++)
          if (passedOver[row] === 1) batch.refuse(row, 'duplicate_id');
      return function commitUnique(next, stored) {
        state.commit(next, entries, passedOver, stored);
        spare.push(entries);
      };
    };
  },
};
