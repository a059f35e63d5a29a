import type { Chance } from './random.ts';
import { COUNTRIES, type Country, type Device } from './shop.ts';
import { type Deed, priceIn, Visit } from './visit.ts';

/** A ring of card testers: a few users, a few dozen stolen cards, tiny amounts, nearly all declined. */

const USERS = 4;
const CARDS = 40;
const ACCEPTED = 0.03;
const AMOUNT_EURO_CENTS_MIN = 50;
const AMOUNT_EURO_CENTS_MAX = 200;

const DEVICE: Device = { source: 'web', type: 'desktop', os: 'Linux', osVersion: '6.1', browser: 'Chrome' };
const COUNTRY = COUNTRIES[0]?.[0] as Country;

/** Users of the ring have ids that begin with this. */
export const RING_USER_PREFIX = 'u-ring-';

/** The ring. What it tries does not follow the funnel: it calls the payment directly. */
export class CardRing {
  readonly #visits: readonly Visit[];
  readonly #cards: readonly string[];

  constructor(chance: Chance) {
    const word = (): string => chance.uint32().toString(36);
    this.#visits = Array.from({ length: USERS }, () => {
      const visitor = { id: `${RING_USER_PREFIX}${word()}`, country: COUNTRY, device: DEVICE };
      return new Visit(visitor, `s-${word()}${word()}`, { referrer: '', utm: '' }, false);
    });
    this.#cards = Array.from({ length: CARDS }, () => `card-${word()}`);
  }

  /** One try of one card. */
  attempt(chance: Chance): { readonly visit: Visit; readonly deed: Deed } {
    const visit = this.#visits[chance.below(USERS)] as Visit;
    const card = `"card":"${this.#cards[chance.below(CARDS)]}","items":1`;
    const span = AMOUNT_EURO_CENTS_MAX - AMOUNT_EURO_CENTS_MIN;
    const value = priceIn(COUNTRY, AMOUNT_EURO_CENTS_MIN + chance.below(span));
    const isAccepted = chance.is(ACCEPTED);
    const deed = isAccepted
      ? { type: 'purchase', page: '/checkout', properties: card, value }
      : { type: 'payment_failed', page: '/checkout', properties: `${card},"reason":"card_declined"`, value };
    return { visit, deed };
  }
}
