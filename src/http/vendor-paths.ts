import { POSTHOG_NONE } from './vendor-setup.ts';

/** Addresses that the clients of other platforms call, and what each is for. All work with and without a slash at the end. */

/** Whose client asks. */
export type Vendor = 'segment' | 'posthog';

/** One address. */
export interface VendorRoute {
  readonly vendor: Vendor;
  /** Its pattern: of these there are few, whatever is asked for. */
  readonly pattern: string;
  readonly methods: readonly ('GET' | 'POST')[];
  readonly use: /** Takes events in. */
    | 'collect'
    /** As `collect`, answered with an image. */
    | 'pixel'
    /** As `collect`, answered with one result an event. */
    | 'results'
    /** Tells a client how it is set up. */
    | 'settings'
    | 'config'
    | 'config-script'
    | 'flags'
    | 'decide'
    /** Asked for what there is none of. */
    | 'none'
    /** Where snippets look for the client itself. */
    | 'client'
    /** Takes what is not kept: measurements of the client itself, recordings of sessions, which no client sends that has read its configuration. */
    | 'unused';
  /** The call that the address stands for, as Segment names it. */
  readonly call?: string;
}

/** An address that was asked for, with the key in it. */
export interface VendorMatch {
  readonly route: VendorRoute;
  readonly key: string | undefined;
}

const SEGMENT_CALLS = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;

const segment = (
  pattern: string,
  use: VendorRoute['use'],
  others: Partial<VendorRoute> = {},
): VendorRoute => ({
  vendor: 'segment',
  pattern,
  methods: ['POST'],
  use,
  ...others,
});

const posthog = (
  pattern: string,
  use: VendorRoute['use'],
  others: Partial<VendorRoute> = {},
): VendorRoute => ({
  vendor: 'posthog',
  pattern,
  methods: ['POST'],
  use,
  ...others,
});

const ROUTES: readonly VendorRoute[] = [
  ...['/v1/batch', '/v1/b', '/v1/import'].map((path) => segment(path, 'collect')),
  ...SEGMENT_CALLS.flatMap((call) => [
    segment(`/v1/${call}`, 'collect', { call }),
    segment(`/v1/${call.slice(0, 1)}`, 'collect', { call }),
    segment(`/v1/pixel/${call}`, 'pixel', { call, methods: ['GET'] }),
  ]),
  segment('/v1/m', 'unused'),
  segment('/v1/projects/:key/settings', 'settings', { methods: ['GET'] }),
  ...['/e', '/i/v0/e', '/i/v0/ai/batch', '/batch', '/capture', '/track', '/engage'].map((path) =>
    posthog(path, 'collect', { methods: ['GET', 'POST'] }),
  ),
  posthog('/i/v1/analytics/events', 'results'),
  posthog('/flags', 'flags', { methods: ['GET', 'POST'] }),
  posthog('/decide', 'decide', { methods: ['GET', 'POST'] }),
  posthog('/array/:key/config', 'config', { methods: ['GET'] }),
  posthog('/array/:key/config.js', 'config-script', { methods: ['GET'] }),
  ...Object.keys(POSTHOG_NONE).map((path) => posthog(path, 'none', { methods: ['GET', 'POST'] })),
  posthog('/s', 'unused'),
  posthog('/static/array.js', 'client', { methods: ['GET'] }),
  segment('/analytics.js/v1/:key/analytics.min.js', 'client', { methods: ['GET'] }),
];

const BY_PATH = new Map(
  ROUTES.filter(({ pattern }) => !pattern.includes(':')).map((route) => [route.pattern, route]),
);
const WITH_KEY = ROUTES.filter(({ pattern }) => pattern.includes(':')).map((route) => ({
  route,
  pattern: new RegExp(`^${route.pattern.replaceAll('.', '\\.').replace(':key', '([^/]+)')}$`),
}));
/** All paths begin so: others are not looked up. */
const FIRST = new Set(ROUTES.map(({ pattern }) => pattern.split('/')[1]));

/** What an address is for; undefined if it is none of these. `path` is without the query string. */
export const vendorMatchOf = (path: string): VendorMatch | undefined => {
  if (!FIRST.has(path.split('/', 2)[1])) return undefined;
  const plain = path.endsWith('/') ? path.slice(0, -1) : path;
  const route = BY_PATH.get(plain);
  if (route !== undefined) return { route, key: undefined };
  for (const each of WITH_KEY) {
    const key = each.pattern.exec(plain)?.[1];
    if (key !== undefined) return { route: each.route, key: decoded(key) };
  }
  return undefined;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
