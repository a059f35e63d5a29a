import { type Command, Option } from 'commander';
import { AccessChanges } from '../access/access-changes.ts';
import { AccessError } from '../access/access-error.ts';
import { createAuditLog } from '../access/audit.ts';
import { EMAIL } from '../access/emails.ts';
import { INVITATION_LIFETIME_MS, invitationUrl } from '../access/invitations.ts';
import { DEFAULT_ORGANISATION } from '../access/organisations.ts';
import { createPeople, type People } from '../access/people.ts';
import { ROLES, type Role } from '../access/permissions.ts';
import { ADDRESS_SETTING } from '../access/sessions.ts';
import { findUserByEmail, resetUrl, type User } from '../access/users.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { readSetting } from '../catalog/settings.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { cliActor } from './cli-actor.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError, EXIT_USAGE } from './failure.ts';
import { openExistingCatalog } from './keys-command.ts';
import { paletteFor } from './palette.ts';
import { textTable } from './text-table.ts';

/**
 * Works on the catalog's SQLite file, whether a server runs on it or not. A running server asks the catalog itself who may sign in, so a disabled user is out at once; what is open live ends within a
 * second or so.
 */
const EXAMPLES = `
Examples:
  aevum users list
  aevum users invite ada@example.com --role analyst
  aevum users invite grace@example.com --role admin --project shop
  aevum users reset ada@example.com       print a link that sets a new password
  aevum users disable ada@example.com     end all sessions, and let nobody sign in; "enable" takes it back

Nothing is sent: pass the links on. A role is in a whole organisation (owner, admin, analyst, viewer) or, with
--project, in one project (admin, analyst, viewer). What each may do: docs/access.md`;

/** Whoever may read the data folder is the operator. */
const OPERATOR = cliActor('users');

interface UsersOptions {
  readonly json?: true;
}

/** What the sub-commands work on. */
interface Desk {
  readonly catalog: Catalog;
  readonly people: People;
  /** Where links lead. Throws CliError while that is not known. */
  readonly address: () => Promise<string>;
}

/** Adds `aevum users`. */
export const registerUsers = (program: Command): void => {
  const users = program
    .command('users')
    .description('list, invite, disable and help people who sign in')
    .addHelpText('after', EXAMPLES);
  registerList(users);
  registerInvite(users);
  registerChange(users, 'disable', {
    description: 'let nobody sign in as a user, and end what is open',
    done: 'Disabled',
  });
  registerChange(users, 'enable', {
    description: 'let a disabled user sign in again',
    done: 'Enabled',
  });
  registerReset(users);
};

/** A sub-command with what all of them take. */
const subCommand = (users: Command, name: string, description: string): Command =>
  addConfigFlags(users.command(name).description(description), ['dataDir', 'publicUrl'])
    .allowUnknownOption(false)
    .allowExcessArguments(false)
    .addOption(new Option('--json', 'print JSON, for programs'));

const registerList = (users: Command): void => {
  const command = subCommand(users, 'list', 'show who may sign in, and their roles');
  command.action(async ({ json }: UsersOptions) =>
    atDesk(command, async (desk) => {
      const found = await listed(desk);
      process.stdout.write(json === true ? `${JSON.stringify(found, null, 2)}\n` : userTable(found));
    }),
  );
};

interface ListedUser extends User {
  readonly roles: readonly string[];
}

/** Users with their roles: `analyst` or `admin of shop`, with the organisation if it is not the first. */
const listed = async ({ catalog, people }: Desk): Promise<ListedUser[]> => {
  const memberships = await catalog.db
    .selectFrom('memberships')
    .innerJoin('organisations', 'organisations.id', 'memberships.organisation')
    .select(['memberships.user_id', 'memberships.role', 'memberships.project'])
    .select(['organisations.id as organisation', 'organisations.name'])
    .orderBy('memberships.created_at')
    .execute();
  return (await people.users.list()).map((user) => ({
    ...user,
    roles: memberships
      .filter(({ user_id: id }) => id === user.id)
      .map(({ role, project, organisation, name }) => {
        const where = project === null ? '' : ` of ${project}`;
        return `${role}${where}${organisation === DEFAULT_ORGANISATION ? '' : ` in ${name}`}`;
      }),
  }));
};

const registerInvite = (users: Command): void => {
  const command = subCommand(users, 'invite', 'print a link by which somebody joins').argument(
    '<email>',
    'e-mail address of the person; nothing is sent to it',
  );
  command
    .addOption(new Option('--role <role>', 'what the person may do').choices(ROLES).makeOptionMandatory())
    .addOption(new Option('--project <name>', 'only this project'))
    .addOption(
      new Option('--organisation <id>', 'an organisation other than the first').default(DEFAULT_ORGANISATION),
    )
    .action(async (email: string, options: InviteOptions) => invite(command, email, options));
};

interface InviteOptions extends UsersOptions {
  readonly role: Role;
  readonly project?: string;
  readonly organisation: string;
}

const invite = async (
  command: Command,
  email: string,
  { role, project: name, organisation, json }: InviteOptions,
): Promise<void> => {
  if (!EMAIL.test(email)) throw new CliError(`"${email}" is not an e-mail address.`, EXIT_USAGE);
  await atDesk(command, async ({ people, address }) => {
    const { members, invitations } = people;
    const caller = { actor: OPERATOR, isOperator: true, userId: null, confined: null };
    const standing = await members.standing(caller, organisation);
    if (standing === undefined)
      throw new CliError(
        `there is no organisation "${organisation}". GET /api/organisations lists them.`,
        EXIT_USAGE,
      );
    const where = await address();
    const project = name === undefined ? null : await members.project(standing, name);
    const { token, invitation } = await invitations.create(standing, { email, role, project });
    const days = INVITATION_LIFETIME_MS / 86_400_000;
    printLink(
      json,
      invitationUrl(where, token),
      invitation.expiresAtMs,
      `It works once, for ${days} days. Pass it on to ${email}.`,
    );
  });
};

/** A sub-command that changes a user. */
const registerChange = (
  users: Command,
  name: 'disable' | 'enable',
  { description, done }: { readonly description: string; readonly done: string },
): void => {
  const command = subCommand(users, name, description).argument('<email>', 'e-mail address');
  command.action(async (email: string) =>
    atDesk(command, async (desk) => {
      const user = await userOf(desk, email);
      await desk.people.users[name](user, OPERATOR);
      process.stdout.write(`${done} ${user.email}.\n`);
    }),
  );
};

const registerReset = (users: Command): void => {
  const command = subCommand(users, 'reset', 'print a link by which a user sets a new password').argument(
    '<email>',
    'e-mail address',
  );
  command.action(async (email: string, { json }: UsersOptions) =>
    atDesk(command, async (desk) => {
      const user = await userOf(desk, email);
      if (user.isDisabled)
        throw new CliError(`${user.email} is disabled. First: aevum users enable ${user.email}`);
      const where = await desk.address();
      const { token, expiresAtMs } = await desk.people.users.createReset(user, OPERATOR);
      printLink(
        json,
        resetUrl(where, token),
        expiresAtMs,
        `It works once, for a day. Pass it on to ${user.email}.`,
      );
    }),
  );
};

const userOf = async ({ catalog }: Desk, email: string): Promise<User> => {
  const user = await findUserByEmail(catalog.db, email);
  if (user === undefined) throw new CliError(`there is no user ${email}. See: aevum users list`);
  return user;
};

const printLink = (json: true | undefined, url: string, expiresAtMs: number, advice: string): void => {
  const { accent, dim } = paletteFor(process.stdout);
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ url, expires_at: new Date(expiresAtMs).toISOString() }, null, 2)}\n`
      : `${accent(url)}\n${dim(advice)}\n`,
  );
};

const atDesk = async (command: Command, work: (desk: Desk) => Promise<void>): Promise<void> => {
  const { dataDir, publicUrl } = configOf(command);
  await using closers = new AsyncDisposableStack();
  const catalog = await openExistingCatalog(dataDir);
  closers.defer(() => catalog.close());
  const audit = createAuditLog({ catalog, clock: systemClock, telemetry: quietTelemetry() });
  const people = createPeople({ catalog, audit, clock: systemClock, changes: new AccessChanges() });
  const address = async (): Promise<string> => {
    const known = publicUrl ?? (await readSetting<string>(catalog, ADDRESS_SETTING))?.value;
    if (known !== undefined) return known;
    throw new CliError(
      'nobody knows yet where the server is. Start it once, or name its address: --public-url',
    );
  };
  try {
    await work({ catalog, people, address });
  } catch (error) {
    if (error instanceof AccessError) throw new CliError(error.message);
    throw error;
  }
};

const minute = (ms: number | null): string =>
  ms === null ? '-' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

const userTable = (users: readonly ListedUser[]): string => {
  if (users.length === 0) return 'No users. Invite one: aevum users invite <email> --role owner\n';
  const rows = users.map(({ email, name, roles, signedInAtMs, isDisabled }) => [
    ...[email, name, roles.join(', ') || '-', minute(signedInAtMs)],
    isDisabled ? 'disabled' : 'active',
  ]);
  return textTable(['E-MAIL', 'NAME', 'ROLES', 'SIGNED IN (UTC)', 'STATE'], rows);
};
