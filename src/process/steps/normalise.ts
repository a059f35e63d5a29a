import { columnBytes } from '../../event/blocks.ts';
import { columnIndex, EVENTS } from '../../event/columns.ts';
import { byteAt, stringEnd, textStart } from '../../event/layout.ts';
import type { Step } from '../step.ts';
import type { WorkBatch } from '../work-batch.ts';

const ID = columnIndex(EVENTS, 'id');
const TYPE = columnIndex(EVENTS, 'type');
const CURRENCY = columnIndex(EVENTS, 'currency');

const LOWER_A = 0x61;
const LOWER_Z = 0x7a;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
/** Clears the bit that makes an ASCII letter lower case. */
const TO_UPPER = 0xdf;
const CURRENCY_BYTES = 3;

/**
 * What must hold of every row, whichever way it came into the log: it has an id and a type, and its currency is in upper case ("eur" and "EUR" must not become two sums). The
 * JSON decoder sees to this already; other writers of the raw topic may not. Nothing else is changed: values are stored as they were sent.
 */
export const normalise: Step = {
  name: 'normalise',
  reasons: ['missing_type', 'invalid_field'],
  open: () =>
    function runNormalise(batch) {
      forEachEmpty(columnBytes(batch.events, TYPE), batch.rows, (row) => batch.refuse(row, 'missing_type'));
      forEachEmpty(columnBytes(batch.events, ID), batch.rows, (row) =>
        batch.refuse(row, 'invalid_field', 'The event has an empty id.'),
      );
      normaliseCurrency(batch);
      return undefined;
    },
};

/** Calls back for each empty string of a column. */
const forEachEmpty = (bytes: Uint8Array, rows: number, found: (row: number) => void): void => {
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const size = byteAt(bytes, at);
    if (size === 0) found(row);
    at = size < 0x80 ? at + 1 + size : stringEnd(bytes, at);
  }
};

const normaliseCurrency = (batch: WorkBatch): void => {
  const bytes = columnBytes(batch.events, CURRENCY);
  // Nearly always there is nothing to do: all empty, or all in upper case.
  if (bytes.length === batch.rows || !hasLowerCase(bytes)) return;
  const upper = bytes.slice();
  let at = 0;
  for (let row = 0; row < batch.rows; row++) {
    const end = stringEnd(bytes, at);
    const start = textStart(bytes, at);
    if (isCode(bytes, start, end))
      for (let byte = start; byte < end; byte++) upper[byte] = byteAt(bytes, byte) & TO_UPPER;
    at = end;
  }
  batch.replaceColumn(CURRENCY, upper);
};

const hasLowerCase = (bytes: Uint8Array): boolean => bytes.some((byte) => byte >= LOWER_A && byte <= LOWER_Z);

/** Whether a text is three ASCII letters. */
const isCode = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (end - start !== CURRENCY_BYTES) return false;
  for (let at = start; at < end; at++) {
    const letter = byteAt(bytes, at) & TO_UPPER;
    if (letter < UPPER_A || letter > UPPER_Z) return false;
  }
  return true;
};
