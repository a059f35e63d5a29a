import { PUBLIC_TABLES, REHEARSAL_DATABASE, VIEWS_DATABASE } from '../warehouse/public-tables.ts';
import type { WarehouseError } from '../warehouse/warehouse-error.ts';
import { FUNCTION_NAMES, mayCall } from './functions.ts';
import { type Span, SqlProblem } from './problem.ts';
import { suggest } from './suggest.ts';

/** What the engine says of a statement, as a user is told: in plain words, with the place, and without what is the engine's own business. */

const SYNTAX_ERROR = 62;
const UNKNOWN_FUNCTION = 46;
const UNKNOWN_IDENTIFIER = 47;
const UNKNOWN_TABLE = 60;
const NOT_AGGREGATED = 215;

/** Characters of an engine's message that are passed on. */
const MESSAGE_CHARS_MAX = 400;
const EXPECTED_MAX = 4;

const TABLE_NAMES: readonly string[] = PUBLIC_TABLES.map(({ name }) => name);
const COLUMN_NAMES: readonly string[] = [
  ...new Set(PUBLIC_TABLES.flatMap(({ columns }) => columns.map(({ name }) => name))),
];

/** What an error of the engine says to whoever wrote `text`; `lead` is how many characters the engine was sent before it. */
export const explainEngineError = (error: WarehouseError, text: string, lead: number): SqlProblem => {
  const message = plain(error.message);
  switch (error.engineCode) {
    case SYNTAX_ERROR:
      return syntaxError(message, text, lead);
    case UNKNOWN_IDENTIFIER:
      return unknownColumn(message, text);
    case UNKNOWN_FUNCTION:
      return unknownFunction(message, text);
    case UNKNOWN_TABLE:
      return unknownTable(message, text);
    case NOT_AGGREGATED:
      return notAggregated(message, text);
    default:
      return new SqlProblem('invalid', sanitised(message));
  }
};

const plain = (message: string): string =>
  message
    .trim()
    .replace(/^(?:Code: \d+\. DB::Exception: )+/, '')
    .replace(/ ?\([A-Z_0-9]+\)\s*$/, '')
    .replace(/ ?\(version [\d.]+\)\.?/g, '');

const syntaxError = (message: string, text: string, lead: number): SqlProblem => {
  const bytes = Number(/position (\d+)/.exec(message)?.[1] ?? 1) - 1 - lead;
  const start = Buffer.from(text).subarray(0, Math.max(0, bytes)).toString('utf8').length;
  const found = /^\s*(?:\w+|\S)/.exec(text.slice(start))?.[0] ?? '';
  const expected = /Expected one of: (.*?)\.?$/s.exec(message)?.[1]?.split(', ') ?? [];
  const wanted = expected.slice(0, EXPECTED_MAX).join(', ');
  const single = /Expected ([^:.]+)\.?$/.exec(message)?.[1];
  const hint =
    wanted === ''
      ? single === undefined
        ? ''
        : ` Expected: ${single}.`
      : ` Expected one of: ${wanted}${expected.length > EXPECTED_MAX ? ', ...' : ''}.`;
  const where = found.trim() === '' ? 'at the end' : `at ${JSON.stringify(found.trim())}`;
  const reason =
    /^([A-Z][^:]*?): Syntax error/.exec(message)?.[1] ?? /(Unmatched parentheses)/.exec(message)?.[1];
  return new SqlProblem('invalid', reason === undefined ? `Syntax error ${where}.${hint}` : `${reason}.`, {
    start,
    end: start + Math.max(1, found.length),
  });
};

const nameIn = (message: string): string => /[`']([^`']+)[`']/.exec(message)?.[1] ?? '';

const meant = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`;

const unknownColumn = (message: string, text: string): SqlProblem => {
  const name = nameIn(message);
  const own = suggest(
    name,
    meantByEngine(message).filter((each) => !each.includes('.')),
  );
  const known = [...new Set([...suggest(name, COLUMN_NAMES), ...own])].slice(0, 3);
  const from = /does not have the FROM clause/.test(message) ? ' The statement has no FROM.' : '';
  return new SqlProblem(
    'invalid',
    `There is no column ${JSON.stringify(name)}.${from}${meant(known)}`,
    spanOf(name, text),
    known,
  );
};

/** What the engine itself takes for meant: names out of the statement among them. */
const meantByEngine = (message: string): string[] =>
  [...(/Maybe you meant:? \[?([^\]]*)\]?/.exec(message)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(
    ([, name = '']) => name,
  );

const unknownFunction = (message: string, text: string): SqlProblem => {
  const name = nameIn(message);
  const known = [
    ...new Set([...suggest(name, FUNCTION_NAMES), ...meantByEngine(message).filter(mayCall)]),
  ].slice(0, 3);
  return new SqlProblem(
    'invalid',
    `There is no function ${JSON.stringify(name)}.${meant(known)}`,
    spanOf(name, text),
    known,
  );
};

const unknownTable = (message: string, text: string): SqlProblem => {
  const name = nameIn(message);
  const known = suggest(name, TABLE_NAMES);
  const tables = `The tables are ${TABLE_NAMES.join(', ')}.`;
  return new SqlProblem(
    'invalid',
    `There is no table ${JSON.stringify(name)}.${meant(known)} ${tables}`,
    spanOf(name, text),
    known,
  );
};

const notAggregated = (message: string, text: string): SqlProblem => {
  const name = nameIn(message).split('.').at(-1) ?? '';
  return new SqlProblem(
    'invalid',
    `The column ${JSON.stringify(name)} stands neither in GROUP BY nor in an aggregate: add it to GROUP BY, or write any(${name}).`,
    spanOf(name, text),
  );
};

const escaped = (name: string): string => name.replaceAll(/[^\w]/g, String.raw`\$&`);

/** Where a name stands first as a whole word: outside of quotes if it does anywhere. */
export const spanOf = (name: string, text: string): Span | undefined => {
  const last = name.split('.').at(-1) ?? name;
  const wanted = [name, last].filter((each) => each !== '').map(escaped);
  const patterns = [
    ...wanted.map((each) => `(?<![\\w'])${each}(?![\\w'])`),
    ...wanted.map((each) => `\\b${each}\\b`),
  ];
  for (const pattern of patterns) {
    const found = new RegExp(pattern, 'i').exec(text);
    if (found !== null) return { start: found.index, end: found.index + found[0].length };
  }
  return undefined;
};

/** Anything that looks like a folder, an address, another database or the inside of the engine is a reason to pass nothing on. */
const TELLING =
  /(?:^|[\s'"(])(?:\/[\w.-]+){2,}|\w+:\/\/|\baevum\b|\bsystem\.|\bdefault:|privilege|grant|getSetting|insert_deduplication|SHA256\(concat|_temporary_and_external|std::|localhost|127\.0\.0\.1/i;

/** An engine's message without references to what it calls things internally; a general sentence instead where something of the engine itself shows. */
const sanitised = (message: string): string => {
  const text = message
    .replace(/:? ?while executing .*$/is, '')
    .replace(/:? ?While processing .*$/is, '')
    .replace(/\.? ?In (?:scope|query) .*$/is, '')
    .replace(/ in scope .*$/is, '')
    .replace(/ ?\(set [^)]*\)/gi, '')
    .replace(/\.? Consider .*$/is, '')
    .replaceAll(`${VIEWS_DATABASE}.`, '')
    .replaceAll(`${REHEARSAL_DATABASE}.`, '')
    .replaceAll(/__table\d+\./g, '')
    .replace(/[\s:]+$/, '');
  if (TELLING.test(text) || text === '') return 'The engine cannot run this statement.';
  const cut = text.length > MESSAGE_CHARS_MAX ? `${text.slice(0, MESSAGE_CHARS_MAX)} ...` : text;
  return /[.?!]$/.test(cut) ? cut : `${cut}.`;
};
