import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createAuditLog } from '../access/audit.ts';
import { KEY_KINDS } from '../access/key-format.ts';
import { type CreatedKey, type KeyInfo, type KeyRing, openKeyRing } from '../access/keys.ts';
import { type Scope, SCOPES } from '../access/permissions.ts';
import { DEFAULT_PROJECT } from '../access/principal.ts';
import { findProject } from '../access/projects.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { dataLayout } from '../config/data-layout.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { cliActor } from './cli-actor.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError, EXIT_USAGE } from './failure.ts';
import { paletteFor } from './palette.ts';
import { textTable } from './text-table.ts';

/**
 * Works on the catalog's SQLite file, whether a server runs on it or not: SQLite keeps the two apart, and a server looks every second for changes by
 * others. So a new key works, and a revoked one stops working, within a second.
 */
const EXAMPLES = `
Examples:
  aevum keys list
  aevum keys create --scope read --name "Grafana"
  aevum keys create --project shop --scope admin --name "Team of the shop"
  aevum keys create --scope write --name "Web shop" --origin https://*.example.com
  aevum keys create --scope read,sql --name "Nightly report" --expires 90d
  aevum keys rotate key_4f1c2a90d3b7 --grace 7d
  aevum keys revoke key_4f1c2a90d3b7

Scopes, several divided by commas: ingest (or write) sends events, read queries and shows single events and
users, sql reads and asks in SQL, admin does everything in its project. A running server takes over changes
within a second. A key is shown once, when it is made: only its hash is kept.`;

const DAY_MS = 86_400_000;
const GRACE_DAYS_MAX = 90;

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
  registerRotate(keys);
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
    .requiredOption('--scope <scopes>', 'what it may do: ingest, read, sql, admin', scopesOf)
    .requiredOption('--name <name>', 'what it is for')
    .option('--expires <when>', 'when it ends: after 12h, 90d, or at an instant, 2027-01-31', endOf)
    .option('--origin <origin...>', 'pages of these origins only may use it; for keys that only send events')
    .action(async (options: CreateOptions) =>
      withKeys(command, async (ring, project) => {
        const { json, scope, name, expires = null, origin = [] } = options;
        const by = cliActor('aevum keys create');
        const wanted = { project, name, scopes: scope, expiresAtMs: expires, origins: origin, by };
        showNew(await ring.create(wanted), json === true);
      }),
    );
};

interface CreateOptions extends KeysOptions {
  readonly scope: readonly Scope[];
  readonly name: string;
  readonly expires?: number;
  readonly origin?: readonly string[];
}

const showNew = ({ key, info }: CreatedKey, asJson: boolean): void => {
  const { bold, dim } = paletteFor(process.stdout);
  process.stdout.write(
    asJson
      ? `${JSON.stringify({ key, ...info }, null, 2)}\n`
      : `${bold(key)}\n${dim('It is not shown again. Its id, to revoke it, is')} ${info.id}\n`,
  );
};

/** `write` is what the kind of key is called, `ingest` its scope. An admin key is the same by kind and by scope. */
const scopesOf = (text: string): readonly Scope[] => {
  const names = text.split(',').map((name) => (name.trim() === 'write' ? 'ingest' : name.trim()));
  const scopes = names.map((name) => SCOPES.find((scope) => scope === name));
  if (!scopes.every((scope) => scope !== undefined))
    throw new InvalidArgumentError(`Scopes are ${SCOPES.join(', ')}; several are divided by commas.`);
  return scopes.join() === 'admin' ? KEY_KINDS.admin.scopes : scopes;
};

const DURATION = /^(\d{1,5})([mhd])$/;
const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;

const durationOf = (text: string): number | undefined => {
  const [, count, unit = ''] = DURATION.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS_MS[unit] ?? 0);
};

const endOf = (text: string): number => {
  const durationMs = durationOf(text);
  const ms =
    durationMs === undefined ? Date.parse(INSTANT.test(text) ? text : '') : systemClock.nowMs() + durationMs;
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Write it as 12h, 90d, 2027-01-31 or 2027-01-31T12:00Z.');
  return ms;
};

const graceOf = (text: string): number => {
  const durationMs = durationOf(text);
  if (durationMs === undefined || durationMs > GRACE_DAYS_MAX * DAY_MS)
    throw new InvalidArgumentError(`Write it as 0m, 12h or 7d; ${GRACE_DAYS_MAX} days are the most.`);
  return durationMs;
};

const registerRotate = (keys: Command): void => {
  const command = subCommand(keys, 'rotate', 'make a key in the place of another, which ends after a while')
    .argument('<id>', 'id of the key, as `aevum keys list` shows it')
    .option('--grace <duration>', 'how long the old key is good for still', graceOf, DAY_MS);
  command.action(async (id: string, { project: name, json, grace }: KeysOptions & { grace: number }) =>
    withKeys(command, async (ring, project) => {
      const by = cliActor('aevum keys rotate');
      const rotated = await ring.rotate({ project, id, graceMs: grace, by });
      if (rotated === undefined)
        throw new CliError(`project "${name}" has no key with the id ${id} in force. See: aevum keys list`);
      showNew(rotated, json === true);
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
      if (!(await ring.revoke(project, id, cliActor('aevum keys revoke'))))
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
  const around = { catalog, clock: systemClock, telemetry: quietTelemetry() };
  const ring = await openKeyRing({ ...around, audit: createAuditLog(around) });
  closers.defer(() => ring.close());
  await work(ring, project.id);
};

const day = (ms: number | null): string =>
  ms === null ? '-' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

const stateOf = ({ revokedAtMs, expiresAtMs }: KeyInfo): string => {
  if (revokedAtMs !== null) return `revoked ${day(revokedAtMs)}`;
  if (expiresAtMs === null) return 'active';
  return `${expiresAtMs <= systemClock.nowMs() ? 'expired' : 'active until'} ${day(expiresAtMs)}`;
};

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
    stateOf(key),
  ]);
  return textTable(head, rows);
};
