/** Reads the configuration: defaults, then aevum.config.json, then AEVUM_* variables, then the command line; the later wins. All problems are found at once. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HostFacts } from '../lib/host.ts';
import { didYouMean, nearestNames } from '../lib/nearest.ts';
import { ValueError } from './kinds.ts';
import { type Config, defaultOf, flagOf, OPTION_KEYS, type OptionKey, rowOf, variableOf } from './options.ts';

/** Where the file of options is looked for, in the working folder, unless `--config` or AEVUM_CONFIG says otherwise. */
export const CONFIG_FILE = 'aevum.config.json';
/** Names the file; itself not to be found in it. */
export const CONFIG_VARIABLE = 'AEVUM_CONFIG';
const VARIABLE_PREFIX = 'AEVUM_';
/** Variables of the project's own tests and benches, which the programs they start inherit. */
const FOREIGN_VARIABLES = /^AEVUM_(CONFIG$|CHROMIUM$|TEST_|CRASH_|BENCH_|REQUIRE_)/;

/** What the configuration is read from. */
export interface ConfigSources extends HostFacts {
  /** Options given on the command line, as text, by key. */
  readonly flags: Readonly<Partial<Record<OptionKey, string>>>;
  /** `--config`, when given. */
  readonly configPath?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The working folder: relative paths count from here. */
  readonly cwd: string;
}

/** One thing wrong, and where it stands. */
export interface ConfigProblem {
  readonly origin: 'flag' | 'variable' | 'file' | 'combination';
  /** `--port`, `AEVUM_PORT`, `"port" in /path/aevum.config.json`. */
  readonly where: string;
  /** Completes the sentence that `where` begins. */
  readonly message: string;
}

/** Everything that is wrong with the configuration. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ where, message }) => `${where} ${message}`).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

interface Given {
  readonly origin: ConfigProblem['origin'];
  readonly where: string;
  readonly value: unknown;
}

/** The configuration, frozen and whole. Throws ConfigError with all problems of all sources. */
export const loadConfig = (sources: ConfigSources): Config => {
  const problems: ConfigProblem[] = [];
  const given = new Map<OptionKey, Given>();
  takeFile(sources, given, problems);
  takeVariables(sources.environment, given, problems);
  for (const key of OPTION_KEYS) {
    const value = sources.flags[key];
    if (value !== undefined) given.set(key, { origin: 'flag', where: `--${flagOf(key)}`, value });
  }
  const entries = OPTION_KEYS.map((key) => [key, valueOf(key, given.get(key), sources, problems)]);
  const config = Object.fromEntries(entries) as Config;
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...config, dataDir: resolve(sources.cwd, config.dataDir) });
};

const valueOf = (
  key: OptionKey,
  given: Given | undefined,
  host: HostFacts,
  problems: ConfigProblem[],
): unknown => {
  const unset = defaultOf(key, host);
  if (given === undefined) return unset;
  try {
    return rowOf(key).kind.parse(given.value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    problems.push({ origin: given.origin, where: given.where, message: error.message });
    return unset;
  }
};

const takeFile = (sources: ConfigSources, given: Map<OptionKey, Given>, problems: ConfigProblem[]): void => {
  const named = sources.configPath ?? (sources.environment[CONFIG_VARIABLE] || undefined);
  const path = resolve(sources.cwd, named ?? CONFIG_FILE);
  const problem = (message: string): number => problems.push({ origin: 'file', where: path, message });
  const text = textOfFile(path, named !== undefined, problem);
  if (text === undefined) return;
  const parsed = parsedObject(text, problem);
  const keys = new Map(OPTION_KEYS.map((key) => [flagOf(key), key]));
  for (const [name, value] of Object.entries(parsed)) {
    const key = keys.get(name);
    if (key !== undefined) given.set(key, { origin: 'file', where: `"${name}" in ${path}`, value });
    else if (name !== '$schema')
      problem(`holds an unknown option "${name}".${didYouMean(name, keys.keys())}`);
  }
};

const textOfFile = (
  path: string,
  mustExist: boolean,
  problem: (message: string) => void,
): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return undefined;
    problem(code === 'ENOENT' ? 'does not exist' : `cannot be read: ${message}`);
    return undefined;
  }
};

const parsedObject = (text: string, problem: (message: string) => void): object => {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
    problem('must hold one JSON object: {"port": 8080}');
  } catch (error) {
    problem(`is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
};

const takeVariables = (
  environment: ConfigSources['environment'],
  given: Map<OptionKey, Given>,
  problems: ConfigProblem[],
): void => {
  const keys = new Map(OPTION_KEYS.map((key) => [variableOf(key), key]));
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(VARIABLE_PREFIX) || FOREIGN_VARIABLES.test(name)) continue;
    const key = keys.get(name);
    if (key === undefined) {
      const near = nearestNames(name, keys.keys()).join(' or ');
      const message = `is no option's variable.${near === '' ? '' : ` Did you mean ${near}?`}`;
      problems.push({ origin: 'variable', where: name, message });
    } else if (value !== undefined && value !== '')
      given.set(key, { origin: 'variable', where: name, value });
  }
};

/** Options that are fine by themselves but not together. */
const contradictions = (config: Config): ConfigProblem[] => {
  const rules: readonly [boolean, string, string][] = [
    [config.log === 'kafka' && config.kafkaBrokers.length === 0, 'log = kafka', 'needs kafka-brokers'],
    [config.log !== 'kafka' && config.kafkaBrokers.length > 0, 'kafka-brokers', 'needs log = kafka'],
    [config.eventBytesMax > config.bodyBytesMax, 'event-bytes-max', 'must not be larger than body-bytes-max'],
    [
      config.logSegmentBytes * 2 > config.logBytesMax,
      'log-bytes-max',
      'must have room for two of log-segment-bytes',
    ],
    [
      config.bodyBytesMax > config.queueBytesMax,
      'queue-bytes-max',
      'must be as large as body-bytes-max, or the largest body never fits',
    ],
    [
      config.rateLimitBurst > 0 && config.rateLimitPerSecond === 0,
      'rate-limit-burst',
      'needs rate-limit-per-second',
    ],
    [
      config.writeKey !== undefined && config.writeKey === config.adminKey,
      'write-key',
      'and admin-key must differ',
    ],
  ];
  return rules
    .filter(([broken]) => broken)
    .map(([, where, message]) => ({ origin: 'combination', where, message }));
};
