import { setImmediate } from 'node:timers/promises';
import { TooManyEventsError } from '../../event/decode-json.ts';
import { ApiError } from '../../event/errors.ts';
import type { EventLimits } from '../../event/limits.ts';
import type { Clock } from '../../lib/clock.ts';
import type { JsonValue } from './json-value.ts';

/** Where a request may carry its key, and when it was sent, beside its body. */
export interface VendorRequest {
  /** Time of receipt, milliseconds. */
  readonly receivedAtMs: number;
  /** The query string. */
  readonly query: URLSearchParams;
  /** The call that the address names (`track`), for events that do not name one. */
  readonly call?: string | undefined;
  /** Events of one body at most. */
  readonly eventsMax: number;
}

/** An event in the canonical shape. */
export interface TranslatedEvent {
  /** As JSON. */
  readonly text: string;
  /** Whether its time was corrected, by the difference between the client's clock and ours. */
  readonly isCorrected: boolean;
}

/** A body of another platform's client. */
export interface VendorBatch {
  /** Keys that the body and the query carry, the most telling first. */
  readonly keys: readonly string[];
  /** Its events as sent. */
  readonly items: readonly JsonValue[];
  /** The client's id of an event, if it has one. */
  idOf(item: JsonValue): string | undefined;
  /** Translates an event that is an object. */
  translate(item: JsonValue): TranslatedEvent;
}

/** Finds the events of a body. Throws ApiError for a body that is no batch and no event. */
export type OpenBatch = (body: JsonValue, request: VendorRequest) => VendorBatch;

/** So long is translated in one go; then others have their turn. Milliseconds. */
const TURN_MS = 8;

/** The events of a batch as a canonical body, in their order. What is no object or is too large is passed on as it was, to be refused. */
export const translateBatch = async (
  batch: VendorBatch,
  limits: Pick<EventLimits, 'eventBytesMax'>,
  clock: Pick<Clock, 'monotonicMs'>,
): Promise<{ readonly body: Uint8Array; readonly corrected: number }> => {
  const texts: string[] = [];
  let corrected = 0;
  let endMs = clock.monotonicMs() + TURN_MS;
  for (const item of batch.items) {
    if (item.kind === 'object' && item.size <= limits.eventBytesMax) {
      const { text, isCorrected } = batch.translate(item);
      texts.push(text);
      if (isCorrected) corrected++;
    } else texts.push(item.text);
    if (clock.monotonicMs() < endMs) continue;
    await setImmediate();
    endMs = clock.monotonicMs() + TURN_MS;
  }
  return { body: Buffer.from(`[${texts.join(',')}]`), corrected };
};

/** The events of a body: `{"batch": [...]}`, an array, or one event. */
export const itemsOf = (body: JsonValue, eventsMax: number): JsonValue[] => {
  const batch = body.get('batch');
  if (batch?.kind === 'array') return listOf(batch, eventsMax);
  if (body.kind === 'array') return listOf(body, eventsMax);
  if (body.kind === 'object') return [body];
  throw new ApiError(
    'invalid_request',
    `The body is ${body.kind === 'null' ? 'null' : `a JSON ${body.kind}`}: expected an event, an array of events, or an object with an array "batch".`,
  );
};

const listOf = (array: JsonValue, eventsMax: number): JsonValue[] => {
  const items = array.items(eventsMax);
  if (items === undefined) throw new TooManyEventsError(eventsMax);
  return items;
};

/** The strings among some values that are there, each once. */
export const keysOf = (...values: (JsonValue | string | null | undefined)[]): string[] => {
  const texts = values.map((value) => (typeof value === 'object' ? value?.string : value));
  return [...new Set(texts.filter((text) => text !== undefined && text !== ''))] as string[];
};
