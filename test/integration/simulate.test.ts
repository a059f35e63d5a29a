import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, type TestContext, test } from 'node:test';
import type { LedgerAnswer } from '../../src/contract/ledger.ts';
import { aevum, type Ended } from '../support/command.ts';
import { ADMIN_KEY, freePort, MAIN, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';

/** `aevum simulate` against the platform: what is intended is what the books say. */

interface Outcome {
  readonly as_intended: boolean;
  readonly interrupted: boolean;
  readonly intended: Readonly<Record<'events' | 'stored' | 'duplicate' | 'stale' | 'quarantined', number>> & {
    readonly rejected_by: Readonly<Record<string, number>>;
  };
  readonly answered: {
    readonly accepted: number;
    readonly rejected: number;
    readonly rejected_by: Readonly<Record<string, number>>;
    readonly not_answered: number;
  };
  readonly ledger: Readonly<Record<string, number>> | null;
}

const TIMEOUT_MS = 180_000;
const dataDir = mkdtempSync(join(tmpdir(), 'aevum-simulate-'));
let platform: Platform;

before(async () => {
  platform = await Platform.start(dataDir, await freePort());
});

after(async () => {
  await platform?.kill('group');
  rmSync(dataDir, { recursive: true, force: true });
});

const simulate = (...words: readonly string[]): Promise<Ended> =>
  aevum(['simulate', '--url', platform.url, '--data-dir', dataDir, ...words], { timeoutMs: TIMEOUT_MS });

const ledger = async (): Promise<LedgerAnswer> => platform.json<LedgerAnswer>('/api/ledger');

const outcomeOf = ({ code, stdout, stderr }: Ended): Outcome => {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Outcome;
};

/** What was added to the books is what was intended, down to the reason. */
const checkBooks = (outcome: Outcome, earlier: LedgerAnswer, later: LedgerAnswer): void => {
  const { intended, answered } = outcome;
  assert.ok(later.balanced);
  for (const account of ['stored', 'duplicate', 'stale', 'quarantined'] as const)
    assert.equal(later.total[account] - earlier.total[account], intended[account], account);
  assert.equal(later.total.received - earlier.total.received, intended.events);
  for (const [reason, count] of Object.entries(intended.rejected_by))
    assert.equal((later.total.reasons[reason] ?? 0) - (earlier.total.reasons[reason] ?? 0), count, reason);
  assert.deepEqual(answered.rejected_by, intended.rejected_by);
  assert.equal(answered.not_answered, 0);
  assert.ok(outcome.as_intended);
};

test('a live simulation: every duplicate, stale and malformed event is in the books as intended', async () => {
  const earlier = await ledger();
  const shares = ['--duplicates', '10%', '--late', '10%', '--stale', '5%', '--malformed', '0.1'];
  const incidents = ['--incident', 'broken_deploy@500ms+1s', '--incident', 'card_testing@1s'];
  const pace = ['--rate', '1500', '--events', '3000', '--seed', '11'];
  const outcome = outcomeOf(await simulate(...pace, ...shares, ...incidents, '--json'));
  const later = await ledger();
  checkBooks(outcome, earlier, later);
  const { duplicate, stale, quarantined, rejected_by, events } = outcome.intended;
  assert.equal(events, 3000);
  assert.ok(duplicate > 200 && stale > 90 && quarantined > 200, JSON.stringify(outcome.intended));
  assert.deepEqual(Object.keys(rejected_by).sort(), [
    'invalid_field',
    'invalid_timestamp',
    'missing_type',
    'not_an_object',
    'too_far_in_future',
    'too_old',
    'value_out_of_range',
  ]);
});

test('history: days of the past in their rhythm, declared, and nothing of it is too old', async () => {
  const earlier = await ledger();
  const pace = ['--days', '20', '--events', '20000', '--seed', '12'];
  const outcome = outcomeOf(await simulate(...pace, '--incident', 'spike@10d+6h', '--json'));
  checkBooks(outcome, earlier, await ledger());
  assert.equal(outcome.intended.events, 20_000);
  assert.equal(outcome.intended.stale, 0);
  const first = '/api/events?limit=1&since=now-21d&until=now-19d';
  assert.equal((await platform.json<{ events: unknown[] }>(first)).events.length, 1);
});

test('as fast as it is taken, with a key that may only write: the answers are told, the books are not', async () => {
  const earlier = await ledger();
  const { code, stdout } = await simulate('--rate', 'max', '--events', '10000', '--key', WRITE_KEY);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^Sent 10,000 events in /u);
  assert.match(stdout, /^ {4}stored +[\d,]+ +-$/mu);
  assert.match(stdout, /As intended, as far as the answers tell/u);
  assert.match(stdout, /write key may not read/u);
  await until('nothing is pending', async () => (await ledger()).total.pending === 0);
  assert.equal((await ledger()).total.received - earlier.total.received, 10_000);
});

test('the same is told to people, and the progress goes beside it', async () => {
  const { code, stdout, stderr } = await simulate('--rate', '300', '--duration', '6s', '--seed', '3');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Sent [\d,]+ events in [\d.]+ s \(\d+\/s\) to .*, seed 3\.$/mu);
  assert.match(stdout, /intended +server\n {2}accepted +([\d,]+) +\1\n {4}stored +([\d,]+) +\2\n/u);
  assert.match(stdout, /^As intended\.$/mu);
  assert.match(stderr, /^Sending +\d+% {2}[\d,]+ sent {2}\d+\/s {2}.* {2}[\d,]+ accepted/mu);
});

test('Ctrl-C ends it in order: what is under way is waited for and told', async (t) => {
  const words = ['simulate', '--url', platform.url, '--key', ADMIN_KEY, '--rate', '200', '--json'];
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const giveUp = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  const [output, error] = [text(child.stdout), text(child.stderr)];
  const earlier = (await ledger()).total.received;
  await until('events come', async () => (await ledger()).total.received >= earlier + 20);
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(giveUp);
  assert.equal(code, 130);
  assert.match(await error, /Stopping after the requests under way/u);
  const outcome = JSON.parse(await output) as Outcome;
  assert.ok(outcome.interrupted);
  assert.ok(outcome.intended.events >= 20);
  assert.equal(outcome.answered.accepted + outcome.answered.rejected, outcome.intended.events);
});

const stranger = async (t: TestContext): Promise<string> => {
  const server = createServer((_request, response) => response.end('<h1>hello</h1>')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

test('what is wrong is said in a sentence, with what to do', async (t) => {
  const cases: readonly (readonly [words: readonly string[], code: number, said: RegExp])[] = [
    [['--key', 'nonsense'], 1, /refuses the key: .*--key.*--data-dir/u],
    [
      ['--url', `http://127.0.0.1:${await freePort()}`],
      1,
      /No server answers at .*nothing listens.*npm start/u,
    ],
    [['--url', await stranger(t)], 1, /something answers that is no Aevum server/u],
    [['--days', '2', '--events', '10', '--key', WRITE_KEY], 1, /refuses the key: .*needs an admin key/u],
    [['--rate', 'fast'], 2, /--rate .*from 0\.1 to 1000000, not "fast"/u],
    [['--duration', '10'], 2, /--duration must be a time such as 30s/u],
    [['--events', '1.5'], 2, /--events must be a whole number/u],
    [['--incident', 'spik'], 2, /"spik" is none\. There are spike, .*Did you mean/u],
    [['--incident', 'spike@soon'], 2, /must be a time/u],
    [['--stale', '120%'], 2, /--stale must be a share from 0 to 100%/u],
    [['--late', '60%', '--malformed', '60%'], 2, /more than 100% together/u],
    [['--days', '3', '--rate', '5'], 2, /--days goes with --events/u],
    [['--days', '3', '--stale', '5%'], 2, /in declared history no event is too old/u],
    [['--rat', '5'], 2, /unknown option '--rat'/u],
  ];
  for (const [words, code, said] of cases) {
    const ended = await simulate(...words);
    assert.match(ended.stderr, said, words.join(' '));
    assert.equal(ended.code, code, words.join(' '));
    assert.equal(ended.stdout, '', words.join(' '));
  }
});
