import type { IncomingHttpHeaders } from 'node:http';
import type { Authenticator } from '../access/keys.ts';
import { type Principal, projectNameOf } from '../access/principal.ts';
import { tokenOf } from '../access/token.ts';
import { ApiError } from '../event/errors.ts';
import { refusedKey } from '../http/auth.ts';
import type { Grant } from './grant.ts';
import type { Tickets } from './tickets.ts';

/** A request as far as letting in goes. */
export interface GateRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** `?project=` and `?ticket=`. */
  readonly project?: string | undefined;
  readonly ticket?: string | undefined;
}

/** Lets in those who are signed in by a cookie. Rejects with ApiError; undefined if there is no cookie. */
export interface CookieDoor {
  principalOf(request: {
    readonly method: string;
    readonly headers: IncomingHttpHeaders;
    readonly project?: string | undefined;
    readonly mustNameOrigin?: boolean;
  }): Promise<Principal | undefined>;
}

/** What a gate needs. */
export interface GateOptions {
  readonly authenticator: Authenticator;
  readonly tickets: Tickets;
  readonly door?: CookieDoor | undefined;
}

/** Finds out who opens a live connection. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * By ticket, else by key, else by session. Undefined if the request names none. `mustNameOrigin`: a session is only good with the `Origin` of a page of ours, as for the upgrade to a
   * WebSocket, which no browser holds back. Rejects with ApiError.
   */
  async admit(request: GateRequest, mustNameOrigin: boolean): Promise<Grant | undefined> {
    const { headers, project, ticket } = request;
    if (ticket !== undefined) return inProject(await this.#redeem(ticket), project);
    const apiKey = headers['x-api-key'];
    const key = tokenOf(headers.authorization, Array.isArray(apiKey) ? apiKey[0] : apiKey);
    return key === undefined ? this.#bySession(request, mustNameOrigin) : this.byKey(key, project);
  }

  /** By a key. Throws ApiError. */
  byKey(key: string, project: string | undefined): Grant {
    const { authenticator } = this.#options;
    const principal = authenticator.authenticate(key);
    if (principal === undefined) throw refusedKey(authenticator, key);
    const isValid = (): Promise<boolean> =>
      Promise.resolve(isStill(authenticator.authenticate(key), principal));
    return inProject({ principal, isValid }, project);
  }

  async #redeem(ticket: string): Promise<Grant> {
    const grant = this.#options.tickets.redeem(ticket);
    if (grant === undefined || !(await grant.isValid())) throw new ApiError('unknown_ticket');
    return grant;
  }

  async #bySession(request: GateRequest, mustNameOrigin: boolean): Promise<Grant | undefined> {
    const { method, headers, project } = request;
    const ask = (): Promise<Principal | undefined> =>
      this.#options.door?.principalOf({ method, headers, project, mustNameOrigin }) ??
      Promise.resolve(undefined);
    const principal = await ask();
    if (principal === undefined) return undefined;
    const isValid = (): Promise<boolean> =>
      ask().then(
        (still) => isStill(still, principal),
        (error: unknown) => !(error instanceof ApiError),
      );
    return { principal, isValid };
  }
}

/** Whether somebody may do all that was granted, in the same project: its name may have gone to another one. */
const isStill = (now: Principal | undefined, granted: Principal): boolean =>
  now?.project === granted.project &&
  [...granted.permissions].every((permission) => now.permissions.has(permission));

const inProject = (grant: Grant, project: string | undefined): Grant => {
  if (project !== undefined && project !== projectNameOf(grant.principal.project))
    throw new ApiError('wrong_project');
  return grant;
};
