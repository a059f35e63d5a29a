import { Attempts, networkOf } from '../access/attempts.ts';
import { SHARE_LIMITS } from '../contract/shares.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Share, ShareStore } from './share-store.ts';

const { withinMs } = SHARE_LIMITS;

/** Lets in who has the token of a link, so often. */
export class ShareGuard {
  readonly #shares: ShareStore;
  readonly #byLink: Attempts;
  readonly #byAddress: Attempts;
  readonly #misses: Attempts;
  /** By link. */
  readonly #underWay = new Map<string, number>();

  constructor(shares: ShareStore, clock: Clock) {
    this.#shares = shares;
    this.#byLink = new Attempts({ attempts: SHARE_LIMITS.readsPerLink, withinMs }, clock);
    this.#byAddress = new Attempts({ attempts: SHARE_LIMITS.readsPerAddress, withinMs }, clock);
    this.#misses = new Attempts({ attempts: SHARE_LIMITS.missesPerAddress, withinMs }, clock);
  }

  /** The link of a token. Rejects with ApiError: `unknown_link`, alike for one that never was, ended or was revoked; `too_many_reads`. */
  async admit(token: string | undefined, address: string | undefined): Promise<Share> {
    const network = networkOf(address);
    take(this.#byAddress, network);
    wait(this.#misses, network);
    const share = token === undefined ? undefined : await this.#shares.find(token);
    if (share === undefined) {
      this.#misses.take(network);
      throw new ApiError('unknown_link');
    }
    take(this.#byLink, share.id);
    return share;
  }

  /** Does something for whoever has a link, unless as much is done for them already. Rejects with ApiError `too_many_reads`. */
  async during<T>({ id }: Share, work: () => Promise<T>): Promise<T> {
    const underWay = this.#underWay.get(id) ?? 0;
    if (underWay >= SHARE_LIMITS.atOncePerLink) throw new ApiError('too_many_reads');
    this.#underWay.set(id, underWay + 1);
    try {
      return await work();
    } finally {
      const left = (this.#underWay.get(id) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(id);
      else this.#underWay.set(id, left);
    }
  }
}

const wait = (attempts: Attempts, name: string): void => {
  const retryAfterSeconds = attempts.waitSeconds(name);
  if (retryAfterSeconds > 0) throw new ApiError('too_many_reads', undefined, { retryAfterSeconds });
};

const take = (attempts: Attempts, name: string): void => {
  wait(attempts, name);
  attempts.take(name);
};
