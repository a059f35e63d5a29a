import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import { AccessError } from './access-error.ts';
import { type AttemptLimit, Attempts, networkOf } from './attempts.ts';
import { emailKeyOf } from './emails.ts';
import type { User, Users } from './users.ts';

/** Signing in by e-mail and password, with attempts bounded by account and by network address. */

const MINUTE_MS = 60_000;
/** Attempts at one account, from wherever they come. */
export const ACCOUNT_ATTEMPTS: AttemptLimit = { attempts: 10, withinMs: 15 * MINUTE_MS };
/** Attempts from one address, at whatever account. Behind a proxy everybody comes from one. */
export const ADDRESS_ATTEMPTS: AttemptLimit = { attempts: 100, withinMs: 15 * MINUTE_MS };

/** Too often. */
export class TooManyAttemptsError extends Error {
  readonly waitSeconds: number;
  constructor(waitSeconds: number) {
    super('Too many attempts to sign in.');
    this.name = 'TooManyAttemptsError';
    this.waitSeconds = waitSeconds;
  }
}

/** What an attempt says. */
export interface Attempt {
  readonly email: string;
  readonly password: string;
  /** Where it comes from. */
  readonly address: string | undefined;
}

/** What signing in needs. */
export interface SignInOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly users: Users;
}

/** Signs in by e-mail and password. */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #byAccount: Attempts;
  readonly #byAddress: Attempts;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#byAccount = new Attempts(ACCOUNT_ATTEMPTS, options.clock);
    this.#byAddress = new Attempts(ADDRESS_ATTEMPTS, options.clock);
  }

  /** The user, whose session may be opened; undefined if e-mail and password do not fit. Rejects with TooManyAttemptsError and PasswordsBusyError. */
  async attempt({ email, password, address }: Attempt): Promise<User | undefined> {
    const { users, catalog, clock } = this.#options;
    const user = await this.#counted(email, address, () => users.authenticate(email, password));
    if (user !== undefined)
      await catalog.db
        .updateTable('users')
        .set({ signed_in_at: clock.nowMs() })
        .where('id', '=', user.id)
        .execute();
    return user;
  }

  /** Changes a password, where the current one counts as an attempt. Rejects as `attempt` and `Users.changePassword`. */
  async changePassword(
    user: User,
    change: { readonly current: string; readonly next: string; readonly address: string | undefined },
    keep: string,
  ): Promise<void> {
    const { users } = this.#options;
    await this.#counted(user.email, change.address, async () => {
      await users.changePassword(user, change.current, change.next, keep);
      return user;
    });
  }

  /** Takes an attempt away before it is known whether it succeeds, so that many at once are no more than one after the other. */
  async #counted(
    email: string,
    address: string | undefined,
    work: () => Promise<User | undefined>,
  ): Promise<User | undefined> {
    const [account, network] = [emailKeyOf(email), networkOf(address)];
    const waitSeconds = Math.max(this.#byAccount.waitSeconds(account), this.#byAddress.waitSeconds(network));
    if (waitSeconds > 0) throw new TooManyAttemptsError(waitSeconds);
    this.#byAccount.take(account);
    this.#byAddress.take(network);
    const giveBack = (): void => {
      this.#byAccount.giveBack(account);
      this.#byAddress.giveBack(network);
    };
    try {
      const user = await work();
      if (user !== undefined) giveBack();
      return user;
    } catch (error) {
      if (!(error instanceof AccessError && error.problem === 'wrong_password')) giveBack();
      throw error;
    }
  }
}
