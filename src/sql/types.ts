import { refused } from './problem.ts';
import { checkTimeZone } from './time-zones.ts';

/** Types that a value may be cast to. None that holds the state of an aggregate, a document or a choice of types: those are read by other code than values are. */
const TYPES = new Set(
  `String FixedString Bool Boolean UUID IPv4 IPv6 Date Date32 DateTime DateTime32 DateTime64 Timestamp
  Int8 Int16 Int32 Int64 Int128 Int256 UInt8 UInt16 UInt32 UInt64 UInt128 UInt256 Float32 Float64 Float Double Real Integer Int BigInt SmallInt TinyInt
  Decimal Decimal32 Decimal64 Decimal128 Numeric Char Varchar Text Array Tuple Map Nullable LowCardinality
  IntervalYear IntervalQuarter IntervalMonth IntervalWeek IntervalDay IntervalHour IntervalMinute IntervalSecond IntervalMillisecond`
    .toLowerCase()
    .split(/\s+/),
);

const QUOTED = /'[^'\\]*'/g;
const WORD = /[^\s(),]+/g;
const TYPE_CHARS_MAX = 500;

/** Throws SqlProblem unless a type, as text, is one of the plain ones, also in its parts. The only texts in those are names of time zones. */
export const checkType = (type: string): void => {
  for (const quoted of type.match(QUOTED) ?? []) checkTimeZone(quoted.slice(1, -1));
  const words =
    type
      .slice(0, TYPE_CHARS_MAX + 1)
      .replaceAll(QUOTED, ' ')
      .match(WORD) ?? [];
  const strange = words.find((word) => !/^\d+$/.test(word) && !TYPES.has(word.toLowerCase()));
  if (strange === undefined && words.length > 0 && type.length <= TYPE_CHARS_MAX) return;
  throw refused(
    `The type ${JSON.stringify(strange ?? type.slice(0, TYPE_CHARS_MAX))} may not be used. Numbers, texts, dates, and arrays, tuples and maps of them may.`,
  );
};
