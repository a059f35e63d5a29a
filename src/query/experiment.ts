import {
  EXPERIMENT_LIMITS,
  type ExperimentAnswer,
  type ExperimentRequest,
  type ExperimentVariant,
} from '../contract/experiment.ts';
import { chiSquareTail, studentQuantile, studentTail } from '../lib/distributions.ts';
import { experimentStatement, type ParsedExperiment, parseExperiment } from './experiment-plan.ts';
import { groupValue } from './groups.ts';
import { explanationOf, type Insight } from './insight.ts';
import { invalidAt } from '../http/request-problem.ts';
import { experimentTable } from './experiment-table.ts';

/** What differs between those who saw one variant and those who saw another. */
export const experimentInsight: Insight<ExperimentRequest, ExperimentAnswer> = {
  table: experimentTable,
  async answer(request, inquiry) {
    const parsed = parseExperiment(request);
    const range = await inquiry.range(request.range, parsed.timeZone);
    inquiry.usesProperties(parsed.keys);
    const context = inquiry.context(parsed.timeZone);
    const statement = experimentStatement(parsed, range, inquiry.project, context);
    const rows = await inquiry.read<VariantRow>(statement);
    checkBounds(parsed, rows);
    const samples = samplesOf(parsed, rows);
    const control = controlOf(request, samples);
    return {
      kind: 'experiment',
      source: 'events',
      ...inquiry.frame(
        range,
        parsed.timeZone,
        request.explain ? explanationOf(statement, 'What single actors did is in no rollup.') : undefined,
      ),
      variants: samples
        .toSorted((a, b) => Number(b === control) - Number(a === control))
        .map((sample) => variantOf(request, sample, control)),
      mixed: rows.reduce((sum, { mixed, actors }) => sum + (Number(mixed) === 1 ? Number(actors) : 0), 0),
      sample_ratio: sampleRatioOf(request, samples),
    };
  },
};

interface VariantRow {
  readonly mixed: number | string;
  readonly variant: string;
  readonly actors: number | string;
  readonly converted: number | string;
  readonly mean: number | null;
  readonly variance: number | null;
  readonly over: number | string;
}

/** What is known of the actors of a variant. */
interface Sample {
  readonly variant: string;
  readonly actors: number;
  readonly converted: number;
  readonly mean: number;
  /** Of a sample; null for fewer than two actors. */
  readonly variance: number | null;
}

const checkBounds = ({ request }: ParsedExperiment, rows: readonly VariantRow[]): void => {
  const { eventsMax, variantsMax } = EXPERIMENT_LIMITS;
  if (rows.some(({ over }) => Number(over) === 1))
    throw invalidAt(
      'goal',
      `One ${request.actor} has more than ${eventsMax.toLocaleString('en')} goal events, which no person has. Leave it out by "filter", or take a shorter range.`,
    );
  if (rows.filter(({ mixed }) => Number(mixed) === 0).length > variantsMax)
    throw invalidAt(
      'variant',
      `"${request.variant}" has more than ${variantsMax} values. Name the field that holds the variant, or leave the others out by "exposure".`,
    );
};

const samplesOf = ({ variant }: ParsedExperiment, rows: readonly VariantRow[]): Sample[] =>
  rows
    .filter(({ mixed }) => Number(mixed) === 0)
    .map((row) => ({
      variant: groupValue(variant, row.variant) ?? '',
      actors: Number(row.actors),
      converted: Number(row.converted),
      mean: row.mean ?? 0,
      variance: row.variance,
    }))
    .sort((a, b) => (a.variant < b.variant ? -1 : 1));

const namesOf = (samples: readonly Sample[]): string =>
  samples.map(({ variant }) => JSON.stringify(variant)).join(', ');

const controlOf = ({ control }: ExperimentRequest, samples: readonly Sample[]): Sample | undefined => {
  if (control === undefined || samples.length === 0) return samples[0];
  const found = samples.find(({ variant }) => variant === control);
  if (found === undefined)
    throw invalidAt(
      'control',
      `Nobody saw the variant ${JSON.stringify(control)}. Seen were ${namesOf(samples)}.`,
    );
  return found;
};

/** How the actors were shared out, against how they were meant to be. */
const sampleRatioOf = (
  { split }: ExperimentRequest,
  samples: readonly Sample[],
): ExperimentAnswer['sample_ratio'] => {
  const unknown = samples.filter(({ variant }) => split !== undefined && split[variant] === undefined);
  if (unknown.length > 0)
    throw invalidAt('split', `does not say how many were to see ${namesOf(unknown)}. Name every variant.`);
  const meant =
    split === undefined ? samples.map(({ variant }) => [variant, 1] as const) : Object.entries(split);
  if (meant.length < 2 || samples.length === 0) return null;
  const actors = samples.reduce((sum, sample) => sum + sample.actors, 0);
  const weights = meant.reduce((sum, [, weight]) => sum + weight, 0);
  const distance = meant.reduce((sum, [name, weight]) => {
    const expected = (actors * weight) / weights;
    const seen = samples.find(({ variant }) => variant === name)?.actors ?? 0;
    return sum + (seen - expected) ** 2 / expected;
  }, 0);
  const p = chiSquareTail(distance, meant.length - 1);
  return { p_value: p, ok: p >= EXPERIMENT_LIMITS.sampleRatioAlarm };
};

const variantOf = (
  request: ExperimentRequest,
  sample: Sample,
  control: Sample | undefined,
): ExperimentVariant => ({
  variant: sample.variant,
  is_control: sample === control,
  actors: sample.actors,
  converted: sample.converted,
  mean: sample.mean,
  deviation: sample.variance === null ? null : Math.sqrt(sample.variance),
  interval: intervalOf(request, sample),
  compared: control === undefined || sample === control ? null : compare(request, sample, control),
});

/** Degrees of freedom at which Student's t is the normal distribution, to all digits that are told. */
const NORMAL_DEGREES = 1e12;

const intervalOf = (
  { measure, confidence }: ExperimentRequest,
  sample: Sample,
): ExperimentVariant['interval'] => {
  const { actors, mean, variance } = sample;
  if (variance === null) return null;
  if (measure === 'conversion') return wilson(sample, studentQuantile(1 - confidence, NORMAL_DEGREES));
  const reach = studentQuantile(1 - confidence, actors - 1) * Math.sqrt(variance / actors);
  return { low: mean - reach, high: mean + reach };
};

/** The interval of Wilson (1927) for a rate: never below 0 or above 1, and right for small numbers. */
const wilson = ({ actors, converted }: Sample, z: number): { low: number; high: number } => {
  const rate = converted / actors;
  const scale = 1 + (z * z) / actors;
  const middle = (rate + (z * z) / (2 * actors)) / scale;
  const reach = (z / scale) * Math.sqrt((rate * (1 - rate)) / actors + (z * z) / (4 * actors * actors));
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
};

/** The test of Welch (1947): means of two samples whose variances need not be equal. */
const compare = (
  { confidence }: ExperimentRequest,
  sample: Sample,
  control: Sample,
): NonNullable<ExperimentVariant['compared']> => {
  const difference = sample.mean - control.mean;
  const relative = control.mean === 0 ? null : difference / control.mean;
  const untested = { difference, interval: null, relative, p_value: null, significant: false };
  if (sample.variance === null || control.variance === null) return untested;
  const [a, b] = [sample.variance / sample.actors, control.variance / control.actors];
  const error = Math.sqrt(a + b);
  if (error === 0) return untested;
  const degrees = (a + b) ** 2 / (a ** 2 / (sample.actors - 1) + b ** 2 / (control.actors - 1));
  const reach = studentQuantile(1 - confidence, degrees) * error;
  const p = studentTail(difference / error, degrees);
  return {
    difference,
    interval: { low: difference - reach, high: difference + reach },
    relative,
    p_value: p,
    significant: p < 1 - confidence,
  };
};
