import { CanonicalEvent, labelText, objectTextOf, pathText, stringText } from '../canonical-event.ts';
import type { JsonValue } from '../json-value.ts';
import { instantMs, setTime, skewMs } from '../sent-time.ts';
import { itemsOf, keysOf, type OpenBatch, unknownMembers } from '../vendor-body.ts';
import { sourceOf, typeOf } from './names.ts';

/**
 * PostHog's events as canonical ones. The table is in `docs/drop-in.md`. All `properties` are kept under their names, those that have a field as well; members
 * of the event that the table does not name become properties `posthog.<name>`.
 */

const KNOWN: ReadonlySet<string> = new Set([
  ...['event', 'uuid', 'distinct_id', 'timestamp', 'offset', 'sent_at', 'api_key', 'token', 'key'],
  ...['properties', '$set', '$set_once', 'session_id', 'window_id'],
]);
/** A key has no business among what is stored. */
const NOT_STORED: ReadonlySet<string> = new Set(['token', 'api_key']);
const NO_REFERRER = '$direct';

/** Finds the events of a body of PostHog's clients. */
export const openPosthogBatch: OpenBatch = (body, { receivedAtMs, query, eventsMax }) => {
  const items = itemsOf(body, eventsMax);
  const first = items[0];
  const bodySkew = skewMs({ receivedAtMs, sentAtMs: sentAtMs(body, query, first) });
  return {
    items,
    keys: keysOf(
      ...[body.get('api_key'), body.get('token'), query.get('api_key'), query.get('token')],
      ...[first?.get('api_key'), first?.get('token'), first?.get('properties')?.get('token')],
    ),
    idOf: (item) => idOf(item)?.string,
    translate(item) {
      const skew = isTimeRight(item) ? 0 : bodySkew;
      return { text: translateItem(item, receivedAtMs, skew), isCorrected: skew !== 0 };
    },
  };
};

/** When the client says that it sent a body: in it, or in the query, there also as milliseconds. */
const sentAtMs = (
  body: JsonValue,
  query: URLSearchParams,
  first: JsonValue | undefined,
): number | undefined => {
  const own = body.get('sent_at') ?? body.get('created_at') ?? first?.get('sent_at');
  if (own !== undefined) return instantMs(own);
  const asked = query.get('sent_at') ?? query.get('_');
  return asked !== null && /^\d{13}$/.test(asked) ? Number(asked) : undefined;
};

const isTrue = (value: JsonValue | undefined): boolean => value?.text === 'true';

/** The client may say that its clock is to be believed. */
const isTimeRight = (item: JsonValue): boolean =>
  isTrue(item.get('properties')?.get('$ignore_sent_at')) ||
  isTrue(item.get('options')?.get('disable_skew_correction'));

const idOf = (item: JsonValue): JsonValue | undefined =>
  [item.get('uuid'), item.get('properties')?.get('$insert_id'), item.get('messageId')].find(
    (each) => labelText(each) !== undefined,
  );

const translateItem = (item: JsonValue, receivedAtMs: number, skew: number): string => {
  const event = new CanonicalEvent();
  const properties = item.get('properties');
  const own = (name: string): JsonValue | undefined => properties?.get(name);
  event.field('id', labelText(idOf(item)));
  setMoment(event, item, receivedAtMs, skew);
  setType(event, item);
  const library = own('$lib')?.string;
  if (library !== undefined && library !== '') event.field('source', JSON.stringify(sourceOf(library)));
  event.field(
    'user_id',
    labelText(item.get('distinct_id')) ?? labelText(own('distinct_id')) ?? labelText(own('$distinct_id')),
  );
  event.field('session_id', labelText(own('$session_id')) ?? labelText(item.get('session_id')));
  event.revenue([own('$revenue'), own('revenue')], [own('$currency'), own('currency')]);
  setContext(event, own);
  if (properties?.kind === 'object')
    event.properties([...properties.members].filter(([key]) => !NOT_STORED.has(key)));
  else if (properties?.isPresent === true) event.property('posthog.properties', properties.text);
  for (const name of ['$set', '$set_once']) event.property(name, objectTextOf(item.get(name)));
  for (const name of ['session_id', 'window_id']) event.property(`$${name}`, labelText(item.get(name)));
  event.properties(unknownMembers(item, KNOWN), 'posthog.');
  return event.text;
};

/** Old clients say how long ago it was instead of when. */
const setMoment = (event: CanonicalEvent, item: JsonValue, receivedAtMs: number, skew: number): void => {
  const offset = item.get('offset');
  if (item.get('timestamp')?.isPresent !== true && offset?.kind === 'number')
    event.field('timestamp', String(Math.floor(receivedAtMs - Number(offset.text))));
  setTime(event, item.get('timestamp'), skew);
};

/** Who an event is about, and what is said of them, is the same for all platforms: `traits`, `anonymous_id`, `previous_id`, `group_id`. */
const setType = (event: CanonicalEvent, item: JsonValue): void => {
  const properties = item.get('properties');
  const set = objectTextOf(item.get('$set')) ?? objectTextOf(properties?.get('$set'));
  const name = item.get('event') ?? item.get('properties')?.get('event');
  const text = name?.string ?? (set === undefined ? undefined : '$set');
  const type = text === undefined ? undefined : typeOf(text);
  if (type === undefined || type === '')
    event.property('posthog.event', name?.isPresent === true ? name.text : undefined);
  else event.field('type', JSON.stringify(type));
  if (type !== text) event.property('posthog.event', JSON.stringify(text));
  if (type === 'identify') {
    event.property('traits', set);
    event.property('anonymous_id', labelText(properties?.get('$anon_distinct_id')));
  } else if (type === 'alias') event.property('previous_id', labelText(properties?.get('alias')));
  else if (type === 'group') {
    event.property('traits', objectTextOf(properties?.get('$group_set')));
    event.property('group_id', labelText(properties?.get('$group_key')));
    event.property('group_type', labelText(properties?.get('$group_type')));
  }
};

const setContext = (event: CanonicalEvent, own: (name: string) => JsonValue | undefined): void => {
  event.context('device_type', stringText(own('$device_type')));
  event.context('os', stringText(own('$os')));
  event.context('os_version', labelText(own('$os_version')));
  event.context('browser', stringText(own('$browser')));
  event.context('app_version', labelText(own('$app_version')));
  event.context('country', stringText(own('$geoip_country_code')));
  event.context('region', stringText(own('$geoip_subdivision_1_name')));
  event.context(
    'page',
    stringText(own('$pathname')) ?? stringText(own('$screen_name')) ?? pathText(own('$current_url')),
  );
  if (own('$referrer')?.string !== NO_REFERRER) event.context('referrer', stringText(own('$referrer')));
};
