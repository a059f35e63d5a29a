import { byteAt } from './layout.ts';
import { CH, hexDigit } from './json-scanner.ts';

/** What each one-letter escape stands for; 0 for the others. */
const SIMPLE = new Uint8Array(128);
SIMPLE[CH.quote] = CH.quote;
SIMPLE[CH.backslash] = CH.backslash;
SIMPLE[CH.slash] = CH.slash;
SIMPLE[CH.b] = 0x08;
SIMPLE[CH.f] = 0x0c;
SIMPLE[CH.n] = CH.newline;
SIMPLE[CH.r] = CH.return;
SIMPLE[CH.t] = CH.tab;

const REPLACEMENT = 0xfffd;

const unitAt = (bytes: Uint8Array, at: number): number =>
  (hexDigit(byteAt(bytes, at)) << 12) |
  (hexDigit(byteAt(bytes, at + 1)) << 8) |
  (hexDigit(byteAt(bytes, at + 2)) << 4) |
  hexDigit(byteAt(bytes, at + 3));

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

const writeUtf8 = (target: Uint8Array, offset: number, point: number): number => {
  let at = offset;
  if (point < 0x80) target[at++] = point;
  else if (point < 0x800) {
    target[at++] = 0xc0 | (point >> 6);
    target[at++] = 0x80 | (point & 0x3f);
  } else if (point < 0x1_0000) {
    target[at++] = 0xe0 | (point >> 12);
    target[at++] = 0x80 | ((point >> 6) & 0x3f);
    target[at++] = 0x80 | (point & 0x3f);
  } else {
    target[at++] = 0xf0 | (point >> 18);
    target[at++] = 0x80 | ((point >> 12) & 0x3f);
    target[at++] = 0x80 | ((point >> 6) & 0x3f);
    target[at++] = 0x80 | (point & 0x3f);
  }
  return at;
};

/**
 * Writes what the inside of a valid JSON string (`source[start..end)`, without quotes) stands for to `target` as UTF-8 and returns its size, which is at
 * most `end - start`. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.
 */
export const unescapeJson = (source: Uint8Array, start: number, end: number, target: Uint8Array): number => {
  let from = start;
  let to = 0;
  while (from < end) {
    const byte = byteAt(source, from);
    if (byte !== CH.backslash) {
      target[to++] = byte;
      from++;
      continue;
    }
    const sign = byteAt(source, from + 1);
    if (sign !== CH.u) {
      target[to++] = byteAt(SIMPLE, sign);
      from += 2;
      continue;
    }
    const unit = unitAt(source, from + 2);
    from += 6;
    if (unit < 0xd800 || unit > 0xdfff) {
      to = writeUtf8(target, to, unit);
      continue;
    }
    const paired =
      unit < 0xdc00 && from + 6 <= end && source[from] === CH.backslash && source[from + 1] === CH.u;
    const low = paired ? unitAt(source, from + 2) : 0;
    if (isLow(low)) {
      to = writeUtf8(target, to, 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
      from += 6;
    } else to = writeUtf8(target, to, REPLACEMENT);
  }
  return to;
};
