import { type Command, Option } from 'commander';
import { environment } from '../config/environment.ts';
import { ConfigError, type ConfigProblem, loadConfig } from '../config/load.ts';
import {
  type Config,
  defaultTextOf,
  flagOf,
  OPTION_KEYS,
  type OptionKey,
  OPTIONS,
  rowOf,
} from '../config/options.ts';
import { hostFacts } from '../lib/host.ts';
import { didYouMean } from '../lib/nearest.ts';

/** Adds flags of the table of options to a command: all, or those of `keys`. Unknown flags are left to `configOf`, which reports all problems at once. */
export const addConfigFlags = (command: Command, keys: readonly OptionKey[] = OPTION_KEYS): Command => {
  for (const key of keys) command.addOption(flagOption(key));
  command.addOption(
    new Option('--config <file>', 'file of options (default: aevum.config.json in the working folder)'),
  );
  return command.allowUnknownOption().allowExcessArguments();
};

const flagOption = (key: OptionKey): Option => {
  const { kind, doc, group } = rowOf(key);
  const description = `${plain(doc)} (default: ${defaultTextOf(key)})`;
  return new Option(`--${flagOf(key)} ${kind.label}`.trimEnd(), description).helpGroup(`${group}:`);
};

/** Markdown's code marks mean nothing on a terminal. */
const plain = (doc: string): string => doc.replaceAll('`', '');

/** The configuration of a parsed command. Throws ConfigError. */
export const configOf = (command: Command, variables = environment(), cwd = process.cwd()): Config => {
  const given = command.opts<Partial<Record<OptionKey, string | true>> & { readonly config?: string }>();
  const { config: configPath, ...others } = given;
  const flags = Object.fromEntries(
    OPTION_KEYS.flatMap((key) => (others[key] === undefined ? [] : [[key, String(others[key])]])),
  );
  const problems = [...strayProblems(command), ...npmProblems(variables)];
  try {
    const config = loadConfig({
      flags,
      configPath,
      environment: variables,
      cwd,
      ...hostFacts(),
    });
    if (problems.length === 0) return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  throw new ConfigError(problems);
};

/** What the command line holds beside known flags. A word after an unknown flag is taken for its value. */
const strayProblems = (command: Command): ConfigProblem[] => {
  const known = command.options.map((option) => option.long ?? '');
  const strays = command.args.slice(command.registeredArguments.length);
  return strays.flatMap((word, index): ConfigProblem[] => {
    if (word.startsWith('-')) {
      const name = word.split('=')[0] ?? word;
      return [
        {
          origin: 'flag',
          where: name,
          message: `is no option of aevum ${command.name()}.${didYouMean(name, known)}`,
        },
      ];
    }
    if (strays[index - 1]?.startsWith('-') === true) return [];
    return [
      {
        origin: 'flag',
        where: `"${word}"`,
        message: `is not expected: aevum ${command.name()} takes options only`,
      },
    ];
  });
};

/** `npm start --port 9000` gives the option to npm, which keeps it: without a word here the server would start on another port than asked for. */
const npmProblems = (variables: Readonly<Record<string, string | undefined>>): ConfigProblem[] => {
  if (variables['npm_lifecycle_event'] !== 'start') return [];
  return OPTION_KEYS.filter(
    (key) => variables[`npm_config_${flagOf(key).replaceAll('-', '_')}`] !== undefined,
  ).map((key) => ({
    origin: 'flag',
    where: `--${flagOf(key)}`,
    message:
      `was taken by npm. Put two dashes before it: npm start -- --${flagOf(key)} ${OPTIONS[key].kind.label}`.trimEnd(),
  }));
};
