import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { startEngine } from '../../warehouse/engine/supervise.ts';
import { readVersions } from '../versions.ts';
import { type Check, type DoctorContext, failed, type Finding, ok } from '../../doctor/check.ts';

const READY_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** The engine starts and answers: ours in a folder of its own that is removed again, or the ClickHouse that is configured. */
export const engineCheck: Check = {
  name: 'Engine',
  about: 'The engine starts and answers.',
  run: (context) =>
    context.config.warehouse === 'embedded' ? embedded(context) : running(context.config.warehouse),
};

const embedded = async ({ config, clock }: DoctorContext): Promise<Finding> => {
  if (readVersions().engine === undefined)
    return failed(
      `not installed for ${process.platform} ${process.arch}`,
      'Start with npm start, which installs it, or use a running ClickHouse: --warehouse <url>',
    );
  const dataDir = await mkdtemp(join(tmpdir(), 'aevum-doctor-'));
  const startedMs = clock.monotonicMs();
  const engine = await startEngine({
    dataDir,
    memoryBytesMax: config.warehouseMemoryBytes,
    secret: randomBytes(16).toString('hex'),
    telemetry: quietTelemetry(),
  });
  try {
    await engine.ready(READY_TIMEOUT_MS);
    const readyMs = Math.round(clock.monotonicMs() - startedMs);
    const version = await ask(engine.url, engine.username, engine.password);
    return ok(`ClickHouse ${version}, ready in ${readyMs} ms`);
  } finally {
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

const running = async (address: string): Promise<Finding> => {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  try {
    return ok(
      `ClickHouse ${await ask(url.href, decodeURIComponent(username) || 'default', decodeURIComponent(password))} at ${url.host}`,
    );
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    return failed(
      `${url.host} does not answer: ${why}`,
      'Start that ClickHouse, or correct --warehouse (its HTTP port, user and password).',
    );
  }
};

const ask = async (url: string, username: string, password: string): Promise<string> => {
  const answer = await fetch(url, {
    method: 'POST',
    body: 'SELECT version() FORMAT TSV',
    headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = (await answer.text()).trim();
  if (!answer.ok) throw new Error(text.slice(0, 300));
  return text;
};
