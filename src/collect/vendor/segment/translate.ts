import { CanonicalEvent, pathText, stringText } from '../canonical-event.ts';
import type { JsonValue } from '../json-value.ts';
import { instantMs, setTime, skewMs } from '../sent-time.ts';
import { agentOf } from '../user-agent.ts';
import { itemsOf, keysOf, type OpenBatch, type TranslatedEvent } from '../vendor-body.ts';
import { tellingMembers, VendorItem } from '../vendor-item.ts';
import { isSegmentCall, sourceOf, TYPES } from './names.ts';

/**
 * Segment's calls as canonical events. The table is in `docs/drop-in.md`; whatever it does not name becomes a property `segment.<name>`, members of the context one
 * `context.<name>`.
 */

/** Finds the events of a body of Segment's clients. */
export const openSegmentBatch: OpenBatch = (body, { receivedAtMs, query, call, eventsMax }) => {
  const items = itemsOf(body, eventsMax);
  const skewOf = (value: JsonValue): number =>
    skewMs({ receivedAtMs, sentAtMs: instantMs(value.get('sentAt')) });
  const bodySkew = skewOf(body);
  return {
    items,
    keys: keysOf(body.get('writeKey'), query.get('writeKey'), items[0]?.get('writeKey')),
    idOf: (item) => item.get('messageId')?.string,
    translate: (item) => translateItem(new VendorItem(item), call, bodySkew === 0 ? skewOf(item) : bodySkew),
  };
};

const translateItem = (item: VendorItem, routeCall: string | undefined, skew: number): TranslatedEvent => {
  const event = new CanonicalEvent();
  item.drop('writeKey', 'sentAt');
  const type = item.string('type');
  const call = type === undefined ? (routeCall ?? 'track') : (item.get('type')?.string ?? '');
  event.field('id', item.label('messageId'));
  const isCorrected = setMoment(event, item, skew);
  if (call === 'track') event.field('type', item.string('event'));
  else event.field('type', JSON.stringify(isSegmentCall(call) ? TYPES[call] : call));
  const library = item.get('context')?.get('library')?.get('name')?.string;
  event.field('source', sourceOf(library, item.get('channel')?.string));
  setPerson(event, item);
  const properties = item.object('properties');
  event.properties(properties?.members ?? []);
  if (call === 'track') event.revenue([properties?.get('revenue')], [properties?.get('currency')]);
  setContext(event, item.object('context'), call === 'page' ? properties : undefined);
  for (const name of ['name', 'category']) event.property(name, item.any(name)?.text);
  event.property('segment.type', JSON.stringify(call));
  event.properties(item.rest(), 'segment.');
  return { text: event.text, isCorrected };
};

/** An event with both times has come through a server of Segment's, which has corrected `timestamp`. */
const setMoment = (event: CanonicalEvent, item: VendorItem, skew: number): boolean => {
  const timestamp = item.any('timestamp');
  const original = item.any('originalTimestamp');
  if (timestamp === undefined || original === undefined) return setTime(event, timestamp ?? original, skew);
  event.property('original_timestamp', original.text);
  return setTime(event, timestamp, 0);
};

/** Who did it. An anonymous visitor is a user too: `user_id` is then the anonymous id, so that visitors are counted. */
const setPerson = (event: CanonicalEvent, item: VendorItem): void => {
  const anonymous = item.label('anonymousId');
  event.field('user_id', item.label('userId') ?? anonymous);
  event.property('anonymous_id', anonymous);
  event.property('previous_id', item.label('previousId'));
  event.property('group_id', item.label('groupId'));
  event.property('traits', item.any('traits')?.text);
};

/** `page`: the properties of a page call, which describe the page as the context does. */
const setContext = (
  event: CanonicalEvent,
  context: JsonValue | undefined,
  pageCall: JsonValue | undefined,
): void => {
  const page = context?.get('page');
  for (const place of [pageCall, page?.kind === 'object' ? page : undefined]) {
    event.context('page', stringText(place?.get('path')) ?? pathText(place?.get('url')));
    event.context('referrer', stringText(place?.get('referrer')));
  }
  if (context === undefined) return;
  for (const [key, value] of context.members)
    if (key !== 'page') event.contextMember(key, value);
    else if (value.kind === 'object') event.properties(pageRest(event, value), 'context.page.');
    else if (value.isPresent && !event.context('page', stringText(value)))
      event.property('context.page', value.text);
  setAgent(event, context);
};

const PAGE_FIELDS: ReadonlyMap<string, string> = new Map([
  ['path', 'page'],
  ['referrer', 'referrer'],
]);

/** The members of `context.page` that the canonical context does not tell. */
const pageRest = (event: CanonicalEvent, page: JsonValue): [string, JsonValue][] =>
  tellingMembers(page).filter(([key, value]) => {
    const field = PAGE_FIELDS.get(key);
    return field === undefined || !event.context(field, stringText(value));
  });

const setAgent = (event: CanonicalEvent, context: JsonValue): void => {
  const agent = agentOf(context.get('userAgent')?.string ?? '');
  if (context.get('os') === undefined) event.context('os', jsonOf(agent.os));
  if (context.get('browser') === undefined) event.context('browser', jsonOf(agent.browser));
  if (context.get('device')?.get('type') === undefined)
    event.context('device_type', jsonOf(agent.device_type));
};

const jsonOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : JSON.stringify(text);
