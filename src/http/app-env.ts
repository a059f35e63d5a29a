import type { HttpBindings } from '@hono/node-server';
import type { Auditing } from '../access/audit-reads.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Principal } from '../access/principal.ts';
import type { SessionDoor } from './session-door.ts';

/** What handlers find in Hono's context. */
export interface AppEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    /** Set by `requirePermission`: who asks. Everything read or written is confined to its project. */
    readonly principal: Principal;
    /** Set for every request. */
    readonly authenticator: Authenticator;
    /** Set for every request where what is done is entered. */
    readonly audit?: Auditing | undefined;
    /** Set for every request where there are sessions. */
    readonly door?: SessionDoor | undefined;
    /** Set by what answers in the place of a route: its name in the metrics. */
    readonly servedAs?: string;
  };
}
