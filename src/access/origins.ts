/**
 * Origins that a key may be used from: `https://shop.example.com` is exactly that, `https://*.example.com` any host below `example.com`, however deep, but not `example.com` itself.
 */

/** A key may name so many. */
export const ORIGINS_MAX = 50;
const ORIGIN_LENGTH_MAX = 200;
/** Between origins where they are stored. No origin holds it. */
const DIVIDER = ',';
/** Scheme, perhaps a wildcard, host, perhaps a port. */
const PATTERN = /^(https?):\/\/(\*\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/;
/** A wildcard over a whole top-level domain is over strangers. */
const WILDCARD_LABELS_MIN = 2;

/** What is wrong with an origin that a key shall be used from; undefined if nothing. */
export const originProblem = (text: string): string | undefined => {
  const [, , wildcard, host = ''] = PATTERN.exec(text) ?? [];
  if (host === '' || text.length > ORIGIN_LENGTH_MAX)
    return `"${text.slice(0, ORIGIN_LENGTH_MAX)}" is not an origin. Write it as browsers do, in lower case and without a path: https://shop.example.com, https://*.example.com or http://localhost:3000.`;
  if (wildcard !== undefined && host.split('.').length < WILDCARD_LABELS_MIN)
    return `"${text}" covers sites of strangers: behind the * come at least two names, as in https://*.example.com.`;
  if (new URL(text.replace('*.', '')).origin !== text.replace('*.', ''))
    return `"${text}" is written by browsers as ${new URL(text.replace('*.', '')).origin}: write it so.`;
  return undefined;
};

/** Origins as they are stored. */
export const storedOrigins = (origins: readonly string[]): string | null =>
  origins.length === 0 ? null : origins.join(DIVIDER);

/** Origins out of the store. */
export const originsOf = (stored: string | null): readonly string[] => stored?.split(DIVIDER) ?? [];

/** Whether a request of an origin may use a key that names origins. A request that names none may not: browsers name theirs with every event that they send from a page. */
export const isOriginAllowed = (origins: readonly string[], origin: string | undefined): boolean =>
  origin !== undefined && origins.some((allowed) => covers(allowed, origin));

const covers = (allowed: string, origin: string): boolean => {
  const star = allowed.indexOf('*');
  if (star < 0) return allowed === origin;
  const [scheme, rest] = [allowed.slice(0, star), allowed.slice(star + 1)];
  const below = origin.slice(scheme.length, -rest.length);
  return (
    origin.startsWith(scheme) &&
    origin.endsWith(rest) &&
    origin.length > scheme.length + rest.length &&
    BELOW.test(below)
  );
};

/** Names of hosts below another. */
const BELOW = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;
