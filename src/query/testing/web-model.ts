import { type ModelSession, type ModelSessionEvent, modelTop } from './sessions-model.ts';

/** What web analytics mean, written down naively, on top of the model of sessions. Hosts and mediums are those of the tests only. */

/** An event of a web site. */
export interface ModelWebEvent extends ModelSessionEvent {
  readonly referrer: string;
  readonly browser: string;
  readonly os: string;
}

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const inOrder = (a: ModelWebEvent, b: ModelWebEvent): number =>
  a.timeMs - b.timeMs || a.position - b.position;

const eventsOf = (session: ModelSession): readonly ModelWebEvent[] => session.events as ModelWebEvent[];

/** The text of the earliest event that has one; of several at one place the least. */
const earliest = (events: readonly ModelWebEvent[], textOf: (event: ModelWebEvent) => string): string => {
  const having = events.filter((event) => textOf(event) !== '');
  const [first] = having;
  if (first === undefined) return '';
  const same = having.filter((event) => inOrder(event, first) === 0);
  return same.map(textOf).sort(bytes)[0] ?? '';
};

const property = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const utm = (event: ModelWebEvent, name: string): string => {
  const { properties } = event;
  const campaign = (properties['context.campaign'] ?? {}) as Record<string, unknown>;
  return (
    property(properties[`utm_${name}`]) ||
    property(properties[`context.utm_${name}`]) ||
    property(campaign[name === 'campaign' ? 'name' : name])
  );
};

const UTM_NAMES = ['source', 'medium', 'campaign', 'term', 'content'];

/** What the lists of web analytics know a session by. */
const described = (session: ModelSession, views: readonly string[], ownHosts: readonly string[]) => {
  const events = eventsOf(session);
  const viewed = events.filter(({ type }) => views.includes(type));
  const campaignsOf = (event: ModelWebEvent) => UTM_NAMES.map((name) => utm(event, name));
  const naming = viewed.filter((event) => campaignsOf(event).some((text) => text !== ''));
  const [leading] = naming;
  const campaigns = naming
    .filter((event) => leading !== undefined && inOrder(event, leading) === 0)
    .map(campaignsOf)
    .sort((a, b) => a.map((text, at) => bytes(text, b[at] ?? '')).find((order) => order !== 0) ?? 0);
  const campaign = Object.fromEntries(UTM_NAMES.map((name, at) => [name, campaigns[0]?.[at] ?? '']));
  const [first] = viewed;
  const referrers = viewed
    .filter((event) => first !== undefined && inOrder(event, first) === 0)
    .map(({ referrer }) => referrer);
  const referrer = referrers.sort(bytes)[0] ?? '';
  const named = referrer === '' ? '' : new URL(referrer).hostname.replace(/^www\./u, '');
  const host = ownHosts.includes(named) ? '' : named;
  return { campaign, host };
};

const channelOf = (campaign: Record<string, string>, host: string): string => {
  const medium = (campaign['medium'] ?? '').toLowerCase();
  if (medium === 'cpc') return 'paid';
  if (medium === 'email') return 'email';
  if (medium === 'social' || host === 'l.facebook.com') return 'social';
  if (host === 'google.co.uk') return 'search';
  if ([campaign['source'], medium, campaign['campaign']].some((text) => text !== '')) return 'campaign';
  return host === '' ? 'direct' : 'referral';
};

const visitorOf = (session: ModelSession): string => {
  const events = eventsOf(session);
  const anonymous = earliest(events, ({ properties }) => property(properties['anonymous_id']));
  const known = earliest(events, ({ user_id }) => user_id);
  if (anonymous !== '') return `a${anonymous}`;
  return known === '' ? `s${events[0]?.session_id}` : `u${known}`;
};

/** Visits with the views that count of each. */
interface Visit {
  readonly session: ModelSession;
  readonly views: number;
}

export const modelWebNumbers = (visits: readonly Visit[]) => {
  const sum = (of: (visit: Visit) => number) => visits.reduce((all, one) => all + of(one), 0);
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const views = sum((visit) => visit.views);
  const bounces = visits.filter(({ session }) => session.bounced).length;
  return {
    visitors: new Set(visits.map(({ session }) => visitorOf(session))).size,
    sessions: visits.length,
    views,
    views_per_session: ratio(views, visits.length),
    bounces,
    bounce_rate: ratio(bounces, visits.filter(({ session }) => session.views > 0).length),
    duration_avg_ms: ratio(
      sum(({ session }) => session.durationMs),
      visits.length,
    ),
  };
};

interface ModelWebQuestion {
  readonly views: readonly string[];
  readonly ownHosts: readonly string[];
  readonly top: number;
  /** Of lists of which not `top` entries are named. */
  readonly topOf: Readonly<Record<string, number | undefined>>;
  readonly fromMs: number;
  readonly isCompared: boolean;
}

/** Pages that a session viewed, each time that it did. */
const pagesOf = (session: ModelSession, views: readonly string[]): string[] =>
  eventsOf(session)
    .filter(({ type, page }) => views.includes(type) && page !== '')
    .map(({ page }) => page);

/** Which values a session has in each list. */
const placesOf = ({ views, ownHosts }: Pick<ModelWebQuestion, 'views' | 'ownHosts'>) => {
  const valuesOf = new Map<string, (session: ModelSession) => string[]>();
  const of = (list: string, value: (session: ModelSession) => string, withAbsent: boolean): void => {
    valuesOf.set(list, (session) => [value(session)].filter((text) => withAbsent || text !== ''));
  };
  const known = (session: ModelSession) => described(session, views, ownHosts);
  of('channels', (session) => channelOf(known(session).campaign, known(session).host), false);
  of('sources', (session) => known(session).host, true);
  for (const name of UTM_NAMES) of(`utm_${name}s`, (session) => known(session).campaign[name] ?? '', false);
  of('entry_pages', ({ entry }) => entry ?? '', false);
  of('exit_pages', ({ exit }) => exit ?? '', false);
  of('countries', (session) => earliest(eventsOf(session), ({ country }) => country), true);
  of('devices', (session) => earliest(eventsOf(session), ({ device_type }) => device_type), true);
  of('browsers', (session) => earliest(eventsOf(session), ({ browser }) => browser), true);
  of('systems', (session) => earliest(eventsOf(session), ({ os }) => os), true);
  valuesOf.set('pages', (session) => [...new Set(pagesOf(session, views))]);
  return valuesOf;
};

/** Sessions that stand in each of the lists with one of the values; null: with none. */
export const modelOnly = (
  sessions: readonly ModelSession[],
  only: Readonly<Record<string, readonly (string | null)[] | undefined>>,
  question: Pick<ModelWebQuestion, 'views' | 'ownHosts'>,
): ModelSession[] => {
  const valuesOf = placesOf(question);
  return sessions.filter((session) =>
    Object.entries(only).every(([list, wanted]) => {
      const values =
        valuesOf
          .get(list)?.(session)
          .filter((value) => value !== '') ?? [];
      return values.length === 0
        ? wanted?.includes(null) === true
        : values.some((value) => wanted?.includes(value));
    }),
  );
};

/** The lists by name, of sessions of both periods; `fromMs` parts them. */
export const modelLists = (sessions: readonly ModelSession[], question: ModelWebQuestion) => {
  const { views, fromMs, isCompared } = question;
  const valuesOf = placesOf(question);
  return Object.fromEntries(
    [...valuesOf].map(([list, values]) => {
      const isPages = list === 'pages';
      const top = question.topOf[list] ?? question.top;
      const pairs = sessions.flatMap((session) => values(session).map((value) => ({ session, value })));
      const isNow = ({ beganMs }: ModelSession): boolean => beganMs >= fromMs;
      const viewsOf = ({ session, value }: { session: ModelSession; value: string }): number =>
        isPages ? pagesOf(session, views).filter((page) => page === value).length : session.views;
      // So many times as it weighs, for the order of the largest.
      const weights = pairs.flatMap((pair) =>
        isNow(pair.session) ? Array<string>(isPages ? viewsOf(pair) : 1).fill(pair.value) : [],
      );
      const ranked = modelTop(weights, Number.POSITIVE_INFINITY, (value) => value).named.map(
        ([value]) => value,
      );
      const gone = [...new Set(pairs.map(({ value }) => value))]
        .filter((value) => !ranked.includes(value))
        .sort(bytes);
      const all = [...ranked, ...gone];
      const entryOf = (value: string | null, among: readonly string[], other: boolean) => {
        // A session that saw two pages behind the top is two visits of theirs.
        const numbers = (now: boolean) =>
          modelWebNumbers(
            pairs
              .filter((pair) => among.includes(pair.value) && isNow(pair.session) === now)
              .map((pair) => ({ session: pair.session, views: viewsOf(pair) })),
          );
        return { value, other, ...numbers(true), previous: isCompared ? numbers(false) : null };
      };
      const entries = all.slice(0, top).map((value) => entryOf(value === '' ? null : value, [value], false));
      const rest = all.slice(top);
      return [list, rest.length === 0 ? entries : [...entries, entryOf(null, rest, true)]];
    }),
  );
};
