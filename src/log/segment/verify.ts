import type { Telemetry } from '../../lib/telemetry.ts';
import type { LogGap, Position } from '../log.ts';
import { openSegmentReader } from './segment-log.ts';

const READ_BYTES = 4 * 1024 * 1024;

/** What a check of a topic found. */
export interface TopicReport {
  readonly first: Position;
  readonly next: Position;
  readonly records: number;
  readonly payloadBytes: number;
  readonly gaps: readonly LogGap[];
}

/** Reads a whole topic and checks every checksum. Changes nothing; a writer may be at work meanwhile. */
export const verifyTopic = async (dir: string, name: string, telemetry: Telemetry): Promise<TopicReport> => {
  const reader = await openSegmentReader({ dir, name, telemetry, durable: 'found' });
  try {
    const { first } = await reader.extent();
    const gaps: LogGap[] = [];
    let records = 0;
    let payloadBytes = 0;
    for (let next = first; ; ) {
      const result = await reader.read(next, READ_BYTES);
      gaps.push(...result.gaps);
      records += result.records.length;
      for (const { payload } of result.records) payloadBytes += payload.length;
      if (result.next === next) return { first, next, records, payloadBytes, gaps };
      next = result.next;
    }
  } finally {
    await reader.close();
  }
};
