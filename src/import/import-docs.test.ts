import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createProgram } from '../cli/program.ts';
import { FUNCTIONS } from './evaluate.ts';
import { registerImport } from './import-command.ts';
import { TARGETS } from './mapping.ts';
import { NAMED_DATE_FORMATS } from './timestamp.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/import.md'), 'utf8');

const helpOf = (name: string): string => {
  const never = (): Promise<never> => Promise.reject(new Error('not called'));
  const program = createProgram({
    startNode: never,
    registerImport: (command) => registerImport(command, never),
  });
  const command = program.commands.find((each) => each.name() === name);
  let help = '';
  command?.configureOutput({ writeOut: (text) => void (help += text) });
  command?.outputHelp();
  return help;
};

test('the guide names every function, field and date format', () => {
  for (const name of Object.keys(FUNCTIONS)) assert.ok(GUIDE.includes(`\`${name}(`), name);
  for (const target of TARGETS) assert.ok(GUIDE.includes(`\`${target}\``), target);
  for (const format of NAMED_DATE_FORMATS.filter((each) => each !== 'unix_s'))
    assert.ok(GUIDE.includes(`\`${format}\``), format);
});

test('the guide and the help know the same options', () => {
  const help = helpOf('import');
  const offered = new Set([...help.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gmu)].map((match) => match[1] ?? ''));
  const mentioned = new Set([...GUIDE.matchAll(/--([a-z][\w-]+)/gu)].map((match) => match[1] ?? ''));
  for (const name of mentioned) assert.ok(offered.has(name), `docs/import.md mentions --${name}`);
  for (const name of [
    'map',
    'again',
    'retry-quarantined',
    'dry-run',
    'timezone',
    'date-format',
    'url',
    'key',
    'data-dir',
  ]) {
    assert.ok(offered.has(name), `--help lists --${name}`);
  }
  assert.match(help, /Examples:\n {2}aevum import/u);
});

test('lines of the help fit a terminal', () => {
  for (const line of helpOf('import').split('\n')) assert.ok(line.length <= 110, line);
});
