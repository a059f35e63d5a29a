import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ImportAnswer } from '../contract/imports.ts';
import type { Clock } from '../lib/clock.ts';
import { ImportClient, type ImportTarget } from './client.ts';
import { compileMapping, isMappingNeeded, type Mapper, type MappingOptions } from './mapping.ts';
import { openRows, type ReadOptions } from './open.ts';
import { checkAreEvents, passThrough } from './pass-through.ts';
import { formatCount, ProgressLine, type ProgressOutput } from '../lib/progress-line.ts';
import { IMPORT_RENDERING, type ProgressState } from './progress.ts';
import { ImportError, type RowReader, type SourceRow } from './row.ts';
import { RowRanges } from './row-ranges.ts';
import { type OutgoingRow, problemEvent, Sender } from './sender.ts';
import { type ByteSource, HASH_DIGITS, hashFile, openSource } from './source.ts';
import { Tally } from './tally.ts';
import { RowError } from './value.ts';

/** One import: from the name of a file to rows that are stored. */
export interface ImportOptions extends ReadOptions, MappingOptions {
  /** Path, or `-` for standard input. */
  readonly file: string;
  /** Import a file once more that is imported already. */
  readonly again?: boolean;
  /** Send the rows again that an earlier run had quarantined. */
  readonly retryQuarantined?: boolean;
}

/** What an import needs from outside. */
export interface ImportEnvironment {
  readonly stdin: Readable;
  /** Progress and notes. */
  readonly output: ProgressOutput;
  readonly clock: Clock;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  /** Finds or starts the server. Called once, after the file and the mapping are found good. */
  connect(): Promise<ImportTarget>;
}

/** How an import ended. */
export interface ImportOutcome {
  readonly kind: 'done' | 'complete_before' | 'interrupted';
  readonly importId: string;
  readonly tally: Tally;
  readonly elapsedMs: number;
  /** What the server has of the import; undefined when rows have ids of their own, or it was interrupted. */
  readonly state: ImportAnswer | undefined;
  readonly isResumable: boolean;
}

/** What a dry run found. */
export interface Preview {
  readonly format: string;
  readonly compression: string;
  readonly columns: readonly string[];
  readonly notes: readonly string[];
  readonly mapping: readonly string[];
  /** The first events as JSON, and the problems of rows that make none. */
  readonly events: readonly { readonly row: number; readonly json?: string; readonly problem?: string }[];
}

/** Rows shown by a dry run. */
export const PREVIEW_ROWS = 5;

interface Opened {
  readonly source: ByteSource;
  readonly reader: RowReader;
  readonly mapper: Mapper;
}

const open = async (options: ImportOptions, stdin: Readable): Promise<Opened> => {
  const source = await openSource(options.file, stdin);
  try {
    const reader = await openRows(source, options);
    return { source, reader, mapper: mapperOf(options, reader) };
  } catch (error) {
    source.close();
    throw error;
  }
};

const mapperOf = (options: ImportOptions, reader: RowReader): Mapper => {
  const isJson = reader.format === 'json' || reader.format === 'ndjson';
  if (!isJson || isMappingNeeded(options)) return compileMapping(options, reader.columns);
  checkAreEvents(reader.sample ?? [], reader.columns.names);
  return passThrough;
};

/** Reads the first rows and shows what would be sent. Writes nothing and needs no server. */
export const previewImport = async (options: ImportOptions, stdin: Readable): Promise<Preview> => {
  const { source, reader, mapper } = await open(options, stdin);
  const events: { row: number; json?: string; problem?: string }[] = [];
  for await (const batch of reader.batches()) {
    for (const row of batch.rows.slice(0, PREVIEW_ROWS - events.length)) {
      const made = outgoing(row, mapper, `<file>:${row.number}`, options.type);
      events.push({
        row: row.number,
        ...(made.problem === undefined ? { json: made.json } : { problem: made.problem.message }),
      });
    }
    if (events.length >= PREVIEW_ROWS) break;
  }
  await reader.close();
  const { format, columns, notes } = reader;
  return {
    format,
    compression: source.compression,
    columns: columns.names,
    notes,
    mapping: mapper.description,
    events,
  };
};

/** Imports a file. Throws ImportError when it cannot go on; what was acknowledged until then is stored, and the same command goes on behind it. */
export const runImport = async (
  options: ImportOptions,
  environment: ImportEnvironment,
): Promise<ImportOutcome> => new Importer(options, environment).run();

class Importer {
  readonly #options: ImportOptions;
  readonly #environment: ImportEnvironment;
  readonly #tally = new Tally();
  readonly #progress: ProgressLine<ProgressState>;
  /** When sending began, or whatever goes before it. */
  #startedMs: number;

  constructor(options: ImportOptions, environment: ImportEnvironment) {
    this.#options = options;
    this.#environment = environment;
    this.#progress = new ProgressLine(environment.output, IMPORT_RENDERING);
    this.#startedMs = environment.clock.monotonicMs();
  }

  async run(): Promise<ImportOutcome> {
    const { file, again, retryQuarantined } = this.#options;
    const isFile = file !== '-';
    if (!isFile && (again === true || retryQuarantined === true)) {
      throw new ImportError('Standard input has no identity: --again and --retry-quarantined need a file.');
    }
    const opened = await open(this.#options, this.#environment.stdin);
    try {
      const before = isFile ? await stat(file) : undefined;
      const hash = isFile
        ? await this.#hash(file, before?.size ?? 0)
        : randomBytes(HASH_DIGITS / 2).toString('hex');
      const target = await this.#environment.connect();
      const client = this.#client(target);
      const { importId, done } = await this.#resumePoint(hash, isFile, opened, client);
      this.#sayNotes(opened, done);
      this.#startedMs = this.#environment.clock.monotonicMs();
      const outcome = await this.#send(opened, importId, done, client);
      if (before !== undefined) await checkUnchanged(file, before);
      return outcome;
    } finally {
      this.#progress.clear();
      await opened.reader.close();
    }
  }

  #client(target: ImportTarget): ImportClient {
    return new ImportClient(target, {
      signal: this.#environment.signal,
      onRetry: (why, pauseMs) => {
        if (pauseMs >= 1000) this.#say(`Waiting for the server: ${why}`);
      },
    });
  }

  async #hash(file: string, size: number): Promise<string> {
    return hashFile(file, (bytes) => {
      this.#environment.signal.throwIfAborted();
      this.#progress.update(this.#state('Reading', size === 0 ? 1 : bytes / size));
    });
  }

  // --- where to go on

  async #resumePoint(
    hash: string,
    isFile: boolean,
    { mapper }: Opened,
    client: ImportClient,
  ): Promise<{ importId: string; done: RowRanges }> {
    const { again, retryQuarantined } = this.#options;
    if (!isFile) return { importId: hash, done: new RowRanges() };
    if (mapper.hasOwnIds) {
      if (again === true)
        throw new ImportError(
          '--again: the rows have ids of their own, so they are stored once. Leave out the id mapping.',
        );
      return { importId: hash, done: new RowRanges() };
    }
    const { importId, state } =
      again === true ? await this.#generation(hash, client) : await this.#first(hash, client);
    const done = RowRanges.complementOf(state.missing.ranges, state.last_row);
    return { importId, done: retryQuarantined === true ? done.without(state.quarantined_rows.ranges) : done };
  }

  async #first(hash: string, client: ImportClient): Promise<{ importId: string; state: ImportAnswer }> {
    return { importId: hash, state: await client.fullState(hash) };
  }

  /** The first import of the file that is not complete: an interrupted one goes on, otherwise a new one begins. */
  async #generation(hash: string, client: ImportClient): Promise<{ importId: string; state: ImportAnswer }> {
    const rows = await this.#countRows();
    for (let n = 1; ; n++) {
      const importId = n === 1 ? hash : `${hash}-${n}`;
      const state = await client.fullState(importId);
      if (state.last_row < rows || state.missing.ranges.length > 0) return { importId, state };
    }
  }

  async #countRows(): Promise<number> {
    const { reader, source } = await open(this.#options, this.#environment.stdin);
    let rows = 0;
    try {
      for await (const batch of reader.batches()) {
        rows += batch.rows.length;
        this.#environment.signal.throwIfAborted();
        this.#progress.update(this.#state('Counting', fractionOf(source, batch.bytesRead)));
      }
    } finally {
      await reader.close();
    }
    return rows;
  }

  // --- sending

  async #send(
    opened: Opened,
    importId: string,
    done: RowRanges,
    client: ImportClient,
  ): Promise<ImportOutcome> {
    const { mapper } = opened;
    const tally = this.#tally;
    const isFile = this.#options.file !== '-';
    const sender = new Sender({ client, importId, tally, asksKnown: mapper.hasOwnIds && isFile });
    let isInterrupted = false;
    try {
      isInterrupted = await this.#sendRows(opened, importId, done, sender);
      await (isInterrupted ? sender.settle() : sender.finish());
    } catch (error) {
      await sender.settle();
      if (!this.#environment.signal.aborted) throw error;
      isInterrupted = true;
    }
    if (!isInterrupted) this.#progress.update(this.#state('Importing', 1));
    const sent = tally.accepted + tally.quarantined;
    const isSettled = !isInterrupted && !mapper.hasOwnIds;
    return {
      kind: isInterrupted ? 'interrupted' : sent === 0 && tally.before > 0 ? 'complete_before' : 'done',
      importId,
      tally,
      elapsedMs: this.#elapsedMs(),
      state: isSettled ? await client.state(importId) : undefined,
      isResumable: isFile,
    };
  }

  /** Answers whether the user stopped it. */
  async #sendRows(
    { source, reader, mapper }: Opened,
    importId: string,
    done: RowRanges,
    sender: Sender,
  ): Promise<boolean> {
    const { signal } = this.#environment;
    const tally = this.#tally;
    for await (const batch of reader.batches()) {
      for (const row of batch.rows) {
        tally.read += 1;
        if (done.has(row.number)) {
          tally.before += 1;
          continue;
        }
        const waiting = sender.add(outgoing(row, mapper, `${importId}:${row.number}`, this.#options.type));
        if (waiting === undefined) continue;
        await waiting;
        if (signal.aborted) return true;
        this.#progress.update(this.#state('Importing', fractionOf(source, batch.bytesRead)));
      }
      if (signal.aborted) return true;
      this.#progress.update(this.#state('Importing', fractionOf(source, batch.bytesRead)));
    }
    return false;
  }

  // --- saying

  #state(label: string, fraction: number | undefined): ProgressState {
    const { done, before, quarantined } = this.#tally;
    return { label, fraction, rows: done, before, quarantined, elapsedMs: this.#elapsedMs() };
  }

  #elapsedMs(): number {
    return this.#environment.clock.monotonicMs() - this.#startedMs;
  }

  #say(text: string): void {
    this.#progress.clear();
    this.#environment.output.write(`${text}\n`);
  }

  #sayNotes({ source, reader, mapper }: Opened, done: RowRanges): void {
    const compression = source.compression === 'none' ? '' : `, ${source.compression}`;
    const notes = reader.notes.length === 0 ? '' : `; ${reader.notes.join('; ')}`;
    this.#say(`${source.name}: ${reader.format}${compression}${notes}`);
    for (const line of mapper.description) this.#say(`  ${line}`);
    if (this.#options.file === '-')
      this.#say(
        'Standard input cannot be resumed: if this stops, the rows sent so far are stored, and running it again stores them twice.',
      );
    if (done.size > 0) this.#say(`Going on: ${formatCount(done.size)} rows of this file are there already.`);
  }
}

const fractionOf = (source: ByteSource, bytesRead: number): number | undefined =>
  source.size === undefined ? undefined : source.size === 0 ? 1 : bytesRead / source.size;

const checkUnchanged = async (file: string, before: { size: number; mtimeMs: number }): Promise<void> => {
  const now = await stat(file).catch(() => undefined);
  if (now !== undefined && now.size === before.size && now.mtimeMs === before.mtimeMs) return;
  throw new ImportError(
    `${file} changed while it was imported. What was read is stored, under the identity of the file as it was at first; import a file only when nothing writes to it any more.`,
  );
};

/** The row as it is sent: an event, or what the server will quarantine. */
const outgoing = (
  row: SourceRow,
  mapper: Mapper,
  positionId: string,
  type: string | undefined,
): OutgoingRow => {
  const refuse = (code: string, message: string): OutgoingRow => {
    const problem = { code, message };
    const json = problemEvent(row, positionId, type ?? 'import_row', problem);
    return { number: row.number, id: positionId, json, timeMs: undefined, problem, original: row.text };
  };
  if (row.problem !== undefined) return refuse('unreadable_row', row.problem);
  try {
    const { id, json, timeMs } = mapper.map(row, positionId);
    return new EventRow(row, id, json, timeMs);
  } catch (error) {
    if (error instanceof RowError) return refuse(error.code, error.message);
    throw error;
  }
};

/** An event on its way. The original text is only made when asked for. */
class EventRow implements OutgoingRow {
  readonly number: number;
  readonly id: string;
  readonly json: string;
  readonly timeMs: number | undefined;
  readonly problem: undefined = undefined;
  readonly #row: SourceRow;

  constructor(row: SourceRow, id: string, json: string, timeMs: number | undefined) {
    this.number = row.number;
    this.id = id;
    this.json = json;
    this.timeMs = timeMs;
    this.#row = row;
  }

  get original(): string {
    return this.#row.text;
  }
}
