import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import {
  type ExportAnswer,
  exportChangeSchema,
  type ExportFilesAnswer,
  type ExportRun,
  type ExportRunsAnswer,
  type ExportsAnswer,
  type NewExport,
  newExportSchema,
  type RemovedExport,
  removeExportQuerySchema,
} from '../contract/exports.ts';
import type { QueryRequest } from '../contract/query.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { requireAlso, requirePermission } from '../http/auth.ts';
import { type Saving, savingOf } from '../http/project-change.ts';
import { pathOf } from '../http/route-path.ts';
import type { Clock } from '../lib/clock.ts';
import { tabulator } from '../query/insights.ts';
import { isoOf } from '../query/instant.ts';
import { parseRequest } from '../http/parse-request.ts';
import { bodyOf, paramOf, projectOf, queryOf } from '../http/request-parts.ts';
import type { QueryService } from '../query/service.ts';
import { parseTimeZone } from '../query/time-range.ts';
import { contentTypeOf } from '../table/format.ts';
import { isPersonal, questionOf, type SavedQuestions, statementOf, zoneOf } from './body.ts';
import type { SqlService } from '../sql/service.ts';
import type { Exporter } from './exporter.ts';
import type { ProjectFiles } from '../lib/project-files.ts';
import type { ExportStore, SavedExport, SavedRun } from './store.ts';

/** What the routes serve. */
export interface ExportRoutesOptions {
  readonly store: ExportStore;
  readonly files: ProjectFiles;
  readonly exporter: Pick<Exporter, 'tick' | 'abort'>;
  readonly questions: SavedQuestions;
  readonly service: Pick<QueryService, 'check'>;
  readonly sql: Pick<SqlService, 'check'>;
  readonly clock: Clock;
}

/** Registers the routes of exports. */
export const registerExportRoutes = (app: App, options: ExportRoutesOptions): void => {
  const { store, exporter } = options;
  const read = requirePermission('data:read');
  const write = requirePermission('insights:write');
  const one = (c: Context<AppEnv>): Promise<SavedExport> => there(store.find(projectOf(c), paramOf(c, 'id')));
  app.get(pathOf('listExports'), read, async (c) => {
    const all = await store.list(projectOf(c));
    const answers = await Promise.all(all.map((each) => answerOf(store, each)));
    return c.json({ exports: answers } satisfies ExportsAnswer);
  });
  app.post(pathOf('createExport'), write, async (c) => {
    const wanted = parseRequest(newExportSchema, await bodyOf(c, 'export'));
    await checkExport(c, wanted, options);
    return c.json(await answerOf(store, await store.create(wanted, savingOf(c))), 201);
  });
  app.get(pathOf('readExport'), read, async (c) => c.json(await answerOf(store, await one(c))));
  app.put(pathOf('changeExport'), write, async (c) => {
    const wanted = parseRequest(exportChangeSchema, await bodyOf(c, 'export'));
    const { id } = await one(c);
    await checkExport(c, wanted, options);
    return c.json(await answerOf(store, await there(store.change(id, wanted, savingOf(c)))));
  });
  app.delete(pathOf('removeExport'), write, async (c) => {
    const { files: isWithFiles } = parseRequest(removeExportQuerySchema, queryOf(c));
    return c.json(await removeExport(options, await one(c), savingOf(c), isWithFiles === 'true'));
  });
  app.post(pathOf('runExport'), write, async (c) => {
    const run = await store.runNow(await one(c));
    await exporter.tick();
    return c.json(runAnswer(run), 202);
  });
  app.get(pathOf('listExportRuns'), read, async (c) => {
    const runs = await store.runs((await one(c)).id);
    return c.json({ runs: runs.map(runAnswer) } satisfies ExportRunsAnswer);
  });
  app.get(pathOf('listExportFiles'), read, async (c) =>
    c.json(filesAnswer(await store.files((await one(c)).id))),
  );
  app.get(pathOf('downloadExportFile'), read, async (c) => download(c, await one(c), options));
};

/** What was looked for, or `not_found`. */
const there = async <T>(found: Promise<T | undefined>): Promise<T> => {
  const value = await found;
  if (value === undefined)
    throw new ApiError('not_found', 'There is no export of this id. GET /api/exports lists them.');
  return value;
};

/** Whether an export may be saved: what it asks can be answered, and whoever saves it may see that. */
const checkExport = async (
  c: Context<AppEnv>,
  wanted: NewExport,
  { questions, service, sql, clock }: ExportRoutesOptions,
): Promise<void> => {
  parseTimeZone(zoneOf(wanted));
  const question: QueryRequest | undefined = await questionOf(projectOf(c), wanted, questions);
  if (isPersonal(question)) await requireAlso(c, question === undefined ? 'sql:run' : 'personal:read');
  if (wanted.what.kind === 'sql') await sql.check(statementOf(wanted, wanted.what, clock.nowMs()));
  if (question === undefined) return;
  tabulator(question);
  await service.check(projectOf(c), question);
};

const removeExport = async (
  { store, files, exporter }: ExportRoutesOptions,
  known: SavedExport,
  saving: Saving,
  isWithFiles: boolean,
): Promise<RemovedExport> => {
  await exporter.abort(known.id);
  const written = isWithFiles ? await store.files(known.id) : [];
  const { id } = await there(store.remove(known.id, saving));
  // One may have begun in between.
  await exporter.abort(known.id);
  let deleted = 0;
  for (const { file } of written) {
    if (file === null) continue;
    await files.remove(known, file);
    deleted += 1;
  }
  return { id, removed: true, files_deleted: deleted };
};

const noFile = (name: string, why: string): ApiError =>
  new ApiError('not_found', `There is no file ${JSON.stringify(name.slice(0, 200))} of this export${why}`);

/** Only names that a run wrote are looked for: nothing in an address leads anywhere else. */
const download = async (
  c: Context<AppEnv>,
  known: SavedExport,
  { store, files }: ExportRoutesOptions,
): Promise<Response> => {
  const name = paramOf(c, 'name');
  const run = await store.fileOf(known.id, name);
  if (run === undefined) throw noFile(name, '. GET /api/exports/{id}/files lists them.');
  if (run.isPersonal) await requireAlso(c, 'personal:read');
  const file = await files.open(known, name);
  if (file === undefined) throw noFile(name, ' any more: somebody has moved or deleted it in the folder.');
  return sendFile(c, file, {
    'content-type': contentTypeOf(run.format),
    'content-disposition': `attachment; filename="${name}"`,
    ...(run.asOf === null ? {} : { 'x-aevum-as-of': run.asOf }),
  });
};

/** A handle that nobody closes ends the process when its memory is freed: of HEAD the body is never read. */
const sendFile = async (
  c: Context<AppEnv>,
  file: FileHandle,
  headers: Readonly<Record<string, string>>,
): Promise<Response> => {
  let isHandedOver = false;
  try {
    const { size } = await file.stat();
    const withLength = { ...headers, 'content-length': String(size) };
    if (c.req.method === 'HEAD') return c.body(null, 200, withLength);
    isHandedOver = true;
    return c.body(Readable.toWeb(file.createReadStream()) as ReadableStream, 200, withLength);
  } finally {
    if (!isHandedOver) await file.close();
  }
};

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoOf(ms));

const runAnswer = (run: SavedRun): ExportRun => ({
  id: run.id,
  state: run.state,
  by_hand: run.isByHand,
  due_at: isoOf(run.dueAtMs),
  started_at: isoOrNull(run.startedAtMs),
  ended_at: isoOrNull(run.endedAtMs),
  duration_ms: run.startedAtMs === null || run.endedAtMs === null ? null : run.endedAtMs - run.startedAtMs,
  attempts: run.attempts,
  next_attempt_at: isoOrNull(run.nextAtMs),
  file: run.state === 'done' ? run.file : null,
  rows: run.rows,
  bytes: run.bytes,
  as_of: run.asOf,
  error: run.error,
});

const filesAnswer = (runs: readonly SavedRun[]): ExportFilesAnswer => ({
  files: runs.map((run) => ({
    ...{ name: run.file ?? '', bytes: run.bytes ?? 0, rows: run.rows ?? 0, as_of: run.asOf },
    ...{ written_at: isoOf(run.endedAtMs ?? run.dueAtMs), run: run.id },
  })),
});

const answerOf = async (store: ExportStore, saved: SavedExport): Promise<ExportAnswer> => {
  const [last] = await store.runs(saved.id, 1);
  const { range = null, ...fields } = saved.content;
  return {
    ...{ id: saved.id, name: saved.name, ...fields, range, folder: saved.folder, version: saved.version },
    owner: saved.owner.name,
    next_run_at: isoOrNull(saved.dueAtMs),
    stopped: saved.stopped,
    last_run: last === undefined ? null : runAnswer(last),
    ...{ created_at: isoOf(saved.createdAtMs), updated_at: isoOf(saved.updatedAtMs) },
  };
};
