import { Session } from 'chdb';
import { toEngineError } from './engine-error.ts';
import { quoteIdentifier, quoteString } from '../quote.ts';

/** Where sessions of this process are opened. */
export interface SessionPlace {
  readonly storeDir: string;
  readonly configFile: string;
}

/** How to run one statement. */
export interface RunOptions {
  readonly format: string;
  readonly database: string | undefined;
  /** Rights to give all others up for. The session must not be used for another statement afterwards: `reopen` it. */
  readonly role?: string;
  /** Applied before the statement, replacing those of the statement before. */
  readonly settings: ReadonlyMap<string, string>;
}

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
 * One engine session: runs one statement at a time. After any error, and after any stream that was not read to its end, the session is closed and opened anew, because
 * the engine hands what a failed statement left behind to the next one.
 */
export class Lane {
  readonly #place: SessionPlace;
  #session: Session;
  #applied: ReadonlyMap<string, string> = new Map();
  #database: string | undefined;

  constructor(place: SessionPlace) {
    this.#place = place;
    this.#session = this.#open();
  }

  /** Runs a statement and returns its whole answer. Throws EngineError. */
  async run(sql: string, options: RunOptions): Promise<RunResult> {
    try {
      const result = await this.#session.queryAsync(`${this.#preparation(options)}${sql}`, {
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
      this.reopen();
      throw toEngineError(error);
    }
  }

  /** Runs a statement and yields its answer in pieces as they come. Throws EngineError, also between pieces. */
  async *stream(sql: string, options: RunOptions): AsyncGenerator<Uint8Array> {
    let whole = false;
    try {
      const preparation = this.#preparation(options);
      if (preparation !== '') await this.#session.queryAsync(preparation, { format: 'Null' });
      this.#remember(options);
      for await (const chunk of this.#session.queryStream(sql, { format: options.format })) yield chunk.raw();
      whole = true;
    } catch (error) {
      throw toEngineError(error);
    } finally {
      if (!whole) this.reopen();
    }
  }

  /** Takes a fresh session. The old one goes once nothing runs on it any more. */
  reopen(): void {
    this.#session.close();
    this.#session = this.#open();
  }

  close(): void {
    this.#session.close();
  }

  #open(): Session {
    this.#applied = new Map();
    this.#database = undefined;
    return new Session(this.#place.storeDir, { connectionArgs: [`--config-file=${this.#place.configFile}`] });
  }

  /** Statements that bring the session from the settings of the statement before to those of this one. */
  #preparation(options: RunOptions): string {
    const changes: string[] = [];
    for (const name of this.#applied.keys())
      if (!options.settings.has(name)) changes.push(`${name} = ${BY_DEFAULT}`);
    for (const [name, value] of options.settings)
      if (this.#applied.get(name) !== value) changes.push(`${name} = ${quoteString(value)}`);
    const set = changes.length === 0 ? '' : `SET ${changes.join(', ')};`;
    const database = options.database ?? 'default';
    const use = (this.#database ?? 'default') === database ? '' : `USE ${quoteIdentifier(database)};`;
    const role = options.role === undefined ? '' : `SET ROLE ${quoteIdentifier(options.role)};`;
    return `${use}${role}${set}`;
  }

  #remember(options: RunOptions): void {
    this.#applied = options.settings;
    this.#database = options.database;
  }
}
