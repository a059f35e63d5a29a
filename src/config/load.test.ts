import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigError, type ConfigSources, loadConfig } from './load.ts';
import { flagOf, OPTION_KEYS, OPTIONS, variableOf } from './options.ts';
import { configurationReference } from './reference.ts';
import { shownConfiguration } from './shown.ts';

const NOWHERE = '/nonexistent';

const load = (sources: Partial<ConfigSources> = {}) =>
  loadConfig({ flags: {}, environment: {}, cwd: NOWHERE, ...sources });

/** `where message` of each problem. */
const problemsOf = (sources: Partial<ConfigSources>): string[] => {
  try {
    load(sources);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ where, message }) => `${where} ${message}`);
  }
};

const folderWith = (t: TestContext, content: string): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-config-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'aevum.config.json'), content);
  return dir;
};

test('without any source every option has its default, and the whole is frozen', () => {
  const config = load();
  assert.deepEqual(Object.keys(config).sort(), [...OPTION_KEYS].sort());
  assert.equal(config.port, 8080);
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.dataDir, '/nonexistent/data');
  assert.equal(config.staleLimitMs, 86_400_000);
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.kafkaBrokers));
});

test('the later source wins: file, variable, command line', (t) => {
  const cwd = folderWith(t, '{"port": 1, "host": "0.0.0.0", "stale-limit-ms": "48h", "$schema": "x"}');
  const environment = { AEVUM_PORT: '2', AEVUM_HOST: '', AEVUM_DEPTH_MAX: '32', PATH: '/bin' };
  const config = load({ cwd, environment, flags: { port: '3' } });
  assert.deepEqual(
    [config.port, config.host, config.staleLimitMs, config.depthMax],
    [3, '0.0.0.0', 172_800_000, 32],
    'an empty variable is no variable',
  );
});

test('all problems of all sources are told at once, each with its place', (t) => {
  const cwd = folderWith(t, '{"prot": 1, "queue-bytes-max": true, "log": null}');
  const found = problemsOf({
    cwd,
    environment: { AEVUM_DATADIR: 'x', AEVUM_LOG_LEVEL: 'loud' },
    flags: { port: '99999', staleLimitMs: '5y' },
  });
  const path = join(cwd, 'aevum.config.json');
  assert.deepEqual(found, [
    `${path} holds an unknown option "prot". Did you mean "port"?`,
    "AEVUM_DATADIR is no option's variable. Did you mean AEVUM_DATA_DIR?",
    '--port must be from 0 to 65535, not 99999',
    `"log" in ${path} must be one of segments, kafka, not null.`,
    '--stale-limit-ms must be a duration such as "90s", "10min" or "24h", not "5y"',
    `"queue-bytes-max" in ${path} must be a size such as "512KiB", "64MiB" or "2GB", not true`,
    'AEVUM_LOG_LEVEL must be one of debug, info, warn, error, not "loud".',
  ]);
});

test('the file: missing is fine unless it is named; broken is told with the place', (t) => {
  assert.deepEqual(problemsOf({}), []);
  assert.deepEqual(problemsOf({ configPath: 'other.json' }), ['/nonexistent/other.json does not exist']);
  assert.deepEqual(problemsOf({ environment: { AEVUM_CONFIG: '/no/file' } }), ['/no/file does not exist']);
  const [broken = ''] = problemsOf({ cwd: folderWith(t, '{"port": 80') });
  assert.match(broken, /aevum\.config\.json is not valid JSON: .*position 11/);
  const [list = ''] = problemsOf({ cwd: folderWith(t, '[1]') });
  assert.match(list, /must hold one JSON object/);
  const [folder = ''] = problemsOf({ configPath: tmpdir() });
  assert.match(folder, /cannot be read: EISDIR/);
});

test('options that do not go together are refused', () => {
  assert.deepEqual(problemsOf({ flags: { log: 'kafka' } }), ['log = kafka needs kafka-brokers']);
  assert.deepEqual(problemsOf({ flags: { writeKey: 'a', adminKey: 'a' } }), [
    'write-key and admin-key must differ',
  ]);
  assert.deepEqual(problemsOf({ flags: { log: 'kafka', kafkaBrokers: 'a:1, [::1]:2' } }), []);
  assert.deepEqual(problemsOf({ flags: { log: 'kafka', kafkaBrokers: 'a' } }), [
    '--kafka-brokers must be addresses "host:port", separated by commas; "a" is none',
  ]);
});

test('the warehouse is a word or an address', () => {
  assert.equal(load().warehouse, 'embedded');
  assert.equal(load({ flags: { warehouse: 'https://u:p@h:8443/' } }).warehouse, 'https://u:p@h:8443');
  assert.deepEqual(problemsOf({ flags: { warehouse: 'ftp://h' } }), [
    '--warehouse must be "embedded" or else it must be an address that begins with http:// or https://, not "ftp://h"',
  ]);
  assert.equal(OPTIONS.warehouse.kind.format('http://u:secret@h:8123'), 'http://u:***@h:8123');
});

test('variables of the tests and benches are left alone', () => {
  const environment = { AEVUM_REQUIRE_KAFKA: '1', AEVUM_CRASH_ROUNDS: '3', AEVUM_CHROMIUM: '/opt/chromium' };
  assert.deepEqual(problemsOf({ environment }), []);
});

test('names derive from the key', () => {
  assert.equal(flagOf('promotedPropertiesMax'), 'promoted-properties-max');
  assert.equal(variableOf('promotedPropertiesMax'), 'AEVUM_PROMOTED_PROPERTIES_MAX');
});

test('every default is a value that its own option accepts', () => {
  for (const key of OPTION_KEYS) {
    const { kind, default: unset } = OPTIONS[key];
    if (unset !== undefined && key !== 'kafkaBrokers') assert.equal(kind.parse(unset), unset, key);
  }
});

test('the reference page is what the table says, and shows no secret', () => {
  const page = readFileSync(new URL('../../docs/reference/configuration.md', import.meta.url), 'utf8');
  assert.equal(page, configurationReference(), 'run: npm run docs');
  for (const key of OPTION_KEYS) assert.ok(page.includes(`\`${variableOf(key)}\``), key);
});

test('choices are closed types', () => {
  const level: 'debug' | 'info' | 'warn' | 'error' = load().logLevel;
  const warehouse: string = load().warehouse;
  assert.deepEqual([level, warehouse], ['info', 'embedded']);
});

test('on a terminal the program says less of itself, unless asked', () => {
  assert.equal(load().logLevel, 'info');
  assert.equal(load({ isTerminal: true }).logLevel, 'warn');
  assert.equal(load({ isTerminal: true, environment: { AEVUM_LOG_LEVEL: 'debug' } }).logLevel, 'debug');
});

test('the engine may take a quarter of the memory that there is, within bounds, unless told', () => {
  const GIB = 1024 ** 3;
  const on = (memoryBytes: number, flags = {}) => load({ memoryBytes, flags }).warehouseMemoryBytes / GIB;
  assert.deepEqual(
    [0.5, 2, 4, 8, 24, 32, 512].map((gib) => on(gib * GIB)),
    [1, 1, 1, 2, 6, 8, 8],
  );
  assert.equal(on(24 * GIB, { warehouseMemoryBytes: '3GiB' }), 3);
  assert.equal(load().warehouseMemoryBytes, GIB, 'where nobody knows how much there is');
  const memory = { memoryBytes: 24 * GIB };
  const shown = shownConfiguration(load(memory), memory).find(
    ({ option }) => option === 'warehouse-memory-bytes',
  );
  assert.deepEqual([shown?.value, shown?.isDefault], ['6 GiB', true]);
});

test('the configuration is shown as it is in force, but for secrets', () => {
  const config = load({ flags: { port: '9000' }, environment: { AEVUM_ADMIN_KEY: 'aev_a_secret' } });
  const shown = shownConfiguration(config);
  assert.equal(shown.length, Object.keys(OPTIONS).length);
  const of = (name: string) => shown.find(({ option }) => option === name);
  assert.deepEqual([of('port')?.value, of('port')?.isDefault], ['9000', false]);
  assert.deepEqual([of('host')?.value, of('host')?.isDefault], ['127.0.0.1', true]);
  assert.deepEqual([of('admin-key')?.value, of('admin-key')?.isSecret], [null, true]);
  assert.ok(!JSON.stringify(shown).includes('aev_a_secret'));
});
