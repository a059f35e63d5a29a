import { randomBytes } from 'node:crypto';
import type { QueryAnswer, QueryRequest } from '../contract/query.ts';
import type { AuditActor } from '../access/audit-entry.ts';
import { JOB_LIMITS, type JobState, type QueryJob } from '../contract/query-jobs.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { isoOf } from './instant.ts';
import type { Question, RunningQueries } from './running.ts';
import type { QueryService } from './service.ts';
import { jobBroke, jobEnded, jobsHeld } from './telemetry.ts';

/** What questions that are answered later need. */
export interface QueryJobsOptions {
  readonly service: Pick<QueryService, 'query'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Follows them, also while they wait; without it they are not followed. */
  readonly running?: RunningQueries | undefined;
}

interface Job {
  readonly id: string;
  readonly project: string;
  readonly request: QueryRequest;
  readonly stop: AbortController;
  readonly question: Question | undefined;
  readonly askedMs: number;
  startedMs: number | undefined;
  endedMs: number | undefined;
  state: JobState;
  statements: number;
  rowsRead: number;
  /** The answer as JSON. */
  text: string | undefined;
  error: ApiError | undefined;
}

/** An answer that was waited for, with its question. */
export interface LateAnswer {
  readonly request: QueryRequest;
  readonly answer: QueryAnswer;
}

const ID_BYTES = 16;
const CHARACTER_BYTES = 2;

const isPending = ({ state }: Job): boolean => state === 'waiting' || state === 'running';
const bytesOf = ({ text }: Job): number => (text?.length ?? 0) * CHARACTER_BYTES;

/**
 * Questions that are answered later: a few at a time, in their order; answers are kept for a while within so much memory. Each belongs to a project, and to another one it is not there.
 * What is under way ends with the program: nobody was promised an answer.
 */
export class QueryJobs {
  readonly #options: QueryJobsOptions;
  /** In the order in which they were asked. */
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: QueryJobsOptions) {
    this.#options = options;
  }

  /** Takes a question. Throws ApiError `warehouse_busy` where too many wait. */
  start(project: string, request: QueryRequest, asker: AuditActor | null = null): QueryJob {
    this.#forget();
    const pending = [...this.#jobs.values()].filter(isPending);
    const own = pending.filter((job) => job.project === project).length;
    if (own >= JOB_LIMITS.pendingPerProject || pending.length >= JOB_LIMITS.pendingMax)
      throw new ApiError(
        'warehouse_busy',
        `${own} questions of this project wait to be answered, ${pending.length} in all. Cancel one, or ask again later.`,
      );
    const stop = new AbortController();
    const asked = { kind: request.kind, project };
    const by = { way: 'job', asker } as const;
    const question = this.#options.running?.open(asked, { by, signal: stop.signal });
    const job: Job = {
      ...{ id: `q_${randomBytes(ID_BYTES).toString('base64url')}`, project, request },
      ...{ stop, question, askedMs: this.#options.clock.nowMs(), state: 'waiting' },
      ...{ startedMs: undefined, endedMs: undefined, statements: 0, rowsRead: 0, text: undefined },
      error: undefined,
    };
    this.#jobs.set(job.id, job);
    question?.signal.addEventListener('abort', () => {
      if (isPending(job) && question.isEnded) this.#fail(job, question.told(undefined));
    });
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

  /** The answer. Throws ApiError: `not_found`, `conflict` where there is none yet or it was cancelled, or why it failed. */
  answer(project: string, id: string): LateAnswer {
    const job = this.#find(project, id);
    if (job.error !== undefined) throw job.error;
    if (job.text === undefined)
      throw new ApiError(
        'conflict',
        job.state === 'cancelled'
          ? 'The question was cancelled. Ask it anew.'
          : `The question is ${job.state}. GET /api/query/${id} says when it is done.`,
      );
    return { request: job.request, answer: JSON.parse(job.text) as QueryAnswer };
  }

  /** Ends a question that is not answered yet, and forgets one that is. Throws ApiError `not_found`. */
  cancel(project: string, id: string): QueryJob {
    const job = this.#find(project, id);
    if (isPending(job)) this.#end(job, 'cancelled');
    else this.#jobs.delete(id);
    job.stop.abort();
    this.#next();
    return this.#told(job);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#jobs.values()) job.stop.abort();
    await Promise.all(this.#running);
    this.#jobs.clear();
  }

  #find(project: string, id: string): Job {
    this.#forget();
    const job = this.#jobs.get(id);
    if (job?.project !== project)
      throw new ApiError(
        'not_found',
        'There is no such question: it was never asked here, or its answer is forgotten. Ask it anew.',
      );
    return job;
  }

  #next(): void {
    if (this.#isClosed) return;
    for (const job of this.#jobs.values()) {
      if (this.#running.size >= JOB_LIMITS.runningMax) break;
      if (job.state !== 'waiting') continue;
      job.state = 'running';
      job.startedMs = this.#options.clock.nowMs();
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
      if (job.state !== 'running') return;
      job.text = JSON.stringify(answer);
      this.#end(job, 'done');
    } catch (error) {
      if (job.state === 'running') this.#fail(job, error);
    }
  }

  #fail(job: Job, error: unknown): void {
    job.error = this.#toldError(job, error);
    this.#end(job, 'failed');
  }

  #end(job: Job, state: 'done' | 'failed' | 'cancelled'): void {
    job.state = state;
    job.endedMs = this.#options.clock.nowMs();
    if (job.question !== undefined) this.#options.running?.close(job.question);
    this.#options.telemetry.emit(jobEnded, { state, kind: job.request.kind });
  }

  /** Drops what is too old, and of the rest the oldest until all fits. */
  #forget(): void {
    const nowMs = this.#options.clock.nowMs();
    const ended = [...this.#jobs.values()]
      .filter((job) => !isPending(job))
      .sort((a, b) => (a.endedMs ?? 0) - (b.endedMs ?? 0));
    let count = ended.length;
    let bytes = ended.reduce((sum, job) => sum + bytesOf(job), 0);
    for (const job of ended) {
      const isOld = nowMs - (job.endedMs ?? 0) >= JOB_LIMITS.keptMs;
      if (!isOld && count <= JOB_LIMITS.endedMax && bytes <= JOB_LIMITS.bytesMax) break;
      this.#jobs.delete(job.id);
      count -= 1;
      bytes -= bytesOf(job);
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
