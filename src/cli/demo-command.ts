import { Argument, type Command, Option } from 'commander';
import type { DemoAnswer } from '../contract/demo.ts';
import { DEMO_LIMITS, DEMO_PROJECT } from '../contract/demo-limits.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError, EXIT_USAGE } from './failure.ts';
import { askServer, type AccessFlags, type ServerAccess, serverAccess } from './server-access.ts';

/** `aevum demo`: speaks to the server that runs. */

const PATH = '/api/demo';

const EXAMPLES = `
Examples:
  aevum demo start                 30 days and 2,000,000 events of history, then 20 events a second
  aevum demo start --days 7 --events 100000 --rate 5
  aevum demo status
  aevum demo clear                 removes it, with its project and all its events
  npm start -- --demo              starts the server with it

The demo is a made-up web shop in a project of its own, "demo": no other project sees or counts its events.`;

interface Flags extends AccessFlags {
  readonly days?: number;
  readonly events?: number;
  readonly rate?: number;
  readonly clear?: true;
  readonly json?: true;
}

type Action = 'start' | 'status' | 'clear';
const ACTIONS: readonly Action[] = ['start', 'status', 'clear'];

/** Adds `aevum demo`. */
export const registerDemo = (program: Command): void => {
  const command = program
    .command('demo')
    .description('start the demo on the server that runs, see how it is, or remove it')
    .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS));
  addStartOptions(command);
  addConfigFlags(command, ['host', 'port', 'dataDir'])
    .allowUnknownOption(false)
    .allowExcessArguments(false)
    .option('--url <url>', 'server (default: the one configured)')
    .option('--key <key>', 'admin key (default: AEVUM_ADMIN_KEY, or credentials.json in the data folder)')
    .option('--clear', 'the same as the action clear')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action(async (wanted: Action | undefined, flags: Flags) => {
      const action = actionOf(wanted, flags);
      const server = await serverAccess(configOf(command), flags);
      const answer = await ACTS[action](server, flags);
      process.stdout.write(
        flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : `${sentence(answer)}\n`,
      );
    });
};

const actionOf = (wanted: Action | undefined, { clear }: Flags): Action => {
  if (clear === true && (wanted ?? 'clear') !== 'clear')
    throw new CliError(`--clear removes the demo, "${wanted}" does not: give one of them`, EXIT_USAGE);
  const action = clear === true ? 'clear' : wanted;
  if (action === undefined) throw new CliError(`say what to do: aevum demo ${ACTIONS.join('|')}`, EXIT_USAGE);
  return action;
};

const addStartOptions = (command: Command): void => {
  const docs = {
    days: 'days of history',
    events: 'events of history, at least',
    rate: 'live events a second',
  };
  for (const name of ['days', 'events', 'rate'] as const) {
    const { usual } = DEMO_LIMITS[name];
    const description = `${docs[name]} (default: ${usual.toLocaleString('en')})`;
    command.addOption(
      new Option(`--${name} <count>`, description).argParser(wholeOf(name)).helpGroup('With start:'),
    );
  }
};

const wholeOf = (name: keyof typeof DEMO_LIMITS) =>
  function parseWhole(text: string): number {
    const { min, max } = DEMO_LIMITS[name];
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new CliError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`, EXIT_USAGE);
  };

const ACTS: Readonly<Record<Action, (server: ServerAccess, flags: Flags) => Promise<DemoAnswer>>> = {
  start: (server, { days, events, rate }) => askServer(server, 'POST', PATH, { days, events, rate }),
  status: (server) => askServer(server, 'GET', PATH),
  clear: (server) => askServer(server, 'DELETE', PATH),
};

const count = (value: number): string => value.toLocaleString('en');

/** How the demo is, in words. */
const sentence = (demo: DemoAnswer): string => {
  const { message, rate } = demo;
  const history = `${count(demo.backfilled)} of ${count(demo.of)} events of history (${demo.days} days)`;
  const state = {
    absent: 'There is no demo. Start it: aevum demo start',
    starting: `The demo is starting: project "${DEMO_PROJECT}", ${demo.days} days of history.`,
    backfilling: `The demo is live at ${rate} events/s; ${history} are in. It is the project "${DEMO_PROJECT}" of the dashboard.`,
    live: `The demo is live at ${rate} events/s, with ${history}. It is the project "${DEMO_PROJECT}" of the dashboard.`,
    stopping: 'The server is stopping. The demo goes on when it starts again.',
    clearing: 'The demo is being removed.',
    failed: 'The demo has stopped.',
  }[demo.state];
  return message === null ? state : `${state}\n${message}`;
};
