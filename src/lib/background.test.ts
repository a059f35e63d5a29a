import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('all threads of a process in the background have its priority, those it starts later too', (t) => {
  if (process.platform !== 'linux') return t.skip('priorities of threads are told by /proc');
  const module = JSON.stringify(join(import.meta.dirname, 'background.ts'));
  const code = `
    import { readdirSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { Worker } from 'node:worker_threads';
    const { yieldToForeground } = await import(${module});
    const before = getPriority();
    yieldToForeground();
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await new Promise((resolve) => worker.once('online', resolve));
    const all = readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)));
    console.log(JSON.stringify({ before, all }));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const { before, all } = JSON.parse(stdout || `"${stderr}"`) as { before: number; all: number[] };
  assert.ok(all.length > 1);
  assert.deepEqual([...new Set(all)], [Math.max(before, 5)]);
});
