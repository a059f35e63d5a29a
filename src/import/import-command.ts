import { type Command, Option } from 'commander';
import { readCredentials } from '../access/credentials.ts';
import { addConfigFlags, configOf } from '../cli/config-flags.ts';
import { CliError, EXIT_INTERRUPTED, failureOf } from '../cli/failure.ts';
import { makeFolder } from '../cli/make-folder.ts';
import { progressOutput } from '../cli/progress-output.ts';
import { shellQuoted } from '../cli/screen.ts';
import type { RunningNode, StartNode } from '../cli/start-command.ts';
import { abortOnStop } from '../cli/stop-signals.ts';
import { dataLayout } from '../config/data-layout.ts';
import type { Config } from '../config/options.ts';
import { systemClock } from '../lib/clock.ts';
import { type ImportTarget, probe } from './client.ts';
import { type ImportOptions, previewImport, runImport } from './importer.ts';
import { FORMATS, ImportError } from './row.ts';
import { renderPreview, renderSummary } from './summary.ts';

/** `aevum import FILE`. */

const EXAMPLES = `
Examples:
  aevum import events.ndjson
      rows that are events already need no mapping
  aevum import orders.csv --type order --map timestamp=created_at --map user_id=customer
  aevum import online_retail.csv.gz --type order_line --timezone Europe/London \\
      --map timestamp=InvoiceDate --map user_id=CustomerID \\
      --map "value=Quantity*UnitPrice" --map "currency='GBP'"
  aevum import sales.csv --dry-run --type sale --map "timestamp=Sold At" --date-format "DD/MM/YYYY HH:mm"
  aevum import trips.parquet --type trip --map timestamp=pickup_at --id-column trip_id
  zcat big.csv.gz | aevum import - --type visit --map timestamp=at

Left of --map: id, timestamp, type, source, version, user_id, session_id, value, currency,
context.country and the other context fields, and properties.NAME. Right: a column, or an expression of
columns, numbers, 'texts', + - * /, comparisons and functions: concat, lower, upper, trim, replace, text,
number, round, abs, coalesce, if. Columns that are not mapped become properties.

An import that was cut off goes on where it was when the same command is run again; a file that is
imported already is left alone. Rows that cannot be read are put in quarantine and counted.
More: docs/import.md`;

interface Flags {
  readonly map: readonly string[];
  readonly type?: string;
  readonly idColumn?: string;
  readonly timezone?: string;
  readonly dateFormat?: string;
  readonly properties: boolean;
  readonly select?: readonly string[];
  readonly omit?: readonly string[];
  readonly format?: (typeof FORMATS)[number];
  readonly delimiter?: string;
  readonly header: boolean;
  readonly encoding?: string;
  readonly sparse?: true;
  readonly again?: true;
  readonly retryQuarantined?: true;
  readonly dryRun?: true;
  readonly url?: string;
  readonly key?: string;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];
const names = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  ...value.split(',').map((name) => name.trim()),
];

/** Adds `aevum import`. */
export const registerImport = (program: Command, startNode: () => Promise<StartNode>): void => {
  const command = program
    .command('import')
    .description('load history from a CSV, NDJSON, JSON or Parquet file, plain or compressed')
    .argument('<file>', 'path, or - for standard input');
  addMappingOptions(command);
  addFileOptions(command);
  addRunOptions(command);
  addConfigFlags(command, ['host', 'port', 'dataDir'])
    .allowUnknownOption(false)
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES)
    .action((file: string, flags: Flags) => importFile(file, flags, configOfImport(command), startNode));
};

/** The configuration without the file's name, which `configOf` would take for a stray word. */
const configOfImport = (command: Command): Config => {
  command.args = [];
  return configOf(command);
};

const addMappingOptions = (command: Command): void => {
  const group = 'Mapping:';
  const options = [
    new Option('--map <field=expression>', 'make a field of the event from columns; repeatable')
      .argParser(collect)
      .default([], 'none'),
    new Option('--type <name>', 'type of every event'),
    new Option('--id-column <column>', 'column with ids; default: file and row number identify a row'),
    new Option('--timezone <zone>', 'zone of times without one, for example Europe/London (default: UTC)'),
    new Option(
      '--date-format <format>',
      'iso, unix, unix_ms, unix_us, unix_ns or a pattern such as "DD/MM/YYYY HH:mm" (default: iso)',
    ),
    new Option('--no-properties', 'drop the columns that are not mapped'),
    new Option('--select <columns>', 'keep only these unmapped columns, separated by commas').argParser(
      names,
    ),
    new Option('--omit <columns>', 'drop these unmapped columns').argParser(names),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
};

const addFileOptions = (command: Command): void => {
  const group = 'File:';
  const options = [
    new Option('--format <format>', 'default: detected').choices(FORMATS),
    new Option('--delimiter <character>', 'CSV: what separates columns, or "tab" (default: detected)'),
    new Option('--no-header', 'CSV: the first row is data; columns are column_1, column_2, …'),
    new Option('--encoding <name>', 'for example windows-1252 (default: UTF-8, or by byte order mark)'),
    new Option('--sparse', 'JSON: accept names of columns that the first 1,000 rows do not have'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
};

const addRunOptions = (command: Command): void => {
  const group = 'Run:';
  const options = [
    new Option('--dry-run', 'show the first events and what was detected; send nothing'),
    new Option('--again', 'import a file a second time that is imported already'),
    new Option(
      '--retry-quarantined',
      'send the rows again that were quarantined, with the mapping given now',
    ),
    new Option(
      '--url <url>',
      'server to send to (default: the one configured; started here if it is not running)',
    ),
    new Option('--key <key>', 'admin key (default: AEVUM_ADMIN_KEY, or credentials.json in the data folder)'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
};

const optionsOf = (file: string, flags: Flags): ImportOptions => {
  const { map, dryRun: _dryRun, url: _url, key: _key, ...others } = flags;
  return { ...others, file, maps: map };
};

const importFile = async (
  file: string,
  flags: Flags,
  config: Config,
  startNode: () => Promise<StartNode>,
): Promise<void> => {
  const options = optionsOf(file, flags);
  const connection = new Connection(flags, config, startNode);
  let signal: AbortSignal | undefined;
  try {
    if (flags.dryRun === true) {
      process.stdout.write(`${renderPreview(await previewImport(options, process.stdin))}\n`);
      return;
    }
    signal = abortOnStop('Stopping after the rows under way');
    const outcome = await runImport(options, {
      stdin: process.stdin,
      output: progressOutput(),
      clock: systemClock,
      signal,
      connect: () => connection.open(),
    });
    process.stdout.write(`${renderSummary(outcome, connection.shownUrl, typedCommand())}\n`);
    process.exitCode = outcome.kind === 'interrupted' ? EXIT_INTERRUPTED : 0;
  } catch (error) {
    if (signal?.aborted === true)
      throw new CliError(
        'Interrupted. What was accepted is stored; the same command goes on from there.',
        EXIT_INTERRUPTED,
      );
    if (error instanceof ImportError) throw new CliError(error.message);
    throw error;
  } finally {
    await connection.close();
  }
};

/** What the user typed, to be typed again. */
const typedCommand = (): string => ['aevum', ...process.argv.slice(2)].map(shellQuoted).join(' ');

/** The server: one that runs, or one that is started here for the time of the import. */
class Connection {
  readonly #flags: Flags;
  readonly #config: Config;
  readonly #startNode: () => Promise<StartNode>;
  #node: RunningNode | undefined;
  /** Where the user reaches the server afterwards. */
  readonly shownUrl: string;

  constructor(flags: Flags, config: Config, startNode: () => Promise<StartNode>) {
    this.#flags = flags;
    this.#config = config;
    this.#startNode = startNode;
    this.shownUrl = flags.url ?? configuredUrl(config);
  }

  async open(): Promise<ImportTarget> {
    const answered = await probe(this.shownUrl);
    if (answered === 'aevum') return { url: this.shownUrl, key: await this.#key() };
    if (answered === 'other') {
      throw new ImportError(
        `At ${this.shownUrl} something answers that is no Aevum server. Say where yours is: --url or --port.`,
      );
    }
    if (this.#flags.url !== undefined)
      throw new ImportError(`Nothing listens at ${this.shownUrl}. Is the server running?`);
    return this.#start();
  }

  async #start(): Promise<ImportTarget> {
    const { dataDir } = this.#config;
    process.stderr.write(`No server runs at ${this.shownUrl}: working on ${dataDir} directly.\n`);
    try {
      await makeFolder(dataDir);
      const startNode = await this.#startNode();
      this.#node = await startNode(this.#nodeConfig(), { onProgress: () => undefined });
    } catch (error) {
      const { message } = failureOf(error, { ...this.#config });
      throw new ImportError(
        `${message}\nIf a server uses this folder on another port, say so: --port or --url.`,
        { cause: error },
      );
    }
    const key = this.#flags.key ?? this.#node.credentials.adminKey;
    if (key === undefined) throw new ImportError(NO_KEY);
    return { url: this.#node.url, key };
  }

  /** On a free port, and quiet: what matters is the import's own progress. */
  #nodeConfig(): Config {
    const { logLevel } = this.#config;
    return { ...this.#config, host: '127.0.0.1', port: 0, logLevel: logLevel === 'info' ? 'warn' : logLevel };
  }

  async #key(): Promise<string> {
    const { adminKey, dataDir } = this.#config;
    const given = this.#flags.key ?? adminKey;
    if (given !== undefined) return given;
    const credentials = await readCredentials(dataLayout(dataDir).credentials);
    if (credentials === undefined) throw new ImportError(NO_KEY);
    return credentials.admin_key;
  }

  async close(): Promise<void> {
    await this.#node?.stop();
  }
}

const NO_KEY =
  "An import needs an admin key. Give one with --key or AEVUM_ADMIN_KEY, or name the server's data folder with --data-dir. A new one is made by: aevum keys create --scope admin --name import";

/** Where a server of this configuration listens, seen from this machine. */
const configuredUrl = ({ host, port }: Config): string => {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
};
