/** What one request may carry. Each is an option of the program; these are the defaults. */
export interface EventLimits {
  /** Bytes of one event as sent. A larger one is refused with `event_too_large`. */
  readonly eventBytesMax: number;
  /** Events in one body. More refuse the body as a whole. */
  readonly requestEventsMax: number;
  /** Levels of objects and arrays within one event, the event itself being the first. */
  readonly depthMax: number;
}

/** The limits unless configured otherwise. */
export const DEFAULT_LIMITS: EventLimits = {
  eventBytesMax: 1024 * 1024,
  requestEventsMax: 10_000,
  depthMax: 64,
};

/** Of an event over `eventBytesMax`, this much of the beginning is kept in quarantine: enough to find its sender. */
export const TOO_LARGE_BODY_KEPT_BYTES = 4096;

/** Stale events are counted; the bodies of this many of a request are kept as samples. */
export const STALE_BODIES_KEPT_MAX = 10;

/** What the warehouse's time type can hold, milliseconds since the epoch: 1900-01-01T00:00:00.000Z and 2299-12-31T23:59:59.999Z, inclusive. */
export const TIME_MIN_MS = Date.UTC(1900, 0, 1);
export const TIME_MAX_MS = Date.UTC(2300, 0, 1) - 1;
