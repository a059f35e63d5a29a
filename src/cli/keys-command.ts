import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { KEY_KINDS, type KeyKind } from '../access/key-format.ts';
import { type KeyInfo, type KeyRing, openKeyRing } from '../access/keys.ts';
import { DEFAULT_PROJECT } from '../access/principal.ts';
import { findProject } from '../access/projects.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { dataLayout } from '../config/data-layout.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError, EXIT_USAGE } from './failure.ts';
import { paletteFor } from './palette.ts';

/**
 * Works on the catalog's SQLite file, whether a server runs on it or not: SQLite keeps the two apart, and a server looks every second for changes by
 * others. So a new key works, and a revoked one stops working, within a second.
 */
const EXAMPLES = `
Examples:
  aevum keys list
  aevum keys create --scope read --name "Grafana"
  aevum keys create --project shop --scope admin --name "Team of the shop"
  aevum keys revoke key_4f1c2a90d3b7

A running server takes over changes within a second. A write key only sends events, a read key only
queries, an admin key does everything. A key is shown once, when it is made: only its hash is kept.`;

interface KeysOptions {
  readonly project: string;
  readonly json?: true;
}

const PROJECT_OPTION = (): Option => new Option('--project <name>', 'project').default(DEFAULT_PROJECT);
const JSON_OPTION = (): Option => new Option('--json', 'print JSON, for programs');

/** Adds `aevum keys`. */
export const registerKeys = (program: Command): void => {
  const keys = program
    .command('keys')
    .description('list, create and revoke keys')
    .addHelpText('after', EXAMPLES);
  registerList(keys);
  registerCreate(keys);
  registerRevoke(keys);
};

/** A sub-command with what all of them take. Arguments beside flags are `words`. */
const subCommand = (keys: Command, name: string, description: string): Command =>
  addConfigFlags(keys.command(name).description(description), ['dataDir'])
    .allowUnknownOption(false)
    .allowExcessArguments(false)
    .addOption(PROJECT_OPTION())
    .addOption(JSON_OPTION());

const registerList = (keys: Command): void => {
  const command = subCommand(keys, 'list', 'show the keys of a project, without the keys themselves');
  command.action(async ({ json }: KeysOptions) =>
    withKeys(command, async (ring, project) => {
      const found = ring.list(project);
      process.stdout.write(json === true ? `${JSON.stringify(found, null, 2)}\n` : keyTable(found));
    }),
  );
};

const registerCreate = (keys: Command): void => {
  const command = subCommand(keys, 'create', 'make a key and show it, once');
  command
    .addOption(
      new Option('--scope <scope>', 'what it may do').choices(Object.keys(KEY_KINDS)).makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'what it is for')
    .action(async ({ json, scope, name }: KeysOptions & { scope: KeyKind; name: string }) =>
      withKeys(command, async (ring, project) => {
        const { key, info } = await ring.create({ project, kind: scope, name });
        const { bold, dim } = paletteFor(process.stdout);
        if (json === true) process.stdout.write(`${JSON.stringify({ key, ...info }, null, 2)}\n`);
        else
          process.stdout.write(
            `${bold(key)}\n${dim('It is not shown again. Its id, to revoke it, is')} ${info.id}\n`,
          );
      }),
    );
};

const registerRevoke = (keys: Command): void => {
  const command = subCommand(keys, 'revoke', 'make a key stop working').argument(
    '<id>',
    'id of the key, as `aevum keys list` shows it',
  );
  command.action(async (id: string, { project: name }: KeysOptions) =>
    withKeys(command, async (ring, project) => {
      if (!(await ring.revoke(project, id)))
        throw new CliError(`project "${name}" has no key with the id ${id}. See: aevum keys list`);
      process.stdout.write(`Revoked ${id}.\n`);
    }),
  );
};

/** The catalog of a data folder that was started once. Throws CliError if it was not. */
export const openExistingCatalog = async (dataDir: string): Promise<Catalog> => {
  const path = dataLayout(dataDir).catalog;
  if (!existsSync(path))
    throw new CliError(
      `${dataDir} holds no catalog yet. Start the server on it once, or name another folder: --data-dir <folder>`,
    );
  return openCatalog(path);
};

/** Opens the keys of a data folder that was started once, and closes them after `work`, which gets the id of the project named. */
const withKeys = async (
  command: Command,
  work: (ring: KeyRing, project: string) => Promise<void>,
): Promise<void> => {
  await using closers = new AsyncDisposableStack();
  const catalog = await openExistingCatalog(configOf(command).dataDir);
  closers.defer(() => catalog.close());
  const { project: name } = command.opts<KeysOptions>();
  const project = await findProject(catalog.db, name);
  if (project === undefined)
    throw new CliError(`there is no project "${name}". POST /api/projects makes one.`, EXIT_USAGE);
  const ring = await openKeyRing({ catalog, clock: systemClock, telemetry: quietTelemetry() });
  closers.defer(() => ring.close());
  await work(ring, project.id);
};

const day = (ms: number | null): string =>
  ms === null ? '-' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

const keyTable = (keys: readonly KeyInfo[]): string => {
  if (keys.length === 0) return 'No keys. Make one: aevum keys create --scope write --name <name>\n';
  const head = ['ID', 'KEY', 'SCOPES', 'NAME', 'CREATED (UTC)', 'LAST USED', 'STATE'];
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}...`,
    key.scopes.join(','),
    key.name,
    day(key.createdAtMs),
    day(key.lastUsedAtMs),
    key.revokedAtMs === null ? 'active' : `revoked ${day(key.revokedAtMs)}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n`;
};
