import { join } from 'node:path';
import { readCheckedJson, writeCheckedJson } from '../lib/atomic-file.ts';
import type { Position } from '../log/log.ts';

const INTENT_FILE = 'load-intent.json';

/**
 * A load that is about to be made: governed records `from` (inclusive) to `to` (exclusive), under a token. Written down before the load, so that after a crash the same
 * rows are offered again under the same token.
 */
export interface LoadIntent {
  readonly from: Position;
  readonly to: Position;
  readonly token: string;
}

/** The token of a load: two loads of the same rows have the same. */
export const tokenOf = (from: Position, to: Position): string => `${from}-${to}`;

/** The intent that was written last; undefined when there is none, or why it cannot be read. */
export const readIntent = (dir: string): LoadIntent | { readonly damage: string } | undefined => {
  const path = join(dir, INTENT_FILE);
  const content = readCheckedJson(path);
  if (content.kind === 'absent') return undefined;
  if (content.kind === 'damaged') return { damage: content.detail };
  const { value } = content;
  if (typeof value === 'object' && value !== null && 'from' in value && 'to' in value) {
    const { from, to } = value;
    if (typeof from === 'number' && typeof to === 'number') return { from, to, token: tokenOf(from, to) };
  }
  return { damage: `${path} holds no load intent` };
};

/** Writes an intent; durable when it resolves. */
export const writeIntent = (dir: string, { from, to, token }: LoadIntent): Promise<void> =>
  writeCheckedJson(join(dir, INTENT_FILE), { from, to, token });
