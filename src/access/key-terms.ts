import { ORIGINS_MAX, originProblem } from './origins.ts';
import type { Scope } from './permissions.ts';

/** What a key may be made with. */

/** The key cannot be made so. The message says why. */
export class KeyTermsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyTermsError';
  }
}

/** How a key shall be. */
export interface KeyTerms {
  readonly scopes: readonly Scope[];
  readonly expiresAtMs: number | null;
  readonly origins: readonly string[];
}

/** What is wrong with how a key shall be; undefined if nothing. */
export const termsProblem = (
  { scopes, expiresAtMs, origins }: KeyTerms,
  nowMs: number,
): string | undefined => {
  if (scopes.length === 0) return 'A key needs a scope: ingest, read, sql or admin.';
  if (expiresAtMs !== null && expiresAtMs <= nowMs)
    return 'The key would have expired already: name an instant in the future.';
  if (origins.length > ORIGINS_MAX) return `A key may name at most ${ORIGINS_MAX} origins.`;
  if (origins.length > 0 && scopes.some((scope) => scope !== 'ingest'))
    return 'Origins are for keys that only send events (scope "ingest"): only such a key belongs into a page.';
  return origins.map(originProblem).find((problem) => problem !== undefined);
};
