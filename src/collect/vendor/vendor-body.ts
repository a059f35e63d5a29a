import { ApiError } from '../../event/errors.ts';
import type { JsonValue } from './json-value.ts';

/** Where a request may carry its key, and when it was sent, beside its body. */
export interface VendorRequest {
  /** Time of receipt, milliseconds. */
  readonly receivedAtMs: number;
  /** The query string. */
  readonly query: URLSearchParams;
  /** The call that the address names (`track`), for events that do not name one. */
  readonly call?: string | undefined;
}

/** A body of another platform's client, translated. */
export interface VendorBatch {
  /** Keys that the body carries, the most telling first. */
  readonly keys: readonly string[];
  /** The events in the canonical shape, as JSON texts, in the order of the body. What is no object is passed on as it was, to be refused. */
  readonly events: readonly string[];
  /** The client's ids of the events in the same order, where it gave some. */
  readonly ids: readonly (string | undefined)[];
  /** Events whose time was corrected by the difference between the client's clock and ours. */
  readonly corrected: number;
}

/** Makes canonical events of a body. Throws ApiError for a body that is no batch and no event. */
export type Translate = (body: JsonValue, request: VendorRequest) => VendorBatch;

/** The events of a body: `{"batch": [...]}`, an array, or one event. */
export const itemsOf = (body: JsonValue): JsonValue[] => {
  const batch = body.get('batch');
  if (batch?.kind === 'array') return batch.items;
  if (body.kind === 'array') return body.items;
  if (body.kind === 'object') return [body];
  throw new ApiError(
    'invalid_request',
    `The body is ${body.kind === 'null' ? 'null' : `a JSON ${body.kind}`}: expected an event, an array of events, or an object with an array "batch".`,
  );
};

/** The strings among some values that are there, each once. */
export const keysOf = (...values: (JsonValue | string | null | undefined)[]): string[] => {
  const texts = values.map((value) => (typeof value === 'object' ? value?.string : value));
  return [...new Set(texts.filter((text) => text !== undefined && text !== ''))] as string[];
};

/** The members whose names are not in `known`. */
export const unknownMembers = (value: JsonValue, known: ReadonlySet<string>): [string, JsonValue][] =>
  [...value.members].filter(
    ([key, member]) =>
      !known.has(key) && member.isPresent && !(member.kind === 'object' && member.members.size === 0),
  );
