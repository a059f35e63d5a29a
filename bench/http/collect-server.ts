import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAuditLog } from '../../src/access/audit.ts';
import { ensureCredentials } from '../../src/access/credentials.ts';
import { openKeyRing } from '../../src/access/keys.ts';
import { openCatalog } from '../../src/catalog/catalog.ts';
import { createCollector } from '../../src/collect/collector.ts';
import { DEFAULT_LIMITS } from '../../src/event/limits.ts';
import { createApp } from '../../src/http/app.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { systemClock as clock } from '../../src/lib/clock.ts';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { openSegmentWriter } from '../../src/log/segment/segment-log.ts';
import { announce } from './child.ts';

/** The server under test: HTTP, keys, decoder, collector and the segment log on a real disk, every answer after fdatasync. No processor, no engine. */
const dir = mkdtempSync(join(process.argv[2] ?? '.', 'aevum-bench-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

const telemetry = quietTelemetry();
const catalog = await openCatalog(join(dir, 'catalog.sqlite'));
const audit = createAuditLog({ catalog, clock, telemetry });
const keys = await openKeyRing({ catalog, audit, clock, telemetry });
const credentials = await ensureCredentials({
  catalog,
  keys,
  clock,
  path: join(dir, 'credentials.json'),
  presets: {},
});
const log = await openSegmentWriter({ dir, name: 'raw', bytesMax: 4 * 1024 ** 3, clock, telemetry });
const collector = createCollector({
  log,
  clock,
  telemetry,
  limits: DEFAULT_LIMITS,
  staleLimitMs: 24 * 3_600_000,
  futureLimitMs: 600_000,
  commitIntervalMs: Number(process.env['COMMIT_INTERVAL_MS'] ?? 2),
  queueBytesMax: 64 * 1024 * 1024,
  isActiveKey: () => true,
});
const phase = (): 'ready' => 'ready';
const app = createApp({ authenticator: keys, clock, telemetry, phase });
const server = createHttpServer({
  host: '127.0.0.1',
  port: 0,
  collector,
  authenticator: keys,
  fetch: app.fetch,
  bodyBytesMax: 20 * 1024 * 1024,
  clock,
  telemetry,
  phase,
});
const { port } = await server.listen();
announce({ port, address: '', family: '' }, `Bearer ${credentials?.write_key ?? ''}`);
