import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { INCIDENTS } from '../simulate/incident.ts';
import { USUAL_SHARES } from '../simulate/simulation.ts';
import { registerSimulate } from './simulate-command.ts';

/** docs/simulate.md and the command say the same. */

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/simulate.md'), 'utf8');

/** The command with its action replaced: it answers what it was told. */
const simulateCommand = (): { program: Command; command: Command; said: () => unknown } => {
  const program = new Command('aevum').exitOverride();
  registerSimulate(program);
  const command = program.commands[0];
  assert.ok(command !== undefined);
  let flags: unknown;
  command.exitOverride().action((given: unknown) => {
    flags = given;
  });
  return { program, command, said: () => flags };
};

/** Command lines in code of the text, without the program's name. */
const commandLines = (text: string): string[][] =>
  [...text.matchAll(/^ *aevum (simulate.*)$/gmu)].map(([, words = '']) => words.trim().split(/\s+/u));

test('the guide names the options that there are, and all of them', () => {
  const { command } = simulateCommand();
  const offered = new Set(command.options.map(({ long }) => long));
  const mentioned = new Set([...GUIDE.matchAll(/--[a-z][a-z-]*/gu)].map(([name]) => name));
  for (const name of mentioned) assert.ok(offered.has(name), `docs/simulate.md mentions ${name}`);
  const common = new Set(['--url', '--host', '--port', '--data-dir', '--config']);
  for (const name of offered)
    assert.ok(name === undefined || mentioned.has(name) || common.has(name), `${name} is not in the guide`);
  for (const kind of INCIDENTS) assert.match(GUIDE, new RegExp(`^\\| \`${kind}\` \\|`, 'mu'));
});

test('every example of the guide and of the help is understood', async () => {
  const { command } = simulateCommand();
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
  const examples = [...commandLines(GUIDE), ...commandLines(help)];
  assert.ok(examples.length >= 9, `${examples.length} examples`);
  for (const words of examples) {
    const { program, said } = simulateCommand();
    await program.parseAsync(words, { from: 'user' });
    assert.ok(said() !== undefined, words.join(' '));
  }
});

test('the usual shares are as both say', () => {
  const { command } = simulateCommand();
  const names = { duplicate: '--duplicates', late: '--late', stale: '--stale', malformed: '--malformed' };
  for (const [share, name] of Object.entries(names)) {
    const percent = `${+(USUAL_SHARES[share as keyof typeof names] * 100).toFixed(3)}%`;
    const { description = '' } = command.options.find(({ long }) => long === name) ?? {};
    assert.ok(description.includes(`default: ${percent}`), `${name}: ${description}`);
    assert.ok(GUIDE.includes(`| \`${name}\` | ${percent} |`), name);
  }
});
