/** An error in ClickHouse's own terms: its number and its message. Sent to the client as ClickHouse would. */
export class EngineError extends Error {
  readonly code: number;
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** ClickHouse's error numbers that this code tells apart. Names as in ClickHouse's `ErrorCodes.cpp`. */
export const CODES = {
  BAD_ARGUMENTS: 36,
  UNKNOWN_FUNCTION: 46,
  NOT_IMPLEMENTED: 48,
  UNKNOWN_TABLE: 60,
  SYNTAX_ERROR: 62,
  UNKNOWN_DATABASE: 81,
  FILE_DOESNT_EXIST: 107,
  UNKNOWN_SETTING: 115,
  TOO_MANY_ROWS: 158,
  TIMEOUT_EXCEEDED: 159,
  READONLY: 164,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  ABORTED: 236,
  MEMORY_LIMIT_EXCEEDED: 241,
  NOT_ENOUGH_SPACE: 243,
  TOO_MANY_PARTS: 252,
  QUERY_WAS_CANCELLED: 394,
  TOO_MANY_ROWS_OR_BYTES: 396,
  ACCESS_DENIED: 497,
  AUTHENTICATION_FAILED: 516,
  CANNOT_INFLATE: 354,
  STD_EXCEPTION: 1001,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(CODES).map(([name, code]) => [code, name]));

const HTTP_STATUS: ReadonlyMap<number, number> = new Map([
  [CODES.BAD_ARGUMENTS, 400],
  [CODES.SYNTAX_ERROR, 400],
  [CODES.CANNOT_INFLATE, 400],
  [CODES.UNKNOWN_FUNCTION, 404],
  [CODES.UNKNOWN_TABLE, 404],
  [CODES.UNKNOWN_DATABASE, 404],
  [CODES.UNKNOWN_SETTING, 404],
  [CODES.TIMEOUT_EXCEEDED, 408],
  [CODES.ACCESS_DENIED, 403],
  [CODES.AUTHENTICATION_FAILED, 403],
  [CODES.NOT_IMPLEMENTED, 501],
  [CODES.TOO_MANY_SIMULTANEOUS_QUERIES, 503],
]);

const INTERNAL_ERROR_STATUS = 500;

/** The HTTP status with which ClickHouse answers an error of this number. */
export const httpStatus = (code: number): number => HTTP_STATUS.get(code) ?? INTERNAL_ERROR_STATUS;

/** Whatever the engine threw, as an EngineError: `Code: 62. DB::Exception: ...` carries its number. */
export const toEngineError = (error: unknown): EngineError => {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = /Code: (\d+)\./.exec(message)?.[1];
  return new EngineError(code === undefined ? CODES.STD_EXCEPTION : Number(code), message, { cause: error });
};

/** The error as the text body of ClickHouse's answer, from which clients parse number, message and name. */
export const errorBody = (error: EngineError): string => {
  if (/^Code: \d+\./.test(error.message)) return `${error.message}\n`;
  const name = NAMES.get(error.code) ?? 'UNKNOWN';
  return `Code: ${error.code}. DB::Exception: ${error.message}. (${name})\n`;
};
