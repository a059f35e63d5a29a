import { ClickHouseError } from '@clickhouse/client';

/**
 * `unavailable`: not reachable, or it went away in the middle. `busy`: too much at once. `memory`, `timeout`, `too_large`: a limit was hit. `cancelled`: the caller
 * gave up. `disk_full`. `denied`: not allowed to this session class. `invalid`: the statement itself is wrong. `internal`: everything else.
 */
export type WarehouseErrorCode =
  | 'unavailable'
  | 'busy'
  | 'memory'
  | 'timeout'
  | 'too_large'
  | 'cancelled'
  | 'disk_full'
  | 'denied'
  | 'invalid'
  | 'internal';

/** The only error class that a Warehouse throws. */
export class WarehouseError extends Error {
  readonly code: WarehouseErrorCode;
  /** ClickHouse's error number, if it answered at all. */
  readonly engineCode: number | undefined;
  constructor(code: WarehouseErrorCode, message: string, engineCode?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WarehouseError';
    this.code = code;
    this.engineCode = engineCode;
  }
  /** True if the same may well succeed later, unchanged. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

const RETRYABLE: ReadonlySet<WarehouseErrorCode> = new Set([
  'unavailable',
  'busy',
  'memory',
  'timeout',
  'disk_full',
  'internal',
]);

const BY_NUMBER: Readonly<Record<WarehouseErrorCode, readonly number[]>> = {
  unavailable: [209, 210, 236, 279, 516],
  busy: [202, 252, 439],
  memory: [241, 173],
  timeout: [159, 160],
  too_large: [158, 307, 396],
  cancelled: [394],
  disk_full: [243, 75],
  denied: [164, 452, 497],
  invalid: [
    6, 10, 16, 27, 34, 36, 38, 41, 42, 43, 44, 46, 47, 48, 50, 53, 57, 60, 62, 70, 72, 80, 81, 82, 115, 117,
    179, 184, 215, 386, 456, 457,
  ],
  internal: [],
};

const NUMBERS: ReadonlyMap<number, WarehouseErrorCode> = new Map(
  (Object.keys(BY_NUMBER) as WarehouseErrorCode[]).flatMap((code) =>
    BY_NUMBER[code].map((number) => [number, code] as const),
  ),
);

/** A failure that the engine itself told, by its number. */
export const engineFailure = (number: number, message: string, cause?: unknown): WarehouseError =>
  new WarehouseError(
    NUMBERS.get(number) ?? 'internal',
    message,
    number,
    cause === undefined ? {} : { cause },
  );

/** Whatever the client threw, as a WarehouseError. `gaveUp` is why the caller's own signal was aborted, if it was. */
export const toWarehouseError = (error: unknown, gaveUp?: 'cancelled' | 'timeout'): WarehouseError => {
  if (error instanceof WarehouseError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (gaveUp === 'cancelled')
    return new WarehouseError('cancelled', 'The caller gave up waiting.', undefined, { cause: error });
  if (gaveUp === 'timeout')
    return new WarehouseError('timeout', 'The warehouse did not answer in time.', undefined, {
      cause: error,
    });
  if (!(error instanceof ClickHouseError))
    return new WarehouseError('unavailable', `The warehouse is not reachable: ${message}`, undefined, {
      cause: error,
    });
  return engineFailure(Number(error.code), message, error);
};
