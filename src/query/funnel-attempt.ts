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

const column = (name: string, step: number): Sql => identifier(`${name}${step}`);

/** The numbers 1 to n. */
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

const isStep = (step: number): Sql => sql`bitTest(x, ${bind('UInt64', step - 1)})`;

const mayBegin = ({ layout }: AttemptOptions): Sql => sql`x < ${bind('UInt64', layout.endKey)}`;

/**
 * `v`: at an event that is step k, the latest start from which step k is reached there within the window, else 0. `s`: the same at or before an event; in strict order only at it. The latest start is the one
 * whose window ends last, so a step that it does not reach in time no start reaches. `f`: the first event at which step k is reached. Times are counted from 1, so that 0 is none.
 */
const stepColumns = ({ order, layout }: AttemptOptions, step: number): Sql => {
  const [v, s, f, before] = [column('v', step), column('s', step), column('f', step), column('s', step - 1)];
  const window = bind('UInt64', layout.windowMs);
  const reached = sql`arrayMap((x, now, start) -> if(${isStep(step)} AND start > 0 AND now - start <= ${window}, start, 0), e, t, arrayPushFront(arrayPopBack(${before}), 0))`;
  const held = order === 'strict' ? v : sql`arrayFill(start -> start > 0, ${v})`;
  return sql`${reached} AS ${v}, ${held} AS ${s}, arrayFirstIndex(start -> start > 0, ${v}) AS ${f}`;
};

const firstColumns = (options: AttemptOptions): Sql => {
  const begins = sql`arrayMap((x, now) -> if(${isStep(1)} AND ${mayBegin(options)}, now, 0), e, t)`;
  const held =
    options.order === 'strict' ? column('v', 1) : sql`arrayFill(start -> start > 0, ${column('v', 1)})`;
  return sql`${begins} AS ${column('v', 1)}, ${held} AS ${column('s', 1)}, arrayFirstIndex(start -> start > 0, ${column('v', 1)}) AS ${column('f', 1)}`;
};

/** A SELECT around another that adds columns. One for each step: expressions over columns stay short where expressions over expressions grow with every step. */
const adding = (columns: Sql, from: Sql): Sql => sql`SELECT *, ${columns} FROM (${from})`;

/** The furthest step (`reach`), the first event that completes it (`last`), and from there back to the attempt. */
const inOrderSql = (options: AttemptOptions): Sql => {
  const { layout, actors, carried, order } = options;
  const shift = bind('UInt64', layout.maskBits);
  const numbers = upTo(options.steps);
  const firsts = joinSql(
    numbers.map((step) => column('f', step)),
    ', ',
  );
  const timed = adding(sql`arrayMap(x -> bitShiftRight(x, ${shift}) + 1, e) AS t`, actors);
  const passed = numbers.reduce(
    (from, step) => adding(step === 1 ? firstColumns(options) : stepColumns(options, step), from),
    timed,
  );
  const reached = sql`SELECT actor, e, t${carried}, arrayCount(first -> first > 0, [${firsts}]) AS reach, toUInt32(arrayElement([${firsts}], reach)) AS last
    FROM (${passed})`;
  return order === 'strict'
    ? adding(sql`arraySlice(e, last + 1 - reach, reach) AS chain`, reached)
    : chainSql(options, reached);
};

/**
 * The earliest attempt that gets to `reach` is that of the first start whose window holds the event that gets there first: every earlier start would need an earlier such event. From
 * there each step is the first one behind the step before.
 */
const chainSql = (options: AttemptOptions, reached: Sql): Sql => {
  const window = bind('UInt64', options.layout.windowMs);
  // What a lambda compares with is handed over as an array: what it captures is copied once an element, arrays and all.
  const each = (value: Sql): Sql => sql`arrayWithConstant(length(e), ${value})`;
  const start = sql`arrayFirstIndex((x, now, done) -> ${isStep(1)} AND ${mayBegin(options)} AND now + ${window} >= done, e, t, ${each(sql`arrayElement(t, last)`)})`;
  const placed = upTo(options.steps).reduce((from, step) => {
    if (step === 1) return adding(sql`${start} AS ${column('i', 1)}`, from);
    const next = sql`arrayFirstIndex((x, place, before) -> ${isStep(step)} AND place > before, e, arrayEnumerate(e), ${each(column('i', step - 1))})`;
    return adding(sql`if(reach < ${bind('UInt64', step)}, 0, ${next}) AS ${column('i', step)}`, from);
  }, reached);
  const keys = upTo(options.steps).map((step) => sql`arrayElement(e, ${column('i', step)})`);
  return adding(sql`arraySlice([${joinSql(keys, ', ')}], 1, reach) AS chain`, placed);
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
