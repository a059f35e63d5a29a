import type { Command } from 'commander';
import { type AuditLog, createAuditLog } from '../access/audit.ts';
import { ADDRESS_SETTING, createSessions, type Sessions, signInUrl } from '../access/sessions.ts';
import { readSetting } from '../catalog/settings.ts';
import { dataLayout } from '../config/data-layout.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { DirectoryLockedError, lockDirectory } from '../lib/dir-lock.ts';
import { cliActor } from './cli-actor.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError } from './failure.ts';
import { openExistingCatalog } from './keys-command.ts';
import { paletteFor } from './palette.ts';

/**
 * Works on the catalog's SQLite file beside the running server, which asks the catalog itself whether a link is good: so the link works at once, and whoever may read the
 * data folder may sign in, and nobody else.
 */
const LOGIN_EXAMPLES = `
Examples:
  aevum login
  aevum login --data-dir /srv/aevum
  aevum login --public-url https://events.example.com    the address to print, if the server was started without

The link works once, for ten minutes, and signs in for 30 days from the last visit. It sees all projects. "aevum logout" ends
all sessions.`;

const LOGOUT_EXAMPLES = `
Example:
  aevum logout

Ends the sessions of everybody, at once, and makes links that were printed and not opened useless. Keys go on working.`;

/** Adds `aevum login`. */
export const registerLogin = (program: Command): void => {
  const command = program
    .command('login')
    .description('print a link that signs in to the dashboard of the running server');
  addConfigFlags(command, ['dataDir', 'publicUrl'])
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', LOGIN_EXAMPLES)
    .action(async ({ json }: { json?: true }) => printLink(command, json === true));
};

const printLink = async (command: Command, asJson: boolean): Promise<void> => {
  const { dataDir, publicUrl } = configOf(command);
  await using closers = new AsyncDisposableStack();
  const catalog = await openExistingCatalog(dataDir);
  closers.defer(() => catalog.close());
  requireRunning(dataDir);
  const address = publicUrl ?? (await readSetting<string>(catalog, ADDRESS_SETTING))?.value;
  if (address === undefined)
    throw new CliError('the server on this data folder is still starting. Run this again in a moment.');
  await auditOf(catalog).record({ actor: cliActor('login'), action: 'link.created', object: 'sign-in' });
  const { token, expiresAtMs } = await sessionsOf(catalog).createToken();
  const url = signInUrl(address, token);
  const { accent, dim } = paletteFor(process.stdout);
  process.stdout.write(
    asJson
      ? `${JSON.stringify({ url, expires_at: new Date(expiresAtMs).toISOString() }, null, 2)}\n`
      : `${accent(url)}\n${dim('Open it in a browser within ten minutes. It works once.')}\n`,
  );
};

/** A link to a server that is not there helps nobody. */
const requireRunning = (dataDir: string): void => {
  try {
    lockDirectory(dataLayout(dataDir).root, 'a look whether Aevum runs').release();
  } catch (error) {
    if (error instanceof DirectoryLockedError) return;
    throw error;
  }
  throw new CliError(
    `no server runs on ${dataDir}. Start it with "npm start", which prints a link as well; or name the folder of the one that runs: --data-dir <folder>`,
  );
};

/** Adds `aevum logout`. */
export const registerLogout = (program: Command): void => {
  const command = program.command('logout').description('sign everybody out of the dashboard');
  addConfigFlags(command, ['dataDir'])
    .addHelpText('after', LOGOUT_EXAMPLES)
    .action(async () => {
      await using closers = new AsyncDisposableStack();
      const catalog = await openExistingCatalog(configOf(command).dataDir);
      closers.defer(() => catalog.close());
      await auditOf(catalog).record({ actor: cliActor('logout'), action: 'session.ended', object: 'all' });
      const ended = await sessionsOf(catalog).endAll();
      process.stdout.write(`Ended ${ended === 1 ? 'one session' : `${ended} sessions`}.\n`);
    });
};

type OpenCatalog = Awaited<ReturnType<typeof openExistingCatalog>>;

const auditOf = (catalog: OpenCatalog): AuditLog =>
  createAuditLog({ catalog, clock: systemClock, telemetry: quietTelemetry() });

/** Only makes and ends; whether keys are in force is the server's to know. */
const sessionsOf = (catalog: OpenCatalog): Sessions =>
  createSessions({ catalog, clock: systemClock, isActiveKey: () => true });
