/**
 * Whether a request that carries a cookie was made by a page of ours. A browser sends cookies along whoever asks: a page of another port of the same machine, for one, counts as the same
 * site, so that SameSite alone would not keep it out.
 *
 * What browsers tell by `Origin` and `Sec-Fetch-Site` no script can change. Headers that a proxy adds (`X-Forwarded-...`) anybody can send who reaches this server, so they
 * are not looked at: the address that browsers see is told by the option `public-url`.
 */

/** What a request says of where it comes from; names as node:http has them. */
export interface OriginHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | undefined;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Whether a request may be carried out on behalf of a session. One that may change something, and one that `mustName` its origin (the upgrade to a WebSocket), needs a matching `Origin`. */
export const isOwnRequest = (
  method: string,
  headers: OriginHeaders,
  publicUrl: string | undefined,
  mustName = !SAFE_METHODS.has(method),
): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (headers.origin === undefined) return !mustName;
  return isOwnOrigin(headers.origin, headers.host, publicUrl);
};

/** Whether an origin is the public address, or the address that the request came to. */
export const isOwnOrigin = (
  origin: string,
  host: string | undefined,
  publicUrl: string | undefined,
): boolean => {
  const theirs = webUrl(origin);
  if (theirs === undefined) return false;
  const ours = publicUrl === undefined ? undefined : webUrl(publicUrl);
  if (ours?.origin === theirs.origin) return true;
  // `Host` does not tell http from https; where the public address does, it decides.
  if (ours !== undefined && ours.host === theirs.host) return false;
  return host !== undefined && webUrl(`${theirs.protocol}//${host}`)?.origin === theirs.origin;
};

const webUrl = (text: string): URL | undefined => {
  const url = URL.parse(text);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
};
