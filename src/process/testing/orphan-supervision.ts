import { join } from 'node:path';
import { quietTelemetry } from '../../lib/telemetry.ts';
import type { ProcessorSupervision } from '../supervise.ts';

/** For tests: a processor whose warehouse cannot be reached. */
export const orphanTestSupervision = (dir: string): ProcessorSupervision => ({
  options: {
    ...{ log: { kind: 'segments', dir }, stateDir: join(dir, 'state') },
    warehouse: { url: 'http://127.0.0.1:1', username: 'none', password: '', database: 'none' },
    ...{ loadIntervalMs: 200, governedBytesMax: 1e9 },
  },
  ...{ configuration: { version: 1, uniqueWindowMs: 1000 }, telemetry: quietTelemetry() },
  log: () => undefined,
});
