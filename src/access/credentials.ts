import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import { PLATFORM } from './audit-entry.ts';
import { KEY_KINDS, keyIdOf, makeKey, presetProblem } from './key-format.ts';
import type { KeyInfo, KeyRing } from './keys.ts';
import { ensureOrganisation } from './organisations.ts';
import { DEFAULT_PROJECT } from './principal.ts';

/** Only the owner may read the file of credentials. */
const FILE_MODE = 0o600;
const KINDS = ['write', 'admin'] as const;
type CredentialKind = (typeof KINDS)[number];

/** The keys made at first start, as they stand in `<data-dir>/credentials.json`. */
export interface Credentials {
  readonly project: string;
  readonly write_key: string;
  readonly admin_key: string;
}

/** What `ensureCredentials` needs. */
export interface CredentialOptions {
  readonly catalog: Catalog;
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Where the file is to be. */
  readonly path: string;
  /** Keys that the configuration presets (AEVUM_WRITE_KEY, AEVUM_ADMIN_KEY). */
  readonly presets: { readonly write?: string | undefined; readonly admin?: string | undefined };
}

/** The credentials cannot be set up; the message says what to do. */
export class CredentialError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CredentialError';
  }
}

/**
 * Makes sure that the project `default` exists and has a write and an admin key that stand in the file of credentials. Preset keys replace those in the file
 * (the replaced ones are revoked); without presets, keys are made once. If the file was deleted later it is not made again: the keys are not known any more.
 *
 * Returns what stands in the file, or undefined if it is gone. The file is written before the catalog, so that a crash between the two loses no key.
 * Throws CredentialError.
 */
export const ensureCredentials = async (options: CredentialOptions): Promise<Credentials | undefined> => {
  checkPresets(options.presets);
  const isNew = await ensureProject(options);
  const known = await readCredentials(options.path);
  if (known === undefined && !isNew && !hasPreset(options)) return undefined;
  const wanted = {
    project: DEFAULT_PROJECT,
    write_key: options.presets.write ?? known?.write_key ?? makeKey(KEY_KINDS.write.scopes),
    admin_key: options.presets.admin ?? known?.admin_key ?? makeKey(KEY_KINDS.admin.scopes),
  };
  if (wanted.write_key === wanted.admin_key)
    throw new CredentialError(
      'AEVUM_WRITE_KEY and AEVUM_ADMIN_KEY must differ: the write key goes into pages and apps, the admin key must not.',
    );
  if (wanted.write_key !== known?.write_key || wanted.admin_key !== known.admin_key)
    await writeCredentials(options.path, wanted);
  for (const kind of KINDS) await installKey(options, kind, wanted[`${kind}_key`], known?.[`${kind}_key`]);
  return wanted;
};

const hasPreset = ({ presets }: CredentialOptions): boolean =>
  presets.write !== undefined || presets.admin !== undefined;

const checkPresets = (presets: CredentialOptions['presets']): void => {
  for (const kind of KINDS) {
    const preset = presets[kind];
    const problem = preset === undefined ? undefined : presetProblem(preset);
    if (problem !== undefined)
      throw new CredentialError(`AEVUM_${kind.toUpperCase()}_KEY cannot be used: ${problem}.`);
  }
};

/** Whether no key was ever made: the project may exist already, if a first start was cut off. */
const ensureProject = async ({ catalog, keys, clock }: CredentialOptions): Promise<boolean> => {
  await ensureOrganisation(catalog.db, clock.nowMs());
  await catalog.db
    .insertInto('projects')
    .values({ id: DEFAULT_PROJECT, name: 'Default', created_at: clock.nowMs() })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return keys.list(DEFAULT_PROJECT).length === 0;
};

/** Puts a key into the catalog if it is not there, and revokes the one that it replaces. A revoked key stays revoked. */
const installKey = async (
  { keys, presets }: CredentialOptions,
  kind: CredentialKind,
  key: string,
  replaced: string | undefined,
): Promise<void> => {
  const existing = keys.list(DEFAULT_PROJECT).find(({ id }) => id === keyIdOf(key));
  if (existing === undefined)
    await keys.create({
      ...{ project: DEFAULT_PROJECT, name: `first ${kind} key`, key, by: PLATFORM },
      scopes: KEY_KINDS[kind].scopes,
    });
  else if (presets[kind] !== undefined) checkExisting(kind, existing);
  if (replaced !== undefined && replaced !== key)
    await keys.revoke(DEFAULT_PROJECT, keyIdOf(replaced), PLATFORM);
};

/** A preset key that is in the catalog already must be what it is preset as. */
const checkExisting = (kind: CredentialKind, existing: KeyInfo): void => {
  const variable = `AEVUM_${kind.toUpperCase()}_KEY`;
  if (existing.revokedAtMs !== null)
    throw new CredentialError(`${variable} holds a key that was revoked. Choose another.`);
  if (existing.expiresAtMs !== null)
    throw new CredentialError(
      `${variable} holds a key that ends on ${new Date(existing.expiresAtMs).toISOString()}. Choose another.`,
    );
  if (existing.scopes.join() !== KEY_KINDS[kind].scopes.join())
    throw new CredentialError(
      `${variable} holds a key that exists with other rights (${existing.scopes.join(', ')}). Choose another.`,
    );
};

/** The credentials in a file, or undefined if there is none. Throws CredentialError if it is not what `ensureCredentials` writes. */
export const readCredentials = async (path: string): Promise<Credentials | undefined> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new CredentialError(`${path} cannot be read: ${error.message}.`);
  });
  if (text === undefined) return undefined;
  const parsed = parsedCredentials(text);
  if (parsed === undefined)
    throw new CredentialError(
      `${path} is damaged: it must hold "project", "write_key" and "admin_key". Correct it, or delete it and make new keys with "aevum keys create".`,
    );
  return parsed;
};

const parsedCredentials = (text: string): Credentials | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { project, write_key, admin_key } = value as Partial<Record<keyof Credentials, unknown>>;
    if (typeof project !== 'string' || typeof write_key !== 'string' || typeof admin_key !== 'string')
      return undefined;
    return { project, write_key, admin_key };
  } catch {
    return undefined;
  }
};

/** Whole or not at all, and on disk when it resolves. */
const writeCredentials = async (path: string, credentials: Credentials): Promise<void> => {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', FILE_MODE);
  try {
    await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(temporary, FILE_MODE);
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
