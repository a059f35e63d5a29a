import { CanonicalEvent, labelText, objectTextOf, pathText, stringText } from '../canonical-event.ts';
import type { JsonValue } from '../json-value.ts';
import { instantMs, setTime, skewMs } from '../sent-time.ts';
import { agentOf } from '../user-agent.ts';
import { itemsOf, keysOf, type OpenBatch, unknownMembers } from '../vendor-body.ts';
import { isSegmentCall, sourceOf, TYPES } from './names.ts';

/**
 * Segment's calls as canonical events. The table is in `docs/drop-in.md`; whatever it does not name becomes a property `segment.<name>`, members of the context one
 * `context.<name>`.
 */

const KNOWN: ReadonlySet<string> = new Set([
  ...[
    'messageId',
    'timestamp',
    'originalTimestamp',
    'sentAt',
    'writeKey',
    'type',
    'event',
    'name',
    'category',
  ],
  ...['userId', 'anonymousId', 'groupId', 'previousId', 'traits', 'properties', 'context'],
]);
const NONE: ReadonlySet<string> = new Set();

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
    translate(item) {
      const skew = bodySkew === 0 ? skewOf(item) : bodySkew;
      return { text: translateItem(item, skew, call), isCorrected: skew !== 0 };
    },
  };
};

const translateItem = (item: JsonValue, skew: number, routeCall: string | undefined): string => {
  const event = new CanonicalEvent();
  const call = item.get('type')?.string ?? routeCall ?? 'track';
  event.field('id', labelText(item.get('messageId')));
  setTime(event, item.get('originalTimestamp') ?? item.get('timestamp'), skew);
  setType(event, item, call);
  event.field(
    'source',
    sourceOf(item.get('context')?.get('library')?.get('name')?.string, item.get('channel')?.string),
  );
  setPerson(event, item);
  const properties = item.get('properties');
  if (properties?.kind === 'object') event.properties(properties.members);
  else if (properties?.isPresent === true) event.property('segment.properties', properties.text);
  if (call === 'track') event.revenue([properties?.get('revenue')], [properties?.get('currency')]);
  setContext(event, item.get('context'), call === 'page' ? properties : undefined);
  for (const name of ['name', 'category'] as const) event.property(name, presentText(item.get(name)));
  event.property('segment.type', JSON.stringify(call));
  event.properties(unknownMembers(item, KNOWN), 'segment.');
  return event.text;
};

const presentText = (value: JsonValue | undefined): string | undefined =>
  value?.isPresent === true ? value.text : undefined;

const setType = (event: CanonicalEvent, item: JsonValue, call: string): void => {
  const name = item.get('event');
  if (call === 'track') event.field('type', stringText(name));
  else event.field('type', JSON.stringify(isSegmentCall(call) ? TYPES[call] : call));
  if (call !== 'track' || name?.kind !== 'string') event.property('segment.event', presentText(name));
};

/** Who did it. An anonymous visitor is a user too: `user_id` is then the anonymous id, so that visitors are counted. */
const setPerson = (event: CanonicalEvent, item: JsonValue): void => {
  const anonymous = item.get('anonymousId');
  event.field('user_id', labelText(item.get('userId')) ?? labelText(anonymous));
  if (labelText(item.get('userId')) === undefined)
    event.property('segment.userId', presentText(item.get('userId')));
  event.property('anonymous_id', presentText(anonymous));
  event.property('previous_id', presentText(item.get('previousId')));
  event.property('group_id', presentText(item.get('groupId')));
  const traits = item.get('traits');
  event.property('traits', traits?.kind === 'object' ? objectTextOf(traits) : presentText(traits));
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
  if (context?.kind !== 'object') {
    event.property('segment.context', presentText(context));
    return;
  }
  for (const [key, value] of context.members)
    if (key !== 'page') event.contextMember(key, value);
    else if (value.kind === 'object') event.properties(pageRest(event, value), 'context.page.');
    else if (!event.context('page', stringText(value))) event.property('context.page', presentText(value));
  setAgent(event, context);
};

const PAGE_FIELDS: ReadonlyMap<string, string> = new Map([
  ['path', 'page'],
  ['referrer', 'referrer'],
]);

/** The members of `context.page` that the canonical context does not tell. */
const pageRest = (event: CanonicalEvent, page: JsonValue): [string, JsonValue][] =>
  unknownMembers(page, NONE).filter(([key, value]) => {
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
