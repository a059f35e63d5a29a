import type { Key } from '../data/settings.ts';

/** What keys may do, in words, by scope. */
export const SCOPES: readonly { readonly scope: Key['scopes'][number]; readonly text: string }[] = [
  { scope: 'ingest', text: 'Send events' },
  { scope: 'read', text: 'Ask questions, see single events and users' },
  { scope: 'sql', text: 'Read, and ask in SQL' },
  { scope: 'admin', text: 'Everything within the project' },
];

/** Whether a key is refused at an instant. */
export const isOver = ({ revoked_at, expires_at }: Key, nowMs: number): boolean =>
  revoked_at !== null || (expires_at !== null && Date.parse(expires_at) <= nowMs);

/** How it stands with a key, in words. */
export const stateOf = (key: Key, nowMs: number, dayOf: (at: string) => string): string => {
  const { revoked_at: revokedAt, expires_at: expiresAt } = key;
  if (revokedAt !== null) return `revoked ${dayOf(revokedAt)}`;
  if (expiresAt === null) return 'in force';
  return isOver(key, nowMs) ? `ended ${dayOf(expiresAt)}` : `until ${dayOf(expiresAt)}`;
};

/** The lines of a text that say something. */
export const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
