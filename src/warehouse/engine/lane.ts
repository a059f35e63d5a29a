import { Session } from 'chdb';
import { toEngineError } from './engine-error.ts';
import { quoteIdentifier, quoteString } from '../quote.ts';
import { READ_ONLY } from './engine-options.ts';

/** Where sessions of this process are opened. */
export interface SessionPlace {
  readonly storeDir: string;
  readonly configFile: string;
}

/** How to run one statement. */
export interface RunOptions {
  readonly format: string;
  readonly database: string | undefined;
  /** Rights to give all others up for. The session is not used for another statement afterwards, unless the lane keeps it. */
  readonly role?: string;
  /** Applied before the statement, replacing those of the statement before. After `readonly = 1` the session is not used for another one. */
  readonly settings: ReadonlyMap<string, string>;
}

/** What all statements of a lane have in common, so that a session can be brought there before the next of them comes. */
export type SessionStart = Pick<RunOptions, 'database' | 'role' | 'settings'>;

/** A whole answer. */
export interface RunResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedSeconds: number;
}

/** The engine's word for "let the configuration decide". */
const BY_DEFAULT = 'DEFAULT';

/**
 * One engine session: runs one statement at a time. A session is spent after any error, and after any stream that was not read to its end, because the engine hands what a failed statement left behind to the next one; and after a
 * statement for which it gave up what cannot be taken back, unless all statements of the lane give up the same. Nothing runs on a session that is spent: whoever comes next gets a fresh one, which `renew` has made ready ahead, or else is made then.
 */
export class Lane {
  readonly #place: SessionPlace;
  readonly #start: SessionStart | undefined;
  /** What all its statements run under, where its sessions are used again because of that. */
  readonly kept: SessionStart | undefined;
  #session: Session;
  #applied: ReadonlyMap<string, string> = new Map();
  #database: string | undefined;
  #role: string | undefined;
  #isSpent = false;
  #isClosed = false;

  /** `start`: where `renew` brings a fresh session. `isKept`: all its statements run under it, so what it gives up is not given back for any of them. */
  constructor(place: SessionPlace, start?: SessionStart, isKept = false) {
    this.#place = place;
    this.#start = start;
    this.kept = isKept ? start : undefined;
    this.#session = this.#open();
  }

  /** Nothing more may run on its session. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Runs a statement and returns its whole answer. Throws EngineError. */
  async run(sql: string, options: RunOptions): Promise<RunResult> {
    try {
      const result = await this.#begin(options).queryAsync(`${this.#preparation(options)}${sql}`, {
        format: options.format,
      });
      this.#remember(options);
      return {
        bytes: result.bytes(),
        rowsRead: result.rowsRead,
        bytesRead: result.bytesRead,
        elapsedSeconds: result.elapsed,
      };
    } catch (error) {
      this.#isSpent = true;
      throw toEngineError(error);
    }
  }

  /** Runs a statement and yields its answer in pieces as they come. Throws EngineError, also between pieces. */
  async *stream(sql: string, options: RunOptions): AsyncGenerator<Uint8Array> {
    let whole = false;
    try {
      const session = this.#begin(options);
      const preparation = this.#preparation(options);
      if (preparation !== '') await session.queryAsync(preparation, { format: 'Null' });
      this.#remember(options);
      for await (const chunk of session.queryStream(sql, { format: options.format })) yield chunk.raw();
      whole = true;
    } catch (error) {
      throw toEngineError(error);
    } finally {
      if (!whole) this.#isSpent = true;
    }
  }

  /** Takes a fresh session and brings it where the statements of the lane begin. Nothing may run until it is done. What fails here fails again, and is told, when the next statement does it. */
  async renew(): Promise<void> {
    try {
      this.#reopen();
      if (this.#start === undefined) return;
      await this.#session.queryAsync(this.#preparation(this.#start), { format: 'Null' });
      this.#remember(this.#start);
    } catch {
      this.#isSpent = true;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#session.close();
  }

  /** The session for a statement. */
  #begin({ role, settings }: RunOptions): Session {
    if (this.#isSpent) this.#reopen();
    this.#isSpent = this.kept === undefined && (role !== undefined || settings.get('readonly') === READ_ONLY);
    return this.#session;
  }

  /** The old session goes once nothing runs on it any more. */
  #reopen(): void {
    if (this.#isClosed) throw new Error('The lane is closed');
    this.#session.close();
    this.#session = this.#open();
    this.#isSpent = false;
  }

  #open(): Session {
    this.#applied = new Map();
    this.#database = undefined;
    this.#role = undefined;
    return new Session(this.#place.storeDir, { connectionArgs: [`--config-file=${this.#place.configFile}`] });
  }

  /** Statements that bring the session from the settings of the statement before to those of this one. */
  #preparation(options: SessionStart): string {
    const changes: string[] = [];
    for (const name of this.#applied.keys())
      if (!options.settings.has(name)) changes.push(`${name} = ${BY_DEFAULT}`);
    for (const [name, value] of options.settings)
      if (this.#applied.get(name) !== value) changes.push(`${name} = ${quoteString(value)}`);
    const set = changes.length === 0 ? '' : `SET ${changes.join(', ')};`;
    const database = options.database ?? 'default';
    const use = (this.#database ?? 'default') === database ? '' : `USE ${quoteIdentifier(database)};`;
    const isSame = options.role === undefined || options.role === this.#role;
    const role = isSame ? '' : `SET ROLE ${quoteIdentifier(options.role)};`;
    // The role first: another one may have no right to the database.
    return `${role}${use}${set}`;
  }

  #remember(options: SessionStart): void {
    this.#applied = options.settings;
    this.#database = options.database;
    this.#role = options.role;
  }
}
