import { formatCount, formatDuration } from '../lib/progress-line.ts';
import type { Books } from './books.ts';
import type { Intent } from './intent.ts';
import type { SendCounts } from './sender.ts';

/** The last words of a simulation: what was intended, and what the server said. */

/** How a simulation went. */
export interface SimulationOutcome {
  readonly url: string;
  readonly seed: number;
  readonly isInterrupted: boolean;
  readonly elapsedMs: number;
  /** Time for which no events were made, because the server or this machine did not keep up. */
  readonly lostMs: number;
  readonly intent: Intent;
  readonly counts: SendCounts;
  /** What was added to the ledger; undefined if the key may not read it. */
  readonly books: Books | undefined;
}

type Row = readonly [name: string, intended: number, said: number | undefined];

const NAME_WIDTH = 26;
const COUNT_WIDTH = 14;

const plural = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${formatCount(count)} ${many}`;

const rowsOf = ({ intent, counts, books }: SimulationOutcome): Row[] => {
  const { outcomes, rejectedBy } = intent;
  const reasons = new Set([...rejectedBy.keys(), ...counts.rejectedBy.keys()]);
  const reasonRows = [...reasons]
    .sort()
    .map((code): Row => [`  ${code}`, rejectedBy.get(code) ?? 0, counts.rejectedBy.get(code) ?? 0]);
  const others: readonly Row[] = [
    ['not answered', 0, counts.unanswered],
    ['  blocked by a rule', 0, books?.blocked],
    ['  not queryable yet', 0, books?.pending],
  ];
  return [
    ['accepted', intent.accepted, counts.accepted],
    ['  stored', outcomes.stored, books?.stored],
    ['  duplicate', outcomes.duplicate, books?.duplicate],
    ['rejected', intent.rejected, counts.rejected],
    ...reasonRows,
    ...others.filter(([, , said]) => said !== undefined && said !== 0),
  ];
};

const line = (name: string, ...cells: readonly string[]): string =>
  `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(COUNT_WIDTH)).join('')}`;

const rowLine = ([name, intended, said]: Row): string =>
  line(name, formatCount(intended), said === undefined ? '-' : formatCount(said));

/** Whether the server said what was intended, as far as it could be asked. */
export const isAsIntended = (outcome: SimulationOutcome): boolean =>
  rowsOf(outcome).every(([, intended, said]) => said === undefined || said === intended);

const reasonsToDiffer = ({ intent, counts, books }: SimulationOutcome): string[] => {
  const othersSent = books !== undefined && books.received > intent.events && counts.repeatedCut === 0;
  return [
    counts.unanswered > 0
      ? `${plural(counts.unanswered, 'event was', 'events were')} not answered: the server may have taken them or not.`
      : '',
    counts.repeatedCut > 0
      ? `${plural(counts.repeatedCut, 'request', 'requests')} went again after a cut connection: what is in them may have been received twice.`
      : '',
    (books?.pending ?? 0) > 0
      ? 'The server has not loaded everything yet: see "pending" at /api/ledger.'
      : '',
    othersSent ? 'The project got events from others in the meantime: the ledger counts them, too.' : '',
  ].filter((text) => text !== '');
};

const verdict = (outcome: SimulationOutcome): string[] => {
  const { books } = outcome;
  if (isAsIntended(outcome))
    return books === undefined
      ? [
          'As intended, as far as the answers tell. What was stored stands in the ledger, which a write key may not read.',
        ]
      : ['As intended.'];
  const reasons = reasonsToDiffer(outcome);
  const unknown =
    'The server may have other limits of age or size than usual: /api/quarantine shows what it refused.';
  return ['Not as intended.', ...(reasons.length === 0 ? [unknown] : reasons)].map((text, index) =>
    index === 0 ? text : `  ${text}`,
  );
};

const notesOf = ({ counts, lostMs, intent, elapsedMs }: SimulationOutcome): string[] => {
  const lostEvents = elapsedMs > lostMs ? (intent.events * lostMs) / (elapsedMs - lostMs) : 0;
  return [
    counts.repeatedBusy > 0
      ? `The server was busy or full: ${plural(counts.repeatedBusy, 'request went', 'requests went')} again.`
      : '',
    lostMs >= 1
      ? `The pace was not kept: for ${formatDuration(lostMs)} in all nothing happened in the shop, about ${plural(Math.round(lostEvents), 'event', 'events')}.`
      : '',
  ].filter((text) => text !== '');
};

/** For people. */
export const renderOutcome = (outcome: SimulationOutcome): string => {
  const { intent, elapsedMs, url, seed, isInterrupted } = outcome;
  const perSecond = elapsedMs > 0 ? ` (${formatCount((intent.events * 1000) / elapsedMs)}/s)` : '';
  return [
    `${isInterrupted ? 'Interrupted. ' : ''}Sent ${plural(intent.events, 'event', 'events')} in ${formatDuration(elapsedMs)}${perSecond} to ${url}, seed ${seed}.`,
    '',
    line('', 'intended', 'server'),
    ...rowsOf(outcome).map(rowLine),
    '',
    ...notesOf(outcome),
    ...verdict(outcome),
  ].join('\n');
};

/** For programs. */
export const outcomeJson = (outcome: SimulationOutcome): unknown => {
  const { url, seed, isInterrupted, elapsedMs, lostMs, intent, counts, books } = outcome;
  const { accepted, rejected, unanswered, requests, repeatedBusy, repeatedCut, bytes } = counts;
  return {
    url,
    seed,
    interrupted: isInterrupted,
    elapsed_ms: Math.round(elapsedMs),
    lost_ms: Math.round(lostMs),
    as_intended: isAsIntended(outcome),
    intended: {
      events: intent.events,
      ...intent.outcomes,
      rejected_by: Object.fromEntries(intent.rejectedBy),
    },
    answered: {
      accepted,
      rejected,
      rejected_by: Object.fromEntries(counts.rejectedBy),
      not_answered: unanswered,
    },
    ledger: books ?? null,
    requests: { sent: requests, repeated_busy: repeatedBusy, repeated_cut: repeatedCut, bytes },
  };
};
