import { type Decimal, decimalOf, formatDecimal, parseDecimal } from '../lib/decimal.ts';

/** A JSON array or object that is carried along as its text. */
export class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a column or an expression can be. Numbers are exact decimals; an absent cell is null. */
export type Value = null | boolean | string | Decimal | RawJson;

/** Why a row was not mapped to an event. The row is sent all the same, to be quarantined with its original text. */
export class RowError extends Error {
  readonly code: RowErrorCode;
  constructor(code: RowErrorCode, message: string) {
    super(message);
    this.name = 'RowError';
    this.code = code;
  }
}

/** `unreadable_row`: the row's own text is malformed. The others: a field of the event could not be made of it. */
export type RowErrorCode = 'unreadable_row' | 'invalid_timestamp' | 'invalid_number' | 'invalid_field';

/** Longest piece of a value that is quoted in a message, characters. */
const QUOTED_MAX = 60;

/** A value as it appears in a message: quoted and cut. */
export const quoteValue = (value: Value): string => {
  const text = textOf(value);
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
};

/** Whether the value is a number. */
export const isDecimal = (value: Value): value is Decimal =>
  typeof value === 'object' && value !== null && !(value instanceof RawJson);

/** The value as text: numbers as plain digits, objects and arrays as their JSON, null as nothing. */
export const textOf = (value: Value): string => {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return value instanceof RawJson ? value.text : formatDecimal(value);
};

/** The value as a number: a number, or text that is one; null stays null. Throws RowError for anything else. */
export const numberOf = (value: Value): Decimal | null => {
  if (value === null || isDecimal(value)) return value;
  const number = typeof value === 'string' ? parseDecimal(value) : undefined;
  if (number !== undefined) return number;
  if (typeof value === 'string' && value.trim() === '') return null;
  throw new RowError('invalid_number', `${quoteValue(value)} is not a number`);
};

/** The value as JSON text. */
export const jsonOf = (value: Value): string => {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  return textOf(value);
};

/** The value that a piece of valid JSON text says: numbers exactly as written, objects and arrays as their text. */
export const valueOfJson = (text: string): Value => {
  switch (text.charCodeAt(0)) {
    case 0x22:
      return JSON.parse(text) as string;
    case 0x7b:
    case 0x5b:
      return new RawJson(text);
    case 0x74:
      return true;
    case 0x66:
      return false;
    case 0x6e:
      return null;
    default:
      return parseDecimal(text) ?? text;
  }
};

/** A whole JavaScript number as a value. */
export const wholeNumber = (value: number | bigint): Decimal => decimalOf(value);
