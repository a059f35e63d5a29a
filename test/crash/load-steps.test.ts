/**
 * The engine killed at each step of a load that a kill can come between: the n-th name that it gives to a part, the n-th file that it flushes. Random moments (`crash.test.ts`, `src/warehouse/load.test.ts`) hardly ever meet
 * those where some thousandths of a millisecond decide.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Warehouse } from '../../src/warehouse/client.ts';
import { assertExact } from '../../src/warehouse/testing/exact.ts';
import { openTestEngine } from '../../src/warehouse/testing/engine.ts';
import { loadAgain } from '../../src/warehouse/load-again.ts';
import { makeEvents, nativeBody } from '../../src/warehouse/testing/rows.ts';
import { attachTracer, tracingIsAbsent } from '../support/strace.ts';
import { until } from '../support/until.ts';

const ROWS = 200;
const DAY_MS = 86_400_000;
/** In two months: two parts of each table, each with a fate of its own. */
const FROM_MS = Date.UTC(2026, 10, 25);
const SPREAD_MS = 12 * DAY_MS;
const READY_MS = 180_000;
const STEPS_MAX = 100;

/** How a load is made again: ways that must come to the same. */
const WAYS: Readonly<
  Record<string, (warehouse: Warehouse, body: Uint8Array[], step: number) => Promise<void>>
> = {
  'by its token': (warehouse, body, step) => warehouse.load('events', body, `${step}`),
  // Nothing of it looks at tokens, so it is the same where a loss of power took them.
  'by what is there': async (warehouse, body, step) => {
    const range = { from: step, to: step + 1, token: `${step}` };
    for (let time = 0; time < 2; time++) await loadAgain(warehouse, 'events', body, ROWS, range);
  },
};

for (const call of ['rename', 'fdatasync'] as const)
  for (const [way, again] of Object.entries(WAYS))
    test(`kill -9 at every ${call} of a load, made again ${way}: nothing twice, nothing missing`, {
      timeout: 600_000,
    }, async (t) => {
      if (tracingIsAbsent(t)) return;
      await using running = await openTestEngine(undefined, { restartPauseMsMax: 50 });
      const { engine } = running;
      const warehouse = await running.migrated();
      // Sent rather than handed over: that begins with a rename of its own.
      const sender = running.connect({ bodiesDir: undefined });
      let step = 1;
      for (; step < STEPS_MAX; step++) {
        const events = makeEvents({ rows: ROWS, seed: step, fromMs: FROM_MS, spreadMs: SPREAD_MS });
        const body = nativeBody(events, step);
        const { pid = 0 } = engine;
        const injection = `inject=${call}:error=EIO:signal=SIGKILL:when=${step}`;
        const tracer = await attachTracer(pid, ['-e', `trace=${call}`, '-e', injection, '-o', '/dev/null']);
        const isLoaded = await sender.load('events', body, `${step}`).then(
          () => true,
          () => false,
        );
        await tracer.detach();
        if (isLoaded) break;
        await until('its death is noticed', () => engine.pid !== pid);
        await engine.ready(READY_MS);
        await again(warehouse, body, step);
        await assertExact(warehouse, step * ROWS);
      }
      t.diagnostic(`${step - 1} kills`);
      assert.ok(step > 4 && step < STEPS_MAX, `${step} steps`);
      await assertExact(warehouse, step * ROWS);
    });
