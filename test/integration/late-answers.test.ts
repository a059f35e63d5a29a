/** Questions that are answered later, on the whole platform: whatever ends it, what was taken is answered. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { QueryJob } from '../../src/contract/query-jobs.ts';
import { Client } from '../support/client.ts';
import { freePort, Platform } from '../support/platform.ts';

const EVENTS = 30;
/** More than are answered at a time. */
const QUESTIONS = 5;

describe('questions that are answered later', { timeout: 300_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-late-answers-'));
  let platform: Platform;
  let client: Client;

  const start = async (): Promise<void> => {
    platform = await Platform.start(dataDir, await freePort());
    client = new Client(platform.url);
  };

  before(async () => {
    await start();
    await client.send(...Array.from({ length: EVENTS }, (_, at) => ({ id: `e${at}`, type: 'order' })));
    await client.settled();
  });
  after(async () => {
    await platform?.kill('group');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const stateOf = async (id: string): Promise<QueryJob['state']> =>
    (await client.get<QueryJob>(`/api/query/${id}`)).state;

  const totalOf = async (id: string): Promise<number | undefined> =>
    (await client.answerOf(id)).series[0]?.total ?? undefined;

  let hours = 1;
  /** Asks what was not asked before: that would be answered from memory. */
  const askAnew = (): Promise<string> => {
    hours += 1;
    return client.askLater({ range: `last ${hours} hours` });
  };

  for (const end of ['kill -9', 'a clean end'] as const)
    test(`${end}: what was answered is still there, what was not is asked anew`, async () => {
      const done = await askAnew();
      const answer = await client.answerOf(done);
      // An engine that stands still answers nothing.
      const engine = platform.pidOf('engine');
      assert.ok(engine !== undefined);
      process.kill(engine, 'SIGSTOP');
      const asked: string[] = [];
      for (let at = 0; at < QUESTIONS; at++) asked.push(await askAnew());
      const cancelled = await askAnew();
      await client.ask(`/api/query/${cancelled}`, { method: 'DELETE' });
      for (const id of asked) assert.match(await stateOf(id), /waiting|running/u);
      if (end === 'kill -9') await platform.kill('group');
      else {
        const ended = platform.stop();
        process.kill(engine, 'SIGCONT');
        assert.equal(await ended, 0);
      }

      await start();
      assert.deepEqual(await client.get(`/api/query/${done}/answer`), answer);
      for (const id of asked) assert.equal(await totalOf(id), EVENTS);
      assert.equal(await stateOf(cancelled), 'cancelled');
      assert.equal((await client.ask(`/api/query/${done}`, { method: 'DELETE' })).status, 200);
      assert.equal((await client.ask(`/api/query/${done}/answer`)).status, 404);
      assert.deepEqual(
        readdirSync(join(dataDir, 'answers', 'default')).filter((name) => name.startsWith(done)),
        [],
      );
    });
});
