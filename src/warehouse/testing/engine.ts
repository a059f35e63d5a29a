import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { createWarehouse, type Warehouse, type WarehouseClientOptions } from '../client.ts';
import { type EngineHandle, type StartEngineOptions, startEngine } from '../engine/supervise.ts';
import { migrate } from '../migrations.ts';

/** The real engine on an empty folder. */
export interface TestEngine extends AsyncDisposable {
  readonly engine: EngineHandle;
  readonly dataDir: string;
  /** A client of its own, in the database `aevum` and handing loads over as files unless said otherwise. Closed with the engine. */
  connect(options?: Partial<WarehouseClientOptions>): Warehouse;
  /** A client and the tables. */
  migrated(): Promise<Warehouse>;
}

const MIB = 1024 * 1024;
/** Which questions are slow is no matter, unless a test says so. */
const QUERY_TIMEOUT_MS = 300_000;
/** The node's default. */
export const TEST_MEMORY_BYTES = 700 * MIB;

/** Starts the engine. Dispose of it to stop it and remove its folder. */
export const openTestEngine = async (
  memoryBytesMax = TEST_MEMORY_BYTES,
  more: Partial<StartEngineOptions> = {},
): Promise<TestEngine> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'aevum-engine-'));
  const telemetry = quietTelemetry();
  const engine = await startEngine({
    dataDir,
    memoryBytesMax,
    secret: randomBytes(16).toString('hex'),
    telemetry,
    ...more,
  });
  const clients: Warehouse[] = [];
  const connect = (options: Partial<WarehouseClientOptions> = {}): Warehouse => {
    const { url, username, password, bodiesDir } = engine;
    const place = { url, username, password, bodiesDir, database: 'aevum', queryTimeoutMs: QUERY_TIMEOUT_MS };
    const client = createWarehouse({ ...place, telemetry, ...options });
    clients.push(client);
    return client;
  };
  return {
    engine,
    dataDir,
    connect,
    migrated: async () => {
      const client = connect();
      await migrate(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client.close();
      await engine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
