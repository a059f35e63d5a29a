import { type Chance, Weighted } from './random.ts';
import {
  type Channel,
  CLICK_TARGETS,
  type Country,
  type Device,
  PAGES,
  type Product,
  PRODUCTS,
  SEARCHES,
  SPIKE_PRODUCT,
} from './shop.ts';

/** One visit to the shop, from the page where it begins to where the visitor leaves. */

/** Somebody who may come again. */
export interface Visitor {
  readonly id: string;
  readonly country: Country;
  readonly device: Device;
}

/** What a visitor did. The properties are the members of a JSON object, as text. */
export interface Deed {
  readonly type: string;
  readonly page: string;
  readonly properties: string;
  /** Money as a JSON number; empty where no money is in play. */
  readonly value: string;
}

/** Where in the funnel a visit is. */
type Stage = 'arrived' | 'browsing' | 'product' | 'cart' | 'paying' | 'bought';
type Act =
  | 'land'
  | 'page'
  | 'product'
  | 'click'
  | 'search'
  | 'newsletter'
  | 'signup'
  | 'add'
  | 'checkout'
  | 'pay'
  | 'leave';

/** What people do next, of a hundred at each stage. */
const NEXT: Readonly<Record<Stage, Weighted<Act>>> = {
  arrived: new Weighted([['land', 100]]),
  browsing: new Weighted<Act>([
    ['product', 36],
    ['page', 20],
    ['click', 12],
    ['search', 7],
    ['signup', 1.5],
    ['newsletter', 1],
    ['leave', 22.5],
  ]),
  product: new Weighted<Act>([
    ['product', 24],
    ['click', 18],
    ['add', 8],
    ['page', 15],
    ['leave', 35],
  ]),
  cart: new Weighted<Act>([
    ['checkout', 42],
    ['product', 20],
    ['page', 8],
    ['leave', 30],
  ]),
  paying: new Weighted<Act>([
    ['pay', 66],
    ['leave', 34],
  ]),
  bought: new Weighted<Act>([
    ['page', 28],
    ['leave', 72],
  ]),
};

/** Arrivals that begin at a product, as from a search engine. */
const LANDS_ON_PRODUCT = 0.35;
const DECLINED = 0.05;
const SHIPPING_EURO_CENTS = 490;
const FREE_SHIPPING_EURO_CENTS = 8_000;

/** An amount of the price list in a country's money, as a JSON number with the digits of that money. */
export const priceIn = ({ perEuro, digits }: Country, euroCents: number): string => {
  const cents = Math.round(euroCents * perEuro);
  if (digits === 0) return String(Math.round(cents / 100));
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
};

/** A visit under way. */
export class Visit {
  readonly visitor: Visitor;
  readonly sessionId: string;
  readonly channel: Channel;
  /** Members of its events' JSON that are the same in all of them: the source, the visitor with the context up to the page, the referrer. */
  readonly sourceText: string;
  readonly contextText: string;
  readonly referrerText: string;
  readonly #isForSpike: boolean;
  #stage: Stage = 'arrived';
  #page = '/';
  #product: Product = SPIKE_PRODUCT;
  #cartEuroCents = 0;
  #cartItems = 0;

  constructor(visitor: Visitor, sessionId: string, channel: Channel, isForSpike: boolean) {
    this.visitor = visitor;
    this.sessionId = sessionId;
    this.channel = channel;
    this.#isForSpike = isForSpike;
    const { device, country, id } = visitor;
    this.sourceText = `"source":"${device.source}"`;
    this.contextText = `"user_id":"${id}","session_id":"${sessionId}","context":{"device_type":"${device.type}","os":"${device.os}","os_version":"${device.osVersion}","browser":"${device.browser}","country":"${country.code}"`;
    this.referrerText = channel.referrer === '' ? '' : `,"referrer":"${channel.referrer}"`;
  }

  /** What the visitor does next; undefined when they leave. `isPayingDown`: payments time out. */
  next(chance: Chance, isPayingDown: boolean): Deed | undefined {
    const act = NEXT[this.#stage].pick(chance);
    switch (act) {
      case 'land':
        return this.#land(chance);
      case 'page':
        return this.#viewPage(chance);
      case 'product':
        return this.#viewProduct(PRODUCTS.pick(chance));
      case 'add':
        return this.#addToCart(chance);
      case 'checkout':
        return this.#checkOut();
      case 'pay':
        return this.#pay(chance, isPayingDown);
      case 'leave':
        return undefined;
      case 'click':
        return this.#deed('click', `"target":"${CLICK_TARGETS.pick(chance)}"`);
      case 'search':
        return this.#deed(
          'search',
          `"query":"${SEARCHES.pick(chance)}","results":${Math.floor(chance.wait(14))}`,
        );
      case 'newsletter':
        return this.#deed('newsletter', '"list":"weekly"');
      case 'signup':
        return this.#deed('signup', `"method":"${chance.is(0.6) ? 'email' : 'google'}"`);
    }
  }

  #deed(type: string, properties: string, value = ''): Deed {
    return { type, page: this.#page, properties, value };
  }

  #land(chance: Chance): Deed {
    const { utm } = this.channel;
    if (this.#isForSpike) return this.#viewProduct(SPIKE_PRODUCT, utm);
    if (chance.is(LANDS_ON_PRODUCT)) return this.#viewProduct(PRODUCTS.pick(chance), utm);
    return this.#viewPage(chance, utm);
  }

  #viewPage(chance: Chance, properties = ''): Deed {
    this.#stage = 'browsing';
    this.#page = PAGES.pick(chance);
    return this.#deed('page_view', properties);
  }

  #viewProduct(product: Product, properties = ''): Deed {
    this.#stage = 'product';
    this.#product = product;
    this.#page = product.path;
    return this.#deed('page_view', `${properties}${properties === '' ? '' : ','}"sku":"${product.sku}"`);
  }

  #addToCart(chance: Chance): Deed {
    const quantity = chance.is(0.15) ? 2 : 1;
    this.#stage = 'cart';
    this.#cartItems += quantity;
    this.#cartEuroCents += this.#product.euroCents * quantity;
    return this.#deed(
      'add_to_cart',
      `"sku":"${this.#product.sku}","quantity":${quantity}`,
      this.#price(this.#product.euroCents * quantity),
    );
  }

  #checkOut(): Deed {
    this.#stage = 'paying';
    this.#page = '/checkout';
    if (this.#cartEuroCents < FREE_SHIPPING_EURO_CENTS) this.#cartEuroCents += SHIPPING_EURO_CENTS;
    return this.#deed('checkout', `"items":${this.#cartItems}`, this.#price(this.#cartEuroCents));
  }

  #pay(chance: Chance, isPayingDown: boolean): Deed {
    const value = this.#price(this.#cartEuroCents);
    const items = `"items":${this.#cartItems}`;
    if (isPayingDown) return this.#deed('payment_failed', `${items},"reason":"gateway_timeout"`, value);
    if (chance.is(DECLINED)) return this.#deed('payment_failed', `${items},"reason":"card_declined"`, value);
    this.#stage = 'bought';
    this.#page = '/thank-you';
    this.#cartEuroCents = 0;
    this.#cartItems = 0;
    return this.#deed('purchase', items, value);
  }

  #price(euroCents: number): string {
    return priceIn(this.visitor.country, euroCents);
  }
}
