import type { Outcome, ReasonCode } from '../event/outcome.ts';
import { CardRing } from './card-ring.ts';
import { BROKEN_VERSION, eventText, type Flaw, FLAWS, hexOf, SHOP_VERSION, uuidOf } from './event-text.ts';
import { CARD_TESTING_FACTOR, type Incident, isGoingOn, SPIKE_FACTOR } from './incident.ts';
import { Chance } from './random.ts';
import { countriesAt, trafficLevel } from './rhythm.ts';
import { CHANNELS, DEVICES, SPIKE_CHANNEL } from './shop.ts';
import { type Deed, Visit, type Visitor } from './visit.ts';

/**
 * A web shop's events, drawn from a seed: the same options give the same bytes. A crowd of visits is under way at any time; at each moment at which something happens, one of them does its next
 * deed, or a new visit begins. So the rate is exactly the one asked for, however visits go on.
 */

/** An event of the shop, ready to be sent. */
export interface SimulatedEvent {
  /** When it is sent, milliseconds since 1970. Events come in this order. */
  readonly atMs: number;
  readonly json: string;
  /** What a platform with default limits does with it when it gets it at `atMs`. */
  readonly outcome: Outcome;
  /** Why it is not stored. */
  readonly reason?: ReasonCode;
}

/** Parts of the events, 0 to 1, that are not as they should be. */
export interface Shares {
  /** Sent a second time, byte for byte. */
  readonly duplicate: number;
  /** Minutes to hours old when sent, as from a phone that was offline: these are stored. */
  readonly late: number;
  /** More than a day old, or of a clock that is far ahead. */
  readonly stale: number;
  readonly malformed: number;
}

/** What is simulated. */
export interface SimulationOptions {
  readonly seed: number;
  /** Time of the beginning, milliseconds since 1970. */
  readonly startMs: number;
  /** Events a second: always with the rhythm `even`, on the mean of a week with `daily`. A spike and card testers come on top. */
  readonly ratePerSecond: number;
  readonly rhythm?: 'daily' | 'even';
  readonly incidents?: readonly Incident[];
  readonly shares?: Shares;
}

/** What is usual: 98 % of the events are as they should be, or nearly. */
export const USUAL_SHARES: Shares = { duplicate: 0.01, late: 0.02, stale: 0.003, malformed: 0.004 };

/** Mean time between two deeds of one visit. */
const GAP_SECONDS = 15;
/** Visits under way at most: beyond about 1,300 events a second, each goes faster instead. */
const VISITS_MAX = 20_000;
/** Visitors remembered, who may come again. */
const VISITORS_MAX = 50_000;
const RETURNING = 0.4;
/** Odd, so that no two visitors get the same id. */
const SPREAD = 0x9e3779b1;
/** Events of which one may be sent again. */
const SENT_KEPT = 256;
/** Deeds that the visits under way at the beginning have behind them, below. */
const DEEDS_BEFORE = 6;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

class Simulation implements ShopSimulation {
  readonly #options: SimulationOptions;
  readonly #shares: Shares;
  readonly #incidents: readonly Incident[];
  readonly #chance: Chance;
  readonly #visits: Visit[] = [];
  readonly #visitors: Visitor[] = [];
  #visitorCount = 0;
  readonly #firstVisitor: number;
  readonly #sent: string[] = [];
  #sentCount = 0;
  readonly #cards: CardRing;
  #atMs: number;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#shares = options.shares ?? USUAL_SHARES;
    this.#incidents = options.incidents ?? [];
    this.#chance = new Chance(options.seed);
    this.#cards = new CardRing(this.#chance);
    this.#firstVisitor = this.#chance.uint32();
    this.#atMs = options.startMs;
    this.#fill();
  }

  next(): SimulatedEvent {
    const isTested = this.#isOn('card_testing');
    const perSecond = this.#visitsRate() * (isTested ? 1 + CARD_TESTING_FACTOR : 1);
    this.#atMs += this.#chance.wait(1000 / perSecond);
    if (this.#sent.length > 0 && this.#chance.is(this.#shares.duplicate)) return this.#again();
    if (this.#isOn('card_testing') && this.#chance.is(CARD_TESTING_FACTOR / (1 + CARD_TESTING_FACTOR))) {
      const { visit, deed } = this.#cards.attempt(this.#chance);
      return this.#judged(visit, deed);
    }
    const place = this.#nextPlace();
    const visit = this.#visits[place] as Visit;
    const deed = visit.next(this.#chance, this.#isOn('checkout_outage'));
    return deed === undefined ? this.#replace(place) : this.#judged(visit, deed);
  }

  skip(ms: number): void {
    this.#atMs += ms;
  }

  #isOn(kind: Incident['kind']): boolean {
    return isGoingOn(this.#incidents, kind, this.#atMs);
  }

  #visitsRate(): number {
    const level = this.#options.rhythm === 'daily' ? trafficLevel(this.#atMs) : 1;
    return this.#options.ratePerSecond * level * (this.#isOn('spike') ? SPIKE_FACTOR : 1);
  }

  #visitsWanted(): number {
    return Math.min(VISITS_MAX, Math.max(1, Math.ceil(this.#visitsRate() * GAP_SECONDS)));
  }

  /** The beginning is like any other time: visits are under way, each at a stage of its own. */
  #fill(): void {
    const wanted = this.#visitsWanted();
    while (this.#visits.length < wanted) {
      const visit = this.#begin();
      let isHere = true;
      for (let left = this.#chance.below(DEEDS_BEFORE); isHere && left > 0; left--)
        isHere = visit.next(this.#chance, false) !== undefined;
      if (isHere) this.#visits.push(visit);
    }
  }

  /** The place of the visit that does something next: a new one if there are too few. */
  #nextPlace(): number {
    return this.#visits.length < this.#visitsWanted()
      ? this.#visits.push(this.#begin()) - 1
      : this.#chance.below(this.#visits.length);
  }

  /** Somebody left, and somebody else comes. If the shop is too full for the time, one more goes without a word. */
  #replace(place: number): SimulatedEvent {
    const visit = this.#begin();
    const deed = visit.next(this.#chance, false);
    if (deed === undefined) throw new Error('a visit begins with a page');
    this.#visits[place] = visit;
    if (this.#visits.length > this.#visitsWanted()) {
      this.#visits[this.#chance.below(this.#visits.length)] = this.#visits.at(-1) as Visit;
      this.#visits.pop();
    }
    return this.#judged(visit, deed);
  }

  #begin(): Visit {
    const isForSpike = this.#isOn('spike') && this.#chance.is(1 - 1 / SPIKE_FACTOR);
    const channel = isForSpike ? SPIKE_CHANNEL : CHANNELS.pick(this.#chance);
    const sessionId = `s-${hexOf(this.#chance.uint32())}${hexOf(this.#chance.uint32())}`;
    return new Visit(this.#visitor(), sessionId, channel, isForSpike);
  }

  #visitor(): Visitor {
    if (this.#visitors.length > 0 && this.#chance.is(RETURNING))
      return this.#visitors[this.#chance.below(this.#visitors.length)] as Visitor;
    const visitor = {
      id: `u-${hexOf(Math.imul(this.#visitorCount, SPREAD) ^ this.#firstVisitor)}`,
      country: countriesAt(this.#atMs).pick(this.#chance),
      device: DEVICES.pick(this.#chance),
    };
    this.#visitors[this.#visitorCount++ % VISITORS_MAX] = visitor;
    return visitor;
  }

  /** A deed as an event: as it should be, or late, stale or malformed. */
  #judged(visit: Visit, deed: Deed): SimulatedEvent {
    const isBroken = visit.visitor.device.source === 'web' && this.#isOn('broken_deploy');
    const version = isBroken ? BROKEN_VERSION : SHOP_VERSION;
    if (isBroken && deed.type === 'purchase') return this.#malformed(visit, deed, version, 'invalid_field');
    const shown = isBroken && deed.type === 'page_view' ? { ...deed, page: '' } : deed;
    const { late, stale, malformed } = this.#shares;
    const fate = this.#chance.next();
    if (fate < malformed) {
      return this.#malformed(visit, shown, version, FLAWS[this.#chance.below(FLAWS.length)] as Flaw);
    }
    if (fate < malformed + stale) return this.#stale(visit, shown, version);
    const delayMs = fate < malformed + stale + late ? MINUTE_MS + this.#chance.next() * 6 * HOUR_MS : 0;
    const json = this.#text(visit, shown, version, this.#atMs - delayMs);
    this.#sent[this.#sentCount++ % SENT_KEPT] = json;
    return { atMs: Math.floor(this.#atMs), json, outcome: 'stored' };
  }

  #malformed(visit: Visit, deed: Deed, version: string, flaw: Flaw): SimulatedEvent {
    const json = this.#text(visit, deed, version, this.#atMs, flaw);
    return { atMs: Math.floor(this.#atMs), json, outcome: 'quarantined', reason: flaw };
  }

  #stale(visit: Visit, deed: Deed, version: string): SimulatedEvent {
    const isAhead = this.#chance.is(0.25);
    const offMs = isAhead
      ? -(15 * MINUTE_MS + this.#chance.next() * 2 * HOUR_MS)
      : 25 * HOUR_MS + this.#chance.next() * 48 * HOUR_MS;
    const json = this.#text(visit, deed, version, this.#atMs - offMs);
    const reason = isAhead ? 'too_far_in_future' : 'too_old';
    return { atMs: Math.floor(this.#atMs), json, outcome: 'stale', reason };
  }

  #again(): SimulatedEvent {
    const json = this.#sent[this.#chance.below(this.#sent.length)] as string;
    return { atMs: Math.floor(this.#atMs), json, outcome: 'duplicate', reason: 'duplicate_id' };
  }

  #text(visit: Visit, deed: Deed, version: string, timestampMs: number, flaw?: Flaw): string {
    const id = uuidOf(Math.floor(this.#atMs), this.#chance);
    const parts = { id, timestampMs: Math.floor(timestampMs), visit, deed, version };
    return eventText(flaw === undefined ? parts : { ...parts, flaw });
  }
}

/** A shop under way. */
export interface ShopSimulation {
  /** One event after the other, without end. */
  next(): SimulatedEvent;
  /** Moves its time on (negative: back). Nothing happens in the shop meanwhile. */
  skip(ms: number): void;
}

/** Begins a simulation. Pure: it knows no clock and sends nothing. */
export const createSimulation = (options: SimulationOptions): ShopSimulation => new Simulation(options);
