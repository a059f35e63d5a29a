import type { Command } from 'commander';
import { dataLayout } from '../config/data-layout.ts';
import { systemClock } from '../lib/clock.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { type Check, type DoctorContext, type Finding, runCheck } from '../doctor/check.ts';
import { flushCheck, spaceCheck } from '../doctor/disk-checks.ts';
import { memoryCheck, nodeCheck } from '../doctor/machine-checks.ts';
import { dataDirCheck } from './doctor/data-dir-check.ts';
import { engineCheck } from './doctor/engine-check.ts';
import { clockCheck, logCheck } from './doctor/log-check.ts';
import { portCheck } from './doctor/network-checks.ts';
import { CliError, EXIT_FAILED } from './failure.ts';
import { type Palette, paletteFor } from './palette.ts';
import { createStepDisplay } from './screen.ts';

const CHECKS: readonly Check[] = [
  nodeCheck,
  memoryCheck,
  dataDirCheck,
  spaceCheck,
  flushCheck,
  portCheck,
  clockCheck,
  logCheck,
  engineCheck,
];

const EXAMPLES = `
Examples:
  aevum doctor
  aevum doctor --data-dir /srv/aevum --port 9000
  aevum doctor --json

Reads; changes nothing but a few temporary files. May run beside a server. Exit code: 0 if all is well or
could be better, 1 if something does not work.`;

/** Adds `aevum doctor`. */
export const registerDoctor = (program: Command): void => {
  const command = program.command('doctor').description('check the machine and the data, and say what to do');
  addConfigFlags(command)
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { json?: true }) => {
      const config = configOf(command);
      const context = { config, layout: dataLayout(config.dataDir), clock: systemClock };
      const findings = await examine(context, json !== true);
      if (json === true) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      if (findings.some(({ state }) => state === 'failed')) process.exitCode = EXIT_FAILED;
    });
};

type Named = Finding & { readonly check: string };

const examine = async (context: DoctorContext, show: boolean): Promise<Named[]> => {
  const palette = paletteFor(process.stdout);
  const display = createStepDisplay(process.stderr, paletteFor(process.stderr));
  const isTerminal = process.stderr.isTTY;
  const findings: Named[] = [];
  for (const check of CHECKS) {
    if (isTerminal) display.step(check.name);
    const finding = await runCheck(check, context, (error) => error instanceof CliError);
    display.done();
    findings.push({ check: check.name, ...finding });
    if (show) process.stdout.write(findingLines(check.name, finding, palette));
  }
  if (show) process.stdout.write(`\n${summary(findings)}\n`);
  return findings;
};

const findingLines = (name: string, { state, detail, advice }: Finding, palette: Palette): string => {
  const mark = {
    ok: palette.good('ok     '),
    warning: palette.warning('warning'),
    failed: palette.bad('failed '),
  }[state];
  const line = `${mark}  ${name.padEnd(12)} ${detail}\n`;
  return advice === undefined ? line : `${line}${' '.repeat(22)}${palette.bold(advice)}\n`;
};

const summary = (findings: readonly Named[]): string => {
  const count = (state: Finding['state']): number =>
    findings.filter((finding) => finding.state === state).length;
  if (count('failed') > 0) return `${count('failed')} of ${findings.length} checks failed.`;
  return count('warning') > 0
    ? `It works; ${count('warning')} of ${findings.length} checks have advice.`
    : 'All is well.';
};
