import { WarehouseError } from './warehouse-error.ts';

/** Rows of an answer as lists, in the order of the columns. */
export interface LaneRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What was read for an answer. */
export interface LaneStatistics {
  readonly rowsRead: number;
  readonly bytesRead: number;
}

/** The shape of ClickHouse's `JSONCompact` format. */
interface JsonCompact {
  readonly meta: LaneRows['columns'];
  readonly data: unknown[][];
}

/** Integers that a JSON number would not hold exactly become text, as they stand. */
const exactly = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? context?.source
    : value;

/** `JSON.parse` as it is since the reviver is told the text of numbers. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context?: { source?: string }) => unknown,
) => unknown;

const LONG_INTEGER = /\d{16}/;

const HEAD = '{\n\t"meta":';
const NO_ROWS = '"data":\n\t[\n,';

/** Of no rows WITH TOTALS the engine writes the totals first and does not close the list of rows. None of these line breaks can stand in a text of JSON. */
const mended = (text: string): string => {
  const head = text.startsWith('{') ? 0 : text.indexOf(HEAD);
  return head > 0 ? text.slice(head).replace(NO_ROWS, '"data": [],') : text;
};

/** Reads an answer in the format JSONCompact. Throws WarehouseError `internal` for what is none. */
export const parseLaneAnswer = (answer: string): LaneRows => {
  const text = mended(answer);
  // A reviver visits every value: only where there may be something for it.
  const parse: ParseWithSource = JSON.parse;
  try {
    const parsed = LONG_INTEGER.test(text) ? parse(text, exactly) : JSON.parse(text);
    const { meta, data } = parsed as JsonCompact;
    return { columns: meta, rows: data };
  } catch (cause) {
    throw new WarehouseError('internal', 'The warehouse answered in a form that cannot be read.', undefined, {
      cause,
    });
  }
};

/** The statistics are the last that is written. */
const TAIL_CHARS = 400;
const STATISTICS = /"statistics":\s*\{[^{}]*?"rows_read":\s*(\d+),\s*"bytes_read":\s*(\d+)\s*\}\s*\}\s*$/;

/** What an answer in the format JSONCompact says of what was read for it, without reading the rows; zeros where it says nothing. */
export const laneStatistics = (answer: string): LaneStatistics => {
  const [, rows = '0', bytes = '0'] = STATISTICS.exec(answer.slice(-TAIL_CHARS)) ?? [];
  return { rowsRead: Number(rows), bytesRead: Number(bytes) };
};
