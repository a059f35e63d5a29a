import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Books } from './books.ts';
import { Intent } from './intent.ts';
import { isAsIntended, outcomeJson, renderOutcome, type SimulationOutcome } from './report.ts';
import type { SendCounts } from './sender.ts';
import type { SimulatedEvent } from './simulation.ts';

const event = (more: Partial<SimulatedEvent>): SimulatedEvent => ({
  atMs: 0,
  json: '{}',
  outcome: 'stored',
  ...more,
});

/** 1,000 stored, 10 duplicate, 3 too old. */
const intentOf = (): Intent => {
  const intent = new Intent();
  for (let count = 0; count < 1_000; count++) intent.add(event({}));
  for (let count = 0; count < 10; count++)
    intent.add(event({ outcome: 'duplicate', reason: 'duplicate_id' }));
  for (let count = 0; count < 3; count++) intent.add(event({ outcome: 'stale', reason: 'too_old' }));
  return intent;
};

const COUNTS: SendCounts = {
  answered: 1_013,
  accepted: 1_010,
  rejected: 3,
  rejectedBy: new Map([['too_old', 3]]),
  unanswered: 0,
  requests: 10,
  repeatedBusy: 0,
  repeatedCut: 0,
  bytes: 500_000,
};

const BOOKS: Books = {
  received: 1_013,
  stored: 1_000,
  duplicate: 10,
  stale: 3,
  quarantined: 0,
  blocked: 0,
  pending: 0,
};

const outcomeOf = (more: Partial<SimulationOutcome> = {}): SimulationOutcome => ({
  url: 'http://127.0.0.1:8080',
  seed: 7,
  isInterrupted: false,
  elapsedMs: 5_000,
  lostMs: 0,
  intent: intentOf(),
  counts: COUNTS,
  books: BOOKS,
  ...more,
});

test('what was intended stands beside what the server said', () => {
  assert.equal(
    renderOutcome(outcomeOf()),
    `Sent 1,013 events in 5.0 s (203/s) to http://127.0.0.1:8080, seed 7.

                                  intended        server
  accepted                           1,010         1,010
    stored                           1,000         1,000
    duplicate                           10            10
  rejected                               3             3
    too_old                              3             3

As intended.`,
  );
});

test('every difference has a row, and its likely cause a sentence', () => {
  const cut = outcomeOf({
    counts: { ...COUNTS, repeatedCut: 2, repeatedBusy: 1 },
    books: { ...BOOKS, received: 1_033, duplicate: 30 },
  });
  assert.ok(!isAsIntended(cut));
  assert.match(renderOutcome(cut), /busy or full: 1 request went again/u);
  assert.match(renderOutcome(cut), /Not as intended\.\n {2}2 requests went again after a cut connection/u);

  const others = outcomeOf({ books: { ...BOOKS, received: 1_500, stored: 1_487 } });
  assert.match(renderOutcome(others), /got events from others in the meantime/u);

  const stopped = outcomeOf({ counts: { ...COUNTS, accepted: 960, unanswered: 50 }, isInterrupted: true });
  assert.match(renderOutcome(stopped), /^Interrupted\. Sent/u);
  assert.match(renderOutcome(stopped), /not answered +0 +50\n/u);

  const stricter = outcomeOf({ books: { ...BOOKS, stored: 990, blocked: 10 } });
  assert.match(renderOutcome(stricter), /blocked by a rule +0 +10\n/u);
  assert.match(renderOutcome(stricter), /other limits .* \/api\/quarantine/u);

  const slow = renderOutcome(outcomeOf({ lostMs: 1_000 }));
  assert.match(slow, /for 1\.0 s in all nothing happened in the shop, about 253 events\.\nAs intended\./u);
});

test('without the books, the answers alone are compared', () => {
  const text = renderOutcome(outcomeOf({ books: undefined }));
  assert.match(text, / {4}stored +1,000 +-\n/u);
  assert.match(text, /As intended, as far as the answers tell/u);
});

test('programs get the same', () => {
  assert.deepEqual(outcomeJson(outcomeOf()), {
    url: 'http://127.0.0.1:8080',
    seed: 7,
    interrupted: false,
    elapsed_ms: 5_000,
    lost_ms: 0,
    as_intended: true,
    intended: {
      events: 1_013,
      stored: 1_000,
      duplicate: 10,
      stale: 3,
      quarantined: 0,
      blocked: 0,
      rejected_by: { too_old: 3 },
    },
    answered: { accepted: 1_010, rejected: 3, rejected_by: { too_old: 3 }, not_answered: 0 },
    ledger: BOOKS,
    requests: { sent: 10, repeated_busy: 0, repeated_cut: 0, bytes: 500_000 },
  });
});
