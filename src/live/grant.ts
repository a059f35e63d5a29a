import type { Principal } from '../access/principal.ts';

/** Who was let in, and whether that still holds: a connection lasts longer than a request. */
export interface Grant {
  readonly principal: Principal;
  /** False once the key is revoked or the session is over. */
  isValid(): Promise<boolean>;
}
