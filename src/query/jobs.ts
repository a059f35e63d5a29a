import { randomBytes } from 'node:crypto';
import type { QueryAnswer, QueryRequest } from '../contract/query.ts';
import type { AuditActor } from '../access/audit-entry.ts';
import { JOB_LIMITS, type JobState, type QueryJob } from '../contract/query-jobs.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { isoOf } from './instant.ts';
import type { JobStore, KeptJob } from './job-store.ts';
import type { Question, RunningQueries } from './running.ts';
import type { QueryService } from './service.ts';
import { jobBroke, jobEnded, jobNotKept, jobsHeld, jobsResumed } from './telemetry.ts';

/** What questions that are answered later need. */
export interface QueryJobsOptions {
  readonly service: Pick<QueryService, 'query'>;
  /** Keeps them over a restart. */
  readonly store: JobStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Follows them, also while they wait; without it they are not followed. */
  readonly running?: RunningQueries | undefined;
}

interface Job {
  readonly id: string;
  readonly project: string;
  readonly request: QueryRequest;
  readonly asker: AuditActor | null;
  readonly stop: AbortController;
  /** Of one that is not answered. */
  readonly question: Question | undefined;
  readonly askedMs: number;
  /** It stands in the catalogue. */
  isKept: boolean;
  attempts: number;
  startedMs: number | undefined;
  endedMs: number | undefined;
  state: JobState;
  statements: number;
  rowsRead: number;
  /** Of the answer as JSON. */
  bytes: number;
  error: ApiError | undefined;
}

/** An answer that was waited for, with its question. */
export interface LateAnswer {
  readonly request: QueryRequest;
  readonly answer: QueryAnswer;
}

const ID_BYTES = 16;

const isPending = ({ state }: Pick<Job, 'state'>): boolean => state === 'waiting' || state === 'running';

/** A question that is asked anew is as one that was not asked yet, but for when it was taken. */
const ANEW = { state: 'waiting', startedMs: undefined, statements: 0, rowsRead: 0 } as const;

const gone = (): ApiError =>
  new ApiError(
    'not_found',
    'There is no such question: it was never asked here, or its answer is forgotten. Ask it anew.',
  );

/**
 * Questions that are answered later: a few at a time, in their order; answers are kept for a while, within bounds. Each belongs to a project, and to another one it is not there.
 * They outlast the program: what is taken stands in the catalogue before it is acknowledged, and what was not answered when the program ended is asked anew.
 */
export class QueryJobs {
  readonly #options: QueryJobsOptions;
  /** In the order in which they were asked. */
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Set<Promise<void>>();
  /** What is written down, one after the other. */
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: QueryJobsOptions) {
    this.#options = options;
  }

  /** Goes on with what an earlier process took. */
  static async open(options: QueryJobsOptions): Promise<QueryJobs> {
    const jobs = new QueryJobs(options);
    await jobs.#resume();
    return jobs;
  }

  /** Takes a question; it stands in the catalogue when this resolves. Throws ApiError `warehouse_busy` where too many wait. */
  async start(project: string, request: QueryRequest, asker: AuditActor | null = null): Promise<QueryJob> {
    this.#forget();
    const pending = [...this.#jobs.values()].filter(isPending);
    const own = pending.filter((job) => job.project === project).length;
    const isOwnFull = own >= JOB_LIMITS.pendingPerProject;
    if (isOwnFull || pending.length >= JOB_LIMITS.pendingMax)
      throw new ApiError(
        'warehouse_busy',
        isOwnFull
          ? `${own} questions of this project wait to be answered, and no more may. Cancel one, or ask again later.`
          : 'As many questions wait to be answered, of all projects, as may. Ask again later.',
      );
    const job = this.#take({
      ...{ id: `q_${randomBytes(ID_BYTES).toString('base64url')}`, project, request, asker },
      ...{ state: 'waiting', attempts: 0, askedMs: this.#options.clock.nowMs(), error: undefined },
      ...{ startedMs: undefined, endedMs: undefined, statements: 0, rowsRead: 0, bytes: 0 },
    });
    const added = this.#writing.then(() => this.#options.store.add(job));
    // What becomes of it is written behind that.
    this.#writing = added.catch(() => undefined);
    try {
      await added;
    } catch (error) {
      this.#jobs.delete(job.id);
      this.#unfollow(job);
      throw error;
    }
    job.isKept = true;
    this.#next();
    return this.#told(job);
  }

  /** How far a question is. Throws ApiError `not_found`. */
  look(project: string, id: string): QueryJob {
    return this.#told(this.#find(project, id));
  }

  /** The question itself. Throws ApiError `not_found`. */
  requestOf(project: string, id: string): QueryRequest {
    return this.#find(project, id).request;
  }

  /** Who asked; null: nobody knows. Throws ApiError `not_found`. */
  askerOf(project: string, id: string): AuditActor | null {
    return this.#find(project, id).asker;
  }

  /** The answer. Throws ApiError: `not_found`, `conflict` where there is none yet or it was cancelled, or why it failed. */
  async answer(project: string, id: string): Promise<LateAnswer> {
    const job = this.#find(project, id);
    if (job.error !== undefined) throw job.error;
    if (job.state !== 'done')
      throw new ApiError(
        'conflict',
        job.state === 'cancelled'
          ? 'The question was cancelled. Ask it anew.'
          : `The question is ${job.state}. GET /api/query/${id} says when it is done.`,
      );
    const text = await this.#options.store.answerOf(job);
    if (text === undefined) throw gone();
    return { request: job.request, answer: JSON.parse(text) as QueryAnswer };
  }

  /** Ends a question that is not answered yet, and forgets one that is. Throws ApiError `not_found`. */
  async cancel(project: string, id: string): Promise<QueryJob> {
    const job = this.#find(project, id);
    if (isPending(job)) this.#end(job, 'cancelled');
    else this.#drop(job);
    job.stop.abort();
    this.#next();
    await this.#writing;
    return this.#told(job);
  }

  /** Forgets what was kept for long enough, and resolves when nothing of it is left. */
  async tidy(): Promise<void> {
    this.#forget();
    await this.#writing;
  }

  /** Ends what is under way; the next process begins it anew. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#jobs.values()) job.stop.abort();
    await Promise.all(this.#running);
    await this.#writing;
    this.#jobs.clear();
  }

  async #resume(): Promise<void> {
    const { store, telemetry } = this.#options;
    const all = await store.all();
    await store.tidy(new Set(all.map(({ project }) => project)));
    let pending = 0;
    for (const kept of all) {
      const { request } = kept;
      // A program of another version took it.
      if (request === undefined) {
        this.#write(kept, () => store.remove(kept));
        continue;
      }
      const job = this.#take({ ...kept, request, ...(isPending(kept) ? ANEW : {}) });
      job.isKept = true;
      if (!isPending(job)) continue;
      if (job.attempts >= JOB_LIMITS.attemptsMax) this.#fail(job, tooOften(job.attempts));
      else pending += 1;
    }
    if (pending > 0) telemetry.emit(jobsResumed, { count: pending });
    this.#forget();
    this.#next();
  }

  /** Follows a question from now on. */
  #take(kept: KeptJob & { readonly request: QueryRequest }): Job {
    const { project, request, asker } = kept;
    const stop = new AbortController();
    const by = { way: 'job', asker } as const;
    const question = isPending(kept)
      ? this.#options.running?.open({ kind: request.kind, project }, { by, signal: stop.signal })
      : undefined;
    const job: Job = { ...kept, request, stop, question, isKept: false };
    this.#jobs.set(job.id, job);
    question?.signal.addEventListener('abort', () => {
      if (isPending(job) && question.isEnded) this.#fail(job, question.told(undefined));
    });
    return job;
  }

  #find(project: string, id: string): Job {
    this.#forget();
    const job = this.#jobs.get(id);
    if (job?.project !== project) throw gone();
    return job;
  }

  #next(): void {
    if (this.#isClosed) return;
    for (const job of this.#jobs.values()) {
      if (this.#running.size >= JOB_LIMITS.runningMax) break;
      if (job.state !== 'waiting' || !job.isKept) continue;
      job.state = 'running';
      job.attempts += 1;
      job.startedMs = this.#options.clock.nowMs();
      this.#change(job);
      const run = this.#run(job).finally(() => {
        this.#running.delete(run);
        this.#forget();
        this.#next();
      });
      this.#running.add(run);
    }
  }

  async #run(job: Job): Promise<void> {
    try {
      const answer = await this.#options.service.query(job.project, job.request, {
        ...(job.question === undefined
          ? { signal: job.stop.signal }
          : { signal: job.question.signal, part: job.question }),
        timeoutMs: JOB_LIMITS.timeoutMs,
        watch: (rowsRead) => {
          job.statements += 1;
          job.rowsRead += rowsRead;
        },
      });
      await this.#keep(job, JSON.stringify(answer));
    } catch (error) {
      if (job.state !== 'running') return;
      if (this.#isClosed) this.#leave(job);
      else this.#fail(job, error);
    }
  }

  async #keep(job: Job, text: string): Promise<void> {
    if (job.state !== 'running') return;
    const { store } = this.#options;
    const bytes = Buffer.byteLength(text);
    if (bytes > JOB_LIMITS.bytesMax)
      throw new ApiError(
        'result_too_large',
        `The answer is ${bytes.toLocaleString('en')} bytes long; at most ${JOB_LIMITS.bytesMax.toLocaleString('en')} are kept. Ask for fewer groups or a shorter range.`,
      );
    await store.keepAnswer(job, text);
    if (job.state === 'running') {
      job.bytes = bytes;
      this.#end(job, 'done');
    } else await store.dropAnswer(job);
  }

  #fail(job: Job, error: unknown): void {
    job.error = this.#toldError(job, error);
    this.#end(job, 'failed');
  }

  #end(job: Job, state: 'done' | 'failed' | 'cancelled'): void {
    job.state = state;
    job.endedMs = this.#options.clock.nowMs();
    this.#unfollow(job);
    this.#change(job);
    this.#options.telemetry.emit(jobEnded, { state, kind: job.request.kind });
  }

  /** The program ends in order, which is not the question's fault. */
  #leave(job: Job): void {
    Object.assign(job, ANEW, { attempts: job.attempts - 1 });
    this.#change(job);
  }

  #unfollow({ question }: Job): void {
    if (question !== undefined) this.#options.running?.close(question);
  }

  #drop(job: Job): void {
    this.#jobs.delete(job.id);
    this.#write(job, () => this.#options.store.remove(job));
  }

  #change(job: Job): void {
    const kept = { ...job };
    this.#write(job, () => this.#options.store.change(kept));
  }

  /** In the order in which it happened. Where that fails, it is told, and the question goes on as far as this process does. */
  #write({ id }: Pick<Job, 'id'>, work: () => Promise<void>): void {
    this.#writing = this.#writing
      .then(work)
      .catch((error: unknown) => this.#options.telemetry.emit(jobNotKept, { id, error }));
  }

  /** Drops what is too old, and of the rest the oldest until all fits. */
  #forget(): void {
    const nowMs = this.#options.clock.nowMs();
    const ended = [...this.#jobs.values()]
      .filter((job) => !isPending(job))
      .sort((a, b) => (a.endedMs ?? 0) - (b.endedMs ?? 0));
    let count = ended.length;
    let bytes = ended.reduce((sum, job) => sum + job.bytes, 0);
    for (const job of ended) {
      const isOld = nowMs - (job.endedMs ?? 0) >= JOB_LIMITS.keptMs;
      if (!isOld && count <= JOB_LIMITS.endedMax && bytes <= JOB_LIMITS.bytesMax) break;
      this.#drop(job);
      count -= 1;
      bytes -= job.bytes;
    }
    this.#options.telemetry.emit(jobsHeld, { pending: this.#jobs.size - count, bytes });
  }

  #told(job: Job): QueryJob {
    const { id, request, state, askedMs, startedMs, endedMs, statements, rowsRead, error } = job;
    const iso = (ms: number | undefined) => (ms === undefined ? null : isoOf(ms));
    return {
      ...{ id, kind: request.kind, state, asked_at: isoOf(askedMs) },
      ...{ started_at: iso(startedMs), ended_at: iso(endedMs) },
      expires_at: iso(endedMs === undefined ? undefined : endedMs + JOB_LIMITS.keptMs),
      progress: { statements, rows_read: rowsRead },
      error: error === undefined ? null : { code: error.code, message: error.message },
    };
  }

  /** What others than ApiError say is nobody's business: it is logged under the id. */
  #toldError({ id, request: { kind } }: Job, error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    this.#options.telemetry.emit(jobBroke, { id, kind, error });
    return new ApiError('internal', `Something went wrong here. It was logged with the id ${id}.`);
  }
}

const tooOften = (attempts: number): ApiError =>
  new ApiError(
    'internal',
    `The server ended ${attempts} times while this was answered, so it is not tried again. Ask for a shorter range or fewer groups.`,
  );
