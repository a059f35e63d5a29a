import type { Position } from '../log.ts';
import { type Frame, KIND } from './frame.ts';
import { type Cursor, type Damage, endOfNonZero, type ReadAt, walkSegment } from './scan.ts';
import type { Segment } from './segment.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';

/**
 * Finds out where the last segment's good data ends.
 *
 * Commits are strictly one after another: a group is only written when the one before it is durable (so opening syncs what it found before it writes its mark: `settle`). So a damaged place is an acknowledged loss if any intact frame of a
 * *later* group follows it; otherwise it is the unfinished last write of a crash, which nobody was told of. Each frame says how far back its group begins. A mark is
 * written at each opening and closing, so that this also holds for the last group of a run that was closed or opened again.
 */

/** What `rows` says in a mark. */
export const MARK = { opened: 0, closed: 1 } as const;

const CHUNK_BYTES = 4 * 1024 * 1024;

/** The end of a topic as found. */
export interface Survey {
  /** Where the next frame goes, the position it has, the highest epoch so far. */
  readonly end: Cursor;
  /** An unfinished or damaged write behind the end, to be cut off. */
  readonly torn: { readonly bytes: number; readonly reason: string } | undefined;
  /** Places of damage before the end: acknowledged records are missing there. */
  readonly damages: readonly Damage[];
}

class Surveyor {
  readonly damages: Damage[] = [];
  readonly #segment: Segment;
  /** The first place of damage that no later group has followed yet, and the end as it was there. */
  #open: { readonly end: Cursor; readonly damages: Damage[] } | undefined;
  #end: Cursor;
  #lastFrame: Frame | undefined;

  constructor(segment: Segment, start: Cursor) {
    this.#segment = segment;
    this.#end = start;
  }

  get closedCleanly(): boolean {
    const last = this.#lastFrame;
    return this.#open === undefined && last?.kind === KIND.mark && last.rows === MARK.closed;
  }

  frame(frame: Frame): void {
    const groupStart = frame.offset - frame.groupDistance;
    if (this.#open !== undefined && groupStart > this.#open.end.offset) {
      this.damages.push(...this.#open.damages);
      this.#open = undefined;
    }
    if (this.#open === undefined) this.#segment.index.offer(frame.position, frame.offset);
    this.#lastFrame = frame;
  }

  reached(cursor: Cursor, damage: Damage | undefined): void {
    this.#end = cursor;
    if (damage === undefined) return;
    this.#open ??= { end: cursor, damages: [] };
    this.#open.damages.push(damage);
  }

  /** The end of what counts, and why there is something behind it. */
  finish(): { readonly end: Cursor; readonly reason: string | undefined } {
    if (this.#open === undefined) return { end: this.#end, reason: undefined };
    return { end: this.#open.end, reason: this.#open.damages[0]?.reason };
  }
}

const walkAll = async (
  read: ReadAt,
  salt: number,
  start: Cursor,
  surveyor: Surveyor,
  searchBehindEnd: boolean,
) => {
  const options = { until: Number.MAX_SAFE_INTEGER, chunkBytes: CHUNK_BYTES, searchBehindEnd };
  let end = start;
  let searched = searchBehindEnd;
  for await (const step of walkSegment(read, salt, start, options)) {
    for (const frame of step.frames) surveyor.frame(frame);
    surveyor.reached(step.cursor, step.damage);
    end = step.cursor;
    searched = searchBehindEnd || step.damage !== undefined;
  }
  return { end, searched };
};

/** Surveys a segment. Undefined: both copies of its header are damaged. Fills the segment's index. */
export const surveySegment = (segment: Segment): Promise<(Survey & { readonly salt: number }) | undefined> =>
  segment.use(async (read, header) => {
    if (header === undefined) return undefined;
    const start: Cursor = { offset: SEGMENT_HEADER_BYTES, expected: segment.base, epoch: header.epoch };
    const surveyor = new Surveyor(segment, start);
    const data = await walkAll(read, header.salt, start, surveyor, false);
    if (!data.searched && !surveyor.closedCleanly) await walkAll(read, header.salt, data.end, surveyor, true);
    const { end, reason } = surveyor.finish();
    const torn =
      reason === undefined
        ? undefined
        : { bytes: (await endOfNonZero(read, end.offset)) - end.offset, reason };
    return { end, torn, damages: surveyor.damages, salt: header.salt };
  });

/** A position that no record in a torn tail of so many bytes can have had. */
export const positionBehind = (expected: Position, tornBytes: number, frameBytesMin: number): Position =>
  expected + Math.ceil(tornBytes / frameBytesMin) + 1;
