import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { BATCH_EVENTS, BODIES, VARIANTS } from './variants.ts';

/**
 * Compares the variants on each body: a fresh process per variant and round, the order reversed each round, the best round of each counting (noise only ever slows
 * down). Rates are per CPU second of the whole process, so that a busy machine distorts them less. `node bench/decode/compare.ts [rounds] [ms]`.
 */

const [roundsText = '3', durationMs = '2000'] = process.argv.slice(2);
const runner = fileURLToPath(new URL('run-variant.ts', import.meta.url));

interface Measured {
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly bytes: number;
}

const measure = (variant: string, body: string): Measured =>
  JSON.parse(
    execFileSync(process.execPath, [runner, variant, body, durationMs], { encoding: 'utf8' }),
  ) as Measured;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const inMillions = (rate: number): string => (rate / 1e6).toFixed(3);

print(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`);
print(
  '| body | bytes an event | decode, M events a CPU second | JSON.parse, M events a CPU second | ratio |',
);
print('|---|---|---|---|---|');
for (const body of Object.keys(BODIES)) {
  const best = new Map<string, Measured>();
  for (let round = 0; round < Number(roundsText); round++) {
    const order = Object.keys(VARIANTS);
    for (const variant of round % 2 === 0 ? order : order.toReversed()) {
      const measured = measure(variant, body);
      if (measured.perCpuSecond > (best.get(variant)?.perCpuSecond ?? 0)) best.set(variant, measured);
    }
  }
  const [decode, parse] = [best.get('decode'), best.get('parse')];
  if (decode === undefined || parse === undefined) throw new Error('nothing measured');
  const ratio = (decode.perCpuSecond / parse.perCpuSecond).toFixed(2);
  print(
    `| ${body} | ${Math.round(decode.bytes / BATCH_EVENTS)} | ${inMillions(decode.perCpuSecond)} | ${inMillions(parse.perCpuSecond)} | ${ratio} |`,
  );
}
