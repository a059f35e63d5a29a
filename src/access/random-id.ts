import { randomBytes } from 'node:crypto';

const ID_BYTES = 8;
const TOKEN_BYTES = 32;

/** An id that nobody had before: `<kind>_<16 hexadecimal digits>`. */
export const newId = (kind: string): string => `${kind}_${randomBytes(ID_BYTES).toString('hex')}`;

/** A secret for a link or a cookie. */
export const newSecret = (): string => randomBytes(TOKEN_BYTES).toString('base64url');
