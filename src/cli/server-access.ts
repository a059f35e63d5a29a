import { readCredentials } from '../access/credentials.ts';
import { dataLayout } from '../config/data-layout.ts';
import type { Config } from '../config/options.ts';
import { CliError, EXIT_USAGE } from './failure.ts';

/** How a command speaks to the server that runs: over its HTTP interface, as its operator. */

/** A command waits so long for an answer. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Where the server is and who asks. */
export interface ServerAccess {
  readonly url: string;
  /** An admin key. */
  readonly key: string;
}

/** What a command line says about it; the configuration says the rest. */
export interface AccessFlags {
  readonly url?: string;
  readonly key?: string;
}

/** The server of a configuration, and the operator's key: as given, preset, or kept in the data folder. Throws CliError. */
export const serverAccess = async (config: Config, flags: AccessFlags): Promise<ServerAccess> => {
  const url = flags.url ?? listeningUrl(config);
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new CliError(
      `--url must be an address that begins with http:// or https://, not "${url}"`,
      EXIT_USAGE,
    );
  const key =
    flags.key ??
    config.adminKey ??
    (await readCredentials(dataLayout(config.dataDir).credentials))?.admin_key;
  if (key !== undefined) return { url, key };
  throw new CliError(
    `an admin key of the server at ${url} is needed, and ${config.dataDir} holds none. Name the server's data folder with --data-dir, or give the key by --key or AEVUM_ADMIN_KEY.`,
  );
};

/** Where a server of this configuration listens, seen from this machine. */
const listeningUrl = ({ host, port }: Config): string => {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
};

/** Asks the server. Throws CliError with what it says if it refuses, or with what to do if it is not there. */
export const askServer = async <T>(
  access: ServerAccess,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> => JSON.parse(await askServerText(access, method, path, body)) as T;

/** The same for an answer of any form, as it is. */
export const askServerText = async (
  { url, key }: ServerAccess,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<string> => {
  const answer = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new CliError(
      `no server answers at ${url}. Start it with "npm start", or say where it is: --port, --host or --url. (${reasonOf(cause)})`,
    );
  });
  const text = await answer.text();
  if (answer.ok) return text;
  throw new CliError(`the server at ${url} refuses: ${messageOf(answer.status, text)}`);
};

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return (cause as NodeJS.ErrnoException).code?.toString() ?? String(cause);
};

const messageOf = (status: number, text: string): string => {
  try {
    const { error } = JSON.parse(text) as {
      error: { message: string; details?: { excerpt?: string | null } };
    };
    const excerpt = error.details?.excerpt ?? '';
    return excerpt === '' ? error.message : `${error.message}\n\n${excerpt}`;
  } catch {
    return `status ${status}. Is it an Aevum server of this version?`;
  }
};
