import { randomInt } from 'node:crypto';
import { type Command, Option } from 'commander';
import { parseDuration } from '../config/units.ts';
import { systemClock } from '../lib/clock.ts';
import { didYouMean } from '../lib/nearest.ts';
import { INCIDENTS, type IncidentKind } from '../simulate/incident.ts';
import type { SimulationOutcome } from '../simulate/report.ts';
import type { IncidentWish, RunOptions } from '../simulate/run.ts';
import type { Shares } from '../simulate/simulation.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError, EXIT_INTERRUPTED, EXIT_USAGE } from './failure.ts';
import { progressOutput } from './progress-output.ts';
import { type AccessFlags, serverAccess } from './server-access.ts';
import { abortOnStop } from './stop-signals.ts';

/** `aevum simulate`: sends the events of a made-up web shop to the server that runs. */

const EXAMPLES = `
Examples:
  aevum simulate
      20 events a second, until Ctrl-C
  aevum simulate --rate 500 --duration 2min --seed 7
  aevum simulate --rate max --duration 10s
      as many as the server and this machine can do
  aevum simulate --days 30 --events 200000
      a month of history, as fast as the server takes it
  aevum simulate --rate 100 --duration 3min --incident checkout_outage@1min+30s
      one minute as usual, half a minute without a single payment, then as usual again
  aevum simulate --events 1000 --duplicates 10% --malformed 5% --stale 0 --late 0
  aevum simulate --url https://events.example.com --key aev_w_...

Incidents: spike, checkout_outage, card_testing, broken_deploy. KIND lasts from the beginning to the end;
KIND@START+DURATION begins so long after the beginning, and lasts so long. Repeatable.

At the end it says what was intended (so many duplicates, stale and malformed events) and what the server
said of them. Exit codes: 0 all was sent and answered, 1 it could not go on, 2 wrong options, 130 Ctrl-C.
More: docs/simulate.md`;

interface Flags extends AccessFlags {
  readonly rate?: number | 'max';
  readonly duration?: number;
  readonly events?: number;
  readonly days?: number;
  readonly seed?: number;
  readonly duplicates?: number;
  readonly late?: number;
  readonly stale?: number;
  readonly malformed?: number;
  readonly incident: readonly IncidentWish[];
  readonly json?: true;
}

const RATE_USUAL = 20;
const RATE_MIN = 0.1;
const RATE_MAX = 1_000_000;
const EVENTS_MAX = 1_000_000_000;
const HISTORY_EVENTS_USUAL = 100_000;
const DAYS_MAX = 3_650;
const SEED_MAX = 2 ** 31 - 1;
const DUPLICATES_MAX = 0.9;

/** Adds `aevum simulate`. */
export const registerSimulate = (program: Command): void => {
  const command = program
    .command('simulate')
    .description('send the events of a made-up web shop to the server that runs');
  for (const option of [...paceOptions(), ...contentOptions(), ...serverOptions()]) command.addOption(option);
  addConfigFlags(command, ['host', 'port', 'dataDir'])
    .allowUnknownOption(false)
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => simulate(command, flags));
};

const paceOptions = (): Option[] =>
  [
    new Option('--rate <rate>', `events a second, or max (default: ${RATE_USUAL})`).argParser(rateOf),
    new Option('--duration <time>', 'end after this time: 30s, 10min, 2h (default: Ctrl-C)').argParser(
      durationOf('--duration'),
    ),
    new Option('--events <count>', 'end after so many events').argParser(
      numberOf('--events', 1, EVENTS_MAX, true),
    ),
    new Option(
      '--days <days>',
      `send history in place of the present: so many days, with a daily rhythm, --events in all (default: ${HISTORY_EVENTS_USUAL.toLocaleString('en')}). Needs an admin key`,
    ).argParser(numberOf('--days', 1, DAYS_MAX, false)),
  ].map((option) => option.helpGroup('Pace:'));

const contentOptions = (): Option[] =>
  [
    new Option('--seed <number>', 'same seed, same visits and faults (default: by chance)').argParser(
      numberOf('--seed', 0, SEED_MAX, true),
    ),
    new Option('--duplicates <share>', 'events that are sent twice (default: 1%)').argParser(
      shareOf('--duplicates', DUPLICATES_MAX),
    ),
    new Option('--late <share>', 'events of minutes or hours ago (default: 2%)').argParser(shareOf('--late')),
    new Option(
      '--stale <share>',
      'events too old, or too far in the future, to be taken (default: 0.3%; none with --days)',
    ).argParser(shareOf('--stale')),
    new Option('--malformed <share>', 'events that are quarantined (default: 0.4%)').argParser(
      shareOf('--malformed'),
    ),
    new Option('--incident <kind[@start][+duration]>', 'something goes wrong; repeatable')
      .argParser((text: string, before: readonly IncidentWish[]) => [...before, incidentOf(text)])
      .default([], 'none'),
  ].map((option) => option.helpGroup('Events:'));

const serverOptions = (): Option[] =>
  [
    new Option('--url <url>', 'server to send to (default: the one configured)'),
    new Option(
      '--key <key>',
      "write or admin key; it decides the project (default: AEVUM_ADMIN_KEY, or the data folder's)",
    ),
    new Option('--json', 'print the outcome as JSON, for programs'),
  ].map((option) => option.helpGroup('Server:'));

// --- reading options

const wrong = (message: string): CliError => new CliError(message, EXIT_USAGE);

const numberOf =
  (name: string, min: number, max: number, isWhole: boolean) =>
  (text: string): number => {
    const value = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
    throw wrong(`${name} must be a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}"`);
  };

const rateOf = (text: string): number | 'max' =>
  text === 'max' ? 'max' : numberOf('--rate (events a second, or max)', RATE_MIN, RATE_MAX, false)(text);

const durationOf =
  (name: string) =>
  (text: string): number => {
    const ms = /[a-z]/iu.test(text) ? parseDuration(text) : undefined;
    if (ms !== undefined && ms > 0) return ms;
    throw wrong(`${name} must be a time such as 30s, 10min or 2h, not "${text}"`);
  };

/** `5%` and `0.05` are the same. */
const shareOf =
  (name: string, max = 1) =>
  (text: string): number => {
    const match = /^(\d+(?:\.\d+)?)(%?)$/u.exec(text);
    const share = Number(match?.[1] ?? Number.NaN) / (match?.[2] === '%' ? 100 : 1);
    if (share <= max) return share;
    throw wrong(`${name} must be a share from 0 to ${max * 100}%, such as 5% or 0.05, not "${text}"`);
  };

const incidentOf = (text: string): IncidentWish => {
  const match = /^([^@+]*)(?:@([^+]*))?(?:\+(.*))?$/u.exec(text);
  const [, kind = '', start, duration] = match ?? [];
  if (!INCIDENTS.some((known) => known === kind))
    throw wrong(
      `--incident: "${kind}" is none. There are ${INCIDENTS.join(', ')}.${didYouMean(kind, [...INCIDENTS])}`,
    );
  const timeOf = durationOf(`--incident ${text}: a time`);
  return {
    kind: kind as IncidentKind,
    startMs: start === undefined || start === '0' ? 0 : timeOf(start),
    durationMs: duration === undefined ? undefined : timeOf(duration),
  };
};

const sharesOf = (flags: Flags, usual: Shares): Shares => {
  const isHistory = flags.days !== undefined;
  if (isHistory && (flags.stale ?? 0) > 0)
    throw wrong('--stale does not go with --days: in declared history no event is too old.');
  const shares = {
    duplicate: flags.duplicates ?? usual.duplicate,
    late: flags.late ?? usual.late,
    stale: flags.stale ?? (isHistory ? 0 : usual.stale),
    malformed: flags.malformed ?? usual.malformed,
  };
  if (shares.late + shares.stale + shares.malformed > 1)
    throw wrong('--late, --stale and --malformed are more than 100% together: an event is one of them.');
  return shares;
};

const checkPace = ({ days, rate, duration }: Flags): void => {
  if (days !== undefined && (rate !== undefined || duration !== undefined))
    throw wrong(
      '--days goes with --events, not with --rate or --duration: history is sent as fast as the server takes it. Run aevum simulate a second time for the present.',
    );
};

// --- running

const simulate = async (command: Command, flags: Flags): Promise<void> => {
  checkPace(flags);
  const { runSimulation } = await import('../simulate/run.ts');
  const { renderOutcome, outcomeJson } = await import('../simulate/report.ts');
  const { USUAL_SHARES } = await import('../simulate/simulation.ts');
  const { SendError } = await import('../simulate/sender.ts');
  const { duration, rate = RATE_USUAL, days, incident, seed = randomInt(SEED_MAX) } = flags;
  const shares = sharesOf(flags, USUAL_SHARES);
  const server = await serverAccess(configOf(command), flags);
  const events = flags.events ?? (days === undefined ? undefined : HISTORY_EVENTS_USUAL);
  const options: RunOptions = {
    ...server,
    seed,
    rate,
    events,
    durationMs: duration,
    days,
    shares,
    incidents: incident,
  };
  const environment = {
    clock: systemClock,
    output: progressOutput(),
    signal: abortOnStop('Stopping after the requests under way'),
  };
  const outcome = await runSimulation(options, environment).catch((error: unknown) => {
    if (error instanceof SendError) throw new CliError(withAdvice(error.message, error.status, flags));
    throw error;
  });
  const text = flags.json === true ? JSON.stringify(outcomeJson(outcome), null, 2) : renderOutcome(outcome);
  process.stdout.write(`${text}\n`);
  process.exitCode = exitCodeOf(outcome);
};

const exitCodeOf = ({ isInterrupted }: SimulationOutcome): number => (isInterrupted ? EXIT_INTERRUPTED : 0);

const withAdvice = (message: string, status: number | undefined, { days }: Flags): string => {
  if (status === 403 && days !== undefined) return `${message} History (--days) needs an admin key.`;
  return status === 401
    ? `${message} Give one with --key, or name the server's data folder with --data-dir.`
    : message;
};
