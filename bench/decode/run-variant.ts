import { BODIES, VARIANTS } from './variants.ts';

/** Runs one variant on one body for a while in this process and prints the events per CPU second and per second: `run-variant.ts <variant> <body> <ms>`. */

const WARM_UP_MS = 500;

const [variantName = '', bodyName = '', durationText = '2000'] = process.argv.slice(2);
const makeVariant = VARIANTS[variantName];
const makeBody = BODIES[bodyName];
if (makeVariant === undefined || makeBody === undefined)
  throw new Error(`no variant ${variantName} or no body ${bodyName}`);

const run = makeVariant();
const body = makeBody();

const runFor = (ms: number): number => {
  const end = performance.now() + ms;
  let events = 0;
  while (performance.now() < end) events += run(body);
  return events;
};

runFor(WARM_UP_MS);
const cpu = process.cpuUsage();
const start = performance.now();
const events = runFor(Number(durationText));
const wallSeconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
const cpuSeconds = (user + system) / 1e6;
process.stdout.write(
  `${JSON.stringify({ perCpuSecond: events / cpuSeconds, perSecond: events / wallSeconds, bytes: body.length })}\n`,
);
