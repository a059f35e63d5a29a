import type { FunnelOrder } from '../contract/funnel.ts';
import { bind, identifier, joinSql, type Sql, sql } from './sql.ts';

/**
 * Events are told apart by one number: milliseconds since the start of the range, then a bit a step and exclusion, the first step lowest. Sorting them sorts by time, and within a
 * millisecond by step.
 */
export interface KeyLayout {
  /** Bits for steps and exclusions. */
  readonly maskBits: number;
  /** Keys of events at the end of the range, where no funnel begins any more, are at least this. */
  readonly endKey: string;
  readonly windowMs: number;
}

/**
 * The attempt of each actor that counts. An attempt begins with an event that is the first step (in any order: any step) and lies in the range; each further step is the first event behind the
 * step before that is it (strict: the very next event), while the window lasts. Of an actor's attempts the one counts that gets furthest, the earliest of equals.
 *
 * All of it in passes over the sorted keys of an actor, `e`, never one event against all others: linear in the number of events, however many an actor has.
 */
export interface AttemptOptions {
  readonly order: FunnelOrder;
  /** How many steps there are. */
  readonly steps: number;
  readonly layout: KeyLayout;
  /** Rows `actor`, `e` and what is carried along. */
  readonly actors: Sql;
  /** Further columns, each behind a comma. */
  readonly carried: Sql;
}

/** Rows `actor`, `e`, `chain` (the keys of the steps done, empty where there was no attempt) and what is carried along. */
export const attemptSql = (options: AttemptOptions): Sql =>
  options.order === 'any' ? anyOrderSql(options) : inOrderSql(options);

/**
 * The same where attempts are not compared: that of the first start, however long it takes. Rows as `attemptSql`, and `is_sure`: the attempt lies within the window. Then it is the one that counts: every later attempt does each step later or
 * at the same event, so none gets further. The actors of the options have `first`, the key of the first start, and in `e` only the keys that are more than the first step.
 */
export const firstAttemptSql = (options: AttemptOptions): Sql => {
  const { layout, actors, steps } = options;
  const behind = sql`arraySlice(e, if(place = 0, length(e) + 1, place + (arrayElement(e, place) = first)))`;
  const started = sql`SELECT actor, e, arrayPushFront(${behind}, first) AS rest, 1 AS begin, ${bind('UInt64', steps)} AS most
    FROM (SELECT *, arrayFirstIndex((x, start) -> x >= start, e, arrayWithConstant(length(e), first)) AS place FROM (${actors}))`;
  const shift = bind('UInt64', layout.maskBits);
  return sql`SELECT *, bitShiftRight(arrayElement(chain, -1), ${shift}) - bitShiftRight(arrayElement(chain, 1), ${shift}) <= ${bind('UInt64', layout.windowMs)} AS is_sure
    FROM (${chainSql(options, started)})`;
};

const column = (name: string, step: number): Sql => identifier(`${name}${step}`);

/** The numbers 1 to n. */
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

const isStep = (step: number): Sql => sql`bitTest(x, ${bind('UInt64', step - 1)})`;

const mayBegin = ({ layout }: AttemptOptions): Sql => sql`x < ${bind('UInt64', layout.endKey)}`;

/** A SELECT around another that adds columns. One for each step: expressions over columns stay short where expressions over expressions grow with every step. */
const adding = (columns: Sql, from: Sql): Sql => sql`SELECT *, ${columns} FROM (${from})`;

const inOrderSql = (options: AttemptOptions): Sql =>
  options.order === 'strict' ? strictSql(options) : chainSql(options, startedSql(options));

/**
 * `v`: at an event that is step k, the latest start from which step k is reached there within the window, else 0. `s`: the same at or before an event; in strict order only at it. The latest start is the one
 * whose window ends last, so a step that it does not reach in time no start reaches. `f`: the first event at which step k is reached. Times are counted from 1, so that 0 is none.
 */
const passesSql = (options: AttemptOptions, from: Sql): Sql => {
  const { order, layout, steps } = options;
  const window = bind('UInt64', layout.windowMs);
  return upTo(steps).reduce((inner, step) => {
    const v = column('v', step);
    const reached =
      step === 1
        ? sql`arrayMap((x, now) -> if(${isStep(1)} AND ${mayBegin(options)}, now, 0), d, t)`
        : sql`arrayMap((x, now, start) -> if(${isStep(step)} AND start > 0 AND now - start <= ${window}, start, 0), d, t, arrayShiftRight(${column('s', step - 1)}, 1))`;
    const held = order === 'strict' ? v : sql`arrayFill(start -> start > 0, ${v})`;
    return adding(
      sql`${reached} AS ${v}, ${held} AS ${column('s', step)}, arrayFirstIndex(start -> start > 0, ${v}) AS ${column('f', step)}`,
      inner,
    );
  }, from);
};

const timesSql = ({ layout }: AttemptOptions): Sql =>
  sql`arrayMap(x -> bitShiftRight(x, ${bind('UInt64', layout.maskBits)}) + 1, d)`;

/** `reach`: the furthest step; `last`: the first event that gets there. */
const reachSql = ({ steps }: AttemptOptions): Sql => {
  const firsts = joinSql(
    upTo(steps).map((step) => column('f', step)),
    ', ',
  );
  return sql`arrayCount(first -> first > 0, [${firsts}]) AS reach, toUInt32(arrayElement([${firsts}], reach)) AS last`;
};

const strictSql = (options: AttemptOptions): Sql => {
  const { actors, carried } = options;
  const timed = sql`SELECT *, e AS d, ${timesSql(options)} AS t FROM (${actors})`;
  return sql`SELECT actor, e${carried}, if(reach = 0, [], arraySlice(d, last + 1 - reach, reach)) AS chain
    FROM (SELECT actor, e, d${carried}, ${reachSql(options)} FROM (${passesSql(options, timed)}))`;
};

/**
 * Where the attempt begins, as a place in `rest` (the events from the first start on), and how far it may go. While the whole of `rest` lies within one window, no attempt can get further than the first: only
 * the other actors need the passes, over `d`. Of these the earliest attempt that gets to `reach` is that of the first start whose window holds the event that gets there first: every earlier start would need an
 * earlier such event.
 */
const startedSql = (options: AttemptOptions): Sql => {
  const { layout, actors, carried, steps } = options;
  const [shift, window] = [bind('UInt64', layout.maskBits), bind('UInt64', layout.windowMs)];
  const rest = sql`SELECT *, arraySlice(e, first) AS rest,
      bitShiftRight(arrayElement(rest, -1), ${shift}) - bitShiftRight(arrayElement(rest, 1), ${shift}) <= ${window} AS is_short
    FROM (SELECT *, arrayFirstIndex(x -> ${isStep(1)} AND ${mayBegin(options)}, e) AS first FROM (${actors}))
    WHERE first > 0`;
  const long = sql`SELECT *, if(is_short, arrayResize(rest, 0), rest) AS d, ${timesSql(options)} AS t FROM (${rest})`;
  // What a lambda compares with is handed over as an array: what it captures is copied once an element, arrays and all.
  const start = sql`arrayFirstIndex((x, now, done) -> ${isStep(1)} AND ${mayBegin(options)} AND now + ${window} >= done,
    d, t, arrayWithConstant(length(d), arrayElement(t, last)))`;
  return sql`SELECT actor, e, rest${carried}, if(is_short, 1, ${start}) AS begin, if(is_short, ${bind('UInt64', steps)}, reach) AS most
    FROM (SELECT actor, e, rest, is_short, d, t${carried}, ${reachSql(options)} FROM (${passesSql(options, long)}))`;
};

/** From the start on, each step is the first event behind the step before that is it. `r`: what is left behind step k; `c`: its key, 0 where it was not done. */
const chainSql = ({ steps, carried }: AttemptOptions, started: Sql): Sql => {
  const begun = adding(
    sql`arrayElement(rest, begin) AS ${column('c', 1)}, arraySlice(rest, begin + 1) AS ${column('r', 1)}`,
    started,
  );
  const walked = upTo(steps)
    .slice(1)
    .reduce((from, step) => {
      const [place, left] = [column('i', step), column('r', step - 1)];
      return adding(
        sql`if(most < ${bind('UInt64', step)}, 0, arrayFirstIndex(x -> ${isStep(step)}, ${left})) AS ${place},
          arrayElement(${left}, ${place}) AS ${column('c', step)},
          arraySlice(${left}, if(${place} = 0, length(${left}), ${place}) + 1) AS ${column('r', step)}`,
        from,
      );
    }, begun);
  const keys = upTo(steps).map((step) => column('c', step));
  return sql`SELECT actor, e${carried}, arrayFilter(x -> x > 0, [${joinSql(keys, ', ')}]) AS chain FROM (${walked})`;
};

/** `n`: the key of the next event, from each event on, that is step k, else 0. An event is one step at most here. */
const anyOrderSql = (options: AttemptOptions): Sql => {
  const { layout, actors, carried } = options;
  const shift = bind('UInt64', layout.maskBits);
  const window = bind('UInt64', layout.windowMs);
  const numbers = upTo(options.steps);
  const nexts = numbers.map((step) => column('n', step));
  const passes = numbers.map(
    (step) =>
      sql`arrayReverseFill(x -> x > 0, arrayMap(x -> if(${isStep(step)}, x, 0), e)) AS ${column('n', step)}`,
  );
  const inWindow = nexts.map(
    (next) =>
      sql`toUInt8(${next} > 0 AND bitShiftRight(${next}, ${shift}) - bitShiftRight(x, ${shift}) <= ${window})`,
  );
  const anyStep = bind('UInt64', 2 ** options.steps - 1);
  const here = nexts.map((next) => sql`arrayElement(${next}, best)`);
  return sql`SELECT actor, e${carried}, if(reach = 0, [],
      arraySlice(arraySort(arrayFilter(x -> x > 0, [${joinSql(here, ', ')}])), 1, reach)) AS chain
    FROM (SELECT *, arrayMap((x, ${joinSql(nexts, ', ')}) -> if(${mayBegin(options)} AND bitAnd(x, ${anyStep}) != 0, arraySum([${joinSql(inWindow, ', ')}]), 0), e, ${joinSql(nexts, ', ')}) AS reaches,
        arrayMax(reaches) AS reach, indexOf(reaches, reach) AS best
      FROM (SELECT actor, e${carried}, ${joinSql(passes, ', ')} FROM (${actors})))`;
};
