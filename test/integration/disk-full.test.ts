/**
 * The disk is full, for real: the data folder on a small tmpfs that is filled up under load. Collecting says 503 and when to come back, nothing acknowledged is lost, and with
 * room again everything goes on without a restart.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Load } from '../crash/load.ts';
import { assertBalanced, Client, codeOf } from '../support/client.ts';
import { aevum } from '../support/command.ts';
import { freePort, Platform } from '../support/platform.ts';
import { readStored } from '../support/stored.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const DISK_BYTES = 192 * MIB;
/** With less than this nothing of what the test sends fits any more; a page or two may have been given back by what could not be written whole. */
const FULL_BYTES = 64 * 1024;
const root = mkdtempSync(join(tmpdir(), 'aevum-disk-full-'));
const disk = join(root, 'disk');
const dataDir = join(disk, 'data');
const ballast = join(disk, 'ballast');

const mounted = ((): boolean => {
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Takes all space that is left, to the last page. */
const fill = (): void => {
  for (let bytes = MIB; bytes >= 1; bytes = Math.floor(bytes / 2))
    for (;;) {
      try {
        appendFileSync(ballast, Buffer.alloc(bytes));
      } catch {
        break;
      }
    }
};

after(() => {
  if (mounted) execFileSync('umount', ['-l', disk]);
  rmSync(root, { recursive: true, force: true });
});

describe('a full disk', {
  skip: mounted ? false : 'a tmpfs cannot be mounted here (it takes root)',
  timeout: 300_000,
}, () => {
  let platform: Platform;
  let client: Client;
  let load: Load;

  before(async () => {
    const args = ['--log-segment-bytes', '1MiB', '--log-bytes-max', '64MiB'];
    platform = await Platform.start(dataDir, await freePort(), args);
    client = new Client(platform.url);
  });
  after(() => platform?.kill('group'));

  const probe = () => client.post('{"type":"probe"}');

  test('fills up: collecting is refused with advice, and what was acknowledged is kept', async () => {
    load = new Load(platform.url, 'full', 2);
    await until('the load flows', () => load.acknowledged.size > 1_000);
    writeFileSync(ballast, '');
    const reply = await until('collecting is refused', async () => {
      fill();
      const answer = await probe();
      return answer.status !== 202 && answer;
    });
    assert.deepEqual([reply.status, codeOf(reply)], [503, 'log_full'], reply.text);
    assert.ok(Number(reply.headers.get('retry-after')) >= 1);
    const { bavail, bsize } = statfsSync(disk);
    assert.ok(bavail * bsize < FULL_BYTES, `${bavail * bsize} bytes are free`);
    const { status, checks } = await client.health();
    const log = checks.find(({ name }) => name === 'log');
    assert.deepEqual([status, log?.status], ['red', 'red']);
    assert.match(`${log?.message}`, /space|room/i);
    assert.match(
      checks.map(({ message }) => message).join(' '),
      /free|room/i,
      'health does not say what to do',
    );
    assert.equal(await platform.ready(), false);
  });

  test('there is room again: it goes on without a restart', async () => {
    const known = load.acknowledged.size;
    const pids = [platform.pidOf('processor'), platform.pid];
    rmSync(ballast);
    await until('collecting is answered 202', async () => (await probe()).status === 202);
    await until('the load flows', () => load.acknowledged.size > known + 1_000);
    await load.finish();
    assert.ok(load.retries > 0);
    const ledger = await client.settled();
    assertBalanced(ledger);
    assert.ok(await platform.ready());
    const { checks } = await client.health();
    assert.deepEqual(
      checks.filter(({ name, status }) => name !== 'disk' && status !== 'green'),
      [],
    );
    assert.deepEqual([platform.pidOf('processor'), platform.pid], pids, 'a process had to be started anew');
  });

  test('full and free again while nobody sends: it gets ready by itself', async () => {
    writeFileSync(ballast, '');
    await until('collecting is refused', async () => {
      fill();
      return (
        (await client.post(JSON.stringify({ type: 'probe', padding: 'x'.repeat(100_000) }))).status === 503
      );
    });
    assert.equal(await platform.ready(), false);
    rmSync(ballast);
    await until('it is ready', () => platform.ready());
    assert.equal((await probe()).status, 202);
    await until('the log is green', async () => {
      return (await client.health()).checks.some(({ name, status }) => name === 'log' && status === 'green');
    });
  });

  test('a start on a full disk is refused with advice', async () => {
    assert.equal(await platform.stop(), 0, platform.output);
    writeFileSync(ballast, '');
    fill();
    const { code, stderr } = await aevum(['start', '--data-dir', dataDir, '--port', '0']);
    rmSync(ballast);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /is full\. Free some space/);
  });

  test('after a restart everything acknowledged is there, once', async () => {
    platform = await Platform.start(dataDir, platform.port);
    const ledger = await client.settled();
    assertBalanced(ledger);
    assert.equal(await platform.stop(), 0, platform.output);
    const stored = await readStored(dataDir);
    assert.deepEqual([...load.acknowledged].filter((id) => stored.ids.get(id) !== 1).slice(0, 10), []);
    assert.equal(
      [...stored.ids.values()].reduce((sum, times) => sum + times, 0),
      stored.ids.size,
    );
    assert.equal(stored.ids.size, ledger.total.stored);
    assert.deepEqual(stored.rollup, stored.raw);
  });
});
