import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../lib/clock.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { logConformance } from '../conformance.ts';
import { openSegmentReader, openSegmentWriter } from './segment-log.ts';

logConformance('segments', {
  create: async ({ small, ...limits }) => {
    const dir = await mkdtemp(join(tmpdir(), 'aevum-log-'));
    const place = { dir, name: 'topic', telemetry: quietTelemetry() };
    const sizes = small === true ? { segmentBytes: 256 * 1024 } : {};
    return {
      openWriter: () => openSegmentWriter({ ...place, ...limits, ...sizes, clock: systemClock }),
      openReader: async (durable) => {
        const reader = await openSegmentReader(place);
        reader.durableTo(durable);
        return reader;
      },
      dispose: () => rm(dir, { recursive: true }),
    };
  },
});
