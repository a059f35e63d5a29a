/** What the engine's process is told when it starts. Plain data: it crosses a process boundary. */
export interface EngineOptions {
  /** Folder that belongs to the engine alone: `store/` the tables, `tmp/` bodies under way, `engine.xml`, `users.xml`, `lock`. */
  readonly dataDir: string;
  readonly host: string;
  /** 0 takes a free one; the answer says which. */
  readonly port: number;
  /** Password that every request must carry. */
  readonly secret: string;
  /** Upper bound of the memory that queries, loads, merges and caches may take together, bytes. */
  readonly memoryBytesMax: number;
  /** Queries of the class `reader` that may run at a time. */
  readonly readLanes: number;
  /** Statements of users (lane `sql`) that may run at a time. */
  readonly sqlLanes: number;
  /** How long to wait for a dying predecessor to let go of the data directory, milliseconds. */
  readonly lockTimeoutMs: number;
  /** How long statements under way get when it is told to stop, milliseconds. */
  readonly drainMs: number;
}

/** Node -> engine. */
export type ToEngine =
  | { readonly kind: 'start'; readonly options: EngineOptions }
  | { readonly kind: 'stop' };

/** What a process tells that has opened its tables. */
export interface EngineReady {
  readonly port: number;
  /** Tokens of loads that were in its lists although their rows never came to be: see `deduplication-log.ts`. */
  readonly forgotten: number;
}

/** Engine -> node. */
export type FromEngine =
  | ({ readonly kind: 'ready' } & EngineReady)
  | { readonly kind: 'failed'; readonly message: string };

/** User name under which requests come; there is only one. */
export const ENGINE_USER = 'default';

/** Header that chooses the session class of a request: `load`, `read`, `control` or `sql`. Without it the statement's verb decides. */
export const LANE_HEADER = 'x-aevum-lane';

/**
 * Header that names the file which holds the data of an INSERT, in the engine's folder for bodies: whoever runs on the same machine and may write there saves sending them. The engine takes the file
 * away, whatever becomes of the statement.
 */
export const BODY_HEADER = 'x-aevum-body';

/** Header of a reading statement that is to take little memory, and may take longer for it. */
export const FRUGAL_HEADER = 'x-aevum-frugal';

/** Header that names the project whose rows a statement of the lane `sql` may see. Without it, it sees none. */
export const PROJECT_HEADER = 'x-aevum-project';

/** Header of a statement of the lane `sql` that is to be judged before it runs. */
export const JUDGE_HEADER = 'x-aevum-judge';

/** Header of the answer to such a statement: `refused`, with the judgement as JSON; `failed`, with an exception, if it could not be judged; else the milliseconds that judging took, and the answer is that of its run. */
export const JUDGED_HEADER = 'x-aevum-judged';

/** The kinds of lanes. `sql` is for statements that users wrote: everything about it is fixed here, whatever a request says. */
export const LANES = ['load', 'read', 'control', 'sql'] as const;
export type LaneKind = (typeof LANES)[number];

/** Where the engine tells which statements run or wait, to whoever has the secret. */
export const STATEMENTS_PATH = '/statements';

/** A statement that runs in the engine, or waits for a lane. */
export interface EngineStatement {
  /** As its request named it. */
  readonly id: string;
  readonly lane: LaneKind;
  readonly state: 'waiting' | 'running';
  /** Since it came. */
  readonly elapsedMs: number;
  /** How it begins, without the values of its parameters. */
  readonly text: string;
  /** Null: the engine does not say. */
  readonly rowsRead: number | null;
  /** An estimate of what it will have read. */
  readonly rowsTotal: number | null;
  readonly memoryBytes: number | null;
}

/** Of the setting `readonly`: nothing may be changed, settings neither, and no statement takes that back. */
export const READ_ONLY = '1';
