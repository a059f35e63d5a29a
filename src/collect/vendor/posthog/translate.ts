import { CanonicalEvent, labelText, objectTextOf, pathText, stringText } from '../canonical-event.ts';
import type { JsonValue } from '../json-value.ts';
import { instantMs, setTime, skewMs } from '../sent-time.ts';
import { itemsOf, keysOf, type OpenBatch, type TranslatedEvent } from '../vendor-body.ts';
import { VendorItem } from '../vendor-item.ts';
import { sourceOf, typeOf } from './names.ts';

/**
 * PostHog's events as canonical ones. The table is in `docs/drop-in.md`. All `properties` are kept under their names, those that have a field as well; members
 * of the event that the table does not name become properties `posthog.<name>`.
 */

/** A key has no business among what is stored. */
const KEYS: ReadonlySet<string> = new Set(['token', 'api_key']);
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
    idOf: (item) => item.get('uuid')?.string,
    translate: (item) => translateItem(new VendorItem(item), receivedAtMs, isTimeRight(item) ? 0 : bodySkew),
  };
};

/** When the client says that it sent a body: in it, or in the query, there also as milliseconds. */
const sentAtMs = (
  body: JsonValue,
  query: URLSearchParams,
  first: JsonValue | undefined,
): number | undefined => {
  const created = body.get('batch') === undefined ? undefined : body.get('created_at');
  const own = body.get('sent_at') ?? created ?? first?.get('sent_at');
  if (own !== undefined) return instantMs(own);
  const asked = query.get('sent_at') ?? query.get('_');
  return asked !== null && /^\d{13}$/.test(asked) ? Number(asked) : undefined;
};

const isTrue = (value: JsonValue | undefined): boolean => value?.text === 'true';

/** The client may say that its clock is to be believed. */
const isTimeRight = (item: JsonValue): boolean =>
  isTrue(item.get('properties')?.get('$ignore_sent_at')) ||
  isTrue(item.get('options')?.get('disable_skew_correction'));

const translateItem = (item: VendorItem, receivedAtMs: number, skew: number): TranslatedEvent => {
  const event = new CanonicalEvent();
  item.drop('sent_at', ...KEYS);
  const properties = item.object('properties');
  const own = (name: string): JsonValue | undefined => properties?.get(name);
  event.field('id', item.label('uuid') ?? labelText(own('$insert_id')) ?? item.label('messageId'));
  const isCorrected = setMoment(event, item, receivedAtMs, skew);
  const set = item.object('$set');
  setType(event, typeText(item, own, set ?? own('$set')), own, set ?? own('$set'));
  const library = own('$lib')?.string;
  if (library !== undefined && library !== '') event.field('source', JSON.stringify(sourceOf(library)));
  const user = item.label('distinct_id') ?? labelText(own('distinct_id')) ?? labelText(own('$distinct_id'));
  event.field('user_id', user);
  event.field('session_id', labelText(own('$session_id')) ?? labelText(item.get('session_id')));
  event.revenue([own('$revenue'), own('revenue')], [own('$currency'), own('currency')]);
  setContext(event, own);
  event.properties([...(properties?.members ?? [])].filter(([name]) => !KEYS.has(name)));
  event.property('$set', set?.text);
  event.property('$set_once', item.object('$set_once')?.text);
  for (const name of ['session_id', 'window_id']) event.property(`$${name}`, item.label(name));
  event.properties(item.rest(), 'posthog.');
  return { text: event.text, isCorrected };
};

/** Old clients say how long ago it was instead of when. */
const setMoment = (event: CanonicalEvent, item: VendorItem, receivedAtMs: number, skew: number): boolean => {
  const timestamp = item.any('timestamp');
  const offset = item.get('offset');
  if (timestamp === undefined && offset?.kind === 'number') {
    event.field('timestamp', String(Math.floor(receivedAtMs - Number(offset.text))));
    item.drop('offset');
  }
  return setTime(event, timestamp, skew);
};

type Own = (name: string) => JsonValue | undefined;

/** What happened. Old clients set people without saying so. */
const typeText = (item: VendorItem, own: Own, set: JsonValue | undefined): string | undefined => {
  const text = item.string('event') ?? stringText(own('event'));
  if (text !== undefined) return JSON.parse(text) as string;
  return objectTextOf(set) === undefined ? undefined : '$set';
};

/** Who an event is about, and what is said of them, is the same for all platforms: `traits`, `anonymous_id`, `previous_id`, `group_id`. */
const setType = (
  event: CanonicalEvent,
  name: string | undefined,
  own: Own,
  set: JsonValue | undefined,
): void => {
  if (name === undefined) return;
  const type = typeOf(name);
  event.field('type', JSON.stringify(type));
  if (type !== name) event.property('posthog.event', JSON.stringify(name));
  if (type === 'identify') {
    event.property('traits', objectTextOf(set));
    event.property('anonymous_id', labelText(own('$anon_distinct_id')));
  } else if (type === 'alias') event.property('previous_id', labelText(own('alias')));
  else if (type === 'group') {
    event.property('traits', objectTextOf(own('$group_set')));
    event.property('group_id', labelText(own('$group_key')));
    event.property('group_type', labelText(own('$group_type')));
  }
};

const setContext = (event: CanonicalEvent, own: Own): void => {
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
