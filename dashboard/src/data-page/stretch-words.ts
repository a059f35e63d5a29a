import { dateIn, dayIn, minuteIn } from '../lib/zoned.ts';
import type { Step } from './stretches.ts';

/** A stretch in words: `14:03`, `21 Nov, 14 h`, `21 Nov 2026`. */
export const stretchWords = (from: string, step: Step, zone: string): string => {
  if (step === 'day') return dateIn(from, zone);
  const time = step === 'hour' ? `${minuteIn(from, zone).slice(0, 2)}:00` : minuteIn(from, zone);
  return `${dayIn(from, zone)}, ${time}`;
};

/** The same as short as may be, for an axis. */
export const stretchLabel = (from: string, step: Step, zone: string): string => {
  if (step === 'day') return dayIn(from, zone);
  return step === 'hour' ? `${minuteIn(from, zone).slice(0, 2)}:00` : minuteIn(from, zone);
};
