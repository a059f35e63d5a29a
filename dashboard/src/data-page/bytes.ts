import type { RefusedRow } from '../../../src/contract/events.ts';

/** Bytes of one line of a hex dump. */
const LINE = 16;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

const dump = (bytes: Uint8Array): string => {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE) {
    const part = [...bytes.subarray(at, at + LINE)];
    const digits = part.map((byte) => hex(byte, 2)).join(' ');
    lines.push(`${hex(at, 8)}  ${digits.padEnd(LINE * 3 - 1)}  ${part.map(printable).join('')}`);
  }
  return lines.join('\n');
};

const bytesOf = (base64: string): Uint8Array | undefined => {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
};

/** What was received, to be read. */
export interface ReadableBytes {
  readonly form: 'json' | 'text' | 'hex';
  readonly text: string;
  /** As it came, to be copied. */
  readonly raw: string;
}

/** The bytes of a refused event: JSON laid out, other text as it is, what is no text as hex; undefined where they were not kept. */
export const readableOf = ({
  body,
  body_encoding: encoding,
}: Pick<RefusedRow, 'body' | 'body_encoding'>): ReadableBytes | undefined => {
  if (body === null) return undefined;
  if (encoding === 'base64') {
    const bytes = bytesOf(body);
    return bytes === undefined
      ? { form: 'text', text: body, raw: body }
      : { form: 'hex', text: dump(bytes), raw: body };
  }
  try {
    return { form: 'json', text: JSON.stringify(JSON.parse(body), null, 2), raw: body };
  } catch {
    return { form: 'text', text: body, raw: body };
  }
};
