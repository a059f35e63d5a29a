/** The cookie that carries a session: readable by no script, sent along by pages of our own site only. */

/** Name of the cookie. */
export const SESSION_COOKIE = 'aevum_session';

/** What is set beside the secret. */
export interface CookieOptions {
  /** Sent over https only. */
  readonly secure: boolean;
  readonly maxAgeSeconds: number;
}

/** The secret in a `Cookie` header; undefined if it holds none. */
export const sessionCookieOf = (header: string | undefined): string | undefined => {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).trim() !== SESSION_COOKIE) continue;
    const value = part.slice(equals + 1).trim();
    return value === '' ? undefined : value;
  }
  return undefined;
};

/** The `Set-Cookie` header that hands a secret out. SameSite=Lax, so that following a link to a page finds one signed in; what changes anything is checked by origin as well. */
export const sessionCookie = (secret: string, { secure, maxAgeSeconds }: CookieOptions): string =>
  `${SESSION_COOKIE}=${secret}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

/** The `Set-Cookie` header that takes it back. */
export const noSessionCookie = (secure: boolean): string => sessionCookie('', { secure, maxAgeSeconds: 0 });
