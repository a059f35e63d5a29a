import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { SqlAnswer } from '../contract/sql.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError, EXIT_USAGE } from './failure.ts';
import { paletteFor } from './palette.ts';
import { type AccessFlags, askServerText, serverAccess } from './server-access.ts';

/** `aevum sql`: asks the server that runs. */

const PATH = '/api/sql';
/** A little more than the longest that a server may be configured to let a statement run. */
const ANSWER_TIMEOUT_MS = 3_700_000;
const CELL_CHARS_MAX = 60;

const EXAMPLES = `
Examples:
  aevum sql "SELECT type, count() AS events FROM events GROUP BY type ORDER BY events DESC"
  aevum sql "SELECT * FROM events WHERE user_id = {user:String}" --param user=ada --limit 20
  aevum sql --csv "SELECT toDate(time) AS day, uniq(user_id) AS users FROM events GROUP BY day" > users.csv
  aevum sql --file question.sql
  echo "SELECT count() FROM events" | aevum sql -

One SELECT over the tables events, refused and rollup_10s, of the project of the key.`;

interface Flags extends AccessFlags {
  readonly file?: string;
  readonly param: Readonly<Record<string, string>>;
  readonly limit?: string;
  readonly csv?: true;
  readonly ndjson?: true;
  readonly json?: true;
}

/** Adds `aevum sql`. */
export const registerSql = (program: Command): void => {
  const command = program
    .command('sql')
    .description('ask the server that runs a question in SQL')
    .argument('[statement]', 'one SELECT; "-" reads it from standard input');
  addConfigFlags(command, ['host', 'port', 'dataDir'])
    .allowUnknownOption(false)
    .allowExcessArguments(false)
    .option('--file <path>', 'read the statement from a file')
    .option(
      '--param <name=value>',
      'value of {name:Type} in the statement; may be given several times',
      addParameter,
      {},
    )
    .option('--limit <rows>', 'rows at most (default: 1000)')
    .option('--csv', 'print CSV')
    .option('--ndjson', 'print an object a line')
    .option('--json', 'print the whole answer as JSON, for programs')
    .option('--url <url>', 'server (default: the one configured)')
    .option(
      '--key <key>',
      'key with the scope sql or admin (default: AEVUM_ADMIN_KEY, or credentials.json in the data folder)',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (words: string | undefined, flags: Flags) => {
      const sql = await statementOf(words, flags);
      const format = formatOf(flags);
      const server = await serverAccess(configOf(command), flags);
      const body = { sql, parameters: flags.param, format, ...limitOf(flags) };
      const answer = await askServerText(server, 'POST', PATH, body, ANSWER_TIMEOUT_MS);
      process.stdout.write(
        format === 'json' && flags.json !== true ? tableOf(JSON.parse(answer) as SqlAnswer) : answer,
      );
      if (flags.json === true) process.stdout.write('\n');
    });
};

const addParameter = (given: string, before: Readonly<Record<string, string>>): Record<string, string> => {
  const at = given.indexOf('=');
  if (at < 1) throw new CliError(`--param takes name=value, not "${given}"`, EXIT_USAGE);
  return { ...before, [given.slice(0, at)]: given.slice(at + 1) };
};

const statementOf = async (words: string | undefined, { file }: Flags): Promise<string> => {
  if ((words === undefined) === (file === undefined))
    throw new CliError('give the statement, or a file with it: aevum sql "SELECT ..."', EXIT_USAGE);
  if (words !== undefined) return words === '-' ? textOf(process.stdin) : words;
  return readFile(file ?? '', 'utf8').catch((cause: Error) => {
    throw new CliError(`the file ${file} cannot be read: ${cause.message}`, EXIT_USAGE);
  });
};

const formatOf = ({ csv, ndjson, json }: Flags): 'csv' | 'ndjson' | 'json' => {
  const chosen = [csv, ndjson, json].filter((each) => each === true).length;
  if (chosen > 1) throw new CliError('give one of --csv, --ndjson and --json', EXIT_USAGE);
  if (csv === true) return 'csv';
  return ndjson === true ? 'ndjson' : 'json';
};

const limitOf = ({ limit }: Flags): { limit?: number } => {
  if (limit === undefined) return {};
  if (!/^\d{1,9}$/.test(limit))
    throw new CliError(`--limit must be a whole number, not "${limit}"`, EXIT_USAGE);
  return { limit: Number(limit) };
};

/** Control characters would be commands to the terminal. */
const cellOf = (value: unknown): string => {
  if (value === null) return '-';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\p{Cc}/gu, ' ');
  return text.length > CELL_CHARS_MAX ? `${text.slice(0, CELL_CHARS_MAX - 1)}…` : text;
};

const IS_NUMBER = /^(?:Nullable\(|LowCardinality\()*(?:U?Int|Float|Decimal)\d*/;

/** Rows below the names of their columns, numbers to the right, and how many there are. */
const tableOf = ({ columns, rows, truncated, statistics }: SqlAnswer): string => {
  const { bold, dim } = paletteFor(process.stdout);
  const cells = rows.map((row) => row.map(cellOf));
  const widths = columns.map(({ name }, index) =>
    Math.max(cellOf(name).length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return IS_NUMBER.test(columns[index]?.type ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const more = truncated ? ', there are more: see --limit' : '';
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${more} (${statistics.elapsed_ms} ms)`;
  return [bold(lineOf(columns.map(({ name }) => cellOf(name)))), ...cells.map(lineOf), dim(count), ''].join(
    '\n',
  );
};
