import type { Context } from 'hono';
import { PROJECT_NAME } from '../access/projects.ts';
import { sessionCookie, sessionCookieOf } from '../access/session-cookie.ts';
import { SESSION_LIFETIME_MS, type Sessions } from '../access/sessions.ts';
import type { Users } from '../access/users.ts';
import { PROJECT_PARAMETER } from '../contract/session.ts';
import { ApiError } from '../event/errors.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { AppEnv } from './app-env.ts';
import { formOf, type PageFile, type PageFiles } from './page-files.ts';
import { noteRefused } from './refused-sign-in.ts';
import { PAGE_HEADERS, SHARE_PAGE_HEADERS } from './security-headers.ts';
import { isSecure, SIGN_IN_REFUSED, SIGNED_IN } from './session-telemetry.ts';
import { invitationPage, passwordPage, readSignInAsset, SIGN_IN_ASSETS, signInPage } from './sign-in-page.ts';

/** Seconds for which a browser keeps what never changes, and what may. */
const IMMUTABLE_SECONDS = 31_536_000;
const CHANGING_SECONDS = 300;
/** For pages of other sites: the client, by an address that stays. What a cache has is used for so long while it asks whether that is still so. */
const FOR_OTHERS = '/sdk/';
const FOR_OTHERS_SECONDS = 3_600;
const STALE_SECONDS = 604_800;
/** Addresses that are not the pages' own, whatever comes after. */
const NO_PAGES = /^\/(api|ws|metrics)(\/|$)/;

/** What the pages need. */
export interface PagesOptions {
  /** The built dashboard; undefined if it was not built. */
  readonly files: PageFiles | undefined;
  readonly sessions: Sessions;
  readonly users: Pick<Users, 'isThereAny'>;
  readonly telemetry: Telemetry;
  readonly publicUrl: string | undefined;
}

/** Answers what no route of the API does: the pages, their files, and signing in by a link. Undefined: it is none of these. */
export type Pages = (c: Context<AppEnv>) => Promise<Response | undefined>;

/** Makes the pages. */
export const createPages = (options: PagesOptions): Pages => {
  const assets = signInAssets();
  return async function answerPage(c) {
    const { method, path } = c.req;
    if ((method !== 'GET' && method !== 'HEAD') || NO_PAGES.test(path)) return undefined;
    if (path === '/login') return labelled(c, '/login', await openLink(c, options));
    const linked = LINK_PAGES[path];
    if (linked !== undefined) return labelled(c, path, html(linked()));
    if (path === SHARE_PATH) return labelled(c, path, built(c, options, SHARE_FILE, SHARE_PAGE_HEADERS));
    const asset = assets.get(path) ?? (PAGE_FILES.has(path) ? undefined : options.files?.get(path));
    if (asset !== undefined) return labelled(c, 'file', fileAnswer(c, asset, path));
    if (!isPageAddress(c)) return undefined;
    return labelled(c, 'page', await page(c, options));
  };
};

const INDEX_FILE = '/index.html';
/** Where share links lead: for whoever has one, signed in or not. Its token stands behind `#` and is not sent here. */
const SHARE_PATH = '/shared';
const SHARE_FILE = '/share.html';
/** Pages are served with their policy, at their own addresses only. */
const PAGE_FILES: ReadonlySet<string> = new Set([INDEX_FILE, SHARE_FILE]);

/** Where the links lead that people are given; what they say stands behind `#`. */
const LINK_PAGES: Readonly<Record<string, () => string>> = {
  '/invitation': invitationPage,
  '/password': passwordPage,
};

/** Names the answer for the metrics. */
const labelled = (c: Context<AppEnv>, servedAs: string, answer: Response): Response => {
  c.set('servedAs', servedAs);
  return answer;
};

/** A browser asks for a page at it, and it does not look like a file. */
const isPageAddress = (c: Context): boolean =>
  c.req.path === '/' || (!/\.\w+$/.test(c.req.path) && (c.req.header('accept') ?? '').includes('text/html'));

const signInAssets = (): Map<string, PageFile> => {
  const addresses = Object.keys(SIGN_IN_ASSETS) as (keyof typeof SIGN_IN_ASSETS)[];
  return new Map(
    addresses.map((address) => {
      const bytes = readSignInAsset(address);
      const { type } = SIGN_IN_ASSETS[address];
      return [address, { type, bytes, etag: `${bytes.length}`, encoded: new Map(), isImmutable: false }];
    }),
  );
};

/** Any page may load it, also one that asks for it with `crossorigin`, and one that is isolated. */
const OTHERS_HEADERS = {
  'cache-control': `public, max-age=${FOR_OTHERS_SECONDS}, stale-while-revalidate=${STALE_SECONDS}`,
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
} as const;

const fileAnswer = (c: Context, file: PageFile, path: string): Response => {
  const { encoding, bytes } = formOf(file, c.req.header('accept-encoding'));
  const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding}`}"`;
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': file.isImmutable
      ? `public, max-age=${IMMUTABLE_SECONDS}, immutable`
      : `public, max-age=${CHANGING_SECONDS}`,
    etag,
    vary: 'Accept-Encoding',
    ...(path.startsWith(FOR_OTHERS) ? OTHERS_HEADERS : {}),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  };
  const known = c.req.header('if-none-match')?.split(',') ?? [];
  if (known.some((each) => each.trim().replace(/^W\//, '') === etag))
    return new Response(null, { status: 304, headers });
  return new Response(bytes, { headers: { ...headers, 'content-length': String(bytes.length) } });
};

const page = async (c: Context<AppEnv>, options: PagesOptions): Promise<Response> => {
  const { sessions, publicUrl } = options;
  const secret = sessionCookieOf(c.req.header('cookie'));
  const session = secret === undefined ? undefined : await sessions.find(secret);
  if (secret === undefined || session === undefined) return signIn(options, false);
  // The cookie lives on with the session.
  return built(c, options, INDEX_FILE, { ...PAGE_HEADERS, 'set-cookie': cookieFor(secret, publicUrl) });
};

/** A page that the build made. Throws ApiError `not_found` where it was not built. */
const built = (
  c: Context<AppEnv>,
  { files }: PagesOptions,
  name: string,
  headers: Readonly<Record<string, string>>,
): Response => {
  const file = files?.get(name);
  if (file === undefined)
    throw new ApiError(
      'not_found',
      'The dashboard is not built here. Start with "npm start" (bin/aevum.mjs), which builds it.',
    );
  const { encoding, bytes } = formOf(file, c.req.header('accept-encoding'));
  return new Response(bytes, {
    headers: {
      ...headers,
      vary: 'Accept-Encoding',
      'content-length': String(bytes.length),
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
  });
};

/** The cookie that keeps somebody signed in. */
export const cookieFor = (secret: string, publicUrl: string | undefined): string =>
  sessionCookie(secret, { secure: isSecure(publicUrl), maxAgeSeconds: SESSION_LIFETIME_MS / 1000 });

const signIn = async ({ users }: PagesOptions, isAfterLink: boolean): Promise<Response> =>
  html(signInPage({ isAfterLink, hasUsers: await users.isThereAny() }));

const html = (text: string): Response => new Response(text, { headers: PAGE_HEADERS });

/** Signs in by the token in the address, and goes on to the page without it. */
const openLink = async (c: Context<AppEnv>, options: PagesOptions): Promise<Response> => {
  const { sessions, telemetry, publicUrl } = options;
  const token = c.req.query('token');
  // A look ahead, by a browser or by a program that previews links, must not use the link up.
  if (c.req.method === 'HEAD') return html('');
  if (/prefetch|prerender/i.test(c.req.header('sec-purpose') ?? c.req.header('purpose') ?? ''))
    return new Response(null, { status: 503 });
  const opened = token === undefined ? undefined : await sessions.redeem(token);
  if (opened !== undefined) {
    const { id: object, actor } = opened.session;
    await c.var.audit?.log.record({ actor, action: 'session.opened', object, detail: { by: 'link' } });
    telemetry.emit(SIGNED_IN, { by: 'link', session: object, who: null });
    return goOn(c, { 'set-cookie': cookieFor(opened.secret, publicUrl) });
  }
  const secret = sessionCookieOf(c.req.header('cookie'));
  if (secret !== undefined && (await sessions.find(secret)) !== undefined) return goOn(c, {});
  if (token !== undefined) {
    telemetry.emit(SIGN_IN_REFUSED, { by: 'link' });
    await noteRefused(c, 'link');
  }
  return signIn(options, token !== undefined);
};

/** To the page, of the project that the link names. */
const goOn = (c: Context, headers: Readonly<Record<string, string>>): Response => {
  const project = c.req.query(PROJECT_PARAMETER) ?? '';
  const location = PROJECT_NAME.test(project) ? `/?${PROJECT_PARAMETER}=${project}` : '/';
  return new Response(null, { status: 303, headers: { location, ...headers } });
};
