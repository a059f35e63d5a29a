import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { StreamAction } from './stream.ts';
import { storedEvent } from '../event/testing/stored-event.ts';
import { pacedBy } from './pace.ts';

/** A stream whose clock and reader the test moves; `got` has the ids of each time that something was handed on, and when. */
const stream = ({ mock }: TestContext) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  let scrolls = false;
  const got: [atMs: number, ids: string][] = [];
  const paced = pacedBy(
    (action: StreamAction) => {
      assert.ok(action.kind === 'received');
      got.push([nowMs, action.events.map(({ id }) => id).join(' ')]);
    },
    { nowMs: () => nowMs, isScrolling: () => scrolls },
  );
  let sent = 0;
  return {
    got,
    send: (): void => {
      sent += 1;
      const events = [storedEvent({ id: `e${sent}` })];
      paced.push({ op: 'events', id: '1', position: `${sent}`, events, missed: 0 });
    },
    scroll: (on: boolean): void => {
      scrolls = on;
    },
    /** Lets time go by, in steps that no timer is shorter than. */
    pass: (ms: number): void => {
      for (let step = 0; step < ms; step += 10) {
        nowMs += 10;
        mock.timers.tick(10);
      }
    },
    end: (): void => paced.cancel(),
  };
};

test('what comes is shown at once, and what follows five times a second', (t) => {
  const { got, send, pass, end } = stream(t);
  send();
  pass(10);
  for (let times = 0; times < 10; times++) {
    send();
    pass(50);
  }
  end();
  assert.deepEqual(
    got.map(([, ids]) => ids),
    ['e1', 'e2 e3 e4 e5', 'e6 e7 e8 e9'],
  );
});

test('while somebody scrolls it waits until that is over, a second at most', (t) => {
  const { got, send, pass, scroll, end } = stream(t);
  send();
  pass(10);
  scroll(true);
  for (let times = 0; times < 25; times++) {
    send();
    pass(100);
  }
  const whileScrolling = got.length;
  scroll(false);
  pass(100);
  end();
  const gaps = got.slice(1, whileScrolling).map(([atMs], index) => atMs - (got[index]?.[0] ?? 0));
  assert.equal(gaps.length, 2);
  for (const gap of gaps) assert.ok(gap >= 1_000 && gap <= 1_060, `${gap} ms`);
  assert.equal(got.length, whileScrolling + 1);
  assert.equal(
    got.map(([, ids]) => ids).join(' '),
    Array.from({ length: 26 }, (_, n) => `e${n + 1}`).join(' '),
  );
});

test('nothing is handed on after the end', (t) => {
  const { got, send, pass, end } = stream(t);
  send();
  end();
  pass(500);
  assert.deepEqual(got, []);
});
