import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readCheckedJson, writeCheckedJson } from '../../lib/atomic-file.ts';
import { SIPHASH_KEY_BYTES } from '../../lib/siphash.ts';

const KEY_FILE = 'unique-key.json';

/** The fingerprints' key. `isNew`: it was just made, so whatever state is there was made with another one. */
export interface UniqueKey {
  readonly key: Uint8Array;
  readonly isNew: boolean;
  /** Why there was no key to be read, if something was there. */
  readonly damage?: string;
}

/** Reads the key from the state directory (only its owner may), or makes one. Throws Node's error for I/O failures. */
export const loadKey = async (dir: string): Promise<UniqueKey> => {
  const path = join(dir, KEY_FILE);
  const content = readCheckedJson(path);
  const known = content.kind === 'value' ? keyOf(content.value) : undefined;
  if (known !== undefined) return { key: known, isNew: false };
  const key = randomBytes(SIPHASH_KEY_BYTES);
  await writeCheckedJson(path, { key: key.toString('hex') });
  if (content.kind === 'absent') return { key, isNew: true };
  return { key, isNew: true, damage: content.kind === 'damaged' ? content.detail : `${path} holds no key` };
};

const keyOf = (value: unknown): Uint8Array | undefined => {
  if (typeof value !== 'object' || value === null || !('key' in value)) return undefined;
  const { key } = value;
  return typeof key === 'string' && /^[0-9a-f]{32}$/.test(key) ? Buffer.from(key, 'hex') : undefined;
};
