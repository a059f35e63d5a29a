import type { AttributionModel, AttributionRequest } from '../../contract/attribution.ts';
import { fieldText, selects } from './revenue-model.ts';
import { holds, type ModelEvent } from './trend-model.ts';

/** What attribution means, written down naively: see `trend-model.ts`. Removal effects come from walking the chain step by step instead of solving equations. */

/** An event with its place in the log. */
export interface PlacedEvent extends ModelEvent {
  readonly id: string;
  readonly position: number;
}

/** Credit of a channel. */
export interface ModelCredit {
  readonly conversions: number;
  readonly money: ReadonlyMap<string, number>;
}

/** What a question is answered with. Channels by name, `null` for the others. */
export interface ModelAttribution {
  readonly attributed: number;
  readonly unattributed: number;
  readonly touches: ReadonlyMap<string | null, number>;
  readonly credits: ReadonlyMap<string | null, ReadonlyMap<AttributionModel, ModelCredit>>;
  readonly effects: ReadonlyMap<string | null, number>;
}

const inOrder = (a: PlacedEvent, b: PlacedEvent): number =>
  a.timeMs - b.timeMs || a.position - b.position || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));

const DAY_MS = 86_400_000;
const days = (text: string): number => Number(text.slice(0, -1)) * DAY_MS;

const sharesOf = (
  model: AttributionModel,
  path: readonly PlacedEvent[],
  at: number,
  halfLifeMs: number,
): number[] => {
  const n = path.length;
  switch (model) {
    case 'first':
      return path.map((_, i) => (i === 0 ? 1 : 0));
    case 'last':
      return path.map((_, i) => (i === n - 1 ? 1 : 0));
    case 'linear':
      return path.map(() => 1 / n);
    case 'position':
      if (n === 1) return [1];
      if (n === 2) return [0.5, 0.5];
      return path.map((_, i) => (i === 0 || i === n - 1 ? 0.4 : 0.2 / (n - 2)));
    case 'time_decay': {
      const weights = path.map(({ timeMs }) => 0.5 ** ((at - timeMs) / halfLifeMs));
      const sum = weights.reduce((a, b) => a + b, 0);
      return weights.map((weight) => weight / sum);
    }
    default:
      return [];
  }
};

type State = string;
const START = 'start';
const CONVERSION = 'conversion';

/** The share of walks from the start that end in conversion, by walking until next to nothing is still under way. */
const walk = (counts: ReadonlyMap<State, ReadonlyMap<State, number>>, removed?: State): number => {
  let here = new Map<State, number>([[START, 1]]);
  let converted = 0;
  for (let step = 0; step < 100_000; step++) {
    const next = new Map<State, number>();
    for (const [state, mass] of here) {
      const ways = counts.get(state) ?? new Map<State, number>();
      const sum = [...ways.values()].reduce((a, b) => a + b, 0);
      for (const [to, count] of ways) {
        if (to === removed) continue;
        const part = (mass * count) / sum;
        if (to === CONVERSION) converted += part;
        else if (counts.has(to)) next.set(to, (next.get(to) ?? 0) + part);
      }
    }
    here = next;
    if ([...here.values()].reduce((a, b) => a + b, 0) < 1e-13) break;
  }
  return converted;
};

const effectsOf = (ways: readonly (readonly State[])[]): Map<State, number> => {
  const counts = new Map<State, Map<State, number>>();
  for (const way of ways)
    way.slice(1).forEach((to, index) => {
      const from = way[index] ?? '';
      const row = counts.get(from) ?? new Map<State, number>();
      counts.set(from, row.set(to, (row.get(to) ?? 0) + 1));
    });
  const whole = walk(counts);
  const channels = [...counts.keys()].filter((state) => state !== START);
  return whole === 0 ? new Map() : new Map(channels.map((state) => [state, 1 - walk(counts, state) / whole]));
};

/** The answer over events of all projects. */
export const modelAttribution = (
  all: readonly PlacedEvent[],
  project: string,
  request: AttributionRequest,
  range: { readonly fromMs: number; readonly toMs: number },
): ModelAttribution => {
  const lookbackMs = days(request.lookback);
  const actorOf = (event: ModelEvent) => (request.actor === 'user' ? event.user_id : event.session_id);
  const events = all.filter(
    (event) =>
      event.project === project &&
      event.timeMs >= range.fromMs - lookbackMs &&
      event.timeMs < range.toMs &&
      actorOf(event) !== '' &&
      (request.filter === undefined || holds(request.filter, event)),
  );
  const nameOf = (event: ModelEvent) => fieldText(event, request.channel);
  const touches = events.filter((event) => nameOf(event) !== null && selects(request.touches, event));
  const named = new Set(
    [...Map.groupBy(touches, nameOf)]
      .sort(
        ([a, x], [b, y]) => y.length - x.length || Buffer.compare(Buffer.from(a ?? ''), Buffer.from(b ?? '')),
      )
      .slice(0, request.top)
      .map(([name]) => name),
  );
  const channelOf = (event: ModelEvent): string | null => {
    const name = nameOf(event);
    return named.has(name) ? name : null;
  };
  const count = new Map<string | null, number>();
  for (const touch of touches) count.set(channelOf(touch), (count.get(channelOf(touch)) ?? 0) + 1);
  const credits = new Map<
    string | null,
    Map<AttributionModel, { conversions: number; money: Map<string, number> }>
  >();
  const ways: State[][] = [];
  let [attributed, unattributed] = [0, 0];
  const stateOf = (event: ModelEvent) => {
    const channel = channelOf(event);
    return channel === null ? 'the others' : `channel ${channel}`;
  };
  const compact = (path: readonly PlacedEvent[]) =>
    path.map(stateOf).filter((state, index, states) => state !== states[index - 1]);
  const value = new Map<string, number>();
  for (const [actor, mine] of Map.groupBy(events, actorOf)) {
    const conversions = mine.filter(
      (event) => event.timeMs >= range.fromMs && selects(request.conversion, event),
    );
    const own = touches.filter((touch) => actorOf(touch) === actor).sort(inOrder);
    if (conversions.length === 0 && own.length > 0) ways.push([START, ...compact(own), 'nothing']);
    for (const conversion of conversions) {
      const path = own.filter(
        (touch) => touch.timeMs >= conversion.timeMs - lookbackMs && inOrder(touch, conversion) <= 0,
      );
      if (path.length === 0) {
        unattributed++;
        continue;
      }
      attributed++;
      ways.push([START, ...compact(path), CONVERSION]);
      const amount = Number(conversion.micros ?? 0n) / 1e6;
      value.set(conversion.currency, (value.get(conversion.currency) ?? 0) + amount);
      for (const model of request.models)
        sharesOf(model, path, conversion.timeMs, days(request.half_life)).forEach((share, index) => {
          const channel = channelOf(path[index] as PlacedEvent);
          const ofChannel =
            credits.get(channel) ??
            new Map<AttributionModel, { conversions: number; money: Map<string, number> }>();
          const credit = ofChannel.get(model) ?? { conversions: 0, money: new Map<string, number>() };
          credit.conversions += share;
          credit.money.set(
            conversion.currency,
            (credit.money.get(conversion.currency) ?? 0) + share * amount,
          );
          credits.set(channel, ofChannel.set(model, credit));
        });
    }
  }
  const effects = new Map(
    [...effectsOf(ways)].map(([state, effect]) => {
      return [state === 'the others' ? null : state.slice('channel '.length), effect] as const;
    }),
  );
  if (request.models.includes('markov')) {
    const sum = [...effects.values()].reduce((a, b) => a + b, 0);
    for (const channel of count.keys()) {
      const share = sum === 0 ? 0 : (effects.get(channel) ?? 0) / sum;
      const ofChannel =
        credits.get(channel) ??
        new Map<AttributionModel, { conversions: number; money: Map<string, number> }>();
      ofChannel.set('markov', {
        conversions: attributed * share,
        money: new Map([...value].map(([currency, amount]) => [currency, amount * share])),
      });
      credits.set(channel, ofChannel);
    }
  }
  return { attributed, unattributed, touches: count, credits, effects };
};
