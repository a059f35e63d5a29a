import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Selectable } from 'kysely';
import type { AuditActor } from '../access/audit-entry.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { QueryJobsTable } from '../catalog/tables.ts';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import type { JobState } from '../contract/query-jobs.ts';
import { ApiError, type ErrorBody } from '../event/errors.ts';
import type { FilePlace, ProjectFiles } from '../lib/project-files.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** A question that is answered later, as it is kept. Its answer is kept beside it. */
export interface KeptJob {
  readonly id: string;
  /** Id of the project. */
  readonly project: string;
  /** Undefined: this program does not understand the question, another version took it. */
  readonly request: QueryRequest | undefined;
  readonly asker: AuditActor | null;
  readonly state: JobState;
  /** How often answering it was begun. */
  readonly attempts: number;
  readonly askedMs: number;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly statements: number;
  readonly rowsRead: number;
  /** Of the answer as JSON. */
  readonly bytes: number;
  readonly error: ApiError | undefined;
}

/** What the store needs. */
export interface JobStoreOptions {
  readonly catalog: Catalog;
  /** Where answers are. */
  readonly files: ProjectFiles;
}

const placeOf = ({ project }: Pick<KeptJob, 'project'>): FilePlace => ({ project, folder: '.' });
const fileOf = ({ id }: Pick<KeptJob, 'id'>): string => `${id}.json.gz`;

/** Questions that are answered later: what they are in the catalogue, each answer in a file. A file goes before what is known of its question, so that none is left behind. */
export class JobStore {
  readonly #options: JobStoreOptions;

  constructor(options: JobStoreOptions) {
    this.#options = options;
  }

  get #db(): Catalog['db'] {
    return this.#options.catalog.db;
  }

  /** All questions, in the order in which they were asked. */
  async all(): Promise<KeptJob[]> {
    const rows = this.#db.selectFrom('query_jobs').selectAll().orderBy('asked_at').orderBy('id');
    return (await rows.execute()).map(jobOf);
  }

  /** Takes a question. */
  async add(job: KeptJob & { readonly request: QueryRequest }): Promise<void> {
    const { id, project, request, asker } = job;
    const asked = { id, project, request: JSON.stringify(request), asked_at: job.askedMs };
    await this.#db
      .insertInto('query_jobs')
      .values({ ...asked, asker: asker === null ? null : JSON.stringify(asker), ...changing(job) })
      .execute();
  }

  /** Writes down how a question is; nothing if it is not there any more. */
  async change(job: KeptJob): Promise<void> {
    await this.#db.updateTable('query_jobs').set(changing(job)).where('id', '=', job.id).execute();
  }

  /** Writes an answer, JSON; durable when it resolves. */
  async keepAnswer(job: Pick<KeptJob, 'id' | 'project'>, text: string): Promise<void> {
    await this.#options.files.write(placeOf(job), fileOf(job), await pack(text));
  }

  /** The answer, JSON; undefined if there is none. */
  async answerOf(job: Pick<KeptJob, 'id' | 'project'>): Promise<string | undefined> {
    const file = await this.#options.files.open(placeOf(job), fileOf(job));
    if (file === undefined) return undefined;
    try {
      return (await unpack(await file.readFile())).toString();
    } finally {
      await file.close();
    }
  }

  /** Deletes an answer, if there is one, and what writing it left unfinished. */
  async dropAnswer(job: Pick<KeptJob, 'id' | 'project'>): Promise<void> {
    await this.#options.files.remove(placeOf(job), fileOf(job));
  }

  /** Forgets a question and its answer. */
  async remove(job: Pick<KeptJob, 'id' | 'project'>): Promise<void> {
    await this.dropAnswer(job);
    await this.#db.deleteFrom('query_jobs').where('id', '=', job.id).execute();
  }

  /** Deletes what writing left unfinished when the program was ended. */
  async tidy(projects: Iterable<string>): Promise<void> {
    for (const project of projects) await this.#options.files.tidy(placeOf({ project }));
  }
}

const changing = (job: KeptJob) => ({
  ...{ state: job.state, attempts: job.attempts },
  ...{ started_at: job.startedMs ?? null, ended_at: job.endedMs ?? null },
  ...{ statements: job.statements, rows_read: job.rowsRead, bytes: job.bytes },
  error: job.error === undefined ? null : JSON.stringify(job.error.toBody().error),
});

const jobOf = (row: Selectable<QueryJobsTable>): KeptJob => ({
  ...{ id: row.id, project: row.project },
  request: queryRequestSchema.safeParse(JSON.parse(row.request)).data,
  asker: row.asker === null ? null : (JSON.parse(row.asker) as AuditActor),
  ...{ state: row.state as JobState, attempts: row.attempts, askedMs: row.asked_at },
  ...{ startedMs: row.started_at ?? undefined, endedMs: row.ended_at ?? undefined },
  ...{ statements: row.statements, rowsRead: row.rows_read, bytes: row.bytes },
  error: row.error === null ? undefined : errorOf(row.error),
});

const errorOf = (text: string): ApiError => {
  const { code, message, details } = JSON.parse(text) as ErrorBody['error'];
  return new ApiError(code, message, details === undefined ? {} : { details });
};
