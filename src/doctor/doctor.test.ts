import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { dataLayout } from '../config/data-layout.ts';
import type { Config } from '../config/options.ts';
import { systemClock } from '../lib/clock.ts';
import { type Check, ok, warning } from './check.ts';
import { Doctor } from './doctor.ts';
import { RUNNING_CHECKS, type RunningContext } from './running-checks.ts';

const MIB = 1024 ** 2;

/** A platform that is well, on a folder of its own. */
const wellContext = async (t: TestContext): Promise<RunningContext> => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-doctor-test-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const layout = dataLayout(dir);
  await writeFile(layout.credentials, '{}', { mode: 0o600 });
  return {
    config: {
      ...{ host: '127.0.0.1', publicUrl: undefined, log: 'segments', logBytesMax: 100 * MIB },
      ...{ warehouse: 'embedded', warehouseMemoryBytes: 700 * MIB },
    } as unknown as Config,
    ...{ layout, clock: systemClock },
    health: () => [{ component: 'log', state: 'ok', message: 'The log takes writes.' }],
    log: { bytes: async () => 10 * MIB, newestMs: async () => Date.now() - 1_000 },
    loading: { waiting: async () => 0, settled: async () => true },
    engine: {
      version: async () => '25.8',
      tables: async () => ({ tables: [], merges: 0, mutations: 0, memoryBytes: 0, queries: 0 }),
      failing: async () => [],
    },
    counted: () => 0,
  };
};

/** What the checks find that do not depend on the machine of the test. */
const found = async (context: RunningContext): Promise<ReadonlyMap<string, string>> => {
  const checks = RUNNING_CHECKS.filter(({ name }) => !/^(?:Memory|Disk)/u.test(name));
  const { findings } = await new Doctor({ context, checks }).examine();
  return new Map(
    findings
      .filter(({ state }) => state !== 'ok')
      .map(({ check, state, detail, advice }) => [check, `${state} ${detail} ${advice ?? ''}`]),
  );
};

test('a platform that is well', async (t) => {
  const context = await wellContext(t);
  assert.deepEqual(await found(context), new Map());
  const all = await new Doctor({ context }).examine();
  assert.deepEqual(
    all.findings.map(({ check }) => check),
    RUNNING_CHECKS.map(({ name }) => name),
  );
  assert.ok(all.findings.every(({ about, detail }) => about !== '' && detail !== ''));
});

test('what is not well is said, with what to do', async (t) => {
  const well = await wellContext(t);
  const table = { table: 'events', rows: 1, bytesOnDisk: 1, parts: 400, partsOfLargestPartition: 400 };
  const { engine } = well;
  const cases: readonly [string, Partial<RunningContext>, RegExp][] = [
    [
      'Parts',
      { health: () => [{ component: 'disk', state: 'degraded', message: 'Only 1 GiB is free.' }] },
      /^warning disk: Only 1 GiB/u,
    ],
    [
      'Parts',
      {
        health: () => [
          { component: 'ledger', state: 'failed', message: 'It does not add up.', detail: 'One minute.' },
        ],
      },
      /^failed ledger: It does not add up\. One minute\./u,
    ],
    [
      'Clock',
      { log: { ...well.log, newestMs: async () => Date.now() + 600_000 } },
      /^warning .*10 min behind/u,
    ],
    ['Log', { log: { ...well.log, bytes: async () => 90 * MIB } }, /^warning 90\.0 % of the 100 MiB that/u],
    [
      'Loading',
      { loading: { waiting: async () => 42, settled: async () => false } },
      /^warning .*42 records of the log wait/u,
    ],
    [
      'Engine',
      { engine: { ...engine, version: () => Promise.reject(new Error('not reachable')) } },
      /^failed not reachable/u,
    ],
    [
      'Tables',
      { engine: { ...engine, tables: async () => ({ ...(await engine.tables()), tables: [table] }) } },
      /^warning at most 400 parts in one partition \(events\)/u,
    ],
    ['Tables', { engine: { ...engine, failing: async () => ['events: no room'] } }, /^failed .*no room/u],
    [
      'Restarts',
      { counted: (name) => (name === 'aevum_engine_deaths_total' ? 2 : 0) },
      /^warning since the start the engine ended 2 times/u,
    ],
    ['Address', { config: { ...well.config, host: '0.0.0.0' } }, /^warning .*--public-url https/u],
    [
      'Address',
      { config: { ...well.config, publicUrl: 'http://stats.example' } },
      /^warning reached by http:\/\/stats\.example, which/u,
    ],
  ];
  for (const [check, change, wanted] of cases) {
    const troubles = await found({ ...well, ...change });
    assert.deepEqual([...troubles.keys()], [check]);
    assert.match(troubles.get(check) ?? '', wanted);
  }
  const proxied = { ...well.config, host: '0.0.0.0', publicUrl: 'https://stats.example' };
  assert.deepEqual(await found({ ...well, config: proxied }), new Map());
});

test('the checks are run once at a time; one that does not end is given up, and not begun again', async (t) => {
  const context = await wellContext(t);
  let begun = 0;
  const hanging = Promise.withResolvers<void>();
  const named = (name: string, run: Check<RunningContext>['run']): Check<RunningContext> => ({
    ...{ name, about: name, run },
  });
  const checks = [
    named('hangs', async () => {
      begun += 1;
      await hanging.promise;
      return ok('after all');
    }),
    named('warns', async () => warning('not so well', 'Do something.')),
  ];
  const doctor = new Doctor({ context, checks, checkMs: 20 });
  assert.deepEqual(doctor.answer(), { running: false, last: null });
  const [first, second] = [doctor.examine(), doctor.examine()];
  assert.deepEqual(doctor.answer(), { running: true, last: null });
  assert.equal(await first, await second);
  const { state, findings } = await first;
  assert.deepEqual([begun, state, findings.map((each) => each.state)], [1, 'failed', ['failed', 'warning']]);
  assert.match(findings[0]?.detail ?? '', /did not end within/u);
  assert.deepEqual(doctor.answer(), { running: false, last: await first });
  await doctor.examine();
  assert.equal(begun, 1, 'it would wait behind itself');
  hanging.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  const after = await doctor.examine();
  assert.deepEqual([begun, after.state, after.findings[0]?.detail], [2, 'warning', 'after all']);
});
