import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { StartError } from '../lib/start-error.ts';

/** The files of the built dashboard, held in memory whole: an address is looked up among them and never becomes a path. */

/** More than this is no dashboard. */
const BYTES_MAX = 32 * 1024 * 1024;
const ETAG_CHARACTERS = 22;
/** Made at build time, beside the file. */
const ENCODED = { br: '.br', gzip: '.gz' } as const;
/** The files that the build names by their content: they never change. */
const HASHED = '/assets/';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

type Encoding = keyof typeof ENCODED;

/** One file in the forms in which it can be sent. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly isImmutable: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly encoded: ReadonlyMap<Encoding, Uint8Array<ArrayBuffer>>;
}

/** Files by address, for example `/assets/index-C9z7UG2p.js`; `/index.html` is among them. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Reads a built dashboard; undefined if there is none. Throws StartError. */
export const readPageFiles = (dir: string): PageFiles | undefined => {
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  let bytes = 0;
  for (const entry of entriesOf(dir)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = new Uint8Array(readFileSync(path));
    bytes += content.length;
    if (bytes > BYTES_MAX)
      throw new StartError(
        `${dir} holds more than ${BYTES_MAX / 1024 ** 2} MiB, so it is not the built dashboard. Delete it; the next start with "npm start" builds it anew.`,
      );
    contents.set(`/${relative(dir, path).split(sep).join('/')}`, content);
  }
  if (!contents.has('/index.html')) return undefined;
  return new Map([...contents].flatMap(([address, content]) => fileOf(address, content, contents)));
};

const entriesOf = (dir: string) => {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

const fileOf = (
  address: string,
  bytes: Uint8Array<ArrayBuffer>,
  contents: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): [string, PageFile][] => {
  const type = TYPES[extname(address)];
  if (type === undefined) return [];
  const encoded = new Map<Encoding, Uint8Array<ArrayBuffer>>();
  for (const encoding of ['br', 'gzip'] as const) {
    const form = contents.get(`${address}${ENCODED[encoding]}`);
    if (form !== undefined) encoded.set(encoding, form);
  }
  const etag = hash('sha256', bytes, 'base64url').slice(0, ETAG_CHARACTERS);
  return [[address, { type, etag, bytes, encoded, isImmutable: address.startsWith(HASHED) }]];
};

/** The best form of a file that an `Accept-Encoding` header takes. */
export const formOf = (
  file: PageFile,
  acceptEncoding: string | undefined,
): { readonly encoding: Encoding | undefined; readonly bytes: Uint8Array<ArrayBuffer> } => {
  for (const [encoding, bytes] of file.encoded)
    if (takes(acceptEncoding, encoding)) return { encoding, bytes };
  return { encoding: undefined, bytes: file.bytes };
};

/** By RFC 9110, 12.5.3, without ranking: what is named and not at quality 0. */
const takes = (header: string | undefined, encoding: Encoding): boolean =>
  (header ?? '').split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    return name === encoding && !parameters.some((each) => /^q=0(\.0*)?$/.test(each));
  });
