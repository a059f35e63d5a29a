import type { Command } from 'commander';
import { dataLayout } from '../config/data-layout.ts';
import type { Config } from '../config/options.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { EXIT_FAILED, EXIT_INTERRUPTED, failureOf } from './failure.ts';
import { listenError } from './listen-probe.ts';
import { makeFolder } from './make-folder.ts';
import { paletteFor } from './palette.ts';
import { createStepDisplay, readyScreen } from './screen.ts';
import { onStopSignals } from './stop-signals.ts';
import { readVersions } from './versions.ts';

/** A stop that takes longer has gone wrong. */
const STOP_TIMEOUT_MS = 20_000;

const EXAMPLES = `
Examples:
  npm start                                      everything on this machine, at http://127.0.0.1:8080
  npm start -- --demo                            with a made-up web shop to look around in
  npm start -- --port 9000 --data-dir /srv/aevum
  npm start -- --host 0.0.0.0 --public-url https://events.example.com
  AEVUM_WRITE_KEY=... npm start                  with a key that is known beforehand
  npm start -- --stale-limit-ms 48h --rate-limit-per-second 5000

Every option can also stand in aevum.config.json ({"port": 9000}) or in a variable (AEVUM_PORT=9000).
All of them: docs/reference/configuration.md`;

/** What of a running platform the command line needs. */
export interface RunningNode {
  /** Where it listens. */
  readonly url: string;
  /** Signs in whoever opens it: once, for ten minutes. */
  readonly signInUrl: string;
  readonly credentials: { readonly writeKey?: string | undefined; readonly adminKey?: string | undefined };
  /** Takes in no more, finishes what is under way, closes everything. */
  stop(): Promise<void>;
}

/** Starts a platform. `io.onProgress` is told the name of each step as it begins. */
export type StartNode = (
  config: Config,
  io: { readonly onProgress: (step: string) => void },
) => Promise<RunningNode>;

/** Adds `aevum start`. */
export const registerStart = (program: Command, startNode: () => Promise<StartNode>): void => {
  const command = program.command('start').description('start the platform and keep it running');
  addConfigFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async () => runStart(configOf(command), await startNode()));
};

/** Runs until it is told to stop. Failures to start are said in one message; the exit code is set. */
const runStart = async (config: Config, startNode: StartNode): Promise<void> => {
  const display = createStepDisplay(process.stderr, paletteFor(process.stderr));
  const stopping = onStopSignals(() => {
    process.stderr.write(
      'Stopped at once. What was acknowledged is on disk; the next start goes on from there.\n',
    );
    process.exit(EXIT_INTERRUPTED);
  });
  try {
    await makeFolder(config.dataDir);
    await probePort(config);
    const node = await startNode(config, { onProgress: display.step });
    display.done();
    if (!stopping.isRequested())
      process.stdout.write(readyScreen(factsOf(config, node), paletteFor(process.stdout)));
    await stopping.requested;
    await stopNode(node);
  } catch (error) {
    display.done();
    const { message, exitCode } = failureOf(error, config);
    process.stderr.write(`aevum: ${message}\n`);
    process.exit(exitCode);
  }
};

/** Sees that the port can be had before anything is started: the platform itself opens it last. */
const probePort = async ({ host, port }: Config): Promise<void> => {
  const error = await listenError(host, port);
  if (error !== undefined) throw error;
};

const factsOf = (config: Config, node: RunningNode) => ({
  version: readVersions().aevum,
  url: config.publicUrl ?? node.url,
  signInUrl: node.signInUrl,
  dataDir: config.dataDir,
  credentialsPath: dataLayout(config.dataDir).credentials,
  writeKey: node.credentials.writeKey,
  demo: config.demo,
  /** Since this process began. */
  readyMs: performance.now(),
});

const stopNode = async (node: RunningNode): Promise<void> => {
  const startedMs = performance.now();
  const display = createStepDisplay(process.stderr, paletteFor(process.stderr));
  display.step('Stopping (again to stop at once)');
  const overdue = setTimeout(() => {
    process.stderr.write(
      `\naevum: stopping took longer than ${STOP_TIMEOUT_MS / 1000} s; giving up. What was acknowledged is on disk.\n`,
    );
    process.exit(EXIT_FAILED);
  }, STOP_TIMEOUT_MS);
  await node.stop();
  clearTimeout(overdue);
  display.done();
  process.stderr.write(`Stopped in ${Math.round(performance.now() - startedMs)} ms.\n`);
  process.exit(0);
};
