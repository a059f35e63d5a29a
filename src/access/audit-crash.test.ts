import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openCatalog, openCatalogToRead } from '../catalog/catalog.ts';
import { until } from '../lib/testing/until.ts';
import { listArchives } from './audit-archive.ts';
import { verifyAudit } from './audit-verify.ts';

const WRITER = new URL('./testing/audit-writer.ts', import.meta.url).pathname;
const ROUNDS = 6;

interface Writer {
  readonly child: ChildProcess;
  /** What it said is done. */
  readonly done: () => string[];
}

const folder = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-audit-crash-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
};

const start = (t: TestContext, path: string, name: string, archives = ''): Writer => {
  const child = spawn(process.execPath, [WRITER, path, name, archives], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { child, done: () => text.split('\n').slice(0, -1) };
};

const kill = async ({ child }: Writer): Promise<void> => {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
};

const verify = async (path: string, dir: string): ReturnType<typeof verifyAudit> => {
  const catalog = openCatalogToRead(path);
  try {
    return await verifyAudit({ catalog, dir });
  } finally {
    await catalog.close();
  }
};

test('the log is intact however its writers are killed, and has an entry for every change and no more', async (t) => {
  const dir = folder(t);
  const [path, archives] = [join(dir, 'catalog.sqlite'), join(dir, 'audit')];
  await (await openCatalog(path)).close();
  const said: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // One that archives as the server does, one beside it as a command does.
    const writers = [start(t, path, `s${round}`, archives), start(t, path, `c${round}`)];
    await until('the writers get on', () => writers.every(({ done }) => done().length > 5 + round * 3));
    await Promise.all(writers.map(kill));
    for (const { done } of writers) said.push(...done());
    const { fault } = await verify(path, archives);
    assert.deepEqual(fault, null);
  }
  const catalog = await openCatalog(path);
  t.after(() => catalog.close());
  const projects = new Set(
    (await catalog.db.selectFrom('projects').select('id').execute()).map(({ id }) => id),
  );
  for (const id of said) assert.ok(projects.has(id), `${id} was said to be done`);
  const { entries } = await verify(path, archives);
  assert.equal(entries, projects.size);
  assert.ok((await listArchives(archives)).length > ROUNDS);
});

test('the log can be verified while others write to it and move its entries', async (t) => {
  const dir = folder(t);
  const [path, archives] = [join(dir, 'catalog.sqlite'), join(dir, 'audit')];
  await (await openCatalog(path)).close();
  const writers = [start(t, path, 's', archives), start(t, path, 'c')];
  await until('the writers get on', () => writers.every(({ done }) => done().length > 5));
  let entries = 0;
  for (let round = 0; round < 20; round++) {
    const verdict = await verify(path, archives);
    assert.equal(verdict.fault, null);
    assert.ok(verdict.entries >= entries);
    entries = verdict.entries;
    await pause(20);
  }
  await Promise.all(writers.map(kill));
});
