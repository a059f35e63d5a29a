/** The 12 bits behind the milliseconds count on within one. */
const TICKS_PER_MS = 4096;

/**
 * Makes a source of UUIDv7 (RFC 9562, with ticks below a millisecond by method 3 of section 6.2). Its ids increase, also when the clock stands still or goes back. Milliseconds
 * and ticks are exact in one number until 2039; later, ids of one millisecond are in random order.
 */
export const createIds = (now: () => number): (() => string) => {
  let last = 0;
  return function nextId() {
    last = Math.max(now() * TICKS_PER_MS, last + 1);
    const time = last.toString(16).padStart(15, '0');
    const bytes = [...crypto.getRandomValues(new Uint8Array(8))];
    const random = bytes.map((byte) => (byte | 256).toString(16).slice(1)).join('');
    return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${time.slice(12)}-8${random.slice(1, 4)}-${random.slice(4)}`;
  };
};
