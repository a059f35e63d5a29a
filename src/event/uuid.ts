import { randomFillSync } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const POOL_BYTES = 4096;
/** Random bytes of one id: 2 for the counter's start, 8 for the tail. */
const RANDOM_BYTES = 10;
const COUNTER_MAX = 0xfff;
/** A fresh millisecond's counter begins in the lower half, so that there is room to count up. */
const COUNTER_START_MASK = 0x7ff;
const VARIANT = 0x80;
const VARIANT_BITS = 0x3f;

const hex = (byte: number): string => HEX[byte & 0xff] as string;

/**
 * A source of UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, 12 bits of counter (method 1 of section 6.2), 62 random bits. The ids of one
 * source increase, also when the clock stands still or goes back; a counter that overflows borrows a millisecond from the future.
 */
export const createUuidV7Source = (clock: Pick<Clock, 'nowMs'>): (() => string) => {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  let lastMs = -1;
  let counter = 0;

  const advance = (random: number): void => {
    const nowMs = clock.nowMs();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = random & COUNTER_START_MASK;
    } else if (++counter > COUNTER_MAX) {
      lastMs++;
      counter = random & COUNTER_START_MASK;
    }
  };

  return function nextUuidV7() {
    if (used + RANDOM_BYTES > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const at = used;
    used += RANDOM_BYTES;
    const random = (index: number): number => pool[at + index] as number;
    advance((random(0) << 8) | random(1));
    const time = lastMs.toString(16).padStart(12, '0');
    const middle = `7${counter.toString(16).padStart(3, '0')}-${hex((random(2) & VARIANT_BITS) | VARIANT)}${hex(random(3))}`;
    const tail =
      hex(random(4)) + hex(random(5)) + hex(random(6)) + hex(random(7)) + hex(random(8)) + hex(random(9));
    return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${tail}`;
  };
};
