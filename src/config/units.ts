/** Durations and sizes as people write them. Both parse to whole numbers of the smallest unit: milliseconds, bytes. */

interface Unit {
  readonly names: readonly string[];
  readonly factor: number;
}

const DURATIONS: readonly Unit[] = [
  { names: ['ms'], factor: 1 },
  { names: ['s', 'sec', 'second', 'seconds'], factor: 1_000 },
  { names: ['min', 'm', 'minute', 'minutes'], factor: 60_000 },
  { names: ['h', 'hour', 'hours'], factor: 3_600_000 },
  { names: ['d', 'day', 'days'], factor: 86_400_000 },
];

const BINARY_SIZES: readonly Unit[] = [
  { names: ['B', 'bytes'], factor: 1 },
  { names: ['KiB', 'Ki'], factor: 1024 },
  { names: ['MiB', 'Mi'], factor: 1024 ** 2 },
  { names: ['GiB', 'Gi'], factor: 1024 ** 3 },
  { names: ['TiB', 'Ti'], factor: 1024 ** 4 },
];

const DECIMAL_SIZES: readonly Unit[] = [
  { names: ['B', 'bytes'], factor: 1 },
  { names: ['KB'], factor: 1e3 },
  { names: ['MB'], factor: 1e6 },
  { names: ['GB'], factor: 1e9 },
  { names: ['TB'], factor: 1e12 },
];

const SIZES: readonly Unit[] = [...BINARY_SIZES, ...DECIMAL_SIZES];

const QUANTITY = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

const parseQuantity = (text: string, units: readonly Unit[]): number | undefined => {
  const match = QUANTITY.exec(text.trim());
  if (match === null) return undefined;
  const [, digits = '', name = ''] = match;
  const unit =
    name === '' ? units[0] : units.find(({ names }) => names.some((known) => sameName(known, name)));
  if (unit === undefined) return undefined;
  const amount = Math.round(Number(digits) * unit.factor);
  return Number.isSafeInteger(amount) ? amount : undefined;
};

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The largest unit that divides `amount`, so that what is written parses to the same number again. */
const formatQuantity = (amount: number, units: readonly Unit[]): string => {
  const dividing = units.filter(({ factor }) => amount >= factor && amount % factor === 0);
  const unit = dividing.reduce<Unit | undefined>(
    (best, next) => (best === undefined || next.factor > best.factor ? next : best),
    undefined,
  );
  return unit === undefined ? String(amount) : `${amount / unit.factor} ${unit.names[0]}`;
};

/** Milliseconds of `24h`, `10 min`, `1.5s`, `200` (milliseconds); undefined for anything else. */
export const parseDuration = (text: string): number | undefined => parseQuantity(text, DURATIONS);

/** `24 h` for 86,400,000: whole numbers of the largest unit that divides. */
export const formatDuration = (ms: number): string => formatQuantity(ms, DURATIONS);

/** Bytes of `64MiB`, `1.5 GB`, `4096` (bytes); undefined for anything else. KiB is 1,024 bytes, KB 1,000. */
export const parseBytes = (text: string): number | undefined => parseQuantity(text, SIZES);

/** `64 MiB` for 67,108,864, `2 GB` for 2,000,000,000: whole numbers of the unit, binary or decimal, that makes it shorter. */
export const formatBytes = (bytes: number): string => {
  const binary = formatQuantity(bytes, BINARY_SIZES);
  const decimal = formatQuantity(bytes, DECIMAL_SIZES);
  return decimal.length < binary.length ? decimal : binary;
};
