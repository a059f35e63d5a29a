import { randomBytes } from 'node:crypto';
import type { AuditActor } from '../access/audit-entry.ts';
import { projectNameOf } from '../access/principal.ts';
import {
  type AskedWay,
  type PlatformWork,
  RUNNING_LIMITS,
  type RunningQueriesAnswer,
  type RunningQueryAnswer,
} from '../contract/running.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { observe, type Telemetry } from '../lib/telemetry.ts';
import { isoOf } from './instant.ts';
import type { StatementUnderWay } from './ports.ts';
import { endedByOperator, questionsUnderWay } from './telemetry.ts';

/** On whose behalf something is asked, and how it came. */
export interface AskedBy {
  readonly way: AskedWay;
  /** Null: several. */
  readonly asker: AuditActor | null;
}

/** What is asked. */
export interface Asked {
  /** The kind of an insight, or another name of what is asked. */
  readonly kind: string;
  /** Id of the project. */
  readonly project: string;
}

/** How something is asked, as far as it is followed. */
export interface Followed {
  readonly by?: AskedBy | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What it is a part of: that is followed already. */
  readonly part?: Question | undefined;
}

/** What following questions needs. */
export interface RunningQueriesOptions {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const ID_BYTES = 12;
/** Statements that begin otherwise are of no question. */
const ID_PREFIX = 'r_';
const ENDED =
  'Whoever runs this server ended the question before it was answered. Ask for a shorter range or fewer groups, or ask them why.';

/** A statement of a question, until it is answered. */
export interface QuestionStatement {
  /** Names it in the engine. */
  readonly id: string;
  /** It was answered, having read so many rows; undefined: it failed. */
  done(rowsRead: number | undefined): void;
}

/** One question, from when it is asked until it is answered. */
export class Question {
  readonly id = `${ID_PREFIX}${randomBytes(ID_BYTES).toString('base64url')}`;
  readonly asked: Asked;
  readonly by: AskedBy;
  readonly askedMs: number;
  /** Aborted when nobody waits for the answer any more, or the question is ended. */
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #stop = new AbortController();
  /** Under way: by id. */
  readonly #statements = new Map<string, string>();
  #begun = 0;
  #done = 0;
  #rowsRead = 0;

  constructor(asked: Asked, { by, signal }: Followed, clock: Clock) {
    this.asked = asked;
    this.by = by ?? { way: 'request', asker: null };
    this.#clock = clock;
    this.askedMs = clock.nowMs();
    this.#startedMs = clock.monotonicMs();
    this.signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
  }

  /** An operator ended it. */
  get isEnded(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Begins a statement. `text` is without values. */
  begin(text: string): QuestionStatement {
    this.signal.throwIfAborted();
    this.#begun += 1;
    const id = `${this.id}-${this.#begun}`;
    this.#statements.set(id, text);
    return {
      id,
      done: (rowsRead) => {
        this.#statements.delete(id);
        if (rowsRead === undefined) return;
        this.#done += 1;
        this.#rowsRead += rowsRead;
      },
    };
  }

  end(): void {
    this.#stop.abort(new ApiError('query_ended', ENDED));
  }

  /** What the asker is told where work failed. */
  told(error: unknown): unknown {
    return this.isEnded ? this.#stop.signal.reason : error;
  }

  /** How it is. `engine`: what the engine tells, by id; undefined: it does not. */
  look(engine: ReadonlyMap<string, StatementUnderWay> | undefined): RunningQueryAnswer {
    const known = [...this.#statements.keys()].flatMap((id) => engine?.get(id) ?? []);
    const running = engine === undefined ? this.#statements.size : known.filter(isRunning).length;
    const waiting = this.#statements.size - running;
    const [text = null] = this.#statements.values();
    const expected = sumOf(known, 'rowsTotal');
    return {
      ...{ id: this.id, kind: this.asked.kind, way: this.by.way, project: projectNameOf(this.asked.project) },
      ...{ asker: this.by.asker === null ? null : { ...this.by.asker }, asked_at: isoOf(this.askedMs) },
      elapsed_ms: Math.round(this.#clock.monotonicMs() - this.#startedMs),
      state: this.#state(running, waiting),
      statements: { done: this.#done, running, waiting },
      rows_read: this.#rowsRead + (sumOf(known, 'rowsRead') ?? 0),
      rows_total: expected === null ? null : this.#rowsRead + expected,
      memory_bytes: sumOf(known, 'memoryBytes'),
      ...cut(text),
    };
  }

  #state(running: number, waiting: number): RunningQueryAnswer['state'] {
    if (this.isEnded) return 'ending';
    return this.#begun === 0 || (running === 0 && waiting > 0) ? 'waiting' : 'running';
  }
}

const isRunning = ({ state }: StatementUnderWay): boolean => state === 'running';

const sumOf = (
  statements: readonly StatementUnderWay[],
  name: 'rowsRead' | 'rowsTotal' | 'memoryBytes',
): number | null => {
  const values = statements.flatMap((each) => each[name] ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
};

const cut = (text: string | null): { statement: string | null; statement_cut: boolean } => {
  const { statementCharsMax } = RUNNING_LIMITS;
  const plain = text?.replaceAll(/\s+/gu, ' ').trim() ?? null;
  if (plain === null || plain.length <= statementCharsMax) return { statement: plain, statement_cut: false };
  return { statement: plain.slice(0, statementCharsMax).toWellFormed(), statement_cut: true };
};

/** Follows every question from when it is asked until it is answered, so that whoever runs the platform can see what it does, and end what it should not do. */
export class RunningQueries {
  readonly #options: RunningQueriesOptions;
  readonly #questions = new Map<string, Question>();

  constructor(options: RunningQueriesOptions) {
    this.#options = options;
  }

  /** Does work that answers a question. Rejects with ApiError `query_ended` if that is ended meanwhile. Of work that fails nothing goes on. */
  async follow<T, Options extends Followed>(
    asked: Asked,
    options: Options,
    work: (options: Options) => Promise<T>,
  ): Promise<T> {
    if (options.part !== undefined) return untilFailed(options, work);
    const question = this.open(asked, options);
    try {
      const answer = await untilFailed({ ...options, signal: question.signal, part: question }, work);
      // The audit log has it that it was ended.
      if (question.isEnded) throw question.told(undefined);
      return answer;
    } catch (error) {
      throw question.told(error);
    } finally {
      this.close(question);
    }
  }

  /** Takes a question that is followed until `close`. */
  open(asked: Asked, options: Followed): Question {
    const question = new Question(asked, options, this.#options.clock);
    this.#questions.set(question.id, question);
    this.#count();
    return question;
  }

  close(question: Question): void {
    this.#questions.delete(question.id);
    this.#count();
  }

  find(id: string): Question | undefined {
    return this.#questions.get(id);
  }

  /** Ends a question: its statements are stopped, and its asker is told. */
  end(question: Question): void {
    const { kind } = question.asked;
    question.end();
    this.#options.telemetry.emit(endedByOperator, { kind, id: question.id });
  }

  /** What is asked now. `engine`: what the engine does; undefined: it does not say. */
  list(
    engine: readonly StatementUnderWay[] | undefined,
  ): Pick<RunningQueriesAnswer, 'total' | 'queries' | 'work' | 'engine'> {
    const known = engine && new Map(engine.map((each) => [each.id, each]));
    const questions = [...this.#questions.values()].slice(0, RUNNING_LIMITS.queriesMax);
    // Also without those whose question has just ended: they are nobody's work.
    const own = engine?.filter(({ id }) => !id.startsWith(ID_PREFIX)) ?? [];
    return {
      total: this.#questions.size,
      queries: questions.map((question) => question.look(known)),
      work: own.slice(0, RUNNING_LIMITS.workMax).map(workOf),
      engine: engine === undefined ? 'silent' : 'ok',
    };
  }

  #count(): void {
    observe(this.#options.telemetry.series(questionsUnderWay, {}), this.#questions.size);
  }
}

/** Does work, and aborts what is left of it when a part has failed: a statement beside that one would take time and memory from other questions until it has an answer for nobody. */
const untilFailed = async <T, Options extends Followed>(
  options: Options,
  work: (options: Options) => Promise<T>,
): Promise<T> => {
  const failed = new AbortController();
  const signal =
    options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  try {
    return await work({ ...options, signal });
  } catch (error) {
    failed.abort();
    throw error;
  }
};

const workOf = ({ kind, state, elapsedMs, text, ...rest }: StatementUnderWay): PlatformWork => ({
  ...{ kind, state, elapsed_ms: Math.round(elapsedMs), rows_read: rest.rowsRead, rows_total: rest.rowsTotal },
  ...{ memory_bytes: rest.memoryBytes, ...cut(text) },
});
