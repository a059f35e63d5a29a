import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { paletteFor } from './palette.ts';
import { formatElapsed, readCommand, readyScreen, sendCommand, shellQuoted } from './screen.ts';

/** What a shell makes of a command, with `curl` replaced by a program that prints its arguments. */
const argumentsOf = (lines: readonly string[]): string[] =>
  JSON.parse(
    execFileSync(
      'sh',
      ['-c', `curl() { "$NODE" -p 'JSON.stringify(process.argv.slice(1))' -- "$@"; }\n${lines.join('\n')}`],
      {
        encoding: 'utf8',
        env: { ...process.env, NODE: process.execPath },
      },
    ),
  ) as string[];

test('the command to send an event survives the shell', () => {
  const [url, , key, , type, , body = ''] = argumentsOf(sendCommand('http://127.0.0.1:8080', "it's $HOME"));
  assert.equal(url, 'http://127.0.0.1:8080/api/events');
  assert.equal(key, "Authorization: Bearer it's $HOME");
  assert.equal(type, 'Content-Type: application/json');
  assert.equal((JSON.parse(body) as { type: string }).type, 'page_view');
});

test('the command to read back takes the admin key from its file', (t) => {
  const dir = mkdtempSync(join(tmpdir(), "aevum it's "));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'credentials.json');
  writeFileSync(
    path,
    `${JSON.stringify({ project: 'default', write_key: 'aev_w_1', admin_key: 'aev_a_2' }, null, 2)}\n`,
  );
  assert.deepEqual(argumentsOf(readCommand('http://h:1', path)), [
    'http://h:1/api/events?limit=5',
    '-H',
    'Authorization: Bearer aev_a_2',
  ]);
});

test('the screen shows what one needs, and no admin key', () => {
  const facts = {
    version: '1.2.3',
    url: 'http://127.0.0.1:8080',
    signInUrl: 'http://127.0.0.1:8080/login?token=t0k3n',
    dataDir: '/data',
    credentialsPath: '/data/credentials.json',
    writeKey: 'aev_w_key',
    demo: false,
    readyMs: 1_840,
  };
  const screen = readyScreen(facts, paletteFor({ isTTY: false }));
  for (const part of [
    'Aevum 1.2.3',
    'ready in 1.8 s',
    'aev_w_key',
    '/login?token=t0k3n',
    'aevum login',
    'curl ',
    '/data/credentials.json',
    '/api/docs',
  ])
    assert.ok(screen.includes(part), part);
  assert.ok(!screen.includes('aevum demo'));
  assert.match(readyScreen({ ...facts, demo: true }, paletteFor({})), /project "demo".*aevum demo status/);
  assert.ok(!screen.includes('\x1b'), 'plain where there is no terminal');
  assert.match(
    readyScreen({ ...facts, writeKey: undefined }, paletteFor({})),
    /aevum keys create --scope write/,
  );
});

test('small things', () => {
  assert.equal(formatElapsed(640.4), '640 ms');
  assert.equal(formatElapsed(12_345), '12.3 s');
  assert.equal(shellQuoted('a b'), "'a b'");
  assert.equal(shellQuoted('/a/b-c.json'), '/a/b-c.json');
});
