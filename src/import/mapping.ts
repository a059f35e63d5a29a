import { FIELDS } from '../event/shapes.ts';
import { didYouMean, nearestNames } from '../lib/nearest.ts';
import { compileExpression, type Evaluate } from './evaluate.ts';
import { type Expression, ExpressionError, parseExpression } from './expression.ts';
import { jsonMembers } from './json-text.ts';
import { type Columns, ImportError, type SourceRow } from './row.ts';
import { type ReadTimestamp, timestampReader } from './timestamp.ts';
import { jsonOf, numberOf, quoteValue, RawJson, RowError, textOf, type Value } from './value.ts';

/**
 * From a row to an event: which column becomes which field, and what becomes of the others. The rules are described for users in `docs/import.md`.
 */

/** What the user says about mapping; everything absent has a default. */
export interface MappingOptions {
  /** `field=expression`, in order; of one field the last counts. */
  readonly maps?: readonly string[];
  /** The type of every event. */
  readonly type?: string;
  /** Column whose values are the events' ids. */
  readonly idColumn?: string;
  /** Of times without a zone. Default UTC. */
  readonly timezone?: string;
  /** Default `iso`. */
  readonly dateFormat?: string;
  /** Whether unmapped columns become properties. Default true. */
  readonly properties?: boolean;
  /** Only these unmapped columns become properties. */
  readonly select?: readonly string[];
  /** These do not. */
  readonly omit?: readonly string[];
}

/** Makes events of rows. */
export interface Mapper {
  /** The event as JSON text, `id` being the id to give it unless the mapping makes one. Throws RowError. */
  map(row: SourceRow, id: string): MappedEvent;
  /** Whether events have ids of their own, not only their position in the file. */
  readonly hasOwnIds: boolean;
  /** What goes where, for people: one line a field. */
  readonly description: readonly string[];
}

/** An event ready to send. */
export interface MappedEvent {
  readonly id: string;
  readonly json: string;
  /** Milliseconds since the epoch, when known. */
  readonly timeMs: number | undefined;
}

const CONTEXT = 'context.';
const PROPERTIES = 'properties.';

/** The left sides that exist, in the order in which they are written into the event; beside these `properties.NAME`. */
export const TARGETS: readonly string[] = FIELDS.map((field) =>
  field.paths[0] !== undefined && field.paths[0].startsWith(CONTEXT) ? CONTEXT + field.name : field.name,
);

/** One mapping as understood. */
interface Rule {
  readonly target: string;
  /** As written, for messages and `describe`. */
  readonly source: string;
  readonly evaluate: Evaluate;
  /** The column, when the right side is nothing but one. */
  readonly column: string | undefined;
}

/** Whether any option asks for mapping; JSON rows are otherwise sent as they are. */
export const isMappingNeeded = (options: MappingOptions): boolean =>
  (options.maps?.length ?? 0) > 0 ||
  options.properties === false ||
  [options.type, options.idColumn, options.timezone, options.dateFormat, options.select, options.omit].some(
    (option) => option !== undefined,
  );

/** Compiles a mapping for the columns of a file. Throws ImportError with everything that is wrong with it. */
export const compileMapping = (options: MappingOptions, columns: Columns): Mapper => {
  const rules = rulesOf(options, columns);
  checkRules(rules, columns);
  const readTimestamp = timestampReader(options.dateFormat ?? 'iso', options.timezone ?? 'UTC');
  const fields = TARGETS.flatMap((target) => {
    const rule = rules.get(target);
    return rule === undefined || target === 'id' ? [] : [{ target, write: writerOf(rule, readTimestamp) }];
  });
  const top = fields.filter(({ target }) => !target.startsWith(CONTEXT)).map(({ write }) => write);
  const context = fields.filter(({ target }) => target.startsWith(CONTEXT)).map(({ write }) => write);
  const properties = propertiesWriter(options, rules, columns);
  const ownContext = keepsContext(options, columns);
  const idRule = rules.get('id');
  const timeRule = rules.get('timestamp');
  return {
    hasOwnIds: idRule !== undefined,
    description: describe(rules, properties.description),
    map: (row, positionId) => {
      const id = idRule === undefined ? positionId : idOf(idRule, row);
      const timeMs =
        timeRule === undefined ? undefined : (timestampOf(timeRule, readTimestamp, row) ?? undefined);
      let json = `{"id":${JSON.stringify(id)}`;
      for (const write of top) json += write(row);
      json += contextOf(context, row, ownContext);
      const inner = properties.write(row);
      json += inner === '' ? '}' : `,"properties":{${inner}}}`;
      return { id, json, timeMs };
    },
  };
};

// --- rules

const rulesOf = (options: MappingOptions, columns: Columns): Map<string, Rule> => {
  const rules = automaticRules(columns);
  for (const text of options.maps ?? []) {
    const rule = parseRule(text, columns);
    rules.set(rule.target, rule);
  }
  if (options.type !== undefined) {
    const type = options.type;
    rules.set('type', {
      target: 'type',
      source: JSON.stringify(type),
      evaluate: () => type,
      column: undefined,
    });
  }
  if (options.idColumn !== undefined)
    rules.set('id', columnRule('id', options.idColumn, columns, `--id-column ${options.idColumn}`));
  return rules;
};

/** A column that has the very name of a field is that field. Not `id`: a table's own numbering would make rows of different files duplicates. */
const automaticRules = (columns: Columns): Map<string, Rule> => {
  const rules = new Map<string, Rule>();
  for (const target of TARGETS) {
    if (target === 'id' || !columns.names.includes(target)) continue;
    rules.set(target, columnRule(target, target, columns, target));
  }
  return rules;
};

const columnRule = (target: string, column: string, columns: Columns, shown: string): Rule => {
  const evaluate = columns.bind(column);
  if (evaluate === undefined) {
    throw new ImportError(
      `${shown}: there is no column "${column}".${didYouMean(column, columns.names)} Columns: ${columns.names.join(', ')}.`,
    );
  }
  return { target, source: column, evaluate, column };
};

const parseRule = (text: string, columns: Columns): Rule => {
  const equals = text.indexOf('=');
  if (equals < 0) {
    throw new ImportError(
      `--map ${JSON.stringify(text)}: write field=column or field=expression, for example --map user_id=CustomerID.`,
    );
  }
  const target = checkTarget(text.slice(0, equals).trim());
  const source = text.slice(equals + 1).trim();
  if (columns.names.includes(source)) return columnRule(target, source, columns, `--map ${text}`);
  try {
    const expression = parseExpression(source);
    const evaluate = compileExpression(expression, source, columns);
    return { target, source, evaluate, column: columnOf(expression) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ImportError(`--map ${target}: ${error.message}`, { cause: error });
  }
};

const columnOf = (expression: Expression): string | undefined =>
  expression.kind === 'column' ? expression.name : undefined;

const checkTarget = (target: string): string => {
  if (TARGETS.includes(target)) return target;
  if (target.startsWith(PROPERTIES) && target.length > PROPERTIES.length) return target;
  const inContext = TARGETS.includes(CONTEXT + target) ? ` It is ${CONTEXT}${target}.` : '';
  const near = inContext === '' ? didYouMean(target, TARGETS) : inContext;
  throw new ImportError(
    `--map: an event has no field "${target}".${near} Fields: ${TARGETS.join(', ')}; anything else as properties.NAME, for example properties.${target || 'color'}.`,
  );
};

const TIME_LIKE = [
  'timestamp',
  'time',
  'datetime',
  'date',
  'created_at',
  'occurred_at',
  'event_time',
  'ts',
  'order_date',
  'invoice_date',
];

const checkRules = (rules: ReadonlyMap<string, Rule>, columns: Columns): void => {
  const problems: string[] = [];
  const list = columns.names.join(', ');
  if (!rules.has('type'))
    problems.push('Every event needs a type: say --type NAME for all, or --map type=COLUMN.');
  if (!rules.has('timestamp')) {
    const likely = columns.names.find((name) =>
      TIME_LIKE.some((word) => nearestNames(word, [name]).length > 0),
    );
    problems.push(`Which column is the time? Say --map timestamp=${likely ?? 'COLUMN'}.`);
  }
  if (problems.length > 0) throw new ImportError(`${problems.join('\n')}\nColumns: ${list}.`);
};

// --- fields

type Write = (row: SourceRow) => string;

const writerOf = (rule: Rule, readTimestamp: ReadTimestamp): Write => {
  const { target } = rule;
  const name = target.startsWith(CONTEXT) ? target.slice(CONTEXT.length) : target;
  const head = `,${JSON.stringify(name)}:`;
  if (target === 'timestamp') return (row) => timestampText(rule, readTimestamp, row, head);
  return (row) => {
    const value = evaluated(rule, row);
    if (value === null || value === '') return '';
    return head + (target === 'value' ? numberText(rule, value) : JSON.stringify(plainText(rule, value)));
  };
};

const timestampText = (rule: Rule, readTimestamp: ReadTimestamp, row: SourceRow, head: string): string => {
  const ms = timestampOf(rule, readTimestamp, row);
  if (ms === null) throw new RowError('invalid_timestamp', `timestamp: ${rule.source} is empty`);
  return `${head}${ms}`;
};

const timestampOf = (rule: Rule, readTimestamp: ReadTimestamp, row: SourceRow): number | null =>
  within(rule, () => readTimestamp(rule.evaluate(row)));

const evaluated = (rule: Rule, row: SourceRow): Value => within(rule, () => rule.evaluate(row));

/** Names the field in what goes wrong while making it. */
const within = <T>(rule: Rule, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RowError)) throw error;
    throw new RowError(error.code, `${rule.target} (${rule.source}): ${error.message}`);
  }
};

const numberText = (rule: Rule, value: Value): string => {
  const number = within(rule, () => numberOf(value));
  return jsonOf(number);
};

/** Text fields take numbers and true or false as their text, but no objects. */
const plainText = (rule: Rule, value: Value): string => {
  if (value instanceof RawJson) {
    throw new RowError(
      'invalid_field',
      `${rule.target} (${rule.source}): ${quoteValue(value)} is not a text`,
    );
  }
  return textOf(value);
};

const idOf = (rule: Rule, row: SourceRow): string => {
  const id = plainText(rule, evaluated(rule, row));
  if (id === '') throw new RowError('invalid_field', `id (${rule.source}): it is empty`);
  return id;
};

const keepsContext = (options: MappingOptions, columns: Columns): boolean =>
  !columns.fixed &&
  options.omit?.includes('context') !== true &&
  (options.select?.includes('context') ?? true);

/** The mapped context fields; a member `context` of a JSON row keeps its other fields. */
const contextOf = (writers: readonly Write[], row: SourceRow, isOwnKept: boolean): string => {
  let inner = '';
  for (const write of writers) inner += write(row);
  const own = isOwnKept ? row.members?.get('context') : undefined;
  if (own?.startsWith('{') === true) {
    const taken = jsonMembers(`{${inner.slice(1)}}`);
    for (const [name, text] of jsonMembers(own))
      if (!taken.has(name)) inner += `,${JSON.stringify(name)}:${text}`;
  }
  return inner === '' ? '' : `,"context":{${inner.slice(1)}}`;
};

// --- properties

interface PropertiesWriter {
  /** The members of `properties` as JSON text, without the braces. */
  readonly write: Write;
  readonly description: string;
}

const propertiesWriter = (
  options: MappingOptions,
  rules: ReadonlyMap<string, Rule>,
  columns: Columns,
): PropertiesWriter => {
  const mapped = [...rules.values()].filter((rule) => rule.target.startsWith(PROPERTIES));
  const writeMapped = mapped.map((rule) => mappedProperty(rule));
  const taken = new Set(mapped.map((rule) => rule.target.slice(PROPERTIES.length)));
  const isWanted = wantedColumns(options, rules, columns, taken);
  const rest = columns.fixed ? tableProperties(columns, isWanted) : objectProperties(isWanted, taken);
  return {
    write: (row) => {
      let inner = '';
      for (const write of writeMapped) inner += write(row);
      return (inner + rest(row)).slice(1);
    },
    description: columns.names
      .filter((name) => (columns.fixed || !name.includes('.')) && isWanted(name))
      .join(', '),
  };
};

/** A mapped property; a column that is mapped as it is keeps to the rule for unmapped ones (numbers that look like numbers are numbers). */
const mappedProperty = (rule: Rule): Write => {
  const head = `,${JSON.stringify(rule.target.slice(PROPERTIES.length))}:`;
  return (row) => {
    const value = evaluated(rule, row);
    return value === null ? '' : head + (rule.column === undefined ? jsonOf(value) : cellJson(value));
  };
};

/** Columns that become properties under their own names: those not mapped as they are, selected and not omitted. */
const wantedColumns = (
  options: MappingOptions,
  rules: ReadonlyMap<string, Rule>,
  columns: Columns,
  taken: ReadonlySet<string>,
): ((name: string) => boolean) => {
  for (const [option, names] of [
    ['--select', options.select],
    ['--omit', options.omit],
  ] as const) {
    for (const name of names ?? []) columnRule(option, name, columns, option);
  }
  if (options.properties === false) return () => false;
  const used = new Set([...rules.values()].map((rule) => rule.column));
  const selected = options.select === undefined ? undefined : new Set(options.select);
  const omitted = new Set(options.omit);
  return (name) => !taken.has(name) && !used.has(name) && !omitted.has(name) && (selected?.has(name) ?? true);
};

const tableProperties = (columns: Columns, isWanted: (name: string) => boolean): Write => {
  const wanted = columns.names.flatMap((name) => {
    const read = columns.bind(name);
    return isWanted(name) && read !== undefined ? [{ head: `,${JSON.stringify(name)}:`, read }] : [];
  });
  return (row) => {
    let inner = '';
    for (const { head, read } of wanted) {
      const value = read(row);
      if (value !== null) inner += head + cellJson(value);
    }
    return inner;
  };
};

/** JSON members keep their text. The members `properties` and `context` are those of an event, not properties themselves. */
const objectProperties =
  (isWanted: (name: string) => boolean, taken: ReadonlySet<string>): Write =>
  (row) => {
    let inner = '';
    const written = new Set(taken);
    for (const [name, text] of row.members ?? []) {
      if (isEventPart(name, text) || !isWanted(name)) continue;
      inner += `,${JSON.stringify(name)}:${text}`;
      written.add(name);
    }
    const own = row.members?.get('properties');
    if (own?.startsWith('{') !== true || !isWanted('properties')) return inner;
    for (const [name, text] of jsonMembers(own))
      if (!written.has(name)) inner += `,${JSON.stringify(name)}:${text}`;
    return inner;
  };

const isEventPart = (name: string, text: string): boolean =>
  (name === 'properties' || name === 'context') && text.startsWith('{');

/** Text of a cell that is written as a JSON number: it is one as JSON writes it, and a double holds all its digits. `007`, `1e5`, `+1` and long codes stay text. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/u;
const DOUBLE_DIGITS = 15;

/** A table's cell as JSON. */
export const cellJson = (value: Value): string => {
  if (typeof value !== 'string') return jsonOf(value);
  return isPlainNumber(value) ? value : JSON.stringify(value);
};

const isPlainNumber = (text: string): boolean => {
  const first = text.charCodeAt(0);
  const isLikely = (first >= 0x30 && first <= 0x39) || first === 0x2d;
  if (!isLikely || text.length > DOUBLE_DIGITS + 2 || text === '-0') return false;
  if (text.length > DOUBLE_DIGITS && text.replace(/[-.]/gu, '').length > DOUBLE_DIGITS) return false;
  return JSON_NUMBER.test(text);
};

// --- description

const describe = (rules: ReadonlyMap<string, Rule>, properties: string): string[] => {
  const targets = [
    ...TARGETS.filter((target) => rules.has(target)),
    ...[...rules.keys()].filter((key) => key.startsWith(PROPERTIES)),
  ];
  const lines = targets.map((target) => `${target} = ${rules.get(target)?.source ?? ''}`);
  if (!rules.has('id')) lines.unshift('id = file and row number');
  return [...lines, `properties: ${properties === '' ? 'none' : properties}`];
};
